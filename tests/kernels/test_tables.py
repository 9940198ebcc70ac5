"""Dataframes as a kernel shows and pages them, for each library of them."""

import base64
import csv
import io
import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import pytest

from tests.kernels.test_plans_in_the_kernel import Kernel, kind_of, running_kernel
from tests.kernels.test_variables_of_a_kernel import replied
from tests.support.kernels import planned_cell as cell

TABLE = "application/vnd.tandem.table+json"

Json = dict[str, Any]

# The same values for each library: what there is of types, each with something missing.
VALUES = """
import datetime as dt
from decimal import Decimal
import pandas as pd, polars as pl, pyarrow as pa
moments = [dt.datetime(2020, 1, 2, 3, 4), None, dt.datetime(2021, 1, 1), dt.datetime(2020, 1, 2)]
values = {
    "whole": [3, 1, None, 2], "float": [1.5, -2.25, None, 0.1], "text": ["b", "Ab", "ünï 🐍", None],
    "flag": [True, None, False, True], "time": moments, "decimal": [Decimal("1.10"), Decimal("-3"), None, Decimal("2")],
    "list": [[1, 2], None, [3], []],
}
in_polars = pl.DataFrame(values, strict=False).with_columns(
    pl.col("time").dt.replace_time_zone("Europe/Berlin").alias("zoned"),
    pl.col("text").cast(pl.Categorical).alias("kind"))
in_arrow = in_polars.drop("kind").to_arrow().append_column("kind", pa.array(values["text"]).dictionary_encode())
in_pandas = pd.DataFrame(values).convert_dtypes(infer_objects=False)
in_pandas["zoned"] = in_pandas["time"].dt.tz_localize("Europe/Berlin")
in_pandas["kind"] = in_pandas["text"].astype("category")
"""
LIBRARIES = ("in_pandas", "in_polars", "in_arrow")
NOTHING: Json = {"sort": [], "filters": [], "search": ""}

_numbers = count()


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel() as kernel:
        kernel.run(cell("values", VALUES))
        yield kernel


def data_of(kernel: Kernel, code: str) -> Json:
    """What a cell displays, as a MIME bundle."""
    shown = [
        message["content"]["data"]
        for message in kernel.run(cell(f"shown-{next(_numbers)}", code), plan_id="shown")
        if kind_of(message) in ("display_data", "execute_result")
    ]
    assert len(shown) == 1, shown
    bundle: Json = shown[0]
    return bundle


def table_of(kernel: Kernel, code: str) -> Json:
    table: Json = data_of(kernel, code)[TABLE]
    json.dumps(table, allow_nan=False)
    return table


def asked(kernel: Kernel, ask: str, **content: Any) -> Json:
    """The reply, when it is no longer pending."""
    while True:
        reply = replied(kernel, "table", {"ask": ask, **content})
        if reply["state"] != "pending":
            return reply


def page(kernel: Kernel, table: Json, *, offset: int = 0, limit: int = 50, **view: Any) -> Json:
    columns = [0, len(table["columns"])]
    place = {"table_id": table["table_id"], "offset": offset, "limit": limit, "columns": columns}
    return asked(kernel, "page", view=NOTHING | view, **place)


def column(kernel: Kernel, table: Json, name: str, **view: Any) -> list[str | None]:
    """The cells of a column as the view has them."""
    place = place_of(table, name)
    reply = page(kernel, table, **view)
    assert reply["state"] == "ok", reply
    return [row[place] for row in reply["rows"]]


def place_of(table: Json, name: str) -> int:
    return [each["name"] for each in table["columns"]].index(name)


def by(table: Json, name: str, *, is_descending: bool = False) -> list[Json]:
    return [{"column": place_of(table, name), "is_descending": is_descending}]


def where(table: Json, name: str, operation: str, value: str = "") -> list[Json]:
    return [{"column": place_of(table, name), "operation": operation, "value": value}]


