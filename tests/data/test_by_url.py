"""SQL cells that ask a database by a URL of SQLAlchemy: a real Firebird, worker and kernel."""

import socket
from pathlib import Path
from typing import Any

import pytest

from apps.base.errors import Invalid, Unavailable
from apps.data.commands import (
    change_connection,
    check_connection,
    create_connection,
    share_connection,
)
from apps.data.connection_parts import Parts
from apps.data.connections import connection_json
from apps.data.databases import by_url
from apps.data.databases.by_url import UrlSession
from apps.data.databases.database import DatabaseError
from apps.data.models import Connection, QuerySlot
from apps.data.schemas import schema_of
from apps.data.sealing import opened
from apps.data.targets import target_of
from apps.execution.commands import interrupt, request_run
from apps.notebooks.models import Notebook
from tests.data.test_connections import _dump
from tests.data.test_queries import HOSTILE, add_query
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import SECRET
from tests.support.firebird import Firebird
from tests.support.processes import Database, WorkerProcess, in_place_of, wait_until
from tests.support.running import error_of, run_and_wait, stream_text, wait_for_run

# Computes for hours, and asks for nothing.
LONG = "SELECT count(*) FROM rdb$fields a, rdb$fields b, rdb$fields c, rdb$fields d, rdb$fields e"


def connect(person: Person, firebird: Firebird, **parts: Any) -> Connection:
    return create_connection(actor=person.actor, parts=Parts(name="shop", url=firebird.url, **parts))


def change(person: Person, connection: Connection, **parts: Any) -> Connection:
    return change_connection(actor=person.actor, connection_id=connection.id, parts=Parts(**parts))


def test_only_dialect_host_and_database_are_shown(owner: Person, firebird: Firebird) -> None:
    connection = connect(owner, firebird)
    shown = connection_json(connection)
    told = {name: shown[name] for name in ("kind", "dialect", "host", "port", "database", "user", "options")}
    assert told == {
        **{"kind": "sqlalchemy", "dialect": "firebird", "host": "127.0.0.1", "port": firebird.port},
        **{"database": "shop", "user": "", "options": {}},
    }
    assert opened(connection.sealed_secret) == firebird.url
    assert SECRET not in f"{shown} {target_of(connection)!r} {connection.__dict__}"
    check_connection(actor=owner.actor, connection_id=connection.id)
    change(owner, connection, url=firebird.url_of("analyst", f"{SECRET}-wrong"))
    with pytest.raises(Unavailable, match="user name and password") as refused:
        check_connection(actor=owner.actor, connection_id=connection.id)
    assert SECRET not in refused.value.message


def test_a_url_is_changed_as_a_whole(owner: Person, firebird: Firebird) -> None:
    connection = connect(owner, firebird)
    assert change(owner, connection, name="the shop", kind="sqlalchemy").sealed_secret
    for parts in ({"host": "db.example.com"}, {"secret": "x"}, {"database": "other"}):
        with pytest.raises(Invalid, match="Give the whole URL"):
            change(owner, connection, **parts)
    with pytest.raises(Invalid, match="a part of its URL"):
        change(owner, connection, url=firebird.url, secret="x")
    # What was known for one server does not come along to another kind of it.
    other = change(owner, connection, kind="postgresql", host="127.0.0.1")
    assert (other.kind, other.dialect, other.sealed_secret) == ("postgresql", "", "")
    with pytest.raises(Invalid, match="Give the whole URL"):
        change(owner, connection, kind="sqlalchemy")


def test_an_administrator_thinks_better_of_it(owner: Person, firebird: Firebird, settings: Any) -> None:
    connection = connect(owner, firebird)
    allowed: list[tuple[dict[str, list[str]], str]] = [
        ({"firebird": []}, "option that is not allowed"),
        ({}, "no kind of database called"),
    ]
    for dialects, said in allowed:
        settings.SQLALCHEMY_DIALECTS = dialects
        with pytest.raises(Invalid, match=said):
            target_of(connection)
    settings.SQLALCHEMY_DIALECTS = {"firebird": ["charset"]}
    settings.CONNECTION_PRIVATE_HOSTS = []
    with pytest.raises(Invalid, match="NOTEBOOK_CONNECTION_PRIVATE_HOSTS"):
        target_of(connection)


