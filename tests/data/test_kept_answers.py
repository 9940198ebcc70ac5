"""SQL cells that keep their database's answer for a time: real servers, workers and kernels."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.data.answer_store import sweep_answers
from apps.data.commands import change_connection, delete_connection, unshare_connection
from apps.data.connection_parts import Parts
from apps.data.models import Connection
from apps.execution.commands import request_run
from apps.notebooks.commands import configure_cell, create_notebook
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.elsewhere import SECRET, Elsewhere, ask, connect
from tests.support.processes import Database, WorkerProcess, in_place_of
from tests.support.running import outputs_of, run_and_wait

AS_OF = "application/vnd.tandem.as-of+json"


@pytest.fixture
def connection(owner: Person, elsewhere: Elsewhere) -> Connection:
    """To a database with one price, which `set_price` changes past the connection."""
    elsewhere.execute("DROP TABLE IF EXISTS prices; CREATE TABLE prices AS SELECT 1 AS price")
    elsewhere.execute("GRANT SELECT ON prices TO analyst")
    return connect(owner, elsewhere)


def set_price(elsewhere: Elsewhere, price: int) -> None:
    elsewhere.execute(f"UPDATE prices SET price = {price}")


def add_kept(
    person: Person, notebook: Notebook, connection: Connection, source: str = "SELECT price FROM prices"
) -> Cell:
    """An SQL cell that keeps its answers for a minute."""
    cell = add_cell(person, notebook, source, kind="sql")
    ask(person, cell, connection)
    return keep(person, cell, 60)


def keep(person: Person, cell: Cell, seconds: int) -> Cell:
    return configure_cell(
        actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, cache_seconds=seconds
    )


def seen(person: Person, cell: Cell, *, is_refresh: bool = False) -> tuple[str, str | None]:
    """Run it: the one value of the result, and as of when it is; None: of now."""
    run_and_wait(person, cell.notebook, "cell", cell, is_refresh=is_refresh)
    *before, result = outputs_of(cell)
    assert result["output_type"] == "execute_result", result
    ((value,),) = result["data"]["application/vnd.tandem.table+json"]["rows"]
    return value, before[0]["data"][AS_OF]["as_of"] if before else None


def files_of(database: Database, connection: Connection) -> list[Path]:
    return sorted(Path(database.data_dir, "answers").glob(f"{connection.id}/*"))


def test_an_answer_is_kept_for_its_time(
    worker: WorkerProcess,
    database: Database,
    elsewhere: Elsewhere,
    owner: Person,
    notebook: Notebook,
    connection: Connection,
) -> None:
    cell = add_kept(owner, notebook, connection)
    began = datetime.now(UTC)
    assert seen(owner, cell) == ("1", None)
    set_price(elsewhere, 2)
    asked = elsewhere.log.count("FROM prices")
    value, as_of = seen(owner, cell)
    assert value == "1"
    assert as_of is not None
    assert began <= datetime.fromisoformat(as_of) <= datetime.now(UTC)
    assert "As of 20" in outputs_of(cell)[0]["data"]["text/plain"]
    assert elsewhere.log.count("FROM prices") == asked

    assert seen(owner, cell, is_refresh=True) == ("2", None)
    set_price(elsewhere, 3)
    assert seen(owner, cell)[0] == "2"
    (kept,) = files_of(database, connection)
    assert kept.stat().st_mode & 0o077 == 0
    a_minute_ago = time.time() - 61
    os.utime(kept, (a_minute_ago, a_minute_ago))
    assert seen(owner, cell) == ("3", None)
    keep(owner, cell, 0)
    set_price(elsewhere, 4)
    assert seen(owner, cell) == ("4", None)


def test_another_question_is_asked(
    worker: WorkerProcess,
    elsewhere: Elsewhere,
    owner: Person,
    notebook: Notebook,
    connection: Connection,
) -> None:
    values = add_cell(owner, notebook, "value = 1")
    cell = add_kept(owner, notebook, connection, "SELECT {value}::text || '/' || price AS said FROM prices")
    assert seen(owner, cell) == ("1/1", None)
    set_price(elsewhere, 2)
    assert seen(owner, cell)[0] == "1/1"
    for source, expected in (("value = 2", "2/2"), ("value = '1'", "1/2"), ("value = 1.0", "1/2")):
        write(owner, values, source)
        assert seen(owner, cell) == (expected, None)
    write(owner, values, "value = 1")
    assert seen(owner, cell)[0] == "1/1"
    write(owner, cell, f"{cell.source} -- other")
    assert seen(owner, cell) == ("1/2", None)

    other_connection = connect(owner, elsewhere, name="other")
    same = add_kept(owner, notebook, connection)
    set_price(elsewhere, 3)
    assert seen(owner, same) == ("3", None)
    ask(owner, same, other_connection)
    set_price(elsewhere, 4)
    assert seen(owner, same) == ("4", None)
    other_notebook = create_notebook(actor=owner.actor, title="Other")
    set_price(elsewhere, 5)
    assert seen(owner, add_kept(owner, other_notebook, connection)) == ("5", None)


def test_a_connection_that_was_changed_has_answered_nothing(
    worker: WorkerProcess,
    database: Database,
    elsewhere: Elsewhere,
    owner: Person,
    notebook: Notebook,
    connection: Connection,
) -> None:
    cell = add_kept(owner, notebook, connection)
    for price, parts in enumerate(
        (Parts(secret=SECRET), Parts(host="localhost", secret=SECRET), Parts(url=elsewhere.url)), 2
    ):
        seen(owner, cell)
        assert files_of(database, connection)
        change_connection(actor=owner.actor, connection_id=connection.id, parts=parts)
        assert not files_of(database, connection)
        set_price(elsewhere, price)
        assert seen(owner, cell) == (str(price), None)
    delete_connection(actor=owner.actor, connection_id=connection.id)
    assert not files_of(database, connection)


def test_who_may_not_ask_gets_no_kept_answer(
    worker: WorkerProcess, owner: Person, notebook: Notebook, connection: Connection
) -> None:
    cell = add_kept(owner, notebook, connection)
    seen(owner, cell)
    unshare_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    run_and_wait(owner, notebook, "cell", cell)
    (error,) = outputs_of(cell)
    assert "not shared with this notebook" in str(error["traceback"])


def test_what_may_write_is_done_each_time(
    worker: WorkerProcess,
    database: Database,
    elsewhere: Elsewhere,
    owner: Person,
    notebook: Notebook,
    connection: Connection,
) -> None:
    elsewhere.execute("GRANT ALL ON prices TO analyst")
    change_connection(actor=owner.actor, connection_id=connection.id, parts=Parts(is_read_only=False))
    for source in (
        "UPDATE prices SET price = price + 1",
        "WITH new AS (UPDATE prices SET price = price + 1 RETURNING price) SELECT price FROM new",
    ):
        writing = add_kept(owner, notebook, connection, source)
        before = elsewhere.execute("SELECT price FROM prices")[0][0]
        for _ in range(2):
            run_and_wait(owner, notebook, "cell", writing)
        assert elsewhere.execute("SELECT price FROM prices") == [(before + 2,)]
    assert not files_of(database, connection)
    reading = add_kept(owner, notebook, connection)
    assert seen(owner, reading) == ("5", None)
    assert seen(owner, reading)[1] is not None


def test_what_is_too_large_or_broken_is_asked_again(
    worker: WorkerProcess,
    database: Database,
    owner: Person,
    notebook: Notebook,
    connection: Connection,
) -> None:
    large = add_kept(owner, notebook, connection, "SELECT repeat('x', 100000) AS large")
    small = add_kept(owner, notebook, connection)
    failing = add_kept(owner, notebook, connection, "SELECT 1 / (price - price) FROM prices")
    bounded = WorkerProcess(database.data_dir, database.url, NOTEBOOK_QUERY_CACHE_ANSWER_BYTES="5000")
    with in_place_of(worker, bounded):
        run_and_wait(owner, notebook)
        run_and_wait(owner, notebook, "cell", failing)
    (kept,) = files_of(database, connection)
    assert seen(owner, large)[1] is None
    assert seen(owner, small)[1] is not None
    kept.write_bytes(kept.read_bytes()[:100])
    assert seen(owner, small) == ("1", None)
    assert seen(owner, small)[1] is not None


def test_the_oldest_go_when_there_is_no_room(settings: Any, tmp_path: Path) -> None:
    settings.QUERY_CACHE_DIR = tmp_path
    settings.QUERY_CACHE_BYTES = 250
    now = time.time()
    for name, age_s in (("a/new", 1), ("b/older", 10), ("a/oldest", 20), ("b/expired", 24 * 3600 + 1)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 100)
        os.utime(path, (now - age_s, now - age_s))
    assert sweep_answers() == 2
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["new", "older"]
    settings.QUERY_CACHE_BYTES = 0
    assert sweep_answers() == 2


def test_nothing_is_kept_where_there_is_no_room_for_it(
    worker: WorkerProcess,
    database: Database,
    owner: Person,
    notebook: Notebook,
    connection: Connection,
) -> None:
    cell = add_kept(owner, notebook, connection)
    without = WorkerProcess(database.data_dir, database.url, NOTEBOOK_QUERY_CACHE_BYTES="0")
    with in_place_of(worker, without):
        assert [seen(owner, cell)[1] for _ in range(2)] == [None, None]
    assert not files_of(database, connection)


def test_a_run_says_whether_it_refreshes(owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "x = 1")
    for is_refresh in (False, True):
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all", is_refresh=is_refresh)
        run.refresh_from_db()
        assert run.is_refresh == is_refresh
