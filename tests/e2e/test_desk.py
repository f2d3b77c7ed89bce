"""The Wirewatch page inside the Airflow UI, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import DEAD_SOURCE, Desk
from tests.e2e.desk_browser import CHROMIUM, log_in, open_browser, open_desk

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.usefixtures("first_run"),
]


@pytest.fixture(scope="module")
def page(desk: Desk) -> Iterator[Page]:
    with open_browser() as opened:
        log_in(opened, desk.airflow.base_url, desk.airflow.username, desk.airflow.password)
        yield opened


def test_a_person_finds_the_day_in_the_navigation(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    frame = open_desk(page)
    shown = frame.locator("body").inner_text()
    assert "Varland" in shown
    assert "alerted" in (frame.locator("svg.funnel").text_content() or "")
    assert DEAD_SOURCE in shown
    assert frame.locator("img").count() == 0
    assert frame.locator("body").get_attribute("data-owned") is None
    assert [text for text in complaints if "wirewatch" in text or "Content Security" in text] == []


def test_a_link_leaves_the_frame_into_a_tab_of_its_own(page: Page) -> None:
    frame = open_desk(page)
    with page.context.expect_page() as opened:
        frame.locator(".sources a[href*=courier]").click()
    assert opened.value.url.endswith("/courier/feed.xml")
    assert opened.value.evaluate("window.opener") is None


def test_the_page_follows_the_theme_of_airflow(page: Page) -> None:
    frame = open_desk(page)
    page.evaluate("document.documentElement.className = 'dark'")
    frame.locator("html[data-theme=dark]").wait_for()
    page.evaluate("document.documentElement.className = 'light'")
    frame.locator("html[data-theme=light]").wait_for()


def test_a_title_with_markup_in_it_is_text(desk: Desk, page: Page) -> None:
    page.goto(f"{desk.airflow.base_url}/wirewatch/?day=2026-05-04")
    assert "Rail tunnel under the Sund closed" in page.locator("main").inner_text()
    assert page.locator("img").count() == 0
    assert page.locator("body").get_attribute("data-owned") is None
