"""Sheets: dataframes in a real kernel, and in the graph like any other cell."""

import json

from apps.execution.dependencies import dependencies
from apps.notebooks.commands import configure_cell, configure_notebook, import_notebook
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.models import Cell, Mode, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WorkerProcess
from tests.support.running import outputs_of, run_and_wait, stream_text

SALES = (
    "item:text,price:number,pieces:number,sold:date,ok:boolean\npen,1.5,3,2026-11-22,TRUE\n,,,,\nink,,,,\n"
)
DTYPES = """
import pandas as pd
for name, dtype in sheet_1.dtypes.items():
    print(name, dtype, int(sheet_1[name].isna().sum()))
"""


def add_sheet(person: Person, notebook: Notebook, source: str) -> Cell:
    return add_cell(person, notebook, source, kind="sheet")


def stale_of(notebook: Notebook) -> dict[str, str]:
    cells = dependencies(notebook.id, None).cells
    return {cell_id: cell["stale"]["reason"] for cell_id, cell in cells.items() if cell["stale"]}


def test_a_dataframe_with_types(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    sheet = add_sheet(owner, notebook, SALES)
    shown = add_cell(owner, notebook, DTYPES)
    sql = add_cell(owner, notebook, "SELECT count(*) AS n, max(sold) AS last FROM sheet_1", kind="sql")
    assert (sheet.result_name, sql.result_name) == ("sheet_1", "df_1")
    assert run_and_wait(owner, notebook).status == "ok"
    assert stream_text(shown).splitlines() == [
        "item str 0",
        "price float64 1",
        "pieces Int64 1",
        "sold datetime64[us] 1",
        "ok boolean 1",
    ]
    assert outputs_of(sheet) == []
    (table,) = outputs_of(sql)
    assert "2026-11-22" in table["data"]["text/plain"]

    write(owner, sheet, "pieces:number\n3\n4\n")
    write(owner, shown, "print(sheet_1['pieces'].dtype, int(sheet_1['pieces'].sum()))")
    run_and_wait(owner, notebook, "cell", shown)
    assert stream_text(shown) == "int64 7\n"


def test_what_is_wrong_is_said_by_row_and_column(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    sheet = add_sheet(owner, notebook, "price:number\n1\nmuch\n" + "more\n" * 9)
    reader = add_cell(owner, notebook, "sheet_1")
    assert run_and_wait(owner, notebook).status == "error"
    (error,) = outputs_of(sheet)
    told = "\n".join(error["traceback"])
    assert told.startswith("Row 2, column “price”: “much” is not a number, such as 1200.5.\nRow 3, column")
    assert told.endswith("And 5 more.")
    reader.refresh_from_db()
    assert reader.status == "blocked"


def test_an_edit_makes_stale_and_a_run_brings_dependents_along(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    configure_notebook(actor=owner.actor, notebook_id=notebook.id, mode=Mode.AUTO)
    sheet = add_sheet(owner, notebook, "price:number\n1\n2\n")
    total = add_cell(owner, notebook, "print(int(sheet_1['price'].sum()))")
    aside = add_cell(owner, notebook, "price = 1")
    assert dependencies(notebook.id, None).cells[str(total.id)]["reads"] == {"sheet_1": str(sheet.id)}
    run_and_wait(owner, notebook)
    assert stream_text(total) == "3\n"

    write(owner, sheet, "price:number\n1\n5\n")
    assert stale_of(notebook) == {str(sheet.id): "source_changed", str(total.id): "producer_stale"}
    run_and_wait(owner, notebook, "cell", sheet)
    assert stream_text(total) == "6\n"
    assert stale_of(notebook) == {}
    aside.refresh_from_db()
    assert aside.execution_count == 3  # it does not need the sheet

    configure_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=sheet.id, result_name="prices")
    assert stale_of(notebook)[str(sheet.id)] == "source_changed"
    assert dependencies(notebook.id, None).cells[str(sheet.id)]["writes"] == ["prices"]


def test_a_file_keeps_it(owner: Person, notebook: Notebook) -> None:
    add_sheet(owner, notebook, SALES)
    content = export_ipynb(notebook_id=notebook.id)
    (node,) = json.loads(content)["cells"]
    assert (node["cell_type"], "".join(node["source"])) == ("code", SALES)
    assert node["metadata"]["tandem"] == {"kind": "sheet", "result_name": "sheet_1"}
    copy = import_notebook(actor=owner.actor, content=content, filename="copy.ipynb")
    (cell,) = Cell.objects.filter(notebook=copy)
    assert (cell.kind, cell.source, cell.result_name) == ("sheet", SALES, "sheet_1")
