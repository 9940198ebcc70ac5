"""Rows of MySQL's binary protocol, as a real MariaDB sends them."""

import datetime
from dataclasses import replace
from typing import Any

import pytest

from apps.data.databases.database import DatabaseError, Target
from apps.data.databases.mysql import FETCHED_ROWS, MysqlSession
from apps.data.statements import Statement
from tests.support.elsewhere import SECRET
from tests.support.mariadb import MariaDb

NUMBERS = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"


@pytest.fixture
def target(mariadb: MariaDb) -> Target:
    return Target(
        host="127.0.0.1",
        address="127.0.0.1",
        port=mariadb.port,
        database="shop",
        user="analyst",
        options={},
        is_read_only=True,
        timeout_s=60,
        secret=SECRET,
    )


def answered(target: Target, text: str, *values: Any) -> list[tuple[Any, ...]]:
    with MysqlSession(target) as session:
        batches = session.execute(Statement(text, values)).batches()
        return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


@pytest.mark.parametrize("size", [0, 1, 250, 251, 65_535, 65_536, 2**24 - 20, 2**24, 2**24 + 20])
def test_texts_of_any_length(mariadb: MariaDb, target: Target, size: int) -> None:
    mariadb.execute(f"SET GLOBAL max_allowed_packet = {2**26}")
    ((text, after),) = answered(target, f"SELECT REPEAT('é', {size // 2}), 7")
    assert (text, after) == ("é" * (size // 2), 7)


def test_numbers_at_their_ends(target: Target) -> None:
    (row,) = answered(
        target,
        "SELECT CAST(-9223372036854775808 AS SIGNED), CAST(18446744073709551615 AS UNSIGNED), 0.5e0, -1.10,"
        " CAST(1 AS DECIMAL(40, 2)), b'1'",
    )
    assert row == (-(2**63), 2**64 - 1, 0.5, "-1.10", "1.00", b"\x01")


def test_dates_and_times(target: Target) -> None:
    (row,) = answered(
        target,
        "SELECT DATE '2024-02-29', TIMESTAMP '2024-02-29 00:00:00', TIMESTAMP '2024-02-29 12:30:01.000005',"
        " CAST('0000-00-00' AS DATE), TIME '-838:59:58', TIME '00:00:00', TIME '00:00:00.000005'",
    )
    assert row == (
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 12, 30, 1, 5),
        None,
        -datetime.timedelta(hours=838, minutes=59, seconds=58),
        datetime.timedelta(),
        datetime.timedelta(microseconds=5),
    )


def test_nulls_among_others(target: Target) -> None:
    rows = answered(
        target,
        f"{NUMBERS} SELECT i, NULLIF(i % 2, 0), NULLIF(CONCAT('x', i % 3), 'x0'), i * 0.5e0, NULLIF(i % 5, 0) FROM n"
        " ORDER BY i",
    )
    assert rows == [
        (i, i % 2 or None, f"x{i % 3}" if i % 3 else None, i * 0.5, i % 5 or None) for i in range(1, 1001)
    ]


@pytest.mark.parametrize("count", [0, 1, FETCHED_ROWS - 1, FETCHED_ROWS, FETCHED_ROWS + 1, 3 * FETCHED_ROWS])
def test_batches_end_where_the_rows_do(target: Target, count: int) -> None:
    rows = answered(target, f"{NUMBERS} SELECT a.i FROM n a, n b LIMIT {count}")
    assert len(rows) == count


def test_bytes_that_are_no_text(target: Target) -> None:
    ((value, text),) = answered(target, "SELECT x'ff00', CAST(? AS CHAR)", "é😀")
    assert (value, text) == (b"\xff\x00", "é😀")


def test_an_error_among_the_rows(target: Target) -> None:
    with pytest.raises(DatabaseError, match="took longer than 1 s"):
        answered(replace(target, timeout_s=1), f"{NUMBERS} SELECT a.i, SLEEP(0.01) FROM n a, n b")


def test_what_is_written_is_committed_after_its_answer(mariadb: MariaDb, target: Target) -> None:
    mariadb.execute("CREATE OR REPLACE TABLE shop.kept (a INT)")
    writing = replace(target, is_read_only=False)
    assert answered(writing, "INSERT INTO kept VALUES (?)", 7) == [(1,)]
    assert answered(writing, "INSERT INTO kept VALUES (8) RETURNING a") == [(8,)]
    assert answered(target, "SELECT a FROM kept ORDER BY a") == [(7,), (8,)]
