"""The notebook on a phone: everything by finger, on a screen 390 px wide."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, expect

from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import cells_of, run_and_wait

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
PANELS = ("assistant", "outline", "graph", "variables", "files", "history", "kernel")

# What can be pressed has to be 24 px each way (WCAG 2.2, 2.5.8), but for links in the course of a text.
TOO_SMALL = """() => [...document.querySelectorAll("button, a, select, input, summary, [role=button], .cell-handle")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .filter((element) => !element.closest(".prose, .visually-hidden, .skip-link, label, .cell-notices"))
    .map((element) => [element, element.getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 0 && (width < 23.9 || height < 23.9))
    .map(([{ localName, className, ariaLabel, textContent }, { width, height }]) =>
        `${localName}.${className} ${ariaLabel ?? textContent.trim()}: ${width} x ${height}`)"""

SCROLLS = """() => [document.elementFromPoint(195, 420)?.outerHTML.slice(0, 200), scrollY, innerHeight,
    document.documentElement.scrollHeight]"""


@pytest.fixture
def cells(owner: Person, notebook: Notebook) -> list[Cell]:
    return [
        add_cell(owner, notebook, "# Report", kind="markdown"),
        add_cell(owner, notebook, "x = 1\nx + 1"),
        add_cell(owner, notebook, "x + 2"),
    ]


@pytest.fixture
def phone(open_tab: Callable[..., Tab], owner: Person, notebook: Notebook, cells: list[Cell]) -> Tab:
    tab = open_tab(owner, **PHONE)
    tab.open(f"/notebooks/{notebook.id}/")
    return tab


def tools(tab: Tab, index: int) -> Locator:
    return tab.cell(index).locator(".cell-toolbar")


def centre(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def touch(fingers: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    touched = [{"x": x, "y": y} for x, y in points]
    fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})


def swipe(fingers: CDPSession, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Not lifted yet."""
    touch(fingers, "touchStart", start)
    for step in range(1, 11):
        x, y = (begin + (there - begin) * step / 10 for begin, there in zip(start, end, strict=True))
        touch(fingers, "touchMove", (x, y))


def test_a_cell_is_run_and_edited(phone: Tab, worker: WorkerProcess) -> None:
    phone.cell(1).get_by_role("button", name="Run this cell").tap()
    expect(phone.outputs(1)).to_have_text("2")
    phone.cell(2).locator("[data-part=editor]").tap()
    expect(phone.cell(2)).to_have_attribute("data-mode", "edit")
    phone.page.keyboard.press("Control+End")
    phone.page.keyboard.insert_text("00")
    # While a text is edited its tools are there, and the button to run it is not under them.
    expect(tools(phone, 2)).to_have_css("opacity", "1")
    phone.cell(2).get_by_role("button", name="Run this cell").tap()
    expect(phone.outputs(2)).to_have_text("201")
    phone.cell(0).locator("[data-part=preview]").tap()
    tools(phone, 0).get_by_role("button", name="Edit").tap()
    expect(phone.cell(0)).to_have_attribute("data-mode", "edit")
    phone.page.keyboard.press("Control+End")
    phone.page.keyboard.insert_text(" of the year")
    phone.cell(1).get_by_role("button", name="Run this cell").tap()
    expect(phone.cell(0).get_by_role("heading", name="Report of the year")).to_be_visible()


def test_the_menu_of_a_cell(phone: Tab, worker: WorkerProcess) -> None:
    phone.cell(2).locator("[data-part=editor]").tap()
    tools(phone, 2).get_by_role("button", name="More to do with the cell").tap()
    menu = phone.page.get_by_role("menu", name="More to do with the cell")
    expect(menu).to_be_visible()
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["viewport"]["width"]
    menu.get_by_role("menuitem", name="Run all cells above").tap()
    expect(phone.outputs(1)).to_have_text("2")
    expect(menu).to_be_hidden()


def test_cells_are_moved(phone: Tab, notebook: Notebook, cells: list[Cell]) -> None:
    first, second, third = (cell.id for cell in cells)

    def wait_for_order(*ids: Any) -> None:
        wait_until(lambda: [cell.id for cell in cells_of(notebook)] == list(ids), "the cells are in order")

    phone.cell(2).locator("[data-part=editor]").tap()
    tools(phone, 2).get_by_role("button", name="Move up").tap()
    wait_for_order(first, third, second)
    expect(phone.cell(2)).to_have_id(f"cell-{second}")
    # By its handle, to the top.
    phone.cell(2).locator("[data-part=editor]").tap()
    x, y = centre(tools(phone, 2).locator("[data-drag=handle]"))
    top = phone.cell(0).bounding_box()
    assert top is not None
    fingers = phone.page.context.new_cdp_session(phone.page)
    swipe(fingers, (x, y), (x, top["y"] + 2))
    expect(phone.page.locator(".drop-line")).to_be_visible()
    touch(fingers, "touchEnd")
    wait_for_order(second, first, third)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (
            "import pandas as pd\npd.DataFrame({f'column {n}': range(300) for n in range(12)})",
            "tandem-outputs",
        ),
        ("for line in range(60):\n    print('line', line)", "tandem-outputs"),
        ("from IPython.display import HTML\nHTML('<div style=\"height: 500px\">tall</div>')", "iframe"),
        ("\n".join(f"value_{line} = '{'y' * 100}'" for line in range(40)), ".cell-editor"),
    ],
    ids=["table", "text", "frame", "editor"],
)
def test_what_is_in_the_way_catches_no_finger(
    phone: Tab, worker: WorkerProcess, owner: Person, notebook: Notebook, source: str, place: str
) -> None:
    """What scrolls itself may come first; at its end the page goes on."""
    cell = add_cell(owner, notebook, source)
    for line in range(12):
        add_cell(owner, notebook, f"# {line}", kind="markdown")
    run_and_wait(owner, notebook, "cell", cell)
    box = phone.cell(3).locator(place).first
    box.scroll_into_view_if_needed()
    box.evaluate("(box) => scrollTo(0, scrollY + box.getBoundingClientRect().top - 200)")
    before = phone.page.evaluate("scrollY")
    fingers = phone.page.context.new_cdp_session(phone.page)
    swipes = 0
    while phone.page.evaluate("scrollY") < before + 100:
        swipes += 1
        assert swipes < 80, f"the page does not scroll: {phone.page.evaluate(SCROLLS)}"
        swipe(fingers, (195, 420), (195, 240))
        touch(fingers, "touchEnd")
    assert phone.page.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [390, 390]


