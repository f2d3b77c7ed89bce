"""What the documents show exists: commands, settings, make targets, files."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from pipeline.cli import main
from pipeline.config import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
READ_ELSEWHERE = {"WIREWATCH_DESK_SCHEDULE", "WIREWATCH_SCHEDULE"}  # by the DAG, where it is parsed

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@documents
def test_every_command_exists(document: Path) -> None:
    shown = re.findall(r"(?<![\w/-])(?:\.venv/bin/)?wirewatch ((?:[a-z]+ ?){1,2})", _code(document))
    for words in shown:
        first, *rest = words.split()
        assert first in main.commands, f"wirewatch {words}"
        command = main.commands[first]
        if rest and isinstance(command, click.Group):
            assert rest[0] in command.commands, f"wirewatch {words}"


@documents
def test_every_setting_exists(document: Path) -> None:
    known = {f"WIREWATCH_{name.upper()}" for name in Settings.model_fields} | READ_ELSEWHERE
    named = set(re.findall(r"WIREWATCH(?:_[A-Z]+)+", document.read_text(encoding="utf-8")))
    assert named - known - {"WIREWATCH_DATABASE_PASSWORD"} == set()


@documents
def test_every_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = re.findall(r"(?:^ {4}|`)make ([a-z]+)", _code(document), re.MULTILINE)
    assert set(shown) <= targets


@documents
def test_every_linked_file_exists(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_the_opml_list_of_sources_is_read() -> None:
    from pipeline.fetch import read_opml

    found = read_opml((ROOT / "seeds" / "sources.opml").read_bytes())
    assert len(found) >= 8


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text


def _code(document: Path) -> str:
    """Only what stands in code: indented or fenced blocks and `spans`."""
    text = document.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"`[^`\n]+`|^ {4}.*$", text, re.MULTILINE))
