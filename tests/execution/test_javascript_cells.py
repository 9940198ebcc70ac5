"""JavaScript cells: in the graph like any other, and a leaf of it. What they draw is in tests/browser."""

import json
from typing import Any

from apps.execution.dependencies import dependencies
from apps.notebooks.commands import configure_cell, configure_notebook, import_notebook
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.models import Cell, CellStatus, Mode, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WorkerProcess
from tests.support.running import outputs_of, run_and_wait

JAVASCRIPT = "application/vnd.tandem.javascript+json"


def add_javascript(person: Person, notebook: Notebook, source: str) -> Cell:
    return add_cell(person, notebook, source, kind="javascript")


def given(cell: Cell) -> dict[str, Any]:
    """What pages get to run."""
    (output,) = outputs_of(cell)
    assert output["output_type"] == "display_data"
    content: dict[str, Any] = output["data"][JAVASCRIPT]
    return content


def status_of(cell: Cell) -> str:
    cell.refresh_from_db()
    return cell.status


def test_it_runs_again_when_what_it_names_does(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    configure_notebook(actor=owner.actor, notebook_id=notebook.id, mode=Mode.AUTO)
    least = add_cell(owner, notebook, "least = 10")
    frame = add_cell(owner, notebook, "import pandas as pd\nsales = pd.DataFrame({'people': [21, 7]})")
    sql = add_cell(owner, notebook, "SELECT max(people) AS most FROM sales", kind="sql")
    source = "display(document.title, Math.max(least, sales.length), df_1[0].most)\nlet sum = 0"
    javascript = add_javascript(owner, notebook, source)
    unrelated = add_cell(owner, notebook, "other = 1")

    known = dependencies(notebook.id, None).cells[str(javascript.id)]
    assert known["reads"] == {"df_1": str(sql.id), "least": str(least.id), "sales": str(frame.id)}
    assert known["writes"] == []

    # What it needs runs before it.
    assert run_and_wait(owner, notebook, "cell", javascript).status == "ok"
    first = given(javascript)
    inputs = {"least": 10, "sales": [{"people": 21}, {"people": 7}], "df_1": [{"most": 21}]}
    assert (first["source"], first["inputs"]) == (source, inputs)
    assert status_of(unrelated) == CellStatus.IDLE

    # And it after that.
    write(owner, least, "least = 25")
    run_and_wait(owner, notebook, "cell", least)
    again = given(javascript)
    assert again["inputs"] == inputs | {"least": 25}
    assert again["execution_count"] > first["execution_count"]
    assert dependencies(notebook.id, None).cells[str(javascript.id)]["stale"] is None

    # A name of JavaScript's own, once a cell binds it, is the notebook's.
    write(owner, unrelated, "document = {'title': 'ours'}")
    stale = dependencies(notebook.id, None).cells[str(javascript.id)]
    assert stale["reads"]["document"] == str(unrelated.id)
    assert stale["stale"] == {"reason": "source_changed"}


def test_it_is_blocked_by_a_failure(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    failing = add_cell(owner, notebook, "numbers = [1 / 0]")
    javascript = add_javascript(owner, notebook, "display(numbers)")
    after = add_cell(owner, notebook, "print('alive')")
    assert run_and_wait(owner, notebook).status == "error"
    assert (status_of(failing), status_of(javascript), status_of(after)) == ("error", "blocked", "ok")
    assert javascript.blocked_by_id == failing.id


def test_what_cannot_be_handed_on_is_its_error(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "numbers = [object()]")
    javascript = add_javascript(owner, notebook, "display(numbers)")
    assert run_and_wait(owner, notebook).status == "error"
    (error,) = outputs_of(javascript)
    assert error["evalue"].startswith("numbers[0] is a object. Numbers, texts,")
    assert error["traceback"] == [error["evalue"]]


def test_another_kind_is_another_program(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "a = 1")
    cell = add_cell(owner, notebook, "b = a + 1")
    assert run_and_wait(owner, notebook).status == "ok"
    configure_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id, kind="javascript")
    known = dependencies(notebook.id, None).cells[str(cell.id)]
    assert (list(known["reads"]), known["writes"]) == (["a"], [])
    assert known["stale"] == {"reason": "source_changed"}


def test_in_another_language_it_never_runs(owner: Person) -> None:
    file = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"language_info": {"name": "r"}}, "cells": []}
    notebook = import_notebook(actor=owner.actor, content=json.dumps(file).encode(), filename="r.ipynb")
    add_javascript(owner, notebook, "display(1)")
    assert dependencies(notebook.id, None).cells == {}


def test_they_go_through_a_file(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "text = '</script>\\u2028'")
    javascript = add_javascript(owner, notebook, "display(text)")
    run_and_wait(owner, notebook)
    file = export_ipynb(notebook_id=notebook.id)
    node = json.loads(file)["cells"][1]
    assert (node["cell_type"], node["metadata"]) == ("code", {"tandem": {"kind": "javascript"}})
    imported = import_notebook(actor=owner.actor, content=file, filename="again.ipynb")
    again = Cell.objects.get(notebook=imported, kind="javascript")
    assert (again.source, again.metadata) == ("display(text)", {})
    assert given(again) == given(javascript)