@pytest.mark.parametrize(
    ("dialect", "package"),
    [("trino", r"trino\[sqlalchemy\]"), ("nowhere", "brings SQLAlchemy's dialect nowhere")],
)
def test_what_has_to_be_installed_is_said(owner: Person, dialect: str, package: str) -> None:
    url = f"{dialect}://ana:{SECRET}@127.0.0.1:1/shop"
    connection = create_connection(actor=owner.actor, parts=Parts(name="shop", url=url))
    with pytest.raises(Unavailable, match=package):
        check_connection(actor=owner.actor, connection_id=connection.id)


def test_a_server_that_is_not_there(owner: Person) -> None:
    url = f"firebird://ana:{SECRET}@127.0.0.1:1/shop"
    connection = create_connection(actor=owner.actor, parts=Parts(name="shop", url=url))
    with pytest.raises(Unavailable, match="no way into the database") as refused:
        check_connection(actor=owner.actor, connection_id=connection.id)
    assert SECRET not in refused.value.message


def test_a_driver_has_a_process_of_its_own(owner: Person, firebird: Firebird) -> None:
    """What it may see, and that nothing but its own query ends with it."""
    target = target_of(connect(owner, firebird))
    with UrlSession(target) as session:
        pid = session._process.pid
        seen = [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline")]
        assert not [each for each in seen if SECRET.encode() in each or b"NOTEBOOK_" in each]
        assert session.ping().schema is not None
    assert not Path(f"/proc/{pid}").exists()
    with UrlSession(target) as session:
        session._process.kill()
        with pytest.raises(DatabaseError, match="was lost"):
            list(session.ping().batches())


def test_a_driver_that_says_nothing_is_given_up(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_url, "OPEN_TIMEOUT_S", 3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"firebird://ana:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/shop"
        connection = create_connection(actor=owner.actor, parts=Parts(name="silent", url=url))
        with pytest.raises(Unavailable, match="does not answer"):
            check_connection(actor=owner.actor, connection_id=connection.id)


def test_types_come_back(
    worker: WorkerProcess, firebird: Firebird, owner: Person, notebook: Notebook
) -> None:
    firebird.execute(
        "RECREATE TABLE t (a SMALLINT, b BIGINT, c DECIMAL(18,2), d TIMESTAMP, e TIME, f DATE, g DOUBLE PRECISION,"
        " h VARCHAR(20), i BLOB SUB_TYPE TEXT, j BLOB, k BOOLEAN, l CHAR(3), m INT)"
    )
    firebird.execute(
        "INSERT INTO t VALUES (-5, 9007199254740993, 1.10, '2024-01-01 12:00:00.5', '12:30:01', '2024-02-29', 0.5,"
        " 'é😀', 'long é', x'00ff', true, 'abc', null)"
    )
    firebird.execute("INSERT INTO t (a) VALUES (null)")
    firebird.execute("GRANT SELECT ON t TO analyst")
    connection = connect(owner, firebird)
    sql = add_query(owner, notebook, connection, "SELECT * FROM t")
    none = add_query(owner, notebook, connection, "SELECT h, a FROM t WHERE a > 0")
    shown = add_cell(
        owner,
        notebook,
        "import pandas as pd\nfor name, value in df_1.iloc[0].items():\n"
        "    print(name, repr(value.item() if name in 'abgk' and hasattr(value, 'item') else value))\n"
        "print(all(pd.isna(df_1[name][1]) for name in df_1.columns), df_2.shape, list(df_2.columns))",
    )
    assert run_and_wait(owner, notebook).status == "ok", error_of(sql) + error_of(none)
    assert stream_text(shown).splitlines() == [
        "a -5",
        "b 9007199254740993",
        "c Decimal('1.10')",
        "d Timestamp('2024-01-01 12:00:00.500000')",
        "e datetime.time(12, 30, 1)",
        "f datetime.date(2024, 2, 29)",
        "g 0.5",
        "h 'é😀'",
        "i 'long é'",
        "j b'\\x00\\xff'",
        "k True",
        "l 'abc'",
        "m nan",
        "True (0, 2) ['h', 'a']",
    ]


def test_values_are_never_text_of_the_statement(
    worker: WorkerProcess, firebird: Firebird, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, firebird)
    add_cell(
        owner,
        notebook,
        f"import datetime, decimal\nhostile, nobody, day = {HOSTILE!r}, [], datetime.date(2024, 2, 29)\n"
        "price = decimal.Decimal('12345678901234.5678')",
    )
    columns = ", ".join(
        f"CAST({{hostile[{number}]}} AS VARCHAR({max(200, len(text))})) AS c{number}"
        for number, text in enumerate(HOSTILE)
    )
    own = "SELECT CAST(mon$sql_text AS BLOB SUB_TYPE TEXT) AS said, "
    said = add_query(
        owner,
        notebook,
        connection,
        f"{own}{columns}, CAST({{day}} AS DATE) AS d, CAST({{price}} AS DECIMAL(18, 4)) AS p, '\\:x :y 12::30' AS t"
        " FROM mon$statements WHERE mon$attachment_id = current_connection AND mon$state = 1 /* :z hostile */",
    )
    listed = add_query(
        owner,
        notebook,
        connection,
        "SELECT CASE WHEN 'a' NOT IN {nobody} THEN 1 END AS nothing, CASE WHEN '''' IN ({hostile}) THEN 1 END AS"
        " found FROM rdb$database",
    )
    shown = add_cell(
        owner,
        notebook,
        "print([df_1[f'c{n}'][0] for n in range(len(hostile))] == hostile, df_1['d'][0] == day, df_1['p'][0] == price,"
        " df_1['t'][0], df_2.iloc[0].tolist())\n"
        "print(df_1['said'][0].count('?'), 'DROP' in df_1['said'][0], ':z hostile' in df_1['said'][0])",
    )
    assert run_and_wait(owner, notebook).status == "ok", error_of(said) + error_of(listed)
    first, second = stream_text(shown).splitlines()
    assert first == r"True True True \:x :y 12::30 [1, 1]"
    assert second == f"{len(HOSTILE) + 2} False True"
    assert firebird.execute("SELECT count(*) FROM goods") is not None


def test_errors_limits_and_what_may_be_written(
    worker: WorkerProcess, firebird: Firebird, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, firebird, timeout_s=2)
    add_cell(owner, notebook, "few = [1, 2]")
    told = {
        "SELECT * FRO x": "firebird: ",
        "SELECT 1 FROM rdb$database; DELETE FROM goods": "takes one statement",
        "DELETE FROM goods": "The connection is read-only",
        "EXECUTE BLOCK AS BEGIN DELETE FROM goods; END": "The connection is read-only",
        "-- nothing": "There is no statement",
        "SELECT {few} FROM rdb$database": "A list can stand after IN",
        "SELECT :x FROM rdb$database": "firebird: ",
        LONG: "took longer than 2 s",
    }
    cells = {source: add_query(owner, notebook, connection, source) for source in told}
    run_and_wait(owner, notebook, deadline_s=120)
    for source, expected in told.items():
        assert expected in error_of(cells[source]), source
        assert SECRET not in error_of(cells[source])
    wait_until(lambda: not firebird.running(), "the database has stopped")
    change(owner, connection, is_read_only=False, timeout_s=60)
    writing = add_query(owner, notebook, connection, "INSERT INTO goods VALUES ({few[0]})")
    assert run_and_wait(owner, notebook, "cell", writing).status == "ok", error_of(writing)
    assert ("1",) in firebird.execute("SELECT name FROM goods")


def test_an_interrupt_ends_it_in_the_database_too(
    worker: WorkerProcess, firebird: Firebird, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, firebird)
    sql = add_query(owner, notebook, connection, LONG)
    after = add_query(owner, notebook, connection, "SELECT 1 AS one FROM rdb$database")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=sql.id)
    wait_until(lambda: any("rdb$fields" in each for each in firebird.running()), "the database computes")
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    assert "KeyboardInterrupt" in error_of(sql)
    wait_until(lambda: not firebird.running(), "the database has stopped")
    wait_until(lambda: not QuerySlot.objects.exists(), "its place is free")
    assert run_and_wait(owner, notebook, "cell", after).status == "ok", error_of(after)


def test_a_lost_connection_is_an_error_of_the_cell(
    worker: WorkerProcess, firebird: Firebird, owner: Person, notebook: Notebook
) -> None:
    sql = add_query(owner, notebook, connect(owner, firebird), LONG)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=sql.id)
    wait_until(lambda: any("rdb$fields" in each for each in firebird.running()), "the database computes")
    firebird.execute("DELETE FROM mon$attachments WHERE mon$user = 'ANALYST'")
    wait_for_run(run)
    assert "firebird: " in error_of(sql) or "was lost" in error_of(sql)


