"""Chromium as people use it: a `Tab` is one browser of one person, with cookies of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from apps.accounts.models import LoginLink
from tests.browser.cable import Cable
from tests.support.cast import Person
from tests.support.processes import WebProcess

# No sandbox, because tests run as root too; the rest keeps Chromium from the network and from asking.
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A kernel has to start before the first output; matplotlib has to build its font cache.
DEADLINE_MS = 60_000

expect.set_options(timeout=DEADLINE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are the browser's."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ended with the module: Playwright keeps an event loop running; asynchronous tests need their own."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("The browser tests need Chromium (on Debian: apt-get install chromium).")
    # Because of that loop, Django takes the tests for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass(frozen=True)
class Tab:
    """One tab, and what people do and see in it."""

    page: Page
    errors: list[str]

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.wait_until_connected()

    def wait_until_connected(self) -> None:
        expect(self.page.locator("tandem-connection")).to_have_attribute("data-status", "connected")

    def cell(self, index: int) -> Locator:
        return self.page.locator("tandem-cell").nth(index)

    def outputs(self, index: int) -> Locator:
        return self.cell(index).locator("tandem-outputs")

    def expect_status(self, index: int, status: str) -> None:
        expect(self.cell(index)).to_have_attribute("data-status", status)

    def text_of(self, index: int) -> str:
        """What the cell's editor shows."""
        lines: list[str] = self.cell(index).locator(".cm-line").all_inner_texts()
        return "\n".join(line.replace("\n", "") for line in lines)

    def type_at_end(self, index: int, text: str) -> None:
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.insert_text(text)

    def shown(self) -> list[dict[str, Any]]:
        """Every cell as it is on the screen: prompt, status, note, text and outputs."""
        cells: list[dict[str, Any]] = self.page.evaluate(
            """() => [...document.querySelectorAll("tandem-cell")].map((cell) => ({
                id: cell.id, kind: cell.dataset.kind, status: cell.dataset.status,
                prompt: cell.querySelector("[data-part=prompt]").textContent,
                note: cell.querySelector("[data-part=note]").textContent,
                text: cell.querySelector("[data-part=editor]").textContent.trim(),
                preview: cell.querySelector("[data-part=preview]").innerHTML,
                outputs: [...cell.querySelector("tandem-outputs").children].map((output) => [
                    output.className, output.textContent, output.querySelector("img")?.src,
                ]),
            }))"""
        )
        return cells


@pytest.fixture
def cable(server: WebProcess) -> Iterator[Cable]:
    with Cable(server.port) as cable:
        yield cable


@pytest.fixture
def open_tab(chromium: Browser, server: WebProcess) -> Iterator[Callable[..., Tab]]:
    """`open_tab(person)`: a browser of its own, logged in by a one-time link. No script may fail in it.

    What else is said goes to Playwright's `new_context`: the screen, or that it is touched.
    """
    tabs: list[Tab] = []

    def open_tab(person: Person, **options: Any) -> Tab:
        tab = Tab(chromium.new_context(base_url=server.url, **options).new_page(), [])
        tab.page.set_default_timeout(DEADLINE_MS)
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        tabs.append(tab)
        tab.page.goto(f"/login/link/{LoginLink.objects.issue(person.user)}/")
        tab.page.get_by_role("button", name="Log in").click()
        tab.page.wait_for_url(f"{server.url}/")
        return tab

    yield open_tab
    for tab in tabs:
        tab.page.context.close()
    assert [error for tab in tabs for error in tab.errors] == []
