"""SQL cells that ask a MariaDB: real server, worker and kernel."""

import pytest

from apps.base.errors import Unavailable
from apps.data.commands import change_connection, check_connection, create_connection
from apps.data.connection_parts import Parts
from apps.data.models import Connection
from apps.execution.commands import interrupt, request_run
from apps.notebooks.models import Cell, Notebook
from tests.data.test_queries import HOSTILE, add_query
from tests.support.cast import Person, add_cell
from tests.support.mariadb import MariaDb
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import error_of, place_of_error, run_and_wait, stream_text, wait_for_run


def connect(
    person: Person, mariadb: MariaDb, *, is_read_only: bool = True, timeout_s: int = 60
) -> Connection:
    parts = Parts(name="shop", url=mariadb.url, is_read_only=is_read_only, timeout_s=timeout_s)
    return create_connection(actor=person.actor, parts=parts)


def test_types_come_back(worker: WorkerProcess, mariadb: MariaDb, owner: Person, notebook: Notebook) -> None:
    mariadb.execute(
        "CREATE OR REPLACE TABLE shop.t (a TINYINT UNSIGNED, b BIGINT UNSIGNED, c DECIMAL(20,2), d DATETIME(6),"
        " f TIME, g YEAR, h BIT(9), j VARBINARY(10), k TEXT, l ENUM('x','y'), m DATE, n FLOAT, p MEDIUMINT)"
    )
    mariadb.execute(
        "INSERT INTO shop.t VALUES (200, 18446744073709551615, 1.10, '2024-01-01 12:00:00.5', '-12:30:01', 2024,"
        " b'101', x'00ff', 'é😀', 'x', '2024-02-29', 0.5, -5),"
        " (null, null, null, null, null, null, null, null, null, null, null, null, null)"
    )
    sql = add_query(owner, notebook, connect(owner, mariadb), "SELECT * FROM t")
    shown = add_cell(
        owner,
        notebook,
        "import pandas as pd\nfor name, value in df_1.iloc[0].items():\n"
        "    print(name, repr(value.item() if name in 'abghnp' else value))\n"
        "print(all(pd.isna(df_1[name][1]) for name in df_1.columns))",
    )
    assert run_and_wait(owner, notebook).status == "ok", error_of(sql)
    assert stream_text(shown).splitlines() == [
        "a 200",
        "b 18446744073709551615",
        "c Decimal('1.10')",
        "d Timestamp('2024-01-01 12:00:00.500000')",
        "f Timedelta('-1 days +11:29:59')",
        "g 2024",
        "h 5",
        "j b'\\x00\\xff'",
        "k 'é😀'",
        "l 'x'",
        "m datetime.date(2024, 2, 29)",
        "n 0.5",
        "p -5",
        "True",
    ]


def test_values_are_never_text_of_the_statement(
    worker: WorkerProcess, mariadb: MariaDb, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, mariadb)
    add_cell(
        owner,
        notebook,
        f"import datetime\nhostile, nobody, day = {HOSTILE!r}, [], datetime.date(2024, 2, 29)",
    )
    columns = ", ".join(f"{{hostile[{number}]}} AS c{number}" for number in range(len(HOSTILE)))
    said = add_query(owner, notebook, connection, f"SELECT {columns}, {{day}} AS day /* hostile */")
    listed = add_query(
        owner, notebook, connection, "SELECT 'a' NOT IN {nobody} AS nothing, '''' IN ({hostile}) AS found"
    )
    shown = add_cell(
        owner,
        notebook,
        "print([df_1[f'c{n}'][0] for n in range(len(hostile))] == hostile, df_1['day'][0] == day,"
        " df_2.iloc[0].tolist())",
    )
    assert run_and_wait(owner, notebook).status == "ok", error_of(said) + error_of(listed)
    assert stream_text(shown) == "True True [1, 1]\n"
    (prepared,) = [line for line in mariadb.log.splitlines() if "Prepare" in line and "/* hostile */" in line]
    assert prepared.count(" ? ") == len(HOSTILE) + 1
    assert "DROP" not in prepared


def test_errors_limits_and_what_may_be_written(
    worker: WorkerProcess, mariadb: MariaDb, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, mariadb, timeout_s=1)
    told = {
        "SELECT\n* FRO x": "Line 2: MySQL:",
        "SELECT 1; DROP TABLE t": "You have an error in your SQL syntax",
        "CREATE TABLE evil (a INT)": "READ ONLY transaction",
        "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t": "MySQL:",
        "SELECT sleep(60)": "took longer than 1 s",
    }
    cells = {source: add_query(owner, notebook, connection, source) for source in told}
    run_and_wait(owner, notebook)
    for source, expected in told.items():
        assert expected in error_of(cells[source]), source
    assert not mariadb.execute("SHOW TABLES FROM shop LIKE 'evil'")
    change_connection(
        actor=owner.actor, connection_id=connection.id, parts=Parts(is_read_only=False, timeout_s=30)
    )
    writing = add_query(owner, notebook, connection, "CREATE OR REPLACE TABLE written AS SELECT 7 AS a")
    inserting = add_query(owner, notebook, connection, "INSERT INTO written VALUES (8)")
    for cell in (writing, inserting):
        assert run_and_wait(owner, notebook, "cell", cell).status == "ok", error_of(cell)
    assert mariadb.execute("SELECT a FROM shop.written ORDER BY a") == [(7,), (8,)]


def test_an_interrupt_and_a_loss(
    worker: WorkerProcess, mariadb: MariaDb, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, mariadb)
    long = add_query(owner, notebook, connection, "SELECT sleep(300) /* long */")
    lost = add_query(owner, notebook, connection, "SELECT sleep(300) /* lost */")

    def run(cell: Cell) -> None:
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
        wait_until(lambda: any("sleep(300)" in each for each in mariadb.running()), "the database computes")
        if cell == long:
            interrupt(actor=owner.actor, notebook_id=notebook.id)
        else:
            mariadb.kill_running()
        wait_for_run(run)
        wait_until(lambda: not mariadb.running(), "the database has stopped")

    run(long)
    assert "KeyboardInterrupt" in error_of(long)
    run(lost)
    assert "The connection to the database was lost" in error_of(lost)


def test_check(mariadb: MariaDb, owner: Person) -> None:
    connection = connect(owner, mariadb)
    check_connection(actor=owner.actor, connection_id=connection.id)
    change_connection(actor=owner.actor, connection_id=connection.id, parts=Parts(secret="wrong"))
    with pytest.raises(Unavailable, match="Access denied"):
        check_connection(actor=owner.actor, connection_id=connection.id)


def test_an_error_of_syntax_has_its_place_in_the_cell(
    worker: WorkerProcess, mariadb: MariaDb, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "few, text = [1, 2], 'é😀'")
    told = {
        "SELECT *, 'é😀'\n, FROM x": (2, 3, "FROM x"),
        "SELECT {text}, 1 IN {few}\n, 'é😀', 'é' FROM FROM x": (2, 18, "FROM x"),
        "SELECT 1 FROM x WHERE 'é' = {text} AND": (1, 39, ""),
        "SELEC {text}": (1, 1, "SELEC {text}"),
    }
    connection = connect(owner, mariadb)
    cells = {source: add_query(owner, notebook, connection, source) for source in told}
    run_and_wait(owner, notebook, deadline_s=100)
    assert {source: place_of_error(cell) for source, cell in cells.items()} == told