def test_many_rows_come_in_batches_and_too_many_are_refused(
    worker: WorkerProcess, database: Database, firebird: Firebird, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, firebird)
    many = "SELECT a.rdb$field_name AS name FROM rdb$fields a, rdb$fields b, rdb$fields c"
    rows = add_query(owner, notebook, connection, f"{many} ROWS 20001")
    late = add_query(
        owner,
        notebook,
        connection,
        "SELECT CASE WHEN n > 60000 THEN n END AS n FROM (SELECT row_number() OVER () AS n"
        " FROM rdb$fields a, rdb$fields b, rdb$fields c ROWS 61000)",
    )
    shown = add_cell(owner, notebook, "print(len(df_1), df_2['n'].count(), df_2['n'].iloc[-1])")
    assert run_and_wait(owner, notebook).status == "ok", error_of(rows) + error_of(late)
    # A column that is empty for so long is text.
    assert stream_text(shown) == "20001 1000 61000\n"
    small = WorkerProcess(database.data_dir, database.url, NOTEBOOK_QUERY_MAX_ROWS="10000")
    with in_place_of(worker, small):
        run_and_wait(owner, notebook, "cell", rows)
    assert "more than 10,000 rows" in error_of(rows)


def test_tables_and_columns(firebird: Firebird, owner: Person, notebook: Notebook) -> None:
    firebird.execute("RECREATE VIEW dear AS SELECT name FROM goods")
    connection = connect(owner, firebird)
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    (schema,) = schema_of(actor=owner.actor, notebook_id=notebook.id, connection_id=connection.id)["schemas"]
    assert schema["is_default"]
    tables = {table["name"]: table for table in schema["tables"]}
    assert tables["goods"] == {
        **{"name": "goods", "written": "goods", "kind": "table"},
        "columns": [{"name": "name", "written": "name", "type": "VARCHAR(200) CHARACTER SET UTF8"}],
    }
    assert tables["dear"]["kind"] == "view"


def test_the_url_is_nowhere_but_in_its_column(
    worker: WorkerProcess, database: Database, firebird: Firebird, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, firebird)
    right = add_query(owner, notebook, connection, "SELECT 1 AS one FROM rdb$database")
    wrong = add_query(owner, notebook, connection, "SELEC 1")
    looked = add_cell(
        owner,
        notebook,
        f"import os\nsecret = ''.join(reversed({SECRET[::-1]!r}))\n"
        "print([n for n, v in os.environ.items() if secret in v], len(df_1))",
    )
    run_and_wait(owner, notebook)
    change(owner, connection, url=firebird.url_of("analyst", f"{SECRET}-wrong"))
    run_and_wait(owner, notebook, "cell", right)
    assert "user name and password" in error_of(right)
    assert stream_text(looked) == "[] 1\n"
    logs = [path for path in Path(database.data_dir, "logs").glob("*") if path.is_file()]
    told = [error_of(right), error_of(wrong), _dump(database)]
    told += [path.read_text(errors="replace") for path in logs]
    assert not [text[:200] for text in told if SECRET in text]
