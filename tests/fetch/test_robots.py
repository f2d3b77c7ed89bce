from __future__ import annotations

import pytest

from pipeline.fetch import FetchSettings, fetch_pages
from pipeline.models import FetchedPage, FetchFailure, UnchangedPage
from tests.fetch.build import NOW, check_one, make_entry, make_rss, make_source
from tests.fetch.hostile_server import HostileServer


def fetch_one(
    server: HostileServer, settings: FetchSettings, path: str = "/a/b"
) -> FetchedPage | UnchangedPage | FetchFailure:
    (answer,) = fetch_pages([make_entry(server.serve(path, "<p>Page</p>"))], settings, NOW)
    return answer


@pytest.mark.parametrize(
    ("robots", "is_allowed"),
    [
        ("User-agent: *\nDisallow: /a", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", True),  # the longest match wins
        ("User-agent: Wirewatch\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: OtherBot\nDisallow: /", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /*/b$", False),
        ("User-agent: *\nDisallow: /" + "*a" * 5000, True),
        ("<html>Not found</html>", True),
        ("\x00\xff", True),
        ("", True),
    ],
)
def test_the_rules_of_the_file_are_kept(
    server: HostileServer, settings: FetchSettings, robots: str, is_allowed: bool
) -> None:
    server.serve("/robots.txt", robots)
    answer = fetch_one(server, settings)
    assert isinstance(answer, FetchedPage) == is_allowed
    if isinstance(answer, FetchFailure):
        assert (answer.reason, answer.is_final) == ("blocked_by_robots", True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_missing_file_allows_everything(server: HostileServer, settings: FetchSettings, status: int) -> None:
    server.serve("/robots.txt", status=status)
    assert isinstance(fetch_one(server, settings), FetchedPage)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failing_file_allows_nothing_for_now(server: HostileServer, settings: FetchSettings, status: int) -> None:
    server.serve("/robots.txt", status=status)
    answer = fetch_one(server, settings)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == ("robots_unavailable", False)


def test_the_file_is_found_behind_redirects(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/robots.txt", status=301, Location="/real-robots.txt")
    server.serve("/real-robots.txt", "User-agent: *\nDisallow: /")
    assert isinstance(fetch_one(server, settings), FetchFailure)


@pytest.mark.parametrize(("redirects", "outcome"), [(5, "blocked_by_robots"), (6, "robots_unavailable")])
def test_five_redirects_are_followed_and_no_more(
    server: HostileServer, settings: FetchSettings, redirects: int, outcome: str
) -> None:
    server.serve("/robots.txt", status=302, Location="/1")
    for number in range(1, redirects):
        server.serve(f"/{number}", status=302, Location=f"/{number + 1}")
    server.serve(f"/{redirects}", "User-agent: *\nDisallow: /")
    answer = fetch_one(server, settings)
    assert isinstance(answer, FetchFailure)
    assert answer.reason == outcome


@pytest.mark.parametrize("status", [300, 304, 399])
def test_a_redirect_that_leads_nowhere_allows_nothing_for_now(
    server: HostileServer, settings: FetchSettings, status: int
) -> None:
    server.serve("/robots.txt", status=status)
    answer = fetch_one(server, settings)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == ("robots_unavailable", False)


def test_the_file_is_read_once_for_each_host(server: HostileServer, settings: FetchSettings) -> None:
    entries = [make_entry(server.serve(f"/{number}", "<p>Page</p>")) for number in range(5)]
    fetch_pages(entries, settings, NOW)
    assert server.count("/robots.txt") == 1


def test_a_forbidden_source_is_a_visible_outcome_and_is_not_asked(
    server: HostileServer, settings: FetchSettings
) -> None:
    server.serve("/robots.txt", "User-agent: *\nDisallow: /feed")
    checked = check_one(make_source(server.serve("/feed", make_rss("/1"))), settings)
    assert checked.outcome == "blocked_by_robots"
    assert server.count("/feed") == 0


def test_a_redirect_does_not_lead_around_the_rules(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/robots.txt", "User-agent: *\nDisallow: /private")
    server.serve("/private", "<p>Private</p>")
    (answer,) = fetch_pages([make_entry(server.serve("/a", status=302, Location="/private"))], settings, NOW)
    assert isinstance(answer, FetchFailure)
    assert answer.reason == "blocked_by_robots"
    assert server.count("/private") == 0


@pytest.mark.parametrize("location", ["/robots.txt", "mailto:desk@example.org"])
def test_a_file_that_leads_nowhere_is_the_files_fault_and_not_the_pages(
    server: HostileServer, settings: FetchSettings, location: str
) -> None:
    server.serve("/robots.txt", status=302, Location=location)
    answer = fetch_one(server, settings)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == ("robots_unavailable", False)
    assert answer.detail.startswith("robots.txt cannot be had: ")
    assert server.count("/a/b") == 0


def test_a_giant_file_is_no_final_word_about_the_page(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/robots.txt", "#" * (settings.max_bytes + 1))
    answer = fetch_one(server, settings)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == ("robots_unavailable", False)
