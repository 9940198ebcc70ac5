"""SQL cells over dataframes and files: in a real kernel, and in the graph like any other."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from apps.base.errors import Invalid
from apps.execution.commands import interrupt, request_run
from apps.execution.dependencies import dependencies
from apps.execution.queries import snapshot
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import configure_cell, configure_notebook, create_cell, import_notebook
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.models import Cell, CellStatus, Mode, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WorkerProcess
from tests.support.replay import verified_replay
from tests.support.running import (
    error_of,
    outputs_of,
    place_of_error,
    run_and_wait,
    stream_text,
    wait_for_run,
    wait_for_status,
)

SALES = (
    "import pandas as pd\nsales = pd.DataFrame({'city': ['Paris', 'Rome', 'Oslo'], 'people': [21, 28, 7]})"
)


def add_sql(person: Person, notebook: Notebook, source: str) -> Cell:
    return add_cell(person, notebook, source, kind="sql")


def rename(person: Person, cell: Cell, name: str) -> None:
    configure_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, result_name=name)


def told(notebook: Notebook) -> Mapping[str, dict[str, Any]]:
    """What is known of each cell, by id."""
    return dependencies(notebook.id, None).cells


def test_a_result_is_a_dataframe_that_others_use(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, SALES + "\nleast = 10")
    sql = add_sql(owner, notebook, "SELECT city, people FROM sales WHERE people > {least} ORDER BY people")
    again = add_sql(owner, notebook, "SELECT max(people) AS most FROM df_1")
    shown = add_cell(owner, notebook, "print(type(df_1).__name__, list(df_1['city']), int(df_2['most'][0]))")
    assert (sql.result_name, again.result_name) == ("df_1", "df_2")
    assert run_and_wait(owner, notebook).status == "ok"
    assert stream_text(shown) == "DataFrame ['Paris', 'Rome'] 28\n"
    (output,) = outputs_of(sql)
    assert output["output_type"] == "execute_result"
    assert "Rome" in output["data"]["text/plain"]
    assert "text/html" in output["data"]


def test_the_graph_knows_what_it_reads(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    configure_notebook(actor=owner.actor, notebook_id=notebook.id, mode=Mode.AUTO)
    least = add_cell(owner, notebook, "least = 10")
    frame = add_cell(owner, notebook, SALES)
    sql = add_sql(owner, notebook, "SELECT count(*) AS n FROM sales, unrelated WHERE people > {least}")
    reader = add_cell(owner, notebook, "n = int(df_1['n'][0])\nprint(n)")
    known = told(notebook)[str(sql.id)]
    assert known["reads"] == {"least": str(least.id), "sales": str(frame.id)}
    assert known["writes"] == ["df_1"]
    write(owner, sql, "SELECT count(*) AS n FROM sales WHERE people > {least}")
    run_and_wait(owner, notebook)
    assert stream_text(reader) == "2\n"

    # A change of what it reads runs it, and what reads its result.
    write(owner, least, "least = 25")
    run_and_wait(owner, notebook, "cell", least)
    assert stream_text(reader) == "1\n"
    assert all(cell["stale"] is None for cell in told(notebook).values())

    # Another name of the result is another program.
    rename(owner, sql, "cities")
    stale = {cell_id: cell["stale"] for cell_id, cell in told(notebook).items() if cell["stale"]}
    assert stale[str(sql.id)] == {"reason": "source_changed"}
    assert told(notebook)[str(sql.id)]["writes"] == ["cities"]


def test_a_clean_run_gives_the_same(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    """With the name of a result bound twice, and used in between."""
    add_cell(owner, notebook, "import pandas as pd\nt = pd.DataFrame({'a': [1, 2, 3]})")
    first = add_sql(owner, notebook, "SELECT sum(a) AS a FROM t")
    rename(owner, first, "t2")
    one = add_cell(owner, notebook, "print(int(t2['a'][0]))")
    second = add_sql(owner, notebook, "SELECT a * 10 AS a FROM t2")
    rename(owner, second, "t2")
    two = add_cell(owner, notebook, "print(int(t2['a'][0]))")
    for cell in (one, two, one, None):
        run_and_wait(owner, notebook, "cell" if cell else "all", cell)
        assert {stream_text(one), stream_text(two)} <= {"6\n", "60\n", ""}
    assert (stream_text(one), stream_text(two)) == ("6\n", "60\n")
    assert told(notebook)[str(second.id)]["reads"] == {"t2": str(first.id)}


HOSTILE = [
    "'; DROP TABLE sales; --",
    "' OR '1'='1",
    '"; SELECT 1; --',
    "\\'; DROP TABLE sales",
    "$$; DROP TABLE sales; $$",
    "{least}",
    "/* */ UNION SELECT 1",
    "\x00nul",
    "é\u202e😀",
    "%s $1 ? :x",
    "1); ATTACH 'x.db'; (",
]


def test_values_are_never_text_of_the_statement(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, f"{SALES}\nhostile = {HOSTILE!r}")
    sql = add_sql(owner, notebook, "SELECT unnest({hostile}) AS said, (SELECT count(*) FROM sales) AS n")
    listed = add_sql(owner, notebook, "SELECT count(*) AS n FROM df_1 WHERE said IN ({hostile})")
    shown = add_cell(
        owner,
        notebook,
        "print(list(df_1['said']) == hostile, set(df_1['n']), int(df_2['n'][0]) == len(hostile))",
    )
    assert run_and_wait(owner, notebook).status == "ok", [error_of(cell) for cell in (sql, listed)]
    assert stream_text(shown) == "True {3} True\n"


def test_types_come_back(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    add_cell(
        owner,
        notebook,
        "import datetime, decimal, uuid, numpy as np, pandas as pd\n"
        "values = {'d': datetime.date(2024, 2, 29), 't': datetime.datetime(2024, 1, 1, 12, 30), 'n': None,\n"
        "  'm': decimal.Decimal('1.10'), 'b': b'\\x00x', 'f': np.float64(0.5), 'i': np.int64(7), 'y': True,\n"
        "  'p': pd.Timestamp('2024-05-01'), 'u': uuid.UUID(int=1), 'none': [], 'many': np.array([1, 3])}",
    )
    add_sql(
        owner,
        notebook,
        "SELECT {values['d']} AS d, {values['t']} AS t, {values['n']} AS n, {values['m']}::DECIMAL(9,2) AS m, "
        "{values['b']} AS b, {values['f']} AS f, {values['i']} AS i, {values['y']} AS y, {values['p']} AS p, "
        "{values['u']}::VARCHAR AS u, 5 NOT IN {values['none']} AS o, 3 IN ({values['many']}) AS k",
    )
    shown = add_cell(
        owner,
        notebook,
        "r = df_1.iloc[0]\n"
        "print(str(r['d'])[:10], r['t'], pd.isna(r['n']), float(r['m']), bytes(r['b']), r['f'], r['i'], r['y'], "
        "str(r['p'])[:10], r['u'][-1], r['o'], r['k'])",
    )
    run = run_and_wait(owner, notebook)
    assert run.status == "ok"
    assert stream_text(shown) == (
        "2024-02-29 2024-01-01 12:30:00 True 1.1 b'\\x00x' 0.5 7 True 2024-05-01 1 True True\n"
    )


@pytest.mark.parametrize(
    ("source", "told_as"),
    [
        ("SELECT *\nFROM nowhere", "Line 2: Catalog Error: Table with name nowhere does not exist"),
        ("SELEC 1", "Line 1: Parser Error"),
        ("SELECT {1 + 1}", "only a name can stand in braces"),
        ("SELECT {nothing}", "there is nothing called nothing"),
        ("-- nothing", "There is no statement"),
        ("SELECT * FROM _hidden", "_hidden does not exist"),
    ],
)
def test_errors_are_the_database_s(
    worker: WorkerProcess, owner: Person, notebook: Notebook, source: str, told_as: str
) -> None:
    add_cell(owner, notebook, "import pandas as pd\n_hidden = pd.DataFrame({'a': [1]})")
    sql = add_sql(owner, notebook, source)
    assert run_and_wait(owner, notebook).status == "error"
    assert told_as in error_of(sql)
    assert "kernel_sql" not in error_of(sql)


def test_files_and_several_statements(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    (workspace_of(notebook.id) / "in.csv").write_text("a,b\n1,x\n2,y\n")
    sql = add_sql(
        owner,
        notebook,
        "CREATE TABLE t AS SELECT * FROM 'in.csv';\nINSERT INTO t VALUES (3, 'z');\n"
        "COPY t TO 'out.parquet';\nSELECT sum(a)::INT AS n FROM 'out.parquet'",
    )
    assert run_and_wait(owner, notebook).status == "ok", error_of(sql)
    assert "6" in outputs_of(sql)[0]["data"]["text/plain"]
    # Nothing of it is left for others.
    other = add_sql(owner, notebook, "SELECT * FROM t")
    run_and_wait(owner, notebook, "cell", other)
    assert "does not exist" in error_of(other)


def test_a_long_query_is_interrupted(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    sql = add_sql(
        owner,
        notebook,
        "SELECT count(*) FROM range(10000000000) a, range(1000) b WHERE a.range % 7 = b.range",
    )
    after = add_cell(owner, notebook, "print('alive')")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=sql.id)
    wait_for_status(sql, CellStatus.RUNNING)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    sql.refresh_from_db()
    assert sql.status == CellStatus.ERROR
    assert "KeyboardInterrupt" in error_of(sql)
    run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "alive\n"


def test_names_of_results(owner: Person, notebook: Notebook, viewer: Person) -> None:
    first, second = add_sql(owner, notebook, ""), add_sql(owner, notebook, "")
    python = add_cell(owner, notebook, "")
    assert [cell.result_name for cell in (first, second, python)] == ["df_1", "df_2", ""]
    with verified_replay(owner, notebook, events=1):
        rename(owner, first, "sales")
    with verified_replay(owner, notebook, events=0):
        rename(owner, first, "sales")
    with verified_replay(owner, notebook, events=1):
        configure_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=python.id, kind="sql")
    python.refresh_from_db()
    assert python.result_name == "df_1"
    for name in ("", "1", "a b", "_a", "class", "a" * 101):
        with pytest.raises(Invalid, match="name of Python's"):
            rename(owner, first, name)
    cells = snapshot(actor=viewer.actor, notebook_id=notebook.id)["notebook"]["cells"]
    assert [cell["result_name"] for cell in cells] == ["sales", "df_2", "df_1"]


def test_they_go_through_a_file(owner: Person, notebook: Notebook) -> None:
    create_cell(actor=owner.actor, notebook_id=notebook.id, kind="sql", source="SELECT 1")
    (cell,) = Cell.objects.filter(notebook=notebook)
    rename(owner, cell, "one")
    file = export_ipynb(notebook_id=notebook.id)
    (node,) = json.loads(file)["cells"]
    assert node["metadata"] == {"tandem": {"kind": "sql", "result_name": "one"}}
    imported = import_notebook(actor=owner.actor, content=file, filename="again.ipynb")
    (again,) = Cell.objects.filter(notebook=imported)
    assert (again.kind, again.result_name, again.metadata) == ("sql", "one", {})


def test_an_error_has_its_place_in_the_cell(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "few, text = [1, 2], 'é😀'")
    told = {
        "SELECT 'é😀', nothing": (1, 14, "nothing"),
        "SELECT 1;\nSELECT {text},\n 'é😀', 1 IN {few}, nothing": (3, 20, "nothing"),
        "SELECT {text} FROM FROM x": (1, 20, "FROM x"),
    }
    cells = {source: add_cell(owner, notebook, source, kind="sql") for source in told}
    run_and_wait(owner, notebook, deadline_s=100)
    assert {source: place_of_error(cell) for source, cell in cells.items()} == told