def test_what_can_be_pressed_is_large_enough(
    phone: Tab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    table = add_cell(owner, notebook, "import pandas as pd\npd.DataFrame({'a': range(300)})")
    add_cell(owner, notebook, "select 1 as n", kind="sql")
    add_cell(owner, notebook, "a:number\n1", kind="sheet")
    run_and_wait(owner, notebook, "cell", table)
    for index in range(6):
        phone.cell(index).evaluate("(cell) => cell.scrollIntoView({ block: 'center' })")
        place = "preview" if index == 0 else "main" if index == 5 else "editor"
        phone.cell(index).locator(f"[data-part={place}]").tap()
        expect(tools(phone, index)).to_have_css("opacity", "1")
        assert phone.page.evaluate(TOO_SMALL) == []


@pytest.mark.parametrize("panel", PANELS)
def test_panels_are_opened_and_closed(phone: Tab, panel: str) -> None:
    opener = phone.page.locator(f".topbar [data-command={panel}]")
    opener.tap()
    close = phone.page.locator(".drawer:not([hidden]) [data-part=close]")
    expect(close).to_be_in_viewport(ratio=1)
    assert phone.page.evaluate(TOO_SMALL) == []
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
    close.tap()
    expect(close).to_have_count(0)
    opener.tap()
    expect(close).to_be_visible()


def test_the_bar_has_two_lines(phone: Tab) -> None:
    rows = phone.page.evaluate(
        """() => {
            const parts = [...document.querySelector(".notebook-topbar").children];
            const middles = parts.filter((each) => each.offsetHeight > 0)
                .map((each) => each.offsetTop + each.offsetHeight / 2).sort((a, b) => a - b);
            return middles.filter((each, index) => index === 0 || each - middles[index - 1] > 12).length;
        }"""
    )
    assert rows <= 2
