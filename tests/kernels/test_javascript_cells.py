"""What a kernel hands to JavaScript, for each sort of value."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from apps.dataflow.javascript_program import javascript_program
from tests.kernels.test_plans_in_the_kernel import Kernel, kind_of, running_kernel
from tests.support.kernels import planned_cell as cell

JAVASCRIPT = "application/vnd.tandem.javascript+json"

Json = dict[str, Any]

_numbers = count()


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel() as kernel:
        kernel.run(cell("imports", "import numpy as np, pandas as pd, polars as pl, pyarrow as pa"))
        yield kernel


def heard(kernel: Kernel, code: str, source: str, *names: str) -> Json:
    """The one output, or error, of a JavaScript cell after another."""
    number = next(_numbers)
    told = kernel.run(
        cell(f"python-{number}", code), cell(f"javascript-{number}", javascript_program(source, names))
    )
    shown = [each["content"] for each in told if kind_of(each) in ("display_data", "execute_result", "error")]
    assert len(shown) == 1, shown
    content: Json = shown[0]
    return content


def given(kernel: Kernel, code: str, *names: str) -> Json:
    """What the page gets."""
    bundle = heard(kernel, code, "display(x)", *names or ("x",))["data"]
    content: Json = bundle[JAVASCRIPT]
    json.dumps(content, allow_nan=False)
    assert content["source"] == "display(x)"
    return content


def refusal(kernel: Kernel, code: str, *names: str) -> str:
    error = heard(kernel, code, "", *names or ("x",))
    assert error["ename"] == "InputError"
    assert error["traceback"] == [error["evalue"]]
    text: str = error["evalue"]
    return text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("None", None),
        ("True", True),
        ("-3", -3),
        ("1.5", 1.5),
        ("float('nan')", None),
        ("float('-inf')", None),
        ("2**53 - 1", 9007199254740991),
        ("2**53", "9007199254740992"),
        ("-(10**20)", "-100000000000000000000"),
        ("1 << 20_000", hex(1 << 20_000)),
        ("__import__('decimal').Decimal('1.25')", 1.25),
        ("__import__('decimal').Decimal('sNaN')", None),
        ("__import__('decimal').Decimal('1e999')", None),
        ("'ünï </script>\\u2028\\x00'", "ünï </script>\u2028\x00"),
        ("'\\udcff'", "?"),
        ("__import__('datetime').date(2026, 1, 2)", "2026-01-02"),
        ("__import__('datetime').datetime(2026, 1, 2, 3)", "2026-01-02T03:00:00"),
        ("__import__('datetime').time(3, 4)", "03:04:00"),
        ("__import__('datetime').timedelta(minutes=1)", 60),
        ("__import__('uuid').UUID(int=1)", "00000000-0000-0000-0000-000000000001"),
        ("__import__('enum').IntEnum('Kind', 'A')(1)", 1),
        ("[1, (2, [3])]", [1, [2, [3]]]),
        ("{1}", [1]),
        ("{'a': 1, 2: {'b': None}, None: 3, 1.5: 4}", {"a": 1, "2": {"b": None}, "None": 3, "1.5": 4}),
        (
            "{'__proto__': {'polluted': 1}, 'constructor': 2}",
            {"__proto__": {"polluted": 1}, "constructor": 2},
        ),
        # Of libraries.
        ("np.int64(3)", 3),
        ("np.float32(0.5)", 0.5),
        ("np.bool_(True)", True),
        ("np.array([[1, 2], [3, 4]])", [[1, 2], [3, 4]]),
        ("np.array(5)", 5),
        ("np.array([1.5, np.nan])", [1.5, None]),
        ("np.array(['2026-01-02', 'NaT'], 'M8[ns]')", ["2026-01-02T00:00:00", None]),
        ("np.datetime64('2026-01-02T03:04:05.123456789')", "2026-01-02T03:04:05.123456"),
        ("np.timedelta64(1500, 'ms')", 1.5),
        ("pd.Timestamp('2026-01-02', tz='UTC')", "2026-01-02T00:00:00+00:00"),
        ("pd.NaT", None),
        ("pd.NA", None),
        ("pd.Series([1, None])", [1, None]),
        ("pd.Series(['a', None], dtype='category')", ["a", None]),
        ("pd.Index(['a'])", ["a"]),
        ("pl.Series(['a', None])", ["a", None]),
        ("pa.array([1, None])", [1, None]),
    ],
)
def test_values(kernel: Kernel, value: str, expected: Any) -> None:
    content = given(kernel, f"x = {value}")
    assert content["inputs"] == {"x": expected}
    assert (content["cut"], content["left_out"]) == ({}, {})


DATA = (
    "{'city': ['Oslo', None], 'people': [0.7, float('nan')], 'since': pd.to_datetime(['1048-01-01', None])}"
)
RECORDS = [
    {"city": "Oslo", "people": 0.7, "since": "1048-01-01T00:00:00"},
    {"city": None, "people": None, "since": None},
]


@pytest.mark.parametrize("library", ["{}", "pl.from_pandas({})", "pa.Table.from_pandas({})"])
def test_a_dataframe_is_records(kernel: Kernel, library: str) -> None:
    frame = library.format(f"pd.DataFrame({DATA})")
    assert given(kernel, f"x = {frame}")["inputs"]["x"] == RECORDS


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("pd.DataFrame({'a': [1, 2]})[lambda frame: frame.a > 1]", [{"a": 2}]),
        ("pd.DataFrame({'a': [1]}, index=pd.Index(['x'], name='k'))", [{"k": "x", "a": 1}]),
        ("pd.DataFrame({'a': [1]}, index=['x'])", [{"index": "x", "a": 1}]),
        ("pd.DataFrame({'k': [1]}, index=pd.Index(['x'], name='k'))", [{"k": "x", "k_1": 1}]),
        (
            "pd.DataFrame({'a': ['x', 'x'], 'b': [1, 2]}).groupby(['a', 'b'])[['b']].sum()",
            [{"a": "x", "b": 1, "b_2": 1}, {"a": "x", "b": 2, "b_2": 2}],
        ),
        ("pd.DataFrame([[1, 2]], columns=['a', 'a'])", [{"a": 1, "a_1": 2}]),
        ("pd.DataFrame([[1]], columns=[('a', 3)])", [{"a, 3": 1}]),
        ("pd.DataFrame({'p': pd.period_range('2026', periods=1, freq='M')})", [{"p": "2026-01"}]),
        ("pd.DataFrame({'__proto__': [1]})", [{"__proto__": 1}]),
        ("pd.DataFrame()", []),
        ("pa.table([[1], [2]], names=['a', 'a'])", [{"a": 1, "a_1": 2}]),
    ],
)
def test_indexes_and_columns(kernel: Kernel, frame: str, expected: list[Json]) -> None:
    assert given(kernel, f"x = {frame}")["inputs"]["x"] == expected


@pytest.mark.parametrize("library", ["pd.DataFrame", "pl.DataFrame", "pa.table"])
def test_of_a_long_dataframe_the_first_rows(kernel: Kernel, library: str) -> None:
    content = given(kernel, f"x = {{'frame': {library}({{'a': range(10_001)}})}}")
    assert [row["a"] for row in content["inputs"]["x"]["frame"]] == list(range(10_000))
    assert content["cut"] == {"x['frame']": [10_000, 10_001]}


def test_functions_classes_and_modules_are_left_out(kernel: Kernel) -> None:
    content = given(kernel, "class Image: pass\nx = 1\ndef f(): pass", "x", "Image", "f", "np")
    assert content["inputs"] == {"x": 1}
    assert content["left_out"] == {"Image": "type", "f": "function", "np": "module"}


def test_the_text_for_who_cannot_run_it(kernel: Kernel) -> None:
    told = heard(kernel, "x = 1", "x", "x")["data"]["text/plain"]
    assert told == "<JavaScript with x, which runs in Tandem's pages>"
    assert heard(kernel, "x = 1", "1")["data"]["text/plain"] == "<JavaScript, which runs in Tandem's pages>"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("del x", "There is nothing called x. Run the cell that makes it."),
        ("x = {'a': [1, object()]}", "x['a'][1] is a object. Numbers, texts,"),
        ("x = pd.DataFrame({'a': [1j]})", "x.a is a complex."),
        ("x = {(1, 2): 3}", "x has a tuple as a key. Make it a text."),
        ("x = []\nx.append(x)", "x has lists or dicts in each other, more than 100 deep."),
        (
            "x = 'a' * 5_000_000",
            "x is too large for JavaScript: all that a cell names may have 4 MiB as JSON.",
        ),
        ("x = 'ü' * 2_500_000", "x is too large"),
        ("x = [0] * 10**7", "x is too large"),
        ("x = np.zeros(10**8, dtype='i1')", "x is too large"),
        ("x = pd.Series(np.zeros(10**7))", "x is too large"),
        ("x = pl.Series(np.zeros(10**7))", "x is too large"),
        ("x = pd.DataFrame({'a': ['x' * 500] * 10_000})", "x is too large"),
    ],
)
def test_what_cannot_be_handed_on(kernel: Kernel, code: str, said: str) -> None:
    assert refusal(kernel, f"x = 1\n{code}").startswith(said)


def test_all_values_together_have_a_limit(kernel: Kernel) -> None:
    assert refusal(kernel, "x, y = 'a' * 3_000_000, 'b' * 3_000_000", "x", "y").startswith("y is too large")


def test_nothing_of_the_notebook_changes(kernel: Kernel) -> None:
    code = "x = pd.DataFrame({'a': [1]}, index=['k'])\nbefore = x.copy(), set(globals())"
    code += "\ndef new(): return [name for name in sorted(set(globals()) - before[1]) if name[0] != '_']"
    heard(kernel, code, "x", "x")
    told = kernel.run(cell("after", "print(x.equals(before[0]), new())"))
    (stream,) = [each["content"]["text"] for each in told if kind_of(each) == "stream"]
    assert stream == "True ['before', 'new']\n"
