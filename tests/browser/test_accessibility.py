"""No page keeps anybody out: axe-core finds nothing in any of them, light, dark and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from apps.notebooks.commands import delete_notebook
from apps.notebooks.models import Notebook
from tests.browser.axe import violations
from tests.browser.conftest import Tab
from tests.browser.pages import add_outputs, run_the_tour, take_the_tour
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]

PHONE = {"width": 390, "height": 844}
LOOKS = {
    "light": ("light", {"width": 1280, "height": 800}),
    "dark": ("dark", {"width": 1280, "height": 800}),
    "phone": ("light", PHONE),
}
PANELS = ("outline", "graph", "variables", "files", "history", "kernel", "assistant")


def look_as(tab: Tab, look: str) -> None:
    scheme, size = LOOKS[look]
    tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # it is one of those
    tab.page.set_viewport_size(size)  # type: ignore[arg-type]  # as above


def expect_none(found: dict[str, list[str]]) -> None:
    lines = [f"{place}: {each}" for place, all_of_it in found.items() for each in all_of_it]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)


@pytest.mark.parametrize("look", LOOKS)
def test_pages(
    open_tab: OpenTab, server: WebProcess, owner: Person, viewer: Person, notebook: Notebook, look: str
) -> None:
    found: dict[str, list[str]] = {}
    tab = open_tab(owner)
    look_as(tab, look)
    add_outputs(owner, notebook)
    paths = ("/", "/?q=nothing", "/trash/", "/settings/", f"/notebooks/{notebook.id}/sharing/", "/nowhere/")
    for path in (*paths, "/connections/", "/connections/new/"):
        tab.page.goto(path)
        found[path] = violations(tab.page)
    tab.page.goto("/")
    tab.page.get_by_role("button", name="Rename A notebook").click()
    found["rename"] = violations(tab.page)
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("button", name="Your account").click()
    found["account menu"] = violations(tab.page)
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    for path in ("/trash/", "/"):
        tab.page.goto(path)
        found[f"{path} without a notebook"] = violations(tab.page)
    tab.page.context.clear_cookies()
    for path in ("/login/", "/login/link/wrong/"):
        tab.page.goto(path)
        found[path] = violations(tab.page)
    expect_none(found)


@pytest.mark.parametrize("look", LOOKS)
def test_notebook(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, viewer: Person, notebook: Notebook, look: str
) -> None:
    found: dict[str, list[str]] = {}
    add_outputs(owner, notebook)
    run_and_wait(owner, notebook)
    tab = open_tab(owner)
    look_as(tab, look)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.expect_status(4, "error")
    tab.cell(1).focus()
    found["notebook"] = violations(tab.page)
    tab.cell(1).locator(".cm-content").click()
    found["text"] = violations(tab.page)
    for panel in PANELS:
        tab.page.evaluate("(panel) => document.querySelector(`[data-command=${panel}]`).click()", panel)
        if panel == "graph":  # it is drawn after it was opened
            expect(tab.page.locator(".graph-node").first).to_be_visible()
        found[panel] = violations(tab.page)
    tab.page.evaluate("() => document.querySelector('[data-command=assistant]').click()")
    tab.cell(1).focus()
    tab.page.keyboard.press("Control+f")
    found["find"] = violations(tab.page)
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("Control+k")
    found["palette"] = violations(tab.page)
    tab.page.keyboard.press("Escape")
    tab.cell(1).focus()
    tab.page.keyboard.press("?")
    found["keys"] = violations(tab.page)
    tab.page.keyboard.press("Escape")
    reader = open_tab(viewer)
    look_as(reader, look)
    reader.open(f"/notebooks/{notebook.id}/")
    found["as a viewer"] = violations(reader.page)
    expect_none(found)


@pytest.mark.parametrize("look", LOOKS)
def test_a_notebook_without_headings(open_tab: OpenTab, owner: Person, notebook: Notebook, look: str) -> None:
    add_cell(owner, notebook, "x = 1")
    tab = open_tab(owner)
    look_as(tab, look)
    tab.open(f"/notebooks/{notebook.id}/")
    found = {"notebook": violations(tab.page)}
    tab.cell(0).focus()
    tab.cell(0).get_by_role("button", name="More to do with the cell").click()
    found["what can be done with a cell"] = violations(tab.page)
    tab.page.keyboard.press("Escape")
    title = tab.page.get_by_label("Title of the notebook")
    title.fill("Another")
    title.press("Enter")
    expect(tab.page.get_by_role("main").get_by_role("heading", level=1)).to_have_text("Another")
    expect_none(found)


def test_every_command_on_a_phone(open_tab: OpenTab, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "x = 1")
    tab = open_tab(owner)
    look_as(tab, "phone")
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_role("button", name="Your account").click()
    tab.page.get_by_role("menuitem", name="Commands").click()
    expect(tab.page.get_by_role("combobox", name="Find a command")).to_be_focused()
    expect(tab.page.get_by_role("menu", name="Your account")).to_be_hidden()
    tab.page.get_by_role("option", name="Find in all cells").click()
    expect(tab.page.get_by_label("Find", exact=True)).to_be_focused()


@pytest.mark.parametrize("look", LOOKS)
def test_tour(open_tab: OpenTab, worker: WorkerProcess, owner: Person, look: str) -> None:
    tab = open_tab(owner)
    look_as(tab, look)
    take_the_tour(tab)
    run_the_tour(tab)
    expect_none({"tour": violations(tab.page)})


def test_administration(open_tab: OpenTab, owner: Person) -> None:
    owner.user.is_staff = owner.user.is_superuser = True
    owner.user.save()
    tab = open_tab(owner)
    found: dict[str, list[str]] = {}
    for path in ("/admin/", "/admin/journal/auditentry/", "/admin/accounts/user/"):
        tab.page.goto(path)
        found[path] = violations(tab.page)
    expect_none(found)
