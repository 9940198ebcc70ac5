"""SQL cells that ask a PostgreSQL elsewhere: real servers, workers and kernels."""

from apps.data.models import Connection, QuerySlot
from apps.execution.commands import interrupt, request_run
from apps.kernels.processes import workspace_of
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.elsewhere import Elsewhere, ask, connect
from tests.support.processes import Database, WorkerProcess, in_place_of, wait_until
from tests.support.running import (
    error_of,
    outputs_of,
    place_of_error,
    run_and_wait,
    stream_text,
    wait_for_run,
)


def add_query(person: Person, notebook: Notebook, connection: Connection, source: str) -> Cell:
    cell = add_cell(person, notebook, source, kind="sql")
    ask(person, cell, connection)
    return cell


def test_a_result_is_a_dataframe_of_the_kernel(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere)
    add_cell(owner, notebook, "least = 3\nnames = ['a', 'b']")
    sql = add_query(
        owner,
        notebook,
        connection,
        "SELECT i AS n, 'x' || i AS name FROM generate_series(1, 5) i\n"
        "WHERE i > {least} AND 'a' IN ({names}) ORDER BY i",
    )
    shown = add_cell(owner, notebook, "print(type(df_1).__name__, df_1.to_dict('list'))")
    assert run_and_wait(owner, notebook).status == "ok", error_of(sql)
    assert stream_text(shown) == "DataFrame {'n': [4, 5], 'name': ['x4', 'x5']}\n"
    (output,) = outputs_of(sql)
    assert "text/html" in output["data"]
    assert not any(workspace_of(notebook.id).iterdir())
    assert not QuerySlot.objects.exists()


