"""What cells put out, as people see it: each renderer with what real libraries make on a real kernel."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, expect

from apps.kernels.processes import workspace_of
from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess

OpenTab = Callable[[Person], Tab]
Show = Callable[..., Tab]

PLOTLY = """
import plotly.graph_objects as go
go.Figure(go.Bar(x=["a", "b"], y=[1, 3]), layout={"title": {"text": "Bars"}, "height": 300})
"""
ALTAIR = """
import altair as alt, pandas as pd
chart = alt.Chart(pd.DataFrame({"x": [1, 2, 3], "y": [1, 4, 9]}), title="Squares").mark_line().encode(x="x", y="y")
chart
"""
ALTAIR_MIME_TYPE = """
alt.renderers.enable("mimetype")
chart
"""
BOKEH = """
from bokeh.io import output_notebook
from bokeh.plotting import figure, show
output_notebook()
plot = figure(height=200, width=300, title="Steps")
plot.line([1, 2, 3], [3, 1, 2])
show(plot)
"""

NESTED_TQDM = """
from tqdm import tqdm
for _ in tqdm(range(2), desc="outer", mininterval=0):
    for _ in tqdm(range(3), desc="inner", mininterval=0):
        pass
"""
RICH = """
from rich.console import Console
from rich.progress import Progress
with Progress(console=Console(force_terminal=True, force_jupyter=False, width=80), refresh_per_second=50) as progress:
    tasks = [progress.add_task(name, total=3) for name in ("down", "unpacked")]
    for _ in range(3):
        for task in tasks:
            progress.advance(task)
            progress.refresh()
"""

MARKDOWN = r"""
from IPython.display import Latex, Markdown, Math, display
display(Markdown("# Head\n\nwith $x_1^2$ and\n\n```mermaid\ngraph LR; A-->B\n```"))
display(Math(r"\frac{1}{2}"), Latex("before $a$ after"))
display({"text/vnd.mermaid": "graph LR; C-->D", "text/plain": "C to D"}, raw=True)
"""
MD_CELL = r"""
## Euler

$$e^{i\pi} + 1 = 0$$

\begin{align}
a_1 &= b_1 \\
c &= d
\end{align}

```mermaid
graph LR; Start-->End
```

