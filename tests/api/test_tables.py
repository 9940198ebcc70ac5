"""notebooks/{id}/tables/… and the socket's commands, on a real kernel."""

import http.client
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from apps.api import table_shapes as shapes
from apps.base.errors import NotFound
from apps.execution.table_view import TableView
from apps.execution.tables import table_page
from apps.notebooks.models import Cell, Notebook
from tests.api.caller import BASE, Caller
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.running import outputs_of, run_and_wait
from tests.support.socket import NotebookSocket

TABLE = "application/vnd.tandem.table+json"
MADE = "import pandas as pd\npd.DataFrame({'n': range(2000), 'name': [f'row {n}' for n in range(2000)]})"
BACKWARDS = {"sort": [{"column": 0, "is_descending": True}]}

Json = dict[str, Any]


@pytest.fixture
def cell(worker: WorkerProcess, owner: Person, notebook: Notebook) -> Cell:
    cell = add_cell(owner, notebook, MADE)
    run_and_wait(owner, notebook)
    return cell


def table_of(cell: Cell) -> Json:
    table: Json = outputs_of(cell)[0]["data"][TABLE]
    return table


def path_of(notebook: Notebook, cell: Cell) -> str:
    return f"notebooks/{notebook.id}/tables/{table_of(cell)['table_id']}/"


def test_rows_cells_and_summaries(viewer: Person, notebook: Notebook, cell: Cell) -> None:
    assert len(table_of(cell)["rows"]) == 50
    path, caller = path_of(notebook, cell), Caller(viewer)
    found = caller.get(f"{path}rows/", offset=1990, limit=500).shaped(shapes.TableRows)
    assert (found["row_count"], found["numbers"]) == (2000, list(range(1990, 2000)))
    view = BACKWARDS | {"filters": [{"column": 1, "operation": "contains", "value": "99"}], "search": "ROW 1"}
    found = caller.get(f"{path}rows/", view=orjson.dumps(view).decode(), limit=2).shaped(shapes.TableRows)
    assert found["rows"] == [["1999", "row 1999"], ["1998", "row 1998"]]
    assert found["row_count"] == 20
    assert caller.get(f"{path}cell/", row=7, column=1).shaped(shapes.TableCell) == {"text": "row 7"}
    (first, second) = caller.get(f"{path}summary/").shaped(shapes.TableSummary)["summaries"]
    assert (first["min"], first["max"], sum(first["bins"])) == ("0", "1999", 2000)
    assert (second["nulls"], second["distinct"]) == (0, 2000)


