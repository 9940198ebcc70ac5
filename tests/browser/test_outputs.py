"""What cells put out, as people see it: each renderer with what real libraries make on a real kernel."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

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
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = zlib.compress((b"\\0" + b"\\x20\\x80\\xc0" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
display(Image(png(80, 40)), Image(png(80, 40), width=160), Image(png(100, 100), retina=True))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='50' height='20'><rect width='50' height='20' fill='teal'/></svg>"))
"""
MEDIA = """
import base64, struct
samples = b"".join(struct.pack("<h", i * 37 % 9999) for i in range(4000))
head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
wav = head + b"data" + struct.pack("<I", len(samples)) + samples
display({"audio/wav": base64.b64encode(wav).decode(), "text/plain": "a sound"}, raw=True)
import io, matplotlib.pyplot as plt
buffer = io.BytesIO()
figure = plt.figure()
figure.savefig(buffer, format="pdf")
plt.close(figure)
display({"application/pdf": base64.b64encode(buffer.getvalue()).decode(), "text/plain": "a page"}, raw=True)
"""
ERROR = """
def divide(x):
    return 1 / x

zero = 0
divide(zero)
"""


@pytest.fixture
def show(open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook) -> Show:
    """`show(*sources)`: cells with these texts, run; the tab that shows them."""

    def show(*sources: str, kind: str = "python") -> Tab:
        for source in sources:
            add_cell(owner, notebook, source.strip(), kind=kind)
        tab = open_tab(owner)
        tab.open(f"/notebooks/{notebook.id}/")
        if kind == "python":
            tab.page.get_by_role("button", name="Run all").click()
            for index in range(len(sources)):
                tab.expect_status(index, "ok")
        return tab

    return show


def frame_of(tab: Tab, index: int, nth: int = -1) -> FrameLocator:
    return tab.outputs(index).locator("iframe").nth(nth).content_frame


def height_of(tab: Tab, index: int, nth: int = -1) -> float:
    box: Any = tab.outputs(index).locator("iframe").nth(nth).bounding_box()
    return float(box["height"])


def test_plots(show: Show) -> None:
    tab = show(PLOTLY, ALTAIR, ALTAIR_MIME_TYPE, BOKEH)
    expect(frame_of(tab, 0).locator(".gtitle")).to_have_text("Bars")
    assert height_of(tab, 0) == pytest.approx(302, abs=4)
    for index in (1, 2):
        expect(frame_of(tab, index).locator(".vega-embed .mark-line").first).to_be_attached()
    expect(frame_of(tab, 3).locator(".bk-Figure")).to_be_visible()
