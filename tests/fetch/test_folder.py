from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.fetch import FetchSettings, fetch_pages
from pipeline.models import ContentFrom, FetchedPage, FetchFailure, SourceKind
from tests.fetch.build import NOW, check_one, make_entry, make_source


def test_each_file_becomes_a_page(tmp_path: Path, settings: FetchSettings) -> None:
    (tmp_path / "a.html").write_text("<p>One</p>")
    (tmp_path / "b.HTM").write_bytes("<p>Größe</p>".encode("cp1252"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c d.txt").write_text("Three")
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8")
    checked = check_one(make_source(str(tmp_path), SourceKind.FOLDER), settings)
    assert (checked.outcome, len(checked.entries)) == ("ok", 3)
    pages = fetch_pages(checked.entries, settings, NOW)
    assert [isinstance(page, FetchedPage) and (page.html, page.text) for page in pages] == [
        ("<p>One</p>", None),
        ("<p>Größe</p>", None),
        (None, "Three"),
    ]
    assert {page.content_from for page in pages if isinstance(page, FetchedPage)} == {ContentFrom.FILE}


def test_an_edited_file_is_a_new_entry_and_a_touched_one_is_not(tmp_path: Path, settings: FetchSettings) -> None:
    file = tmp_path / "a.txt"
    file.write_text("First")
    source = make_source(str(tmp_path), SourceKind.FOLDER)
    first = check_one(source, settings).entries
    file.touch()
    assert check_one(source, settings).entries == first
    file.write_text("Second")
    second = check_one(source, settings).entries
    assert second[0].item_id != first[0].item_id
    (answer,) = fetch_pages(first, settings, NOW)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == ("file_changed", True)


@pytest.mark.parametrize("address", ["/no/such/folder", __file__])
def test_a_missing_folder_is_an_outcome(address: str, settings: FetchSettings) -> None:
    assert check_one(make_source(address, SourceKind.FOLDER), settings).outcome == "folder_missing"


def test_file_names_that_are_no_text_are_read(tmp_path: Path, settings: FetchSettings) -> None:
    for name in (b"caf\xe9 & %41#?.txt", "größe.txt".encode()):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text("Text")
    checked = check_one(make_source(str(tmp_path), SourceKind.FOLDER), settings)
    pages = fetch_pages(checked.entries, settings, NOW)
    assert [isinstance(page, FetchedPage) and page.text for page in pages] == ["Text", "Text"]
    assert all(entry.canonical_url.isascii() for entry in checked.entries)


def test_an_empty_folder_is_empty(tmp_path: Path, settings: FetchSettings) -> None:
    assert check_one(make_source(str(tmp_path), SourceKind.FOLDER), settings).outcome == "empty"


def test_links_out_of_the_folder_hidden_files_and_giants_are_refused(tmp_path: Path, settings: FetchSettings) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("Secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / ".hidden.txt").write_text("Hidden")
    (folder / "giant.txt").write_bytes(b"x" * (settings.max_bytes + 1))
    (folder / "good.txt").write_text("Good")
    checked = check_one(make_source(str(folder), SourceKind.FOLDER), settings)
    assert [Path(entry.url).name for entry in checked.entries] == ["good.txt"]
    assert checked.refused == {"outside_folder": 1, "hidden": 1, "too_large": 1}


def test_a_file_address_that_no_folder_listed_is_never_read(tmp_path: Path, settings: FetchSettings) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("Secret")
    (answer,) = fetch_pages([make_entry(file.as_uri())], settings, NOW)
    assert isinstance(answer, FetchFailure)
    assert answer.is_final
