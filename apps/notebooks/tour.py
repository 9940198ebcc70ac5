"""The cells of the tour: a notebook that shows what notebooks do here. It needs no network, and no package but those
that kernels have anyway."""

from apps.notebooks.models import CellKind

TITLE = "A short tour"

_WELCOME = """# Welcome

This notebook is yours: change anything, nothing here can break. Click on the cell below and press
**Shift+Enter**: it runs, and so do the cells that use its result.

Click on a cell, or move with the arrow keys. `Enter` goes into its text and `Esc` back out; `?` shows all
keys, and `Ctrl+K` finds everything that can be done."""

_PRICES = """coffees = 3
price = 2.5
total = coffees * price
total"""

_REACTIVE = (
    """f"{coffees} coffees are {total:.2f}. Change a number above and run that cell: this one follows.\""""
)

_TABLE = """import pandas as pd

days = ["Mon", "Tue", "Wed", "Thu", "Fri"]
sold = [41, 38, 47, 52, 60, 18, 22, 17, 25, 31]
sales = pd.DataFrame({"day": days * 2, "drink": ["coffee"] * 5 + ["tea"] * 5, "sold": sold})
sales  # click on the head of a column to sort it, or filter it with its menu"""

_SQL = """select drink, cast(sum(sold) as int) as sold, sum(sold) * {price} as income
from sales group by drink order by sold desc"""

_PLOT = """# Plots of matplotlib, plotly, altair and bokeh show too; this one is plain Vega-Lite.
chart = {
    "data": {"values": sales.to_dict("records")},
    "mark": {"type": "bar", "cornerRadiusEnd": 3},
    "width": 420,
    "height": 180,
    "encoding": {
        "x": {"field": "day", "sort": days, "axis": {"labelAngle": 0}},
        "y": {"field": "sold", "type": "quantitative"},
        "color": {"field": "drink", "scale": {"range": ["#0f9d8a", "#e0913a"]}},
    },
}
display({"application/vnd.vegalite.v5+json": chart, "text/plain": "Sold by day"}, raw=True)"""

_MISTAKE = """# Something fails on purpose: the message leads to the line. “Fix” beneath it asks the assistant.
totals / 2"""

_MORE = """## And then

- **Together.** *Share* in the bar above: whoever you invite sees every keystroke and result as it happens,
  and types beside you.
- **History.** Press `h` on a cell for all its versions; `z` takes back any change to cells. Everything is
  saved as you type.
- **The assistant** (the spark in the bar) reads, edits and runs cells with you, and what it did can be undone
  as a whole. An administrator switches it on.
- **Files.** Drop a CSV or Parquet file on the page and query it in an SQL cell by its name: `select * from
  'sales.csv'`.

Done? Delete this notebook in the list of notebooks, and begin with one of your own."""

CELLS: tuple[tuple[CellKind, str], ...] = (
    (CellKind.MARKDOWN, _WELCOME),
    (CellKind.PYTHON, _PRICES),
    (CellKind.PYTHON, _REACTIVE),
    (CellKind.PYTHON, _TABLE),
    (CellKind.SQL, _SQL),
    (CellKind.PYTHON, _PLOT),
    (CellKind.PYTHON, _MISTAKE),
    (CellKind.MARKDOWN, _MORE),
)
