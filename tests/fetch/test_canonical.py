from __future__ import annotations

import pytest

from pipeline.fetch.canonical import are_twins, read_canonical

PAGE = "https://news.example/world/ferry-line-reopens?id=7"


def read(link: str, answered: str = PAGE, asked: str = PAGE) -> str:
    return read_canonical(f"<html><head><title>Ferry</title>{link}</head><body></body></html>", answered, asked)


@pytest.mark.parametrize(
    ("href", "identity"),
    [
        ("https://news.example/world/ferry-1", "https://news.example/world/ferry-1"),
        ("/world/ferry-1?utm_source=x", "https://news.example/world/ferry-1"),
        ("https://www.news.example/world/ferry-1/", "https://news.example/world/ferry-1"),
        ("https://edition.news.example/world/ferry-1", "https://edition.news.example/world/ferry-1"),
        ("/?p=1234", "https://news.example/?p=1234"),
        ("/world/ferry-line-reopens", "https://news.example/world/ferry-line-reopens"),
    ],
)
def test_a_page_names_its_own_address(href: str, identity: str) -> None:
    assert read(f'<link rel="canonical" href="{href}">') == identity


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="canonical" href="https://elsewhere.example/world/ferry-1">',
        '<link rel="canonical" href="https://other.example/news.example">',
        '<link rel="canonical" href="https://badnews.example/world/ferry-1">',
        '<link rel="canonical" href="/">',
        '<link rel="canonical" href="https://www.news.example">',
        '<link rel="canonical" href="/index.html">',
        '<link rel="canonical" href="/world/">',
        '<link rel="canonical" href="/a"><link rel="canonical" href="/b">',
        '<link rel="canonical" href="javascript:void(0)">',
        '<link rel="canonical" href="">',
        '<link rel="canonical">',
        '<link rel="alternate" href="/world/ferry-1">',
        "<!-- <link rel='canonical' href='/world/ferry-1'> -->",
        f'<link rel="canonical" href="{PAGE}">',
        f'<link rel="canonical" href="{PAGE}&utm_medium=rss#top">',
    ],
)
def test_names_that_say_nothing_are_left_out(link: str) -> None:
    assert read(link) == ""


def test_a_link_in_the_body_is_no_name() -> None:
    page = "<html><head></head><body><p><link rel=canonical href='/world/ferry-1'></p></body></html>"
    assert read_canonical(page, PAGE, PAGE) == ""


def test_where_redirects_led_is_an_identity_too() -> None:
    assert read("", asked="https://proxy.example/r/1") == PAGE
    assert read("", answered="https://news.example/", asked="https://proxy.example/r/1") == ""


@pytest.mark.parametrize("text", ["", "<", "<head", "<link rel=canonical href=", "canonical", "\0<link rel=canonical>"])
def test_no_page_is_too_broken(text: str) -> None:
    assert read_canonical(text, PAGE, PAGE) == ""


FERRY = "<p>The ferry line between the islands reopens on Monday, the harbour office said.</p>"
FARES = "<p>Fares stay as they were before the storm, and two more boats will sail on weekends.</p>"
BRIDGE = "<p>The new bridge over the sound will cost twice what the council was told in spring.</p>"
COOKIES = "<p>We use cookies to remember your choices; read on to accept what we do with them.</p>"


def test_a_page_for_telephones_is_the_twin_of_the_page() -> None:
    assert are_twins(
        f"<main>{FERRY}<aside><p>Most read</p></aside>{FARES}</main>{COOKIES}", f"<div>{FERRY}{FARES}</div>"
    )


def test_pages_that_share_only_their_furniture_are_no_twins() -> None:
    assert not are_twins(FERRY + FARES + COOKIES, BRIDGE + BRIDGE.replace("spring", "May") + COOKIES)


def test_pages_without_text_are_no_twins() -> None:
    assert not are_twins("<p>Short</p>", "<p>Short</p>")
    assert not are_twins("", "")
