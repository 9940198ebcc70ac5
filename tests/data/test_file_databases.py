"""SQL cells over SQLite and DuckDB files of the workspace: the kernel opens them, in its sandbox."""

import sqlite3

import duckdb
import pytest

from apps.data.commands import change_connection, create_connection
from apps.data.connection_parts import Parts
from apps.data.models import Connection
from apps.execution.commands import interrupt, request_run
from apps.kernels.processes import workspace_of
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import ask
from tests.support.processes import WorkerProcess
from tests.support.running import (
    error_of,
    run_and_wait,
    stream_text,
    wait_for_run,
    wait_for_status,
)


def make_file(notebook: Notebook, kind: str) -> None:
    folder = workspace_of(notebook.id) / "data"
    folder.mkdir(exist_ok=True)
    if kind == "sqlite":
        with sqlite3.connect(folder / "shop.db") as lite:
            lite.execute("CREATE TABLE goods (name TEXT, price REAL, photo BLOB)")
            lite.executemany("INSERT INTO goods VALUES (?, ?, ?)", [("é😀", 1.5, b"\0"), (None, 2.5, None)])
        lite.close()
    else:
        with duckdb.connect(str(folder / "shop.db")) as duck:
            duck.execute("CREATE TABLE goods (name TEXT, price DOUBLE, photo BLOB)")
            duck.executemany("INSERT INTO goods VALUES (?, ?, ?)", [("é😀", 1.5, b"\0"), (None, 2.5, None)])


def connect(person: Person, kind: str) -> Connection:
    parts = Parts(name=kind, kind=kind, database="data/shop.db")
    return create_connection(actor=person.actor, parts=parts)


def add_query(person: Person, notebook: Notebook, connection: Connection, source: str) -> Cell:
    cell = add_cell(person, notebook, source, kind="sql")
    ask(person, cell, connection)
    return cell


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_file_is_asked(worker: WorkerProcess, owner: Person, notebook: Notebook, kind: str) -> None:
    make_file(notebook, kind)
    connection = connect(owner, kind)
    add_cell(owner, notebook, "least, names, nobody = 2, ['é😀', \"'; DROP TABLE goods; --\"], []")
    dear = add_query(owner, notebook, connection, "SELECT name, price FROM goods WHERE price > {least}")
    named = add_query(
        owner, notebook, connection, "SELECT name FROM goods WHERE name IN ({names}) AND 1 NOT IN {nobody}"
    )
    shown = add_cell(owner, notebook, "print(df_1['price'].tolist(), df_2['name'].tolist())")
    assert run_and_wait(owner, notebook).status == "ok", error_of(dear) + error_of(named)
    assert stream_text(shown) == "[2.5] ['é😀']\n"

    # Read-only, as all are at first; and what was changed then stays in the file.
    writing = add_query(owner, notebook, connection, "INSERT INTO goods VALUES ('new', 9, NULL)")
    run_and_wait(owner, notebook, "cell", writing)
    assert "read" in error_of(writing).lower()
    change_connection(actor=owner.actor, connection_id=connection.id, parts=Parts(is_read_only=False))
    assert run_and_wait(owner, notebook, "cell", writing).status == "ok", error_of(writing)
    run_and_wait(owner, notebook, "cell", dear)
    run_and_wait(owner, notebook, "cell", shown)
    assert stream_text(shown).startswith("[2.5, 9.0]")


def test_errors(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    connection = connect(owner, "sqlite")
    cell = add_query(owner, notebook, connection, "SELECT * FROM nowhere")
    run_and_wait(owner, notebook)
    assert "There is no file data/shop.db in the notebook's folder" in error_of(cell)
    make_file(notebook, "sqlite")
    run_and_wait(owner, notebook)
    assert "SQLite: no such table: nowhere" in error_of(cell)
    (workspace_of(notebook.id) / "data" / "shop.db").write_bytes(b"no database at all" * 100)
    run_and_wait(owner, notebook)
    assert "file is not a database" in error_of(cell)


def test_a_long_query_is_interrupted(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    make_file(notebook, "sqlite")
    text = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000000) SELECT max(i) FROM n"
    cell = add_query(owner, notebook, connect(owner, "sqlite"), text)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
    wait_for_status(cell, CellStatus.RUNNING)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    assert "KeyboardInterrupt" in error_of(cell)
