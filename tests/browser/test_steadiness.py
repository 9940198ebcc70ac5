"""Nothing moves under whoever reads, a screen reader hears how a run ends, and on paper is the document alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from apps.kernels.processes import workspace_of
from apps.notebooks.models import Cell, Notebook
from tests.browser.axe import violations
from tests.browser.conftest import Tab
from tests.browser.pages import TRACEBACK
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]

IMAGE = """import matplotlib.pyplot as plt
plt.figure(figsize=(4, 2))
plt.plot([1, 3, 2])
plt.show()"""
PLOTLY = """import plotly.graph_objects as go
go.Figure(go.Bar(x=["a", "b"], y=[1, 3]), layout={"height": 240})"""
TEXT = "import time\nprint('first')\ntime.sleep(0.3)\nprint('then', time.time())"
# What counts while a cell runs, the time and the kernel's state, moves nothing but itself.
WATCH = """() => {
    window.shifts = [];
    new PerformanceObserver((list) => shifts.push(...list.getEntries()
        .flatMap(({ sources }) => sources.map(({ node }) => node?.parentElement ? node : document.body))
        .map((node) => node instanceof Element ? node : node.parentElement)
        .filter((element) => !element.closest(".topbar, .cell-note"))
        .map((element) => `${element.localName}.${element.className}`)))
        .observe({ type: "layout-shift" });
}"""


def announced(tab: Tab) -> None:
    """From now on, what the live region says is kept in `said`."""
    tab.page.evaluate(
        """() => {
            window.said = [];
            const region = document.querySelector("#announcements");
            new MutationObserver(() => said.push(region.textContent)).observe(region, { childList: true });
        }"""
    )


@pytest.mark.parametrize("source", [TEXT, IMAGE, PLOTLY, TRACEBACK], ids=["text", "image", "plotly", "error"])
def test_nothing_moves_when_a_cell_runs_again(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook, source: str
) -> None:
    cell = add_cell(owner, notebook, source)
    add_cell(owner, notebook, "What is read meanwhile.", kind="markdown")
    run_and_wait(owner, notebook, "cell", cell)
    tab = open_tab(owner)
    tab.page.set_viewport_size({"width": 1280, "height": 1000})
    tab.open(f"/notebooks/{notebook.id}/")
    if source == PLOTLY:
        expect(tab.outputs(0).frame_locator("iframe").locator(".main-svg").first).to_be_visible()
    tab.page.evaluate(WATCH)
    top = tab.cell(1).bounding_box()
    # By somebody else, so that the browser takes nothing for an answer to a key.
    run_and_wait(owner, notebook, "cell", cell)
    cell.refresh_from_db()
    expect(tab.cell(0).locator("[data-part=prompt]")).to_have_text(f"In [{cell.execution_count}]:")
    if source == PLOTLY:
        expect(tab.outputs(0).frame_locator("iframe").locator(".main-svg").first).to_be_visible()
    expect(tab.outputs(0)).not_to_have_attribute("data-held", "")
    assert tab.page.evaluate("() => shifts") == []
    assert tab.cell(1).bounding_box() == top


PLACES = """() => {
    window.places = {};
    const look = () => {
        for (const button of document.querySelectorAll(".topbar :is(button, a):not(.run-stale, .banner *)")) {
            const { x, y, width } = button.getBoundingClientRect();
            const name = button.title || button.textContent.trim();
            if (width) (places[name] ??= new Set()).add(`${Math.round(x)}, ${Math.round(y)}`);
        }
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.mark.parametrize("width", [1280, 1160, 1030, 800, 390, 360])
def test_the_buttons_of_the_bar_stay_under_the_mouse(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook, width: int
) -> None:
    """A click on a button that moves between press and release is lost."""
    add_cell(owner, notebook, "x = 1")
    for _ in range(11):
        add_cell(owner, notebook, "x")
    tab = open_tab(owner)
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.evaluate(PLACES)
    tab.page.get_by_role("button", name="Run all").click()
    tab.expect_status(1, "ok")
    tab.type_at_end(0, "0")
    stale = tab.page.get_by_role("button", name="Run stale (12)")
    expect(stale).to_be_visible()
    stale.click(trial=True)
    add_cell(owner, notebook, "x")
    run_and_wait(owner, notebook, "cell", Cell.objects.filter(notebook=notebook, source="x")[0])
    expect(tab.page.get_by_role("button", name="Run stale (12)")).to_have_count(0)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    tab.page.get_by_role("button", name="Restart the kernel").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Restart", exact=True).click()
    tab.page.get_by_role("button", name="Run all").click()
    expect(tab.outputs(1)).to_have_text("10")
    places = tab.page.evaluate(
        "Object.fromEntries(Object.entries(places).map(([name, xs]) => [name, [...xs]]))"
    )
    assert len(places) > 10
    assert {name: xs for name, xs in places.items() if len(xs) > 1} == {}


@pytest.mark.parametrize("width", [1920, 1280, 390])
def test_a_kernel_that_dies_moves_nothing(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook, width: int
) -> None:
    add_cell(
        owner, notebook, "import os, time\nwhile not os.path.exists('end'): time.sleep(0.05)\nos._exit(3)"
    )
    add_cell(owner, notebook, "x = 1")
    add_cell(owner, notebook, "# A kernel dies", kind="markdown")
    tab = open_tab(owner)
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).focus()
    tab.page.keyboard.press("Control+Enter")
    tab.expect_status(0, "running")
    tab.page.evaluate(PLACES)
    text = tab.cell(0).locator(".cell-row")
    before = text.bounding_box()
    (workspace_of(notebook.id) / "end").touch()
    notice = tab.page.locator("tandem-kernel-notice")
    expect(notice).to_contain_text("the next run starts a new one")
    expect(tab.page.locator("tandem-kernel")).to_have_attribute("data-status", "dead")
    assert text.bounding_box() == before
    places = tab.page.evaluate(
        "Object.fromEntries(Object.entries(places).map(([name, xs]) => [name, [...xs]]))"
    )
    assert {name: xs for name, xs in places.items() if len(xs) > 1} == {}
    if width == 1280:
        assert violations(tab.page) == []
    notice.get_by_role("button", name="Hide this message").click()
    expect(notice.get_by_role("button")).to_have_count(0)
    tab.cell(1).focus()
    tab.page.keyboard.press("Control+Enter")
    expect(tab.page.locator("tandem-kernel")).to_have_attribute("data-status", "idle")


def test_a_run_is_told_of_once(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    for source in ("a = 1", "a + 1", "missing"):
        add_cell(owner, notebook, source)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    run_and_wait(owner, notebook, "all")  # it is not told of the runs of others
    tab.expect_status(2, "error")
    announced(tab)
    region = tab.page.locator("#announcements")
    tab.cell(1).focus()
    tab.page.keyboard.press("Control+Enter")
    expect(region).to_have_text("Cell 2 is done.")
    tab.cell(2).focus()
    tab.page.keyboard.press("Control+Enter")
    expect(region).to_have_text("Cell 3 failed: NameError")
    said = [text for text in tab.page.evaluate("() => said") if "running" not in text]
    assert said == ["Cell 2 is done.", "Cell 3 failed: NameError"]


def test_the_skip_link_leads_past_the_bar(open_tab: OpenTab, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "a = 1")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.keyboard.press("Tab")
    expect(tab.page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("main")).to_be_focused()


def test_on_paper_is_the_document_alone(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "# A report", kind="markdown")
    cell = add_cell(owner, notebook, "for line in range(400):\n    print('line', line)")
    run_and_wait(owner, notebook, "cell", cell)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(1).focus()
    tab.page.emulate_media(media="print", color_scheme="dark")
    for selector in (".topbar", ".cell-toolbar", ".append-bar", ".minimap", ".toasts"):
        assert not any(each.is_visible() for each in tab.page.locator(selector).all()), selector
    outputs = tab.outputs(1)
    assert outputs.evaluate("(box) => box.clientHeight") > 400 * 12
    for box in (outputs, outputs.locator(".text-view")):
        assert box.evaluate("(box) => box.scrollHeight <= box.clientHeight + 1")
    assert (
        tab.page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert len(tab.page.pdf()) > 10_000


def test_a_long_notebook_is_printed_whole(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    """What was far away is drawn before the browser is asked to print."""
    for number in range(40):
        add_cell(owner, notebook, f"## Part {number}", kind="markdown")
        add_cell(owner, notebook, f"from IPython.display import HTML\nHTML('<p>Result {number}</p>')")
    run_and_wait(owner, notebook)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    look = """() => ({
        headings: document.querySelectorAll("#cells [data-part=preview] h2").length,
        frames: [...document.querySelectorAll("#cells .output-frame iframe")]
            .filter((frame) => frame.clientHeight > 0).length,
    })"""
    tab.page.evaluate(f"() => {{ window.print = () => {{ window.printed = ({look})(); }}; }}")
    tab.cell(0).focus()
    tab.page.keyboard.press("Control+p")
    printed = tab.page.wait_for_function("() => window.printed").json_value()
    assert printed == {"headings": 40, "frames": 40}


@pytest.mark.parametrize("has_line_numbers", [True, False])
def test_the_text_stays_where_it_is_when_its_editor_opens(
    open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook, has_line_numbers: bool
) -> None:
    owner.user.has_line_numbers = has_line_numbers
    owner.user.save()
    add_cell(owner, notebook, "\n".join(f"line_{number} = {number}" for number in range(120)))
    tab = open_tab(owner)
    # No cell comes into view, so no editor opens by itself.
    tab.page.add_init_script(
        "window.IntersectionObserver = class { observe() {} unobserve() {} disconnect() {} }"
    )
    tab.open(f"/notebooks/{notebook.id}/")
    place = """(selector) => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector(selector));
        const { x, y } = range.getClientRects()[0];
        return [Math.round(x), Math.round(y)];
    }"""
    expect(tab.cell(0).locator(".cell-source")).to_contain_text("line_119")
    before = tab.page.evaluate(place, "tandem-cell .cell-source")
    tab.cell(0).locator(".cell-source").click(position={"x": 100, "y": 12})
    expect(tab.cell(0).locator(".cm-content")).to_be_visible()
    assert tab.cell(0).locator(".cm-lineNumbers").count() == has_line_numbers
    assert tab.page.evaluate(place, "tandem-cell .cm-line") == before