Not a formula: $\frac{1}$, and $5 for $6.
"""
JSON = """
from IPython.display import JSON
JSON({"name": "Ada", "numbers": list(range(250)), "deep": {"a": {"b": [None, True, 1.5, "<b>"]}}})
"""
IMAGES = """
import base64, zlib, struct
from IPython.display import SVG, Image, display
def png(width, height):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = zlib.compress((b"\\0" + b"\\x20\\x80\\xc0" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
display(Image(png(80, 40)), Image(png(80, 40), width=160), Image(png(100, 100), retina=True))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='50' height='20'><rect width='9' height='9'/></svg>"))
"""
MEDIA = """
import base64, struct
samples = b"".join(struct.pack("<h", i * 37 % 9999) for i in range(4000))
sizes = struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + sizes
wav = head + b"data" + struct.pack("<I", len(samples)) + samples
display({"audio/wav": base64.b64encode(wav).decode(), "text/plain": "a sound"}, raw=True)
import io, matplotlib.pyplot as plt
buffer = io.BytesIO()
figure = plt.figure()
figure.savefig(buffer, format="pdf")
plt.close(figure)
display({"application/pdf": base64.b64encode(buffer.getvalue()).decode(), "text/plain": "a page"}, raw=True)
"""
# Each is so large that it is kept as a file.
FILES = """
import base64, os, struct, zlib
from IPython.display import Image, display
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
header = struct.pack(">IIBBBBB", 200, 100, 8, 2, 0, 0, 0)
rows = zlib.compress(b"".join(b"\\0" + os.urandom(600) for _ in range(100)))
display(Image(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")))
def show(kind, content, **others):
    display({kind: base64.b64encode(content).decode(), **others}, raw=True)
sizes = struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
samples = bytes(80_000)
head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + sizes
show("audio/wav", head + b"data" + struct.pack("<I", len(samples)) + samples)
show("application/pdf", b"%PDF-" + bytes(40_000))
show("application/x-own", b"own" * 20_000)
show("application/x-own", b"own" * 20_000, **{"text/plain": "the text of one"})
"""
DIVIDE = """
def divide(x):
    return 1 / x
"""
ERROR = """
zero = 0
divide(zero)
"""
# It waits for files, so that the test decides when what is drawn again.
REDRAW = """
import pathlib, time
from IPython.display import HTML, clear_output, display

def wait_for(name):
    while not pathlib.Path(name).exists():
        time.sleep(0.02)

handle = display(HTML("<p>first</p>"), display_id=True)
def plot(title):
    return {"application/vnd.plotly.v1+json": {"data": [], "layout": {"title": {"text": title}}}}

figure = display(plot("one"), raw=True, display_id=True)
wait_for("update")
handle.update(HTML("<p>second</p>"))
figure.update(plot("two"), raw=True)
wait_for("clear")
for step in range(20):
    clear_output(wait=True)
    display(HTML(f"<p>step {step}</p>"))
"""
BROKEN = """
from IPython.display import display
def show(mime_type, content):
    display({mime_type: content, "text/plain": f"instead of {mime_type}"}, raw=True)

show("image/png", "bm90IGEgcG5n")
show("application/vnd.vegalite.v5+json", {"mark": "nonsense", "encoding": 7})
show("application/vnd.plotly.v1+json", 7)
show("text/vnd.mermaid", "this is no diagram")
show("text/latex", r"$\\nonsense{1}$")
show("application/pdf", "?")
show("audio/wav", "AAAA")
show("application/vnd.bokehjs_exec.v0+json", "")
"""


@pytest.fixture
def show(open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook) -> Show:
    """`show(*sources)`: cells with these texts, run; the tab that shows them."""

    def show(*sources: str) -> Tab:
        for source in sources:
            add_cell(owner, notebook, source.strip())
        tab = open_tab(owner)
        tab.open(f"/notebooks/{notebook.id}/")
        tab.page.get_by_role("button", name="Run all").click()
        expect(tab.page.locator("tandem-cell[data-status=ok]")).to_have_count(len(sources))
        return tab

    return show


def frame_of(tab: Tab, index: int, nth: int = -1) -> FrameLocator:
    return tab.outputs(index).locator("iframe").nth(nth).content_frame


def height_of(tab: Tab, index: int, nth: int = -1) -> float:
    box: Any = tab.outputs(index).locator("iframe").nth(nth).bounding_box()
    return float(box["height"])


def expect_cursor_on(tab: Tab, line: str) -> None:
    tab.page.wait_for_function(
        """(line) => {
            const node = getSelection().anchorNode;
            const element = node instanceof Element ? node : node?.parentElement;
            return element?.closest(".cm-line")?.textContent === line;
        }""",
        arg=line,
    )


def test_plots(show: Show) -> None:
    tab = show(PLOTLY, ALTAIR, ALTAIR_MIME_TYPE, BOKEH)
    # The room for it was there before it was drawn.
    assert height_of(tab, 0) == pytest.approx(300, abs=4)
    expect(frame_of(tab, 0).locator(".gtitle")).to_have_text("Bars")
    expect(tab.outputs(0).locator("iframe")).to_have_count(1)
    for index in (1, 2):
        expect(frame_of(tab, index).locator(".vega-embed .mark-line").first).to_be_attached()
    tab.outputs(3).scroll_into_view_if_needed()
    expect(frame_of(tab, 3).locator(".bk-Figure")).to_be_visible()


def test_markdown_and_formulas(show: Show, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, MD_CELL.strip(), kind="markdown")
    tab = show(MARKDOWN)
    preview = tab.cell(0).locator("[data-part=preview]")
    for place, formulas in ((preview, 2), (tab.outputs(1), 3)):
        expect(place.locator(".katex")).to_have_count(formulas)
        expect(place.locator("iframe").first.content_frame.locator("svg.flowchart")).to_be_visible()
    expect(preview).to_contain_text("and $5 for $6.")
    expect(tab.outputs(1).get_by_role("heading", name="Head")).to_be_visible()
    expect(frame_of(tab, 1).locator("svg.flowchart")).to_contain_text("D")

    # While it is edited it follows.
    preview.dblclick()
    tab.type_at_end(0, "\n\nand $z$")
    tab.page.keyboard.press("Escape")
    expect(preview.locator(".katex")).to_have_count(3)


def test_a_tree_of_json(show: Show) -> None:
    tab = show(JSON)
    tree = tab.outputs(0).locator(".output-json")
    branches = tree.locator("summary")
    expect(branches).to_have_text(["root 3 keys: name, numbers, deep", "numbers 250 items", "deep 1 key: a"])
    branches.nth(1).focus()
    tab.page.keyboard.press("Enter")
    expect(tree.locator(".json-leaf")).to_have_count(101)
    tree.get_by_role("button", name="Show 100 more").click()
    tree.get_by_role("button", name="Show 50 more").click()
    expect(tree.locator(".json-leaf")).to_have_count(251)
    branches.filter(has_text="1 key: a").click()
    branches.filter(has_text="1 key: b").click()
    branches.filter(has_text="4 items").click()
    expect(tree.locator(".json-value").nth(-1)).to_have_text('"<b>"')


def test_images(show: Show) -> None:
    images = show(IMAGES).outputs(0).locator("img")
    expect(images).to_have_count(4)
    sizes = [(80, 40), (160, 80), (50, 50), (50, 20)]
    for index, (width, height) in enumerate(sizes):
        box: Any = images.nth(index).bounding_box()
        assert (box["width"], box["height"]) == (width, height)


def test_sound_and_pdf(show: Show) -> None:
    outputs = show(MEDIA).outputs(0)
    expect(outputs.locator("audio")).to_have_js_property("readyState", 4)
    pdf = outputs.locator(".output-pdf")
    expect(pdf.locator("iframe")).to_be_visible()
    with outputs.page.expect_download() as download:
        pdf.get_by_role("link", name="Download the PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_files(show: Show) -> None:
    tab = show(FILES)
    tab.page.reload()
    tab.wait_until_connected()
    outputs = tab.outputs(0)
    image = outputs.locator("img")
    expect(image).to_have_attribute("src", re.compile("^/api/v1/notebooks/.*/outputs/[0-9a-f]{64}/$"))
    expect(image).to_have_js_property("naturalWidth", 200)
    assert image.evaluate("image => [image.width, image.height]") == [200, 100]
    expect(outputs.locator("audio")).to_have_js_property("readyState", 4)
    expect(outputs.locator(".output-pdf iframe")).to_have_attribute("src", re.compile("^blob:"))
    expect(outputs.get_by_text("the text of one")).to_be_visible()
    with tab.page.expect_download() as download:
        outputs.get_by_role("link", name="Download application/x-own (59 KiB)").click()
    assert download.value.path().read_bytes() == b"own" * 20_000


def test_a_traceback_leads_to_the_lines(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    for source in (DIVIDE, ERROR):
        add_cell(owner, notebook, source.strip())
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_role("button", name="Run all").click()
    tab.expect_status(1, "error")
    error = tab.outputs(1).locator(".output-error")
    expect(error.locator(".traceback-head")).to_have_text(
        ["This cell, line 2", "Cell 1, line 2, in divide(x)"]
    )

    error.get_by_text("Cell 1, line 2").click()
    expect(tab.cell(0)).to_have_attribute("data-mode", "edit")
    expect_cursor_on(tab, "    return 1 / x")
    error.locator(".traceback-line").first.click()
    expect_cursor_on(tab, "divide(zero)")

    # They lead there after a reload too, and once somebody else has the cell's number.
    tab.page.reload()
    tab.wait_until_connected()
    expect(error.locator(".traceback-head").first).to_have_text("This cell, line 2")


def test_redraws_stay_in_place(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, REDRAW.strip())
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    html, figure = (tab.outputs(0).locator("iframe").nth(index) for index in range(2))
    expect(html.content_frame.locator("p")).to_have_text("first")
    expect(figure.content_frame.locator(".gtitle")).to_have_text("one")
    for frame in (html, figure):
        frame.evaluate("(frame) => { frame.dataset.sameAsBefore = 'yes'; }")

    (workspace_of(notebook.id) / "update").touch()
    expect(html.content_frame.locator("p")).to_have_text("second")
    expect(figure.content_frame.locator(".gtitle")).to_have_text("two")
    (workspace_of(notebook.id) / "clear").touch()
    tab.expect_status(0, "ok")
    expect(html.content_frame.locator("p")).to_have_text("step 19")
    expect(tab.outputs(0).locator("iframe")).to_have_count(1)
    expect(html).to_have_attribute("data-same-as-before", "yes")


def test_what_cannot_be_shown_is_shown_by_the_next_best_type(show: Show) -> None:
    tab = show(BROKEN)
    expect(tab.outputs(0).locator(".output-text")).to_have_text([re.compile("^instead of ")] * 8)


def test_a_link_in_a_frame_opens_a_tab_if_one_says_so(show: Show, server: WebProcess) -> None:
    address = f"{server.url}/settings/?from=output"
    html = (
        f"<a id=out href='{address}'>out</a> <a id=bad href='javascript:document.body.innerHTML=1'>bad</a>"
        "<a id=within href='#end'>within</a><p id=end>end</p>"
    )
    tab = show(f'from IPython.display import HTML\nHTML("""{html}""")')
    frame = tab.outputs(0).frame_locator("iframe")
    toast = tab.page.locator(".toast").filter(has_text="This output links to")
    frame.locator("#within").click()
    frame.locator("#out").click()
    expect(toast).to_contain_text(address)
    # The output is still there, and nothing was opened unasked.
    expect(frame.locator("#end")).to_be_visible()
    assert len(tab.page.context.pages) == 1
    with tab.page.context.expect_page() as opened:
        toast.get_by_role("button", name="Open in a new tab").click()
    opened.value.wait_for_load_state()
    assert opened.value.url == address
    assert opened.value.evaluate("opener") is None
    expect(toast).to_have_count(0)
    # Whatever the frame says, nothing else is offered.
    for odd in ("javascript:alert(1)", "file:///etc/passwd", f"{address}{'x' * 3000}", None):
        tab.page.evaluate(
            """(detail) => document.querySelector(".output-frame")
                .dispatchEvent(new CustomEvent("output-link", { bubbles: true, detail }))""",
            odd,
        )
    expect(toast).to_have_count(0)


def test_no_script_can_offer_a_link(show: Show) -> None:
    html = """<script>
        const say = () => parent.postMessage({ type: "link", address: "https://example.org/" }, "*");
        setInterval(say, 50); say();
        document.body.append("said");
    </script>"""
    tab = show(f'from IPython.display import HTML\nHTML("""{html}""")')
    expect(tab.outputs(0).frame_locator("iframe").locator("body")).to_contain_text("said")
    # What was done before counts for some seconds; then only what is done counts.
    offered = tab.page.evaluate(
        """async () => {
            const pause = () => new Promise((done) => setTimeout(done, 100));
            while (navigator.userActivation.isActive) await pause();
            document.querySelectorAll(".toast").forEach((toast) => toast.remove());
            for (let count = 0; count < 5; count++) await pause();
            return document.querySelectorAll(".toast").length;
        }"""
    )
    assert offered == 0


def test_progress_bars_are_redrawn_in_place(show: Show) -> None:
    tab = show(NESTED_TQDM, RICH)

    def lines(index: int) -> list[str]:
        return [line.strip() for line in tab.outputs(index).inner_text().splitlines() if line.strip()]

    # As in a terminal: tqdm leaves each finished inner bar above the outer one.
    assert [re.sub(":.*", "", line) for line in lines(0)] == ["inner", "inner", "outer"]
    assert all("100%" in line for line in lines(0))
    down, unpacked = lines(1)
    assert re.match("down .* 100%", down)
    assert re.match("unpacked .* 100%", unpacked)
