"""A real browser for the pages that people open: Debian's Chromium, alone with what it is given."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright


def installed_chromium() -> str | None:
    """Where the browser is, if this machine has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def running_browser(program: str) -> Iterator[Browser]:
    """A browser without a profile; it ends with the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def shown(browser: Browser, html: str, *, width: int = 390) -> Page:
    """A page in the browser, by default as wide as a phone; what the browser complains of fails the test."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: complaints.append(f"asks for {request.url}"))
    page.set_content(html)
    assert complaints == []
    return page


def barriers(page: Page) -> list[str]:
    """What keeps somebody from reading a page, as axe finds it."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