def test_types_come_back(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    sql = add_query(
        owner,
        notebook,
        connect(owner, elsewhere),
        "SELECT * FROM (VALUES (true, 1::int2, 2::int4, 9007199254740993::int8, 0.5::float8, 1.10::numeric(20,2),"
        " 'é😀'::text, '\\x00ff'::bytea, '2024-02-29'::date, '12:30:01'::time, '2024-01-01 12:00'::timestamp,"
        " '2024-01-01 12:00+02'::timestamptz, '{\"a\": [1, null]}'::jsonb,"
        " '00000000-0000-0000-0000-000000000001'::uuid, array[1, null, 3], array['x', 'é'], '10.0.0.1'::inet,"
        " '1.5'::money, '[1,5)'::int4range, 'NaN'::numeric),"
        " (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,"
        " null, null, null)) AS t (b, i2, i4, i8, f, n, t, y, d, ti, ts, tz, j, u, ai, at, ip, m, r, nan)",
    )
    shown = add_cell(
        owner,
        notebook,
        "import pandas as pd\n"
        "row = df_1.iloc[0]\n"
        "for name in df_1.columns:\n"
        "    value = row[name].item() if hasattr(row[name], 'item') and name[0] in 'if' else row[name]\n"
        "    print(name, value.tolist() if hasattr(value, 'tolist') and name[0] == 'a' else repr(value))\n"
        "print([bool(pd.isna(df_1[name][1])) for name in df_1.columns].count(False), df_1['i8'].dtype)",
    )
    assert run_and_wait(owner, notebook).status == "ok", error_of(sql)
    assert stream_text(shown).splitlines() == [
        "b True",
        "i2 1",
        "i4 2",
        "i8 9007199254740993",
        "f 0.5",
        "n Decimal('1.10')",
        "t 'é😀'",
        "y b'\\x00\\xff'",
        "d datetime.date(2024, 2, 29)",
        "ti datetime.time(12, 30, 1)",
        "ts Timestamp('2024-01-01 12:00:00')",
        "tz Timestamp('2024-01-01 10:00:00+0000', tz='UTC')",
        "j {'a': [1, None]}",
        "u UUID('00000000-0000-0000-0000-000000000001')",
        "ai [1.0, nan, 3.0]",
        "at ['x', 'é']",
        "ip '10.0.0.1/32'",
        "m '$1.50'",
        "r '[1,5)'",
        "nan Decimal('NaN')",
        "0 Int64",
    ]


HOSTILE = [
    "'; DROP TABLE goods; --",
    "' OR '1'='1",
    '"; SELECT 1; --',
    "\\'; DROP TABLE goods",
    "$$; DROP TABLE goods; $$",
    "$1",
    "{least}",
    "/* */ UNION SELECT 1",
    "é\u202e😀",
    "%s ? :x %(a)s",
    "1); COMMIT; DROP TABLE goods; (",
    "E'\\\\'",
    "\\",
    "\\\\'",
    "''",
    "'",
    "\n; COMMIT; --\n",
    "\r\n\t",
    "$tag$ $tag$",
    "U&'\\0027'",
    "0x27",
    "'||(SELECT current_user)||'",
    "\x1b[31m",
    "x" * 5_000,
]


def test_values_are_never_text_of_the_statement(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    elsewhere.execute("CREATE TABLE IF NOT EXISTS goods (name text); GRANT SELECT ON goods TO analyst")
    connection = connect(owner, elsewhere)
    add_cell(owner, notebook, f"hostile = {HOSTILE!r}")
    for number in range(len(HOSTILE)):
        text = f"SELECT {{hostile[{number}]}} AS said, count(*) AS goods FROM goods /* {number} */"
        add_query(owner, notebook, connection, text)
    listed = add_query(
        owner,
        notebook,
        connection,
        "SELECT count(*) AS n FROM unnest({hostile}) said WHERE said IN ({hostile})",
    )
    results = ", ".join(f"df_{number + 1}" for number in range(len(HOSTILE)))
    shown = add_cell(
        owner,
        notebook,
        f"print([df['said'][0] for df in ({results})] == hostile, int(df_{len(HOSTILE) + 1}['n'][0]))",
    )
    assert run_and_wait(owner, notebook, deadline_s=100).status == "ok", error_of(listed)
    assert stream_text(shown) == f"True {len(HOSTILE)}\n"
    # The statement came without them, and they came beside it.
    statements = [line for line in elsewhere.log.splitlines() if "AS said, count(*)" in line]
    assert len(statements) >= len(HOSTILE)
    assert all(" $1 " in line and "DROP" not in line for line in statements)


def test_missing_values_and_empty_lists(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere)
    add_cell(
        owner,
        notebook,
        "import datetime, decimal, uuid\nnone, nobody = None, []\n"
        "v = {'d': datetime.date(2024, 2, 29), 't': datetime.datetime(2024, 1, 1, 12), 'n': decimal.Decimal('1.10'),\n"
        "  'b': b'\\x00x', 'f': 0.5, 'i': 2**70, 'y': True, 'u': uuid.UUID(int=1), 's': datetime.timedelta(hours=1)}",
    )
    sql = add_query(
        owner,
        notebook,
        connection,
        "SELECT {none}::int IS NULL AS a, 5 NOT IN {nobody} AND NOT 5 IN ({nobody}) AS b,"
        " {v['d']} = '2024-02-29'::date AS c,"
        " {v['t']} = '2024-01-01 12:00'::timestamp AS d, {v['n']} = 1.10 AS e, {v['b']} = '\\x0078'::bytea AS f,"
        " {v['f']} = 0.5 AS g, {v['i']} = 1180591620717411303424 AS h, {v['y']} AS i,"
        " {v['u']} = '00000000-0000-0000-0000-000000000001'::uuid AS j, {v['s']} = '1 hour'::interval AS k",
    )
    shown = add_cell(owner, notebook, "print(df_1.to_numpy().all(), df_1.shape)")
    assert run_and_wait(owner, notebook).status == "ok", error_of(sql)
    assert stream_text(shown) == "True (1, 11)\n"


def test_errors_say_what_to_do(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere, timeout_s=1)
    told = {
        "SELECT *\nFROM nowhere": 'Line 2: PostgreSQL: relation "nowhere" does not exist',
        "SELECT 1; SELECT 2": "Put each into a cell of its own",
        "COMMIT; CREATE TABLE evil (a int)": "Put each into a cell of its own",
        "CREATE TABLE evil (a int)": "read-only transaction",
        "SELECT current_date > {text}": "Name another after it",
        "SELECT pg_sleep(30)": "took longer than 1 s",
        "SELECT pg_terminate_backend(pg_backend_pid())": "was lost",
        "SELECT {nothing}": "there is nothing called nothing",
        "SELECT {1 + 1}": "only a name can stand in braces",
        "-- nothing": "There is no statement",
    }
    add_cell(owner, notebook, "text = '2024-01-01'")
    cells = {source: add_query(owner, notebook, connection, source) for source in told}
    run_and_wait(owner, notebook, deadline_s=100)
    for source, expected in told.items():
        assert expected in error_of(cells[source]), source
        assert "kernel_query" not in error_of(cells[source])


def test_an_error_has_its_place_in_the_cell(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere)
    add_cell(owner, notebook, "few, none, text = [1, 2], [], 'é😀'")
    told = {
        "SELECT 'é😀', nothing\nFROM pg_class": (1, 14, "nothing"),
        "SELECT {text}::text,\n  'é😀', {few[0]}, nothing FROM pg_class": (2, 19, "nothing FROM pg_class"),
        "SELECT 1 WHERE 1 IN {few} AND 1 IN ({few}) AND nothing": (1, 48, "nothing"),
        "SELECT 1 WHERE 1 NOT IN {none} AND 1 NOT IN ( {none} )\n AND nothing": (2, 6, "nothing"),
        "SELECT {text} FROM": (1, 19, ""),
        "INSERT INTO nothing VALUES ({text})": (1, 13, "nothing VALUES ({text})"),
        "-- é\nSELEC {text}": (2, 1, "SELEC {text}"),
        "SELECT '1 day'::interval, '(1,2)'::point, nothing": (1, 43, "nothing"),
    }
    cells = {source: add_query(owner, notebook, connection, source) for source in told}
    run_and_wait(owner, notebook, deadline_s=100)
    assert {source: place_of_error(cell) for source, cell in cells.items()} == told


def test_what_is_written_needs_a_connection_that_may(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere, is_read_only=False)
    elsewhere.execute("GRANT ALL ON SCHEMA public TO analyst")
    add_query(owner, notebook, connection, "CREATE TABLE IF NOT EXISTS written (a int)")
    add_cell(owner, notebook, "number = len(df_1) + 6")
    add_query(owner, notebook, connection, "INSERT INTO written VALUES ({number})")
    counted = add_query(owner, notebook, connection, "SELECT a FROM written WHERE {df_2.shape} IS NOT NULL")
    write(owner, counted, "SELECT count(*) AS n FROM written WHERE a = 7")
    for cell in Cell.objects.filter(notebook=notebook).order_by("order_key"):
        run_and_wait(owner, notebook, "cell", cell)
    assert elsewhere.execute("SELECT DISTINCT a FROM written") == [(7,)]


def test_an_interrupt_ends_it_in_the_database_too(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    sql = add_query(owner, notebook, connect(owner, elsewhere), "SELECT pg_sleep(300) /* long */")
    after = add_cell(owner, notebook, "print('alive')")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=sql.id)
    wait_until(lambda: any("long" in each for each in elsewhere.running()), "the database computes")
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    wait_until(lambda: not elsewhere.running(), "the database has stopped")
    sql.refresh_from_db()
    assert sql.status == CellStatus.ERROR
    assert "KeyboardInterrupt" in error_of(sql)
    assert run_and_wait(owner, notebook, "cell", after).status == "ok"
    wait_until(lambda: not QuerySlot.objects.exists(), "its place is free")


def test_a_lost_connection_is_an_error_of_the_cell(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    text = "SELECT i, pg_sleep(0.001) IS NULL AS slept FROM generate_series(1, 1000000) i /* lost */"
    sql = add_query(owner, notebook, connect(owner, elsewhere), text)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=sql.id)
    wait_until(lambda: any("lost" in each for each in elsewhere.running()), "the database sends")
    elsewhere.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%/* lo' || 'st */%'"
    )
    wait_for_run(run)
    assert "The connection to the database was lost" in error_of(sql)
    assert not any(workspace_of(notebook.id).iterdir())


def test_too_much_is_refused(
    worker: WorkerProcess, database: Database, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    small = WorkerProcess(
        database.data_dir,
        database.url,
        NOTEBOOK_QUERY_MAX_ROWS="1000",
        NOTEBOOK_QUERY_MAX_BYTES="100000",
    )
    connection = connect(owner, elsewhere)
    rows = add_query(owner, notebook, connection, "SELECT i FROM generate_series(1, 10000000) i")
    size = add_query(owner, notebook, connection, "SELECT repeat('x', 10000) FROM generate_series(1, 100) i")
    enough = add_query(owner, notebook, connection, "SELECT i FROM generate_series(1, 1000) i")
    with in_place_of(worker, small):
        run_and_wait(owner, notebook)
    assert "more than 1,000 rows" in error_of(rows)
    assert "The result has more than" in error_of(size)
    assert not error_of(enough)
    assert not any(workspace_of(notebook.id).iterdir())


def test_without_the_connection_nothing_is_asked(
    worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere)
    sql = add_query(owner, notebook, connection, "SELECT 1 AS one")
    forged = add_cell(
        owner,
        notebook,
        "import kernel_query\nprint(kernel_query.asked.ask([])['error'])",
    )
    assert run_and_wait(owner, notebook, "cell", sql).status == "ok"
    connection.notebooks.clear()
    run_and_wait(owner, notebook, "cell", sql)
    assert "not shared with this notebook" in error_of(sql)
    run_and_wait(owner, notebook, "cell", forged)
    assert stream_text(forged) == "Only an SQL cell whose source is a connection can ask a database.\n"


def test_a_new_owner_of_the_lane_asks_again(
    mortal_worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    reading = add_query(
        owner, notebook, connect(owner, elsewhere), "SELECT 1 AS one FROM pg_sleep(4) /* twice */"
    )
    shown = add_cell(owner, notebook, "print(int(df_1['one'][0]))")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_until(lambda: any("twice" in each for each in elsewhere.running()), "the database computes")
    mortal_worker.kill()
    mortal_worker.start()
    wait_for_run(run)
    reading.refresh_from_db()
    assert (reading.status, stream_text(shown)) == (CellStatus.OK, "1\n"), error_of(reading)


def test_what_may_have_been_written_is_not_written_again(
    mortal_worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere, is_read_only=False)
    sql = add_query(owner, notebook, connection, "SELECT 1 AS one FROM pg_sleep(4) /* once */")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_until(lambda: any("once" in each for each in elsewhere.running()), "the database computes")
    mortal_worker.kill()
    mortal_worker.start()
    wait_for_run(run)
    assert "nobody knows whether the statement was executed" in error_of(sql)
