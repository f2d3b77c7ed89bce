from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import StoreUnavailable
from pipeline.fetch import FetchSettings, fetch_pages, stream_pages
from pipeline.models import ContentFrom, FetchedPage, FetchFailure
from tests.fetch.build import NOW, fetch_among_good, make_entry
from tests.fetch.hostile_server import HostileServer

FULL_TEXT = "<p>" + "The ferry line reopens after the storm. " * 20 + "</p>"


def test_a_page_arrives_decoded_with_the_url_after_redirects(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/new", "<p>Größe</p>".encode("cp1252"), Content_Type="text/html; charset=iso-8859-1")
    entry = make_entry(server.serve("/old", status=302, Location="/new"), title="One")
    (page,) = fetch_pages([entry], settings, NOW)
    assert isinstance(page, FetchedPage)
    assert (page.html, page.text, page.url) == ("<p>Größe</p>", None, server.url("/new"))
    assert (page.content_from, page.fetched_at, page.hints) == (ContentFrom.PAGE, NOW, entry.hints)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410, 451])
def test_where_the_page_is_walled_or_gone_the_feeds_full_text_stands_in(
    server: HostileServer, settings: FetchSettings, status: int
) -> None:
    page = fetch_among_good(server, make_entry(server.serve("/a", status=status), content=FULL_TEXT), settings)
    assert isinstance(page, FetchedPage)
    assert (page.content_from, page.html) == (ContentFrom.FEED, FULL_TEXT)


def test_a_long_summary_stands_in_as_markup(server: HostileServer, settings: FetchSettings) -> None:
    entry = make_entry(server.serve("/a", status=403), summary="Fish & chips. " * 60)
    page = fetch_among_good(server, entry, settings)
    assert isinstance(page, FetchedPage)
    assert page.html is not None
    assert page.html.startswith("<p>Fish &amp; chips.")


def test_a_teaser_does_not_stand_in(server: HostileServer, settings: FetchSettings) -> None:
    answer = fetch_among_good(server, make_entry(server.serve("/a", status=403), summary="Read on."), settings)
    assert isinstance(answer, FetchFailure)
    assert answer.reason == "http_403"


@pytest.mark.parametrize(
    ("status", "is_final"),
    [(410, True), (451, True), (403, False), (404, False), (408, False), (429, False), (500, False), (503, False)],
)
def test_only_what_will_not_change_is_final(
    server: HostileServer, settings: FetchSettings, status: int, is_final: bool
) -> None:
    answer = fetch_among_good(server, make_entry(server.serve("/a", status=status)), settings)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == (f"http_{status}", is_final)


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>Just a moment...</title></head><body><div id='cf-challenge'>Checking</div></body></html>",
        "<html><title>x</title><p>Please enable JavaScript and cookies to continue</p></html>",
        "<html><script src='https://geo.captcha-delivery.com/c.js'></script></html>",
    ],
)
def test_a_robot_check_is_never_a_page(server: HostileServer, settings: FetchSettings, page: str) -> None:
    answer = fetch_among_good(server, make_entry(server.serve("/a", page)), settings)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.detail) == ("wall", "a robot check")


