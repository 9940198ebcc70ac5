"""Each renderer with what real libraries make on a real kernel: it can be seen, and is no empty box."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.browser.drawing import FEWEST_PIXELS, content_of, drawn_pixels, expect_drawn
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess

OpenTab = Callable[[Person], Tab]


@dataclass(frozen=True)
class Renderer:
    """A cell, and where to look for what it draws: in its outputs, or in the frame that is the last of them."""

    source: str
    marks: str
    """Only the renderer itself makes these; one of them has a size."""
    is_framed: bool = False
    kind: str = "python"


RENDERERS: dict[str, Renderer] = {
    "ANSI colours": Renderer(r"print('\x1b[31mred\x1b[0m and \x1b[1mbold\x1b[0m')", ".output-stdout span"),
    "traceback": Renderer("try:\n    1 / 0\nexcept Exception:\n    get_ipython().showtraceback()", "*"),
    "matplotlib": Renderer("import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);", "img"),
    "plotly": Renderer(
        "import plotly.graph_objects as go\ngo.Figure(go.Bar(x=['a', 'b'], y=[1, 3]))",
        ".main-svg .bars path",
        is_framed=True,
    ),
    "plotly's widget": Renderer(
        "go.FigureWidget(go.Bar(x=['a', 'b'], y=[1, 3]))", ".main-svg .bars path", is_framed=True
    ),
    "altair": Renderer(
        "import altair as alt, pandas as pd\nframe = pd.DataFrame({'x': [1, 2], 'y': [1, 4]})\n"
        "alt.Chart(frame).mark_bar().encode(x='x', y='y')",
        ".vega-embed :is(canvas, svg)",
        is_framed=True,
    ),
    "Vega-Lite": Renderer(
        "with alt.renderers.enable('mimetype'):\n    display(alt.Chart(frame).mark_bar().encode(x='x', y='y'))",
        ".vega-embed :is(canvas, svg)",
        is_framed=True,
    ),
    "Vega": Renderer(
        "mark = {'x': {'value': 9}, 'width': {'value': 40}, 'y': {'value': 9}, 'height': {'value': 20},"
        " 'fill': {'value': 'red'}}\n"
        "spec = {'$schema': 'https://vega.github.io/schema/vega/v5.json', 'width': 200, 'height': 100,"
        " 'marks': [{'type': 'rect', 'encode': {'enter': mark}}]}\n"
        "display({'application/vnd.vega.v5+json': spec, 'text/plain': 'instead'}, raw=True)",
        ".vega-embed :is(canvas, svg)",
        is_framed=True,
    ),
    "bokeh": Renderer(
        "from bokeh.io import output_notebook\nfrom bokeh.plotting import figure, show\noutput_notebook()\n"
        "plot = figure(height=200, width=300)\nplot.line([1, 2, 3], [3, 1, 2])\nshow(plot)",
        ".bk-Figure",
        is_framed=True,
    ),
    "pandas": Renderer("frame", "[role=gridcell]"),
    "polars": Renderer("import polars as pl\npl.DataFrame({'x': [1, 2]})", "[role=gridcell]"),
    "pyarrow": Renderer("import pyarrow as pa\npa.table({'x': [1, 2]})", "[role=gridcell]"),
    "Styler": Renderer(
        "frame.style.highlight_max(color='yellow')", "table.dataframe td, table td", is_framed=True
    ),
    "tqdm": Renderer("from tqdm import tqdm\nfor _ in tqdm(range(3)): pass", ".output-stderr"),
    "tqdm's widget": Renderer(
        "from tqdm.notebook import tqdm as bar\nfor _ in bar(range(3)): pass", ".progress-bar", is_framed=True
    ),
    "rich": Renderer(
        "from rich.table import Table\nfrom rich import print as show_rich\n"
        "table = Table('name')\ntable.add_row('Ada')\nshow_rich(table)",
        "*",
    ),
    "ipywidgets": Renderer(
        "import ipywidgets as w\nw.VBox([w.IntSlider(description='Size'), w.Button(description='Go'), w.Text()])",
        ".noUi-handle",
        is_framed=True,
    ),
    "anywidget": Renderer(
        "import anywidget\nclass Hello(anywidget.AnyWidget):\n"
        "    _esm = 'export default { render({ el }) { el.innerHTML = `<b class=own>hello</b>` } }'\nHello()",
        ".own",
        is_framed=True,
    ),
    "HTML": Renderer(
        "from IPython.display import *\nHTML('<h2>Heading</h2><p>text</p>')", "h2", is_framed=True
    ),
    "JavaScript": Renderer(
        "Javascript('element.innerHTML = `<b class=own>from a script</b>`')", ".own", is_framed=True
    ),
    "Markdown": Renderer("Markdown('## Heading\\n\\nwith $x^2$')", "h2, .katex"),
    "Mermaid": Renderer(
        "display({'text/vnd.mermaid': 'graph LR; A-->B', 'text/plain': 'instead'}, raw=True)",
        "svg.flowchart",
        is_framed=True,
    ),
    "Mermaid in Markdown": Renderer(
        "```mermaid\ngraph LR; A-->B\n```", "svg.flowchart", is_framed=True, kind="markdown"
    ),
    "katex": Renderer(r"Math(r'\frac{1}{2} + \sqrt{x}')", ".katex .mfrac"),
    "SVG": Renderer(
        'SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="50" height="20"><rect width="30" height="9"/></svg>\')',
        "img",
    ),
    "JSON": Renderer("JSON({'name': 'Ada', 'deep': {'list': [1, None]}})", ".output-json summary"),
    "audio": Renderer(
        "import numpy\nAudio(numpy.sin(numpy.arange(8000) / 9), rate=8000)", "audio", is_framed=True
    ),
    "audio by type": Renderer(
        "import base64\nsound = Audio(numpy.sin(numpy.arange(800)), rate=8000).data\n"
        "display({'audio/wav': base64.b64encode(sound).decode()},"
        " raw=True)",
        "audio",
    ),
    "video": Renderer("display({'video/webm': VIDEO, 'text/plain': 'instead'}, raw=True)", "video"),
    "PDF": Renderer(
        "import io\nfile = io.BytesIO()\nfigure = plt.figure()\nfigure.savefig(file, format='pdf')\nplt.close()\n"
        "content = base64.b64encode(file.getvalue()).decode()\n"
        "display({'application/pdf': content, 'text/plain': 'instead'}, raw=True)",
        ".output-pdf iframe",
    ),
}

# Half a second of a moving square, by the browser's own encoder.
RECORD = """async () => {
    const canvas = document.createElement("canvas"), draw = canvas.getContext("2d");
    [canvas.width, canvas.height] = [160, 120];
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: "video/webm;codecs=vp8" });
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const stopped = new Promise((done) => { recorder.onstop = done; });
    recorder.start();
    for (let frame = 0; frame < 15; frame++) {
        draw.fillStyle = "white"; draw.fillRect(0, 0, 160, 120);
        draw.fillStyle = "red"; draw.fillRect(frame * 5, 30, 60, 60);
        await new Promise((done) => requestAnimationFrame(done));
    }
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    return btoa(String.fromCharCode(...bytes));
}"""


def test_each_renderer(open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    tab = open_tab(owner)
    video = tab.page.evaluate(RECORD)
    add_cell(owner, notebook, f"VIDEO = {json.dumps(video)}")
    for renderer in RENDERERS.values():
        add_cell(owner, notebook, renderer.source, kind=renderer.kind)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_role("button", name="Run all", exact=True).click()
    runnable = sum(renderer.kind == "python" for renderer in RENDERERS.values()) + 1
    expect(tab.page.locator("tandem-cell[data-status=ok]")).to_have_count(runnable)
    for index, renderer in enumerate(RENDERERS.values(), start=1):
        expect_renderer(tab, index, renderer)


def test_an_empty_box_is_told_from_a_drawing(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(
        "<div style='height: 90px'><svg width=80 height=80></svg><img width=80 height=80 src=x></div>"
        "<p style='color: white; background: white'>text</p><p>text</p>"
    )
    boxes = [page.locator(selector) for selector in ("div", "p >> nth=0", "p >> nth=1")]
    assert [content_of(box) for box in boxes] == [("", 0), ("text", 0), ("text", 0)]
    assert [drawn_pixels(box) >= FEWEST_PIXELS for box in boxes[1:]] == [False, True]
    page.close()


ELSEWHERE = """
import altair as alt, pandas as pd
alt.JupyterChart(alt.Chart(pd.DataFrame({'x': [1]})).mark_point().encode(x='x'))"""


def test_a_widget_that_loads_code_from_elsewhere_says_so(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, ELSEWHERE)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    note = tab.outputs(0).frame_locator(".output-widget iframe").locator(".output-note")
    expect(note).to_contain_text("cannot be shown")
    tab.errors.clear()  # of the widget's own code


def expect_renderer(tab: Tab, index: int, renderer: Renderer) -> None:
    cell = tab.cell(index)
    cell.scroll_into_view_if_needed()
    place = cell.locator("tandem-outputs" if renderer.kind == "python" else "[data-part=preview]")
    if not renderer.is_framed:
        expect(place.locator(renderer.marks).first).to_be_visible()
        expect_drawn(place)
        return
    iframe = place.locator("iframe").last
    iframe.scroll_into_view_if_needed()
    expect(iframe.content_frame.locator(renderer.marks).first).to_be_visible()
    expect_drawn(iframe, iframe.content_frame)
