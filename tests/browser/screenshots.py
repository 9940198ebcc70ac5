"""Pictures of each page, for docs/screenshots; `bin/screenshots` takes them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.browser.pages import add_outputs, run_the_tour, take_the_tour
from tests.browser.test_accessibility import LOOKS, look_as
from tests.support.cast import Person, new_person
from tests.support.processes import WorkerProcess
from tests.support.running import run_and_wait

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


@pytest.mark.parametrize("look", LOOKS)
def test_take(
    open_tab: Callable[[Person], Tab], worker: WorkerProcess, owner: Person, notebook: Notebook, look: str
) -> None:
    FOLDER.mkdir(exist_ok=True)

    def take(name: str, tab: Tab) -> None:
        tab.page.screenshot(
            path=FOLDER / f"{name}-{look}.jpg", type="jpeg", quality=72, animations="disabled"
        )

    add_outputs(owner, notebook)
    run_and_wait(owner, notebook)
    newcomer = open_tab(new_person("ada"))
    look_as(newcomer, look)
    newcomer.page.goto("/")
    take("first", newcomer)
    take_the_tour(newcomer)
    run_the_tour(newcomer)
    newcomer.page.mouse.move(0, 0)
    newcomer.cell(1).focus()
    newcomer.page.evaluate("() => scrollTo(0, 0)")
    take("tour", newcomer)
    expect(newcomer.outputs(5).locator("iframe")).to_be_attached()
    newcomer.cell(5).scroll_into_view_if_needed()
    expect(newcomer.outputs(5).frame_locator("iframe").locator("svg, canvas").first).to_be_visible()
    newcomer.cell(5).evaluate("(cell) => cell.scrollIntoView({ block: 'end' })")
    take("plots", newcomer)
    newcomer.page.keyboard.press("Control+k")
    take("palette", newcomer)
    newcomer.page.keyboard.press("Escape")
    newcomer.page.evaluate("() => document.querySelector('[data-command=graph]').click()")
    expect(newcomer.page.locator("tandem-graph svg .graph-node").first).to_be_visible()
    take("graph", newcomer)
    newcomer.page.goto("/")
    take("list", newcomer)
    newcomer.page.goto("/settings/")
    take("settings", newcomer)
    tab = open_tab(owner)
    look_as(tab, look)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.expect_status(4, "error")
    take("outputs", tab)
    tab.page.context.clear_cookies()
    tab.page.goto("/login/")
    take("login", tab)