def test_a_redirect_to_a_login_page_is_a_wall(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/login", "<html><form>Log in</form></html>")
    entry = make_entry(server.serve("/a", status=302, Location="/login?next=/a"), content=FULL_TEXT)
    page = fetch_among_good(server, entry, settings)
    assert isinstance(page, FetchedPage)
    assert page.content_from is ContentFrom.FEED


def test_an_article_about_robot_checks_is_a_page(server: HostileServer, settings: FetchSettings) -> None:
    text = "<html><head><title>Why g-recaptcha annoys us</title></head><body>" + "<p>The word hcaptcha.com. </p>" * 90
    assert isinstance(fetch_among_good(server, make_entry(server.serve("/a", text)), settings), FetchedPage)


def test_a_picture_is_no_page(server: HostileServer, settings: FetchSettings) -> None:
    url = server.serve("/a", b"\xff\xd8", Content_Type="image/jpeg")
    answer = fetch_among_good(server, make_entry(url), settings)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == ("not_html", True)


def test_an_answer_without_content_is_a_failure(server: HostileServer, settings: FetchSettings) -> None:
    answer = fetch_among_good(server, make_entry(server.serve("/a", "  ")), settings)
    assert isinstance(answer, FetchFailure)
    assert answer.reason == "empty_page"


def test_answers_keep_the_order_of_the_entries(server: HostileServer, settings: FetchSettings) -> None:
    other = HostileServer()
    other.start()
    entries = []
    for number in range(6):
        home = server if number % 2 else other
        entries.append(make_entry(home.serve(f"/{number}", f"<p>{number}</p>")))
    pages = fetch_pages(entries, settings, NOW)
    other.stop()
    assert [page.item_id for page in pages] == [entry.item_id for entry in entries]


def test_what_the_caller_raises_while_it_stores_an_answer_reaches_the_caller(
    server: HostileServer, settings: FetchSettings
) -> None:
    def store(answer: object) -> None:
        raise StoreUnavailable("the database is down")

    with pytest.raises(StoreUnavailable):
        stream_pages([make_entry(server.serve("/a", "<p>Good</p>"))], settings, NOW, on_done=store)


def test_a_dead_host_is_not_asked_again_and_again(server: HostileServer, settings: FetchSettings) -> None:
    dead = [make_entry(f"http://127.0.0.1:2/{number}") for number in range(6)]
    good = make_entry(server.serve("/a", "<p>Good</p>"))
    answers = fetch_pages([*dead, good], settings, NOW)
    reasons = [answer.reason for answer in answers[:6] if isinstance(answer, FetchFailure)]
    assert reasons == ["unreachable"] * 3 + ["postponed"] * 3
    assert isinstance(answers[6], FetchedPage)


def test_a_pause_is_kept_between_two_requests_to_one_host(server: HostileServer, settings: FetchSettings) -> None:
    entries = [make_entry(server.serve(f"/{number}", "<p>Good</p>")) for number in range(3)]
    answers = fetch_pages(entries, replace(settings, host_delay_seconds=0.05), NOW)
    assert all(isinstance(answer, FetchedPage) for answer in answers)


STUB = '<script type="application/ld+json">{"isAccessibleForFree": false}</script><p>The ferry line reopens.</p>'


def test_of_a_paywalled_page_the_longer_text_of_the_feed_is_taken(
    server: HostileServer, settings: FetchSettings
) -> None:
    page = fetch_among_good(server, make_entry(server.serve("/a", STUB), content=FULL_TEXT), settings)
    assert isinstance(page, FetchedPage)
    assert (page.content_from, page.html) == (ContentFrom.FEED, FULL_TEXT)


def test_a_paywalled_page_without_feed_text_is_left_to_the_cleaning_room(
    server: HostileServer, settings: FetchSettings
) -> None:
    page = fetch_among_good(server, make_entry(server.serve("/a", STUB)), settings)
    assert isinstance(page, FetchedPage)
    assert page.html == STUB


def test_a_page_that_is_free_for_us_is_taken_although_it_says_it_is_not(
    server: HostileServer, settings: FetchSettings
) -> None:
    whole = STUB + FULL_TEXT
    page = fetch_among_good(server, make_entry(server.serve("/a", whole), content=FULL_TEXT), settings)
    assert isinstance(page, FetchedPage)
    assert page.content_from is ContentFrom.PAGE


def test_a_host_that_asks_for_a_long_rest_is_left_alone(server: HostileServer, settings: FetchSettings) -> None:
    entries = [make_entry(server.serve(f"/{number}", status=503, Retry_After="3600")) for number in range(3)]
    first, *others = fetch_pages(entries, settings, NOW)
    assert isinstance(first, FetchFailure)
    assert (first.reason, first.detail) == ("http_503", "the server answered 503 and asks to wait 3600 s")
    assert [isinstance(other, FetchFailure) and (other.reason, other.is_final) for other in others] == [
        ("postponed", False)
    ] * 2
    assert server.count("/1") == 0
