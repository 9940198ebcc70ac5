"""JavaScript cells as people see them: what they draw and say, for whom, and when it goes wrong."""

from collections.abc import Callable

from playwright.sync_api import FrameLocator, expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]

CITIES = (
    "import pandas as pd\ncities = pd.DataFrame({'name': ['Paris', 'Rome'], 'people': [21, 28]})\nscale = 10"
)
BARS = """
const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
svg.setAttribute("viewBox", "0 0 320 60");
for (const [row, { name, people }] of cities.entries()) {
  const bar = document.createElementNS(svg.namespaceURI, "rect");
  for (const [key, value] of Object.entries({ y: row * 30, width: people * scale, height: 24, fill: "#4fa396" }))
    bar.setAttribute(key, value);
  const label = document.createElementNS(svg.namespaceURI, "text");
  label.textContent = name;
  label.setAttribute("x", 6);
  label.setAttribute("y", row * 30 + 17);
  svg.append(bar, label);
}
display(svg);
"""


def frame_of(tab: Tab, index: int) -> FrameLocator:
    return tab.outputs(index).frame_locator("iframe")


def test_an_svg_from_a_dataframe(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, CITIES)
    tab, watching = open_tab(owner), open_tab(viewer)
    for each in (tab, watching):
        each.open(f"/notebooks/{notebook.id}/")
    tab.page.locator(".append-bar").get_by_role("button", name="JavaScript").click()
    tab.type_at_end(1, BARS)
    expect(tab.cell(1).locator(".cm-line span").first).to_be_visible()
    # It needs the cell above, so that runs too.
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    tab.expect_status(1, "ok")
    for each in (tab, watching):
        bars = frame_of(each, 1).locator("svg rect")
        expect(bars).to_have_count(2)
        expect(bars.nth(1)).to_have_attribute("width", "280")
        expect(frame_of(each, 1).locator("svg text").first).to_have_text("Paris")

    # Another input draws it anew, for everybody.
    tab.type_at_end(0, "\nscale = 5")
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    for each in (tab, watching):
        expect(frame_of(each, 1).locator("svg rect").nth(1)).to_have_attribute("width", "140")
        expect(frame_of(each, 1).locator("svg rect")).to_have_count(2)
    watching.page.reload()
    expect(frame_of(watching, 1).locator("svg rect").nth(1)).to_have_attribute("width", "140")


SAID = """
const button = document.createElement("button");
button.textContent = "Press";
button.onclick = () => console.log("pressed", button.dataset.times = Number(button.dataset.times ?? 0) + 1);
display(button, { list: [1, new Set([2])], text: numbers.text }, 7, null);
console.log("first", numbers.text, [1]);
console.warn("careful");
await new Promise((resolve) => setTimeout(resolve, 10));
display(await Promise.resolve("later"));
"""


def test_what_it_displays_and_says(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "numbers = {'text': '<b>bold</b>'}")
    add_cell(owner, notebook, SAID, kind="javascript")
    run_and_wait(owner, notebook)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    frame = frame_of(tab, 1)
    lines = frame.locator(".javascript-line")
    expect(lines.nth(3)).to_have_text("later")
    text = '{"list":[1,[2]],"text":"<b>bold</b>"}'
    told = lines.all_inner_texts()
    assert told == [text, "7", "null", "later", "first <b>bold</b> [1]", "careful"]
    expect(frame.locator("[data-tone=warned]")).to_have_text("careful")
    # It goes on to be heard.
    frame.get_by_role("button", name="Press").click()
    expect(lines.last).to_have_text("pressed 1")
    # Each run begins anew, also one of the same code with the same values.
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    expect(lines).to_have_count(6)
    expect(lines.last).to_have_text("careful")


ERRORS = [
    ("\n\nnothing.x", "Line 3: ReferenceError: nothing is not defined"),
    ("const a = 1;\na = 2", "Line 2: TypeError: Assignment to constant variable."),
    ("\ndisplay(1 +* 2)", "Line 2: SyntaxError: Unexpected token '*'"),
    ("display(", "SyntaxError: Unexpected token '}'"),
    ("undeclared = 1", "Line 1: ReferenceError: undeclared is not defined"),
    ("\nawait Promise.reject(new RangeError('far'))", "Line 2: RangeError: far"),
    ("Promise.reject('nobody waits')", "Error: nobody waits"),
    ("\nsetTimeout(() => {\nthrow new Error('late') })", "Line 3: Error: late"),
    ("throw { code: 3 }", 'Error: {"code":3}'),
    ("f(1)", "TypeError: f is a function of Python, which JavaScript cannot use."),
    ("display(rows.length)\nrows.x.y", "Line 2: TypeError: Cannot read properties of undefined"),
]


def test_errors(open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "def f(): pass\nrows = [1]")
    for source, _ in ERRORS:
        add_cell(owner, notebook, source, kind="javascript")
    run_and_wait(owner, notebook)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    for index, (_, said) in enumerate(ERRORS, 1):
        tab.cell(index).scroll_into_view_if_needed()
        failure = frame_of(tab, index).locator("[data-tone=failed]")
        expect(failure).to_contain_text(said)
        expect(failure).to_have_count(1)


def test_of_a_long_dataframe_and_names_of_both(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(
        owner, notebook, "import pandas as pd\nclass Image: pass\nrows = pd.DataFrame({'a': range(20_000)})"
    )
    add_cell(owner, notebook, "display(rows.length, new Image(3).width)", kind="javascript")
    run_and_wait(owner, notebook)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    lines = frame_of(tab, 1).locator(".javascript-line")
    expect(lines).to_have_text(["10000", "3", "Of rows, these are the first 10,000 of 20,000 rows."])


HOSTILE = """
console.log(Object.keys(said), said.text, {}.polluted, said.__proto__.polluted);
try { parent.document.title = "x" } catch (error) { console.log(error.name) }
try { await fetch("/") } catch (error) { console.log("no network") }
for (let times = 0; times < 1_200; times++) console.log(times);
parent.postMessage({ type: "height", height: 1e9 }, "*");
"""


def test_hostile_values_and_code(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    text = "</script><script>top.x = 1</script>\u2028`${1}`"
    add_cell(owner, notebook, f"said = {{'__proto__': {{'polluted': 1}}, 'text': {text!r}}}")
    add_cell(owner, notebook, HOSTILE, kind="javascript")
    run_and_wait(owner, notebook)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    lines = frame_of(tab, 1).locator(".javascript-line")
    expect(lines).to_have_count(1_001)
    told = lines.all_inner_texts()
    assert told[0].endswith(f"{text} undefined 1")
    assert told[1:4] == ["SecurityError", "no network", "0"]
    assert told[-1] == "[There is more, which is left out here.]"
    assert tab.page.evaluate("window.x") is None


def test_code_that_never_ends_leaves_the_page_alone(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "while (true) {}", kind="javascript")
    add_cell(owner, notebook, "display('others go on')", kind="javascript")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    tab.expect_status(0, "ok")
    tab.type_at_end(0, " // mended")
    tab.page.keyboard.press("Control+Home")
    tab.page.keyboard.insert_text("display('mended') //")
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    expect(frame_of(tab, 0).locator(".javascript-line")).to_have_text("mended")
