"""Which columns of Arrow the values of an unknown driver become."""

import datetime
import decimal
import uuid
from typing import Any

import pyarrow as pa
import pytest

from apps.data.databases.database import DatabaseError
from apps.data.databases.python_values import column_of, text_column

NOW = datetime.datetime(2024, 2, 29, 12, 30, 1, 5)
AWARE = NOW.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
BIG = 2**70


@pytest.mark.parametrize(
    ("values", "family", "stored"),
    [
        ([1, None], "int", [1, None]),
        ([True, None], "bool", [True, None]),
        ([1, 0.5], "float", [1.0, 0.5]),
        ([BIG, 1], "decimal", [str(BIG), "1"]),
        ([decimal.Decimal("1.10"), 1], "decimal", ["1.10", "1"]),
        (["é😀"], "text", ["é😀"]),
        ([bytearray(b"\x00"), memoryview(b"a")], "bytes", [b"\x00", b"a"]),
        ([NOW], "datetime", [NOW]),
        ([AWARE], "moment", [AWARE]),
        ([NOW.date()], "date", [NOW.date()]),
        ([NOW.time()], "time", [NOW.time()]),
        ([datetime.timedelta(days=-1)], "duration", [datetime.timedelta(days=-1)]),
        ([uuid.UUID(int=1)], "uuid", [str(uuid.UUID(int=1))]),
        ([{"a": [1, None]}], "json", ['{"a": [1, null]}']),
        ([1, "x"], "text", ["1", "x"]),
        ([object], "text", [str(object)]),
    ],
)
def test_what_the_first_rows_say(values: list[Any], family: str, stored: list[Any]) -> None:
    column = column_of("a", values)
    assert column is not None
    assert column.family == family
    assert column.array(values).to_pylist() == stored


def test_without_a_value_nothing_is_known() -> None:
    assert column_of("a", [None, None]) is None
    assert text_column("a").array([None, 1]).to_pylist() == [None, "1"]


@pytest.mark.parametrize(
    ("first", "later"),
    [(1, 0.5), (1, BIG), (1, True), (0.5, decimal.Decimal(1)), (NOW.date(), NOW), (NOW, AWARE), (b"a", "a")],
)
def test_what_comes_later_has_to_fit(first: Any, later: Any) -> None:
    column = column_of("price", [first])
    assert column is not None
    with pytest.raises(DatabaseError, match="The column price has values that do not fit"):
        column.array([None, later])
    assert column.array([]).type == column.field.type
    assert isinstance(column.field, pa.Field)