def downloaded(server: WebProcess, person: Person, path: str, **query: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", f"{BASE}{path}download/?{urlencode(query)}", headers=person.bearer)
    return connection.getresponse()


def test_downloads(server: WebProcess, viewer: Person, notebook: Notebook, cell: Cell) -> None:
    path = path_of(notebook, cell)
    response = downloaded(server, viewer, path, format="csv", view=orjson.dumps(BACKWARDS).decode())
    content = response.read()
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="table.csv"'
    assert int(response.headers["Content-Length"]) == len(content)
    lines = content.decode().splitlines()
    assert (lines[0], lines[1], len(lines)) == ("n,name", "1999,row 1999", 2001)
    parquet = downloaded(server, viewer, path, format="parquet").read()
    assert (parquet[:4], parquet[-4:]) == (b"PAR1", b"PAR1")


def test_a_large_download_is_read_piece_by_piece(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "import pandas as pd\npd.DataFrame({'n': range(700_000)})")
    run_and_wait(owner, notebook)
    lines = downloaded(server, owner, path_of(notebook, cell)).read().decode().split()
    assert lines == ["n", *map(str, range(700_000))]


def test_what_is_refused(owner: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    path, caller = path_of(notebook, cell), Caller(owner)
    for view in ("{", "[]", '{"sort": 1}', '{"sort": [{"column": "n"}]}', '{"order": []}', '{"search": 1}'):
        caller.get(f"{path}rows/", view=view).refused(400, "invalid")
    strange = orjson.dumps({"filters": [{"column": 0, "operation": "sounds_like", "value": ""}]}).decode()
    assert "contains" in caller.get(f"{path}rows/", view=strange).refused(400, "invalid")["message"]
    wrong = orjson.dumps({"filters": [{"column": 0, "operation": "less", "value": "many"}]}).decode()
    assert "many" in caller.get(f"{path}rows/", view=wrong).refused(400, "invalid")["message"]
    outside = orjson.dumps({"sort": [{"column": 7, "is_descending": False}]}).decode()
    caller.get(f"{path}rows/", view=outside).refused(400, "invalid")
    for query in ({"limit": 501}, {"limit": 0}, {"offset": -1}, {"size": 1}):
        caller.get(f"{path}rows/", **query).refused(400, "invalid")
    caller.get(f"{path}download/", format="xlsx").refused(400, "invalid")
    caller.get(f"notebooks/{notebook.id}/tables/unknown/rows/").refused(404, "not_found")
    Caller(stranger).get(f"{path}rows/").refused(404, "not_found")
    with pytest.raises(NotFound):
        table_page(
            actor=stranger.actor,
            notebook_id=notebook.id,
            table_id=table_of(cell)["table_id"],
            view=TableView.of(None),
            offset=0,
            limit=1,
        )


def test_a_kernel_that_is_off(owner: Person, notebook: Notebook) -> None:
    error = Caller(owner).get(f"notebooks/{notebook.id}/tables/any/rows/").refused(503, "unavailable")
    assert "idle" in error["message"]


def test_over_the_socket(server: WebProcess, viewer: Person, notebook: Notebook, cell: Cell) -> None:
    table_id = table_of(cell)["table_id"]
    with NotebookSocket(server, notebook.id, viewer) as page:
        place = {"table_id": table_id, "offset": 0, "limit": 1}
        answer = page.result("table_page", view=BACKWARDS, **place)
        while answer["is_pending"]:
            answer = page.result("table_page", view=BACKWARDS, **place)
        assert answer["rows"] == [["1999", "row 1999"]]
        assert page.result("table_page", columns=[1, 2], **place)["rows"] == [["row 0"]]
        assert page.result("table_cell", table_id=table_id, row=3, column=1)["text"] == "row 3"
        assert len(page.result("table_summary", table_id=table_id, columns=[0, 2])["summaries"]) == 2
        assert page.result("table_file", table_id=table_id, format="csv")["size_bytes"] > 2000
        for fields in ({"offset": "0"}, {"columns": [0]}, {"columns": [5, 2]}, {"view": 3}, {"limit": 501}):
            assert page.call("table_page", **(place | fields))["error"]["code"] == "invalid"


def test_what_a_changed_kernel_says_is_checked(owner: Person, notebook: Notebook, cell: Cell) -> None:
    forged = add_cell(
        owner,
        notebook,
        """
async def answer(self, asked):
    return {"state": "ok", "row_count": -5, "numbers": ["x"], "rows": [[1, {"a": 2}, "y" * 600], 3], "text": ["z"],
            "summaries": [{"nulls": "many", "bins": [1, "b"], "top": [[1, 2], 3]}, 7]}
type(get_ipython().kernel._tables).answer = answer""",
    )
    run_and_wait(owner, notebook, "cell", forged)
    path, caller = path_of(notebook, cell), Caller(owner)
    found = caller.get(f"{path}rows/").shaped(shapes.TableRows)
    assert found == {"row_count": 0, "numbers": [0], "rows": [[None, None, "y" * 500], []]}
    assert caller.get(f"{path}cell/", row=0, column=0).json == {"text": None}
    first, second = caller.get(f"{path}summary/").json["summaries"]
    assert (first["nulls"], first["bins"], first["top"], second) == (0, [1, 0], [["", 2]], None)
