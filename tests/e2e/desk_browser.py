"""A person at the Airflow UI, in the machine's own Chromium: logs in and opens the Wirewatch page.

As a program it takes the picture of a running demo:
    python -m tests.e2e.desk_browser http://127.0.0.1:8080 admin PASSWORD docs/images/desk.png
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import FrameLocator, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def open_browser() -> Iterator[Page]:
    """An empty page of a fresh profile."""
    with sync_playwright() as playwright:
        # No sandbox: containers that run as root have none to offer.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser.new_page(viewport={"width": 1440, "height": 1000})
        finally:
            browser.close()


def log_in(page: Page, base_url: str, username: str, password: str) -> None:
    """Through the login form of Airflow."""
    page.goto(base_url)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Wirewatch").first.wait_for()


def open_desk(page: Page) -> FrameLocator:
    """The Wirewatch page, through its entry in the navigation; it shows in a frame."""
    page.get_by_role("link", name="Wirewatch").first.click()
    frame = page.frame_locator("iframe")
    frame.locator("h1").wait_for()
    return frame


def main() -> None:
    """Save a picture of the page."""
    base_url, username, password, path = sys.argv[1:]
    with open_browser() as page:
        log_in(page, base_url, username, password)
        open_desk(page)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path)


if __name__ == "__main__":
    main()
