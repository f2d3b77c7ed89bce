from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.fetch import FetchSettings, detect_source, detect_sources
from pipeline.fetch.recognise import choose_publisher
from pipeline.models import Source, SourceKind
from tests.fetch.build import make_rss
from tests.fetch.hostile_server import HostileServer

HOME = """<html><head><title>Harbour Gazette | News from the coast</title>
<meta property="og:site_name" content="Harbour Gazette">{}</head>
<body><main><h2><a href="/2026/03/ferry-line-reopens.html">The ferry line reopens</a></h2></main></body></html>"""


def test_a_feed_is_recognised_and_named_by_its_title(server: HostileServer, settings: FetchSettings) -> None:
    source = detect_source(server.serve("/feed", make_rss("/1")), settings)
    assert (source.kind, source.name, source.publisher) == (SourceKind.RSS, "Harbour Gazette", "Harbour Gazette")
    assert source.address == server.url("/feed")


def test_a_page_that_names_its_feed_gives_the_feed(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/broken.xml", status=404)
    server.serve("/feed.xml", make_rss("/1", title="Coast news"))
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in ("/broken.xml", "/feed.xml")
    )
    source = detect_source(server.serve("/", HOME.format(links)), settings)
    assert (source.kind, source.address, source.name) == (SourceKind.RSS, server.url("/feed.xml"), "Coast news")


def test_a_page_without_feed_is_watched_by_its_links(server: HostileServer, settings: FetchSettings) -> None:
    source = detect_source(server.serve("/", HOME.format("")), settings)
    assert (source.kind, source.name) == (SourceKind.PAGE, "Harbour Gazette")


def test_a_folder_is_recognised(tmp_path: Path, settings: FetchSettings) -> None:
    source = detect_source(str(tmp_path), settings)
    assert (source.kind, source.address) == (SourceKind.FOLDER, str(tmp_path))


def test_the_same_address_is_the_same_source(server: HostileServer, settings: FetchSettings) -> None:
    url = server.serve("/feed", make_rss("/1"))
    assert detect_source(url, settings) == detect_source(f" {url} ", settings)


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("", "name a feed"),
        ("/no/such/folder", "create it first"),
        ("ftp://example.org/", "check the spelling"),
        ("http://nowhere.invalid/", "check the spelling of the host name"),
        ("http://10.0.0.1/", "only public addresses"),
        ("http://127.0.0.1:2/", "check the address"),
    ],
)
def test_what_cannot_be_watched_is_one_line_that_says_what_to_do(
    settings: FetchSettings, address: str, advice: str
) -> None:
    with pytest.raises(SourceError) as caught:
        detect_source(address, settings)
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("body", ["<html><body>Nothing here</body></html>", '{"a": 1}', "<svg/>", ""])
def test_an_answer_that_leads_to_no_article_is_refused(
    server: HostileServer, settings: FetchSettings, body: str
) -> None:
    with pytest.raises(SourceError):
        detect_source(server.serve("/x", body), settings)


@pytest.mark.parametrize(
    ("name", "host", "publisher"),
    [
        ("World news | Harbour Gazette", "harbourgazette.example", "Harbour Gazette"),
        ("Harbour Gazette - Politics", "harbourgazette.example", "Harbour Gazette"),
        ("Harbour Gazette", "news.example", "Harbour Gazette"),
    ],
)
def test_the_publisher_is_the_part_of_the_title_that_the_host_repeats(name: str, host: str, publisher: str) -> None:
    assert choose_publisher(name, host) == publisher


def test_many_addresses_are_recognised_at_once_and_an_error_is_an_answer(
    server: HostileServer, settings: FetchSettings
) -> None:
    url = server.serve("/feed", make_rss("/1"))
    found, error = detect_sources([url, "http://nowhere.invalid/"], settings)
    assert isinstance(found, Source)
    assert found.address == url
    assert isinstance(error, SourceError)
