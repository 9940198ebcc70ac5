"""What a kernel tells of database files in its workspace, also of those that were made to do harm."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.kernels.test_plans_in_the_kernel import Kernel, running_kernel, text_of
from tests.kernels.test_variables_of_a_kernel import replied
from tests.support.kernels import planned_cell as cell

Json = dict[str, Any]

# Names that need every quote there is, or look like something else.
ODD = ['a"b', "it's", "x; DROP TABLE y; --", "größe 😀", "new\nline", "[b]", "select", "%s", "{name}"]

MANY = 100_000
_MANY = """
INSERT INTO sqlite_schema SELECT 'table', name, name, 2, 'CREATE TABLE ' || name || ' (a INT)' FROM (
  WITH RECURSIVE counted(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < ?)
  SELECT 't' || i AS name FROM counted
)
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel() as kernel:
        yield kernel


def asked(kernel: Kernel, kind: str, path: str) -> Json:
    """The reply, when it is no longer pending."""
    while True:
        reply = replied(kernel, "schema", {"kind": kind, "path": path})
        if reply["state"] != "pending":
            return reply


def quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def make_many(place: Path) -> None:
    """A database of many tables, which SQLite itself would take minutes to make."""
    with closing(sqlite3.connect(place)) as lite, lite:
        lite.execute("CREATE TABLE first (a INT)")
        lite.execute("PRAGMA writable_schema = ON")
        lite.execute(_MANY, [MANY])


def test_sqlite(kernel: Kernel) -> None:
    with closing(sqlite3.connect(kernel.workspace / "lite.db")) as lite, lite:
        lite.execute("CREATE TABLE goods (name TEXT, price DECIMAL(10,2), twice AS (price * 2))")
        lite.execute("CREATE INDEX by_name ON goods (name)")
        lite.execute("CREATE VIEW cheap AS SELECT name FROM goods")
        lite.execute("CREATE VIEW broken AS SELECT * FROM nowhere")
        lite.execute("CREATE VIRTUAL TABLE texts USING fts5(body)")
    reply = asked(kernel, "sqlite", "lite.db")
    assert (reply["state"], reply["is_complete"]) == ("ok", True)
    found = {name: (schema, is_view, columns) for schema, name, is_view, columns in reply["tables"]}
    assert found["goods"] == (
        "main",
        False,
        [["name", "TEXT"], ["price", "DECIMAL(10,2)"], ["twice", ""]],
    )
    assert found["cheap"] == ("main", True, [["name", "TEXT"]])
    assert found["broken"] == ("main", True, [])
    assert found["texts"][2] == [["body", ""]]
    assert "by_name" not in found


def test_duckdb(kernel: Kernel) -> None:
    with duckdb.connect(str(kernel.workspace / "duck.db")) as duck:
        duck.execute("CREATE SCHEMA zoo")
        duck.execute("CREATE TABLE zoo.animals (id BIGINT, tags VARCHAR[])")
        duck.execute("CREATE TABLE goods (price DECIMAL(10,2))")
        duck.execute("CREATE VIEW cheap AS SELECT price FROM goods")
    reply = asked(kernel, "duckdb", "duck.db")
    assert reply == {
        "status": "ok",
        "state": "ok",
        "is_complete": True,
        "tables": [
            ["main", "cheap", True, [["price", "DECIMAL(10,2)"]]],
            ["main", "goods", False, [["price", "DECIMAL(10,2)"]]],
            ["zoo", "animals", False, [["id", "BIGINT"], ["tags", "VARCHAR[]"]]],
        ],
    }


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_names_of_any_kind(kernel: Kernel, kind: str) -> None:
    place = kernel.workspace / f"odd.{kind}"
    statements = [f"CREATE TABLE {quoted(name)} ({quoted(name)} INTEGER)" for name in [*ODD, "n" * 5_000]]
    database = sqlite3.connect(place) if kind == "sqlite" else duckdb.connect(str(place))
    with closing(database):
        for statement in statements:
            database.execute(statement)
    reply = asked(kernel, kind, place.name)
    assert {name: columns for _, name, _, columns in reply["tables"]} == {
        name: [[name, "INTEGER"]] for name in ODD
    }
    # A name that nobody would give is left out, and that is said.
    assert not reply["is_complete"]


