"""The text of sheets as values. tests/fixtures/sheets is read by static/src/sheet/sheet_text.test.ts too."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernels.kernel_sheet_text import MAX_COLUMNS, MAX_ROWS, fields_of, read_sheet

FIXTURE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "fixtures/sheets/text.json").read_text())

values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).filter(
    lambda text: text == text.strip(" \t")
)


def written(value: str) -> str:
    """In quotes, which is right for any value."""
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace('"', '""') + '"'


@pytest.mark.parametrize(("line", "fields"), FIXTURE["lines"])
def test_lines(line: str, fields: list[str]) -> None:
    assert fields_of(line) == fields


@pytest.mark.parametrize(("line", "columns"), FIXTURE["heads"])
def test_heads(line: str, columns: list[list[str]] | None) -> None:
    sheet = read_sheet(line)
    assert bool(sheet.problems) == (columns is None)
    if columns is not None:
        assert [[column.name, column.type] for column in sheet.columns] == columns


@pytest.mark.parametrize(
    ("type_", "text", "is_of_it"),
    [(type_, *case) for type_, cases in FIXTURE["values"].items() for case in cases],
)
def test_values(type_: str, text: str, is_of_it: bool) -> None:
    sheet = read_sheet(f"a:{type_}\n{written(text)}")
    assert (not sheet.problems) == is_of_it
    assert (sheet.columns[0].values != [None]) == is_of_it


def test_what_is_missing() -> None:
    sheet = read_sheet(
        "n:number,t:text,d:date,b:boolean\n1,a,2026-11-22,TRUE\n\n,,,\n2.5\n,,2026-11-22T08:30,false\n"
    )
    assert sheet.problems == []
    assert [column.values for column in sheet.columns] == [
        [1, 2.5, None],
        ["a", None, None],
        [datetime(2026, 11, 22), None, datetime(2026, 11, 22, 8, 30)],
        [True, None, False],
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "no columns. Its first line names them"),
        ("a,,b", "Column 2 has no name"),
        ("a,b,a", "Two columns are called “a”"),
        ("a:integer", "Column 1: “integer” is not a type"),
        ("a:number\n1\nfive", "Row 2, column “a”: “five” is not a number"),
        ("a,on:date\n\nx,tomorrow", "Row 2, column “on”: “tomorrow” is not a date, such as 2026-11-22"),
        ("a\n1,2", "Row 1 has more values than there are columns"),
        (",".join(f"c{n}" for n in range(MAX_COLUMNS + 1)), "101 columns; 100 are the most"),
        ("a\n" + "x\n" * (MAX_ROWS + 1), "10,001 rows; 10,000 are the most"),
        ("a:" + "b" * 1000, "bbb…” is not a type"),
    ],
)
def test_what_is_wrong(source: str, problem: str) -> None:
    (told,) = read_sheet(source).problems
    assert problem in told
    assert len(told) < 200


def test_as_much_as_there_may_be() -> None:
    sheet = read_sheet("a:number\n" + "7\n" * MAX_ROWS)
    assert (sheet.problems, len(sheet.columns[0].values)) == ([], MAX_ROWS)


@given(st.lists(st.lists(values, min_size=3, max_size=3).filter(any)))
def test_values_come_back_as_they_were_written(rows: list[list[str]]) -> None:
    sheet = read_sheet("\n".join(["a,b,c", *(",".join(map(written, row)) for row in rows)]))
    assert sheet.problems == []
    assert [list(row) for row in zip(*(column.values for column in sheet.columns), strict=True)] == [
        [value or None for value in row] for row in rows
    ]


@given(st.text(st.sampled_from('ab1,:"\\n\n\r\t -x\u2028')))
def test_any_text_is_read(source: str) -> None:
    sheet = read_sheet(source)
    assert sheet.problems or len({len(column.values) for column in sheet.columns}) == 1


@given(st.text(st.sampled_from('a," \\'), min_size=200))
def test_lines_are_read_in_time(line: str) -> None:
    assert len(fields_of(line * 100)) >= 1