def file_of(kernel: Kernel, table: Json, kind: str, **view: Any) -> bytes:
    written = asked(kernel, "file", table_id=table["table_id"], view=NOTHING | view, format=kind)
    assert written["state"] == "ok", written
    content = b""
    while chunk := base64.b64decode(
        asked(kernel, "chunk", file_id=written["file_id"], offset=len(content))["content"]
    ):
        content += chunk
    assert len(content) == written["size_bytes"]
    return content


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_comes_with_the_output(kernel: Kernel, library: str) -> None:
    bundle = data_of(kernel, library)
    table = bundle[TABLE]
    kinds = {each["name"]: each["kind"] for each in table["columns"]}
    assert kinds == {
        **{"whole": "number", "float": "number", "text": "text", "flag": "bool", "time": "time"},
        **{"decimal": "number", "list": "other", "zoned": "time", "kind": "text"},
    }
    assert (table["row_count"], table["column_count"], table["note"]) == (4, 9, "")
    first, second = (dict(zip(kinds, row, strict=True)) for row in table["rows"][:2])
    assert first == {
        **{"whole": "3", "float": "1.5", "text": "b", "flag": "True", "time": "2020-01-02 03:04:00"},
        **{"decimal": "1.10", "list": "[1, 2]", "zoned": "2020-01-02 03:04:00+01:00", "kind": "b"},
    }
    assert (second["flag"], second["time"], second["list"]) == (None, None, None)
    assert [row[place_of(table, "text")] for row in table["rows"]] == ["b", "Ab", "ünï 🐍", None]
    # For who has no grid.
    assert '<table border="1" class="dataframe">' in bundle["text/html"] or "<table" in bundle["text/html"]
    assert bundle["text/plain"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_is_known_of_columns(kernel: Kernel, library: str) -> None:
    table = table_of(kernel, library)
    told = asked(kernel, "summary", table_id=table["table_id"], columns=[0, 9])["summaries"]
    # On a machine that has much to do, not all of them come with the output.
    assert all(
        each["summary"] in (None, summary) for each, summary in zip(table["columns"], told, strict=True)
    )
    summaries = {each["name"]: summary for each, summary in zip(table["columns"], told, strict=True)}
    assert {name: summary["nulls"] for name, summary in summaries.items()} == dict.fromkeys(summaries, 1)
    assert (summaries["whole"]["min"], summaries["whole"]["max"]) == ("1", "3")
    assert (sum(summaries["whole"]["bins"]), summaries["whole"]["bins"][0]) == (3, 1)
    assert sum(summaries["zoned"]["bins"]) == 3
    assert summaries["flag"]["top"] == [["True", 2], ["False", 1]]
    assert (summaries["text"]["distinct"], len(summaries["text"]["top"])) == (3, 3)


@pytest.mark.parametrize("library", LIBRARIES)
def test_sorting(kernel: Kernel, library: str) -> None:
    table = table_of(kernel, library)
    expected = {
        "whole": ["1", "2", "3", None],
        "float": ["-2.25", "0.1", "1.5", None],
        "text": ["Ab", "b", "ünï 🐍", None],
        "flag": ["False", "True", "True", None],
        "kind": ["Ab", "b", "ünï 🐍", None],
        "time": ["2020-01-02 00:00:00", "2020-01-02 03:04:00", "2021-01-01 00:00:00", None],
    }
    for name, ordered in expected.items():
        assert column(kernel, table, name, sort=by(table, name)) == ordered, name
        descending = [*reversed(ordered[:-1]), None]
        assert column(kernel, table, name, sort=by(table, name, is_descending=True)) == descending, name
    # Of nested values somehow, but always.
    assert len(column(kernel, table, "list", sort=by(table, "list"))) == 4
    # The first key counts most; equal ones stay in order.
    reply = page(kernel, table, sort=by(table, "flag") + by(table, "whole", is_descending=True))
    assert reply["numbers"] == [2, 0, 3, 1]


FILTERS: Sequence[tuple[str, str, str, list[int]]] = (
    ("whole", "equals", "3", [0]),
    ("whole", "not_equals", "3", [1, 2, 3]),
    ("whole", "at_least", "2", [0, 3]),
    ("whole", "less", "1.5", [1]),
    ("whole", "greater", "10000000000000000000000", []),
    ("decimal", "at_most", "1.1", [0, 1]),
    ("text", "contains", "B", [0, 1]),
    ("text", "not_contains", "B", [2, 3]),
    ("text", "starts_with", "a", [1]),
    ("text", "equals", "b", [0]),
    ("text", "contains", "(", []),
    ("kind", "contains", "ÜN", [2]),
    ("kind", "is_null", "", [3]),
    ("flag", "equals", "false", [2]),
    ("list", "contains", "[3", [2]),
    ("list", "not_null", "", [0, 2, 3]),
    ("time", "equals", "2020-01", [0, 3]),
    ("time", "greater", "2020", [2]),
    ("time", "at_most", "2020-01-02", [0, 3]),
    ("zoned", "at_least", "2020-01-02 03:00", [0, 2]),
    ("zoned", "less", "2020-01-02T02:00:00+00:00", [3]),
)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("name", "operation", "value", "expected"), FILTERS)
def test_filters(
    kernel: Kernel, library: str, name: str, operation: str, value: str, expected: list[int]
) -> None:
    table = table_of(kernel, library)
    reply = page(kernel, table, filters=where(table, name, operation, value))
    assert reply["state"] == "ok", reply
    assert (reply["numbers"], reply["row_count"]) == (expected, len(expected))