def test_what_is_no_database_of_the_kind_says_so(kernel: Kernel) -> None:
    (kernel.workspace / "text.db").write_bytes(b"no database at all\0" * 1000)
    (kernel.workspace / "folder").mkdir()
    with duckdb.connect(str(kernel.workspace / "other.db")):
        pass
    with closing(sqlite3.connect(kernel.workspace / "cut.db")) as lite, lite:
        lite.execute("CREATE TABLE goods (name TEXT)")
    whole = (kernel.workspace / "cut.db").read_bytes()
    (kernel.workspace / "cut.db").write_bytes(whole[:1500])
    for kind, path, said in (
        ("sqlite", "text.db", "not a database"),
        ("duckdb", "text.db", "not a valid DuckDB database"),
        ("sqlite", "other.db", "a file of kind duckdb"),
        ("sqlite", "cut.db", "SQLite: "),
        ("sqlite", "folder", "There is no file folder"),
        ("duckdb", "nowhere.db", "There is no file nowhere.db"),
        ("python", "text.db", "Nobody knows"),
    ):
        reply = asked(kernel, kind, path)
        assert reply["state"] == "refused", reply
        assert said in reply["message"]
    assert not (kernel.workspace / "nowhere.db").exists()


def test_names_with_nul_break_nothing(kernel: Kernel) -> None:
    place = kernel.workspace / "nul.db"
    with closing(sqlite3.connect(place)) as lite, lite:
        lite.execute("CREATE TABLE marker (a INT)")
    # In the name and in the statement that made it.
    place.write_bytes(place.read_bytes().replace(b"marker", b"ma\0ker"))
    reply = asked(kernel, "sqlite", "nul.db")
    assert reply["state"] == "refused"
    assert "malformed database schema" in reply["message"]
    assert kernel.value("1 + 1") == "2"


def test_of_too_many_the_first_are_told_and_a_run_comes_first(kernel: Kernel) -> None:
    make_many(kernel.workspace / "many.db")
    # While it is looked at, a cell may have the file for itself at once.
    assert replied(kernel, "schema", {"kind": "sqlite", "path": "many.db"})["state"] == "pending"
    opening = "import sqlite3\nlite = sqlite3.connect('many.db', timeout=0)\nlite.execute('BEGIN EXCLUSIVE')"
    messages = kernel.run(cell("writing", f"{opening}\nlite.close()\nprint('done')"), plan_id="writing")
    assert text_of(messages, "writing") == "done\n"
    assert "A cell began to run" in asked(kernel, "sqlite", "many.db")["message"]

    # SQLite reads all tables before it says one; on a slow machine that is given up in time.
    reply = asked(kernel, "sqlite", "many.db")
    if reply["state"] == "refused":
        assert "in an SQL cell" in reply["message"]
    else:
        assert (len(reply["tables"]), reply["is_complete"]) == (2_000, False)
    assert kernel.value("1 + 1") == "2"


def test_nothing_of_the_workspace_is_imported(kernel: Kernel) -> None:
    with duckdb.connect(str(kernel.workspace / "plain.db")) as duck:
        duck.execute("CREATE TABLE goods (price INTEGER)")
    for name in ("duckdb", "sqlite3", "json"):
        (kernel.workspace / f"{name}.py").write_text("raise SystemExit('imported from the workspace')")
    try:
        assert asked(kernel, "duckdb", "plain.db")["tables"] == [
            ["main", "goods", False, [["price", "INTEGER"]]]
        ]
    finally:
        for name in ("duckdb", "sqlite3", "json"):
            (kernel.workspace / f"{name}.py").unlink()
