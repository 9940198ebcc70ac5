"""A dataframe of five million rows: the first ones after a run, pages anywhere, sorts, filters and a search."""

import random
import time
from typing import Any

from bench.client import Notebook, new_notebook, opened
from bench.measure import print_table, shown
from bench.server import Server

ROWS = 5_000_000
RUNS, PAGES = 10, 100
PAGE_ROWS = 100
# As static/src/table/questions.ts.
ASK_AGAIN_S = 0.1
TABLE = "application/vnd.tandem.table+json"

MADE = f"""
import numpy as np
random = np.random.default_rng(1)
values = {{f"measure {{n}}": random.normal(size={ROWS}) for n in range(5)}}
values |= {{"number": random.integers(0, {ROWS}, {ROWS}), "group": random.integers(0, 20, {ROWS})}}
values["flag"] = random.random({ROWS}) < 0.5
values["day"] = (np.datetime64("2020-01-01", "s") + np.arange({ROWS})).astype("datetime64[us]")
words = np.array([f"word {{n}}" for n in range(1000)], dtype=object)[random.integers(0, 1000, {ROWS})]
"""
LIBRARIES = {
    "pandas": "import pandas as pd\ntable = pd.DataFrame(values | {'word': words})",
    "polars": "import polars as pl\ntable = pl.DataFrame(values | {'word': pl.Series(words, dtype=pl.String)})",
    "pyarrow": "import pyarrow as pa\ntable = pa.table(values | {'word': pa.array(words, pa.string())})",
}
MEASURE, WORD = 0, 9


def tables(server: Server) -> None:
    columns = [_measured(server, source) for source in LIBRARIES.values()]
    rows = [(name, [column[name] for column in columns]) for name in columns[0]]
    print_table(
        f"{ROWS:,} rows × 10 columns; each first time after a new table, pages {PAGES} times",
        [*LIBRARIES],
        rows,
    )


def _measured(server: Server, source: str) -> dict[str, str]:
    notebook_id = new_notebook(server, f"{MADE}{source}\ndel values, words", "table")
    with opened(server, notebook_id) as (notebook, *_):
        notebook.run(0)
        first = [notebook.run(1).first_output_ms or 0 for _ in range(RUNS)]
        results, _ = notebook.call("outputs", cell_id=notebook.cells[1]["id"])
        table = _Table(notebook, results["outputs"][0]["data"][TABLE]["table_id"])
        by_measure = {"sort": [{"column": MEASURE, "is_descending": False}]}
        some = {"filters": [{"column": MEASURE, "operation": "greater", "value": "1"}]}
        told = {
            "first rows after the run, ms": shown(first),
            "a page anywhere, ms": table.pages({}),
            "all summaries, ms": table.answered("table_summary", columns=[0, 10]),
            "sorted by a number, ms": table.view(by_measure),
            "a page of that, ms": table.pages(by_measure),
            "sorted by a text, ms": table.view({"sort": [{"column": WORD, "is_descending": True}]}),
            "filtered by a number, ms": table.view(some),
            "filtered by a text, ms": table.view(
                {"filters": [{"column": WORD, "operation": "contains", "value": "99"}]}
            ),
            "searched, ms": table.view({"search": "word 77"}),
        }
        notebook.call("shutdown")
        return told


class _Table:
    def __init__(self, notebook: Notebook, table_id: str) -> None:
        self._notebook = notebook
        self._table_id = table_id
        self._random = random.Random(1)

    def pages(self, view: dict[str, Any]) -> str:
        samples = []
        for _ in range(PAGES):
            offset = self._random.randrange(ROWS - PAGE_ROWS)
            samples.append(self._answered_ms("table_page", view=view, offset=offset, limit=PAGE_ROWS))
        return shown(samples)

    def view(self, view: dict[str, Any]) -> str:
        return self.answered("table_page", view=view, offset=0, limit=PAGE_ROWS)

    def answered(self, command: str, **fields: Any) -> str:
        return shown([self._answered_ms(command, **fields)])

    def _answered_ms(self, command: str, **fields: Any) -> float:
        """As a page does it: what is pending is asked for again."""
        began = time.perf_counter()
        while self._notebook.call(command, table_id=self._table_id, **fields)[0]["is_pending"]:
            time.sleep(ASK_AGAIN_S)
        return (time.perf_counter() - began) * 1000
