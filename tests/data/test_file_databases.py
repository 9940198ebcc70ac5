"""SQL cells over SQLite and DuckDB files of the workspace: the kernel opens them, in its sandbox."""

import sqlite3
from typing import Any

import duckdb
import pytest

from apps.base.errors import Invalid, Unavailable
from apps.data import file_schemas
from apps.data.commands import change_connection, create_connection, share_connection
from apps.data.connection_parts import Parts
from apps.data.models import Connection
from apps.data.one_query import OneQuery
from apps.data.schemas import schema_of
from apps.execution.commands import interrupt, request_run, shutdown_kernel
from apps.kernels.models import Kernel, KernelStatus
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import ask
from tests.support.processes import WorkerProcess, wait_until
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


def look(person: Person, notebook: Notebook, connection: Connection, *, is_fresh: bool = True) -> Any:
    return schema_of(
        actor=person.actor, notebook_id=notebook.id, connection_id=connection.id, is_fresh=is_fresh
    )


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_its_tables_are_told_by_the_kernel(
    worker: WorkerProcess, owner: Person, notebook: Notebook, kind: str
) -> None:
    connection = connect(owner, kind)
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    with pytest.raises(Unavailable, match="Start the kernel"):
        look(owner, notebook, connection)
    add_cell(owner, notebook, "1")
    run_and_wait(owner, notebook)
    with pytest.raises(Invalid, match=r"There is no file data/shop\.db"):
        look(owner, notebook, connection)

    make_file(notebook, kind)
    schema = look(owner, notebook, connection)
    assert (schema["kind"], schema["is_complete"]) == (kind, True)
    ((main,),) = [schema["schemas"]]
    assert (main["name"], main["is_default"]) == ("main", True)
    ((goods,),) = [main["tables"]]
    assert (goods["name"], goods["written"], goods["kind"]) == ("goods", "goods", "table")
    assert [column["name"] for column in goods["columns"]] == ["name", "price", "photo"]

    # It is kept when the kernel has ended, and another notebook has another file.
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    off = Kernel.objects.filter(pk=notebook.id, status=KernelStatus.OFF)
    wait_until(off.exists, "the kernel is off")
    assert look(owner, notebook, connection, is_fresh=False) == schema
    with pytest.raises(Unavailable, match="Start the kernel"):
        look(owner, notebook, connection)
    other = create_notebook(actor=owner.actor, title="Other")
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=other.id)
    with pytest.raises(Unavailable, match="Start the kernel"):
        look(owner, other, connection, is_fresh=False)


def test_while_a_cell_runs_its_tables_are_not_told(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    make_file(notebook, "sqlite")
    connection = connect(owner, "sqlite")
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    cell = add_cell(owner, notebook, "input()")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
    wait_for_status(cell, CellStatus.RUNNING)
    with pytest.raises(Unavailable, match="it is busy"):
        look(owner, notebook, connection)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    assert look(owner, notebook, connection)["schemas"]


def test_what_a_changed_kernel_says_is_taken_for_text(
    owner: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(owner, "duckdb")
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    tables = [
        ["main", "Order", True, [["group", "INT"], ['x"y', "T" * 1_000], ["no type"], [1, 2], "text"]],
        ["main", "empty", "yes", None],
        ["zoo", 7, False, []],
        "no table",
    ]
    reply: Any = {"state": "ok", "tables": tables, "is_complete": "yes"}
    monkeypatch.setattr(file_schemas, "ask_kernel", lambda *_, **__: reply)
    schema = look(owner, notebook, connection)
    assert not schema["is_complete"]
    ((main,),) = [schema["schemas"]]
    order, empty = main["tables"]
    assert (order["written"], order["kind"]) == ('"Order"', "view")
    assert [(column["written"], len(column["type"])) for column in order["columns"]] == [
        ('"group"', 3),
        ('"x""y"', 100),
    ]
    assert (empty["kind"], empty["columns"]) == ("table", [])
    for reply in ({}, {"state": "ok", "tables": 5}, {"state": "refused", "message": "m" * 5_000}):
        if reply.get("state") == "ok":
            assert look(owner, notebook, connection)["schemas"] == []
        else:
            with pytest.raises(Invalid) as error:
                look(owner, notebook, connection)
            assert len(error.value.message) <= 1_000


def test_whoever_stops_waiting_does_not_wait(
    owner: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(owner, "sqlite")
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    query = OneQuery()

    def pending(*_: Any, **__: Any) -> Any:
        query.cancel()
        return {"state": "pending"}

    monkeypatch.setattr(file_schemas, "ask_kernel", pending)
    with pytest.raises(Unavailable):
        schema_of(actor=owner.actor, notebook_id=notebook.id, connection_id=connection.id, query=query)