@pytest.mark.parametrize("library", LIBRARIES)
def test_search_and_all_together(kernel: Kernel, library: str) -> None:
    table = table_of(kernel, library)
    assert page(kernel, table, search="B")["numbers"] == [0, 1]
    assert page(kernel, table, search="2020-01-02 03:04")["numbers"] == [0]
    assert page(kernel, table, search="🐍")["numbers"] == [2]
    filters = where(table, "whole", "not_null") + where(table, "whole", "at_least", "2")
    reply = page(kernel, table, filters=filters, search="2", sort=by(table, "whole"), offset=0, limit=1)
    assert (reply["numbers"], reply["row_count"]) == ([3], 2)
    assert page(kernel, table, filters=filters, search="2", sort=by(table, "whole"), offset=1)["numbers"] == [
        0
    ]
    for operation, value in (("less", "x"), ("contains", "1")):
        refused = page(kernel, table, filters=where(table, "whole", operation, value))
        assert refused["state"] == "refused", refused
        assert refused["message"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_files(kernel: Kernel, library: str) -> None:
    table = table_of(kernel, library)
    view = {"sort": by(table, "whole"), "filters": where(table, "whole", "not_null")}
    rows = list(csv.DictReader(io.StringIO(file_of(kernel, table, "csv", **view).decode())))
    assert [(row["whole"], row["text"]) for row in rows] == [("1", "Ab"), ("2", ""), ("3", "b")]
    (kernel.workspace / "table.parquet").write_bytes(file_of(kernel, table, "parquet", **view))
    read = kernel.value(
        "pd.read_parquet('table.parquet')['whole'].tolist(), len(pd.read_parquet('table.parquet').columns)"
    )
    assert read == "([1, 2, 3], 9)"


def test_names_of_columns(kernel: Kernel) -> None:
    table = table_of(kernel, "pd.DataFrame([[1, 2, 3, 4]], columns=['a', 'a', 7, ('x', 1)])")
    assert [each["name"] for each in table["columns"]] == ["a", "a", "7", "x, 1"]
    assert page(kernel, table, sort=[{"column": 1, "is_descending": True}])["rows"] == [["1", "2", "3", "4"]]
    assert file_of(kernel, table, "csv").decode().splitlines()[0] == "a,a,7,\"('x', 1)\""
    assert file_of(kernel, table, "parquet").startswith(b"PAR1")


def test_an_index_is_shown_as_columns(kernel: Kernel) -> None:
    table = table_of(
        kernel,
        "pd.DataFrame({'n': [1, 2]}, index=pd.MultiIndex.from_tuples([('x', 1), ('y', 2)], names=['k', None]))",
    )
    assert [(each["name"], each["is_index"]) for each in table["columns"]] == [
        ("k", True),
        ("", True),
        ("n", False),
    ]
    assert table["rows"] == [["x", "1", "1"], ["y", "2", "2"]]
    assert page(kernel, table, sort=by(table, "k", is_descending=True))["numbers"] == [1, 0]
    assert not table_of(kernel, "pd.DataFrame({'n': [1, 2]})")["columns"][0]["is_index"]


@pytest.mark.parametrize(
    ("code", "rows", "columns"),
    [
        ("pd.DataFrame()", 0, 0),
        ("pd.DataFrame(index=range(3))", 3, 0),
        ("pd.DataFrame({'a': []})", 0, 1),
        ("pl.DataFrame()", 0, 0),
        ("pl.DataFrame({'a': []})", 0, 1),
        ("pa.table({})", 0, 0),
        ("pa.table({'a': pa.array([], pa.int8())})", 0, 1),
        ("pa.record_batch({'a': [1]})", 1, 1),
        ("pd.Series([1, 2], name='n')", 2, 1),
        ("pl.Series('n', [1, 2])", 2, 1),
        ("__import__('duckdb').sql(\"select 1 as a, 'x' as b\")", 1, 2),
    ],
)
def test_empty_and_other_tables(kernel: Kernel, code: str, rows: int, columns: int) -> None:
    table = table_of(kernel, code)
    assert (table["row_count"], table["column_count"]) == (rows, columns)
    reply = page(kernel, table, search="x")
    assert reply["state"] == "ok", reply
    if columns:
        assert page(kernel, table, sort=[{"column": 0, "is_descending": False}])["row_count"] == rows
    assert isinstance(file_of(kernel, table, "csv"), bytes)


def test_wide_tables_and_long_cells_are_bounded(kernel: Kernel) -> None:
    wide = table_of(kernel, "pl.DataFrame({f'c{i}': range(1000) for i in range(2000)})")
    assert (len(wide["columns"]), wide["column_count"]) == (500, 2000)
    assert len(wide["rows"]) == 40
    reply = page(kernel, wide, limit=500)
    assert len(reply["rows"]) == 40
    place = {"table_id": wide["table_id"], "view": NOTHING, "offset": 10, "limit": 500, "columns": [498, 500]}
    assert len(asked(kernel, "page", **place)["rows"]) == 500
    long = table_of(
        kernel, "pd.DataFrame({'t': ['x' * 20_000] * 600, 'n': [[list(range(9_999))] * 99] * 600})"
    )
    assert all(len(text or "") == 500 for row in long["rows"] for text in row[:1])
    assert len(page(kernel, long, limit=500)["rows"]) == 300
    whole = asked(kernel, "cell", table_id=long["table_id"], row=599, column=0)["text"]
    assert len(whole) == 20_000
    assert asked(kernel, "cell", table_id=long["table_id"], row=600, column=0)["state"] == "refused"


def test_anything_with_a_protocol(kernel: Kernel) -> None:
    code = """
class Foreign:
    def __init__(self, table): self._table = table
    def __arrow_c_stream__(self, requested_schema=None): return self._table.__arrow_c_stream__(requested_schema)
class Interchanged:
    def __init__(self, table): self._table = table
    def __dataframe__(self, *args, **kwargs): return self._table.__dataframe__(*args, **kwargs)
Foreign(in_arrow)"""
    assert table_of(kernel, code)["row_count"] == 4
    assert table_of(kernel, "Interchanged(pa.table({'n': [1, 2]}))")["rows"] == [["1"], ["2"]]
    # Looking would use it up.
    assert TABLE not in data_of(kernel, "reader = in_arrow.to_reader(); reader")
    assert kernel.value("reader.read_all().num_rows") == "4"
    assert TABLE not in data_of(kernel, "pa.chunked_array([[1]])")
    assert TABLE not in data_of(kernel, "pd.DataFrame")


@pytest.mark.parametrize(
    ("made", "changed"),
    [
        ("pd.DataFrame({'n': [1, 2, 3]})", "frame.loc[0, 'n'] = 9; frame.drop(2, inplace=True)"),
        ("pl.DataFrame({'n': [1, 2, 3]})", "frame[0, 'n'] = 9; frame.extend(frame)"),
    ],
)
def test_a_table_stays_as_it_was_displayed(kernel: Kernel, made: str, changed: str) -> None:
    table = table_of(kernel, f"frame = {made}; frame")
    kernel.run(cell("change", changed), plan_id="change")
    assert column(kernel, table, "n") == ["1", "2", "3"]
    assert column(kernel, table, "n", sort=by(table, "n", is_descending=True)) == ["3", "2", "1"]


def test_what_is_not_kept_is_gone(kernel: Kernel) -> None:
    first = table_of(kernel, "pd.DataFrame({'n': [1]})")
    assert page(kernel, first)["state"] == "ok"
    kernel.run(cell("many", "for i in range(60): display(pd.DataFrame({'n': [i]}))"), plan_id="many")
    assert page(kernel, first)["state"] == "gone"
    assert asked(kernel, "chunk", file_id="x", offset=0)["state"] == "gone"


def test_nothing_is_imported_for_it(kernel: Kernel) -> None:
    with running_kernel() as fresh:
        fresh.run(cell("plain", "{'a': 1}"))
        loaded = "[name for name in ('pandas', 'polars', 'pyarrow', 'duckdb') if name in __import__('sys').modules]"
        assert fresh.value(loaded) == "[]"


HOSTILE = """
class Raises:
    def __str__(self): raise ValueError("no")
    __lt__ = __eq__ = __hash__ = __str__
class Loops:
    armed = False
    def __str__(self):
        while Loops.armed: pass
        return "fine"
class Insists:
    armed = False
    def __str__(self):
        while Insists.armed:
            try:
                while Insists.armed: pass
            except BaseException: pass
        return "fine"
"""


def test_values_with_ideas_of_their_own(kernel: Kernel) -> None:
    kernel.run(cell("hostile", HOSTILE))
    table = table_of(kernel, "pd.DataFrame({'o': [Raises(), None, Raises()]})")
    shown = "<Raises: ValueError when it was to be shown>"
    assert table["rows"] == [[shown], [None], [shown]]
    assert column(kernel, table, "o", sort=by(table, "o")) == [shown, shown, None]
    assert column(kernel, table, "o", search="raises") == [shown, shown]
    mixed = table_of(kernel, "pd.DataFrame({'o': [2, 'b', None, 1.5, [1]]})")
    assert column(kernel, mixed, "o", sort=by(mixed, "o")) == ["1.5", "2", "[1]", "b", None]


@pytest.mark.parametrize("name", ["Loops", "Insists"])
def test_a_value_that_is_never_shown_does_not_hang_the_kernel(kernel: Kernel, name: str) -> None:
    kernel.run(cell("hostile", HOSTILE))
    table = table_of(kernel, f"pd.DataFrame({{'o': [{name}()] * 60}})")
    kernel.run(cell("arm", f"{name}.armed = True"), plan_id="arm")
    refused = page(kernel, table, offset=10)
    assert (refused["state"], refused["message"]) == ("refused", refused["message"])
    # Cells ran on meanwhile, and other tables can be looked at.
    assert kernel.value("1 + 1") == "2"
    other = table_of(kernel, "pd.DataFrame({'n': [1]})")
    assert page(kernel, other)["rows"] == [["1"]]
    kernel.run(cell("disarm", f"{name}.armed = False"), plan_id="disarm")


@pytest.mark.parametrize("made", ["pd.DataFrame(v)", "pl.DataFrame(v)", "pa.table(v)"])
def test_a_text_that_comes_often_is_sorted_stably(kernel: Kernel, made: str) -> None:
    words = ["b", None, "ä", "", "B"] * 40
    table = table_of(kernel, f"v = {{'w': {words!r}}}; {made}")
    for is_descending in (False, True):
        numbers = page(kernel, table, limit=500, sort=by(table, "w", is_descending=is_descending))["numbers"]
        known = [place for place, word in enumerate(words) if word is not None]
        ordered = sorted(known, key=lambda place: words[place] or "", reverse=is_descending)
        assert numbers == ordered + [place for place, word in enumerate(words) if word is None]


def test_a_run_does_not_wait_for_a_sort(kernel: Kernel) -> None:
    table = table_of(
        kernel, "pd.DataFrame({'n': __import__('numpy').random.default_rng(1).random(3_000_000)})"
    )
    place = {"table_id": table["table_id"], "offset": 0, "limit": 1, "columns": [0, 1]}
    question = {"ask": "page", "view": NOTHING | {"sort": by(table, "n")}, **place}
    kernel.connection.ask("table", question)
    assert kernel.value("'ran'") == "ran"
    first, last = (
        asked(**{"kernel": kernel, **question}),
        page(kernel, table, sort=by(table, "n"), offset=2_999_999),
    )
    assert float(first["rows"][0][0]) < 1e-5
    assert float(last["rows"][0][0]) > 1 - 1e-5


def test_older_text_is_sorted_in_pieces(kernel: Kernel) -> None:
    """Columns of objects, whose sorting holds Python's lock."""
    code = (
        "pd.DataFrame({'o': pd.Series([f'{(i * 7919) % 200_000:06}' for i in range(200_000)], dtype=object)})"
    )
    table = table_of(kernel, code)
    reply = page(kernel, table, sort=by(table, "o", is_descending=True), offset=100_000, limit=2)
    assert reply["rows"] == [["099999"], ["099998"]]
