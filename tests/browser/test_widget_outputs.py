"""What widgets show is drawn as the page draws it: formulas in labels, and what an Output widget has captured."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]

LABELS = r"""
import ipywidgets as w
w.VBox([
    w.IntSlider(description=r"$\alpha_1$"),
    w.Label(r"the rate $\frac{1}{2}$"),
    w.HTMLMath(r"<b>sum</b> $\sum_i x_i$"),
    w.Label("costs 5 dollars"),
    w.Label(r"$\wrong{$"),
])
"""
CAPTURED = r"""
import ipywidgets as w, pandas as pd
from IPython.display import JSON, Latex, Markdown, display
out = w.Output()
with out:
    display(Markdown("# Head\n\n- [x] with $x_1^2$\n\n```mermaid\ngraph LR; A-->B\n```"))
    display(Latex(r"$\frac{1}{2}$"))
    display(JSON({"name": {"inner": 1}}))
    display(pd.DataFrame({"number": range(1000), "half": [n / 2 for n in range(1000)]}))
out
"""


@pytest.fixture
def show(open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook) -> Callable[[str], Tab]:
    def show(source: str) -> Tab:
        run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, source))
        tab = open_tab(owner)
        tab.open(f"/notebooks/{notebook.id}/")
        return tab

    return show


def frame_of(tab: Tab) -> FrameLocator:
    return tab.outputs(0).frame_locator(".output-widget iframe")


def test_formulas_in_labels(show: Callable[[str], Tab]) -> None:
    frame = frame_of(show(LABELS))
    expect(frame.locator(".widget-label .katex")).to_have_count(2)
    expect(frame.locator(".widget-htmlmath .katex")).to_have_count(1)
    expect(frame.locator(".widget-htmlmath b")).to_have_text("sum")
    expect(frame.get_by_text("costs 5 dollars")).to_be_visible()
    expect(frame.get_by_text(r"$\wrong{$")).to_be_visible()


def test_what_an_output_widget_has_captured(show: Callable[[str], Tab]) -> None:
    tab = show(CAPTURED)
    frame = frame_of(tab)
    expect(frame.get_by_role("heading", name="Head")).to_be_visible()
    expect(frame.locator("li.task")).to_contain_text("☑")
    expect(frame.locator("li.task .katex")).to_have_count(1)
    expect(frame.locator(".output-markdown svg")).to_be_visible()
    expect(frame.locator(".output-latex .katex")).to_have_count(1)
    expect(frame.locator(".output-json summary").first).to_contain_text("root")
    table = frame.locator("tandem-table")
    expect(table.locator(".table-size")).to_contain_text("1,000")
    table.get_by_role("searchbox").fill("998")
    expect(table.get_by_role("grid")).to_contain_text("499.0")
    expect(table.locator(".table-size")).to_contain_text("of")
