"""notebooks/{id}/cells/…"""

from typing import Any
from uuid import uuid4

import pytest

from apps.api import responses
from apps.journal.models import NotebookEvent
from apps.notebooks.models import Cell, Notebook, Output
from tests.api.caller import Caller
from tests.support.cast import Person, add_cell


def sources(notebook: Notebook) -> list[str]:
    cells = Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key")
    return list(cells.values_list("source", flat=True))


def path_of(cell: Cell) -> str:
    return f"notebooks/{cell.notebook_id}/cells/{cell.id}/"


def test_create_at_the_end_the_top_and_after_a_cell(editor: Person, notebook: Notebook, cell: Cell) -> None:
    path = f"notebooks/{notebook.id}/cells/"
    caller = Caller(editor)
    made = caller.post(path, {"kind": "markdown", "source": "end"}).shaped(responses.Cell, 201)
    assert (made["kind"], made["version"], made["status"], made["outputs"]) == ("markdown", 0, "idle", [])
    caller.post(path, {"kind": "python", "source": "last", "after": None}).shaped(responses.Cell, 201)
    caller.post(path, {"kind": "sql", "source": "top", "after": ""}).shaped(responses.Cell, 201)
    caller.post(path, {"kind": "raw", "source": " \nsecond\n", "after": str(cell.id)}).shaped(
        responses.Cell, 201
    )
    assert sources(notebook) == ["top", "x = 1", " \nsecond\n", "end", "last"]


def test_a_creation_can_be_repeated(editor: Person, notebook: Notebook) -> None:
    cell_id = str(uuid4())
    body = {"kind": "python", "cell_id": cell_id}
    assert Caller(editor).post(f"notebooks/{notebook.id}/cells/", body).json["id"] == cell_id
    error = Caller(editor).post(f"notebooks/{notebook.id}/cells/", body).refused(409, "conflict")
    assert error["details"] == {"cell_id": cell_id}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "fortran"}, "kind"),
        ({"kind": "python", "source": None}, "source"),
        ({"kind": "python", "source": 1}, "source"),
        ({"kind": "python", "source": "\x00"}, "source"),
        ({"kind": "python", "after": 5}, "after"),
        ({"kind": "python", "after": "x"}, "after"),
        ({"kind": "python", "after": []}, "after"),
        ({"kind": "python", "cell_id": 5}, "cell_id"),
        ({"kind": "python", "position": 5}, "position"),
    ],
)
def test_create_says_which_field_is_wrong(editor: Person, notebook: Notebook, body: Any, field: str) -> None:
    error = Caller(editor).post(f"notebooks/{notebook.id}/cells/", body).refused(400, "invalid")
    assert list(error["details"]["fields"]) == [field]
    assert sources(notebook) == []


def test_create_after_a_cell_that_is_gone(editor: Person, notebook: Notebook) -> None:
    body = {"kind": "python", "after": str(uuid4())}
    Caller(editor).post(f"notebooks/{notebook.id}/cells/", body).refused(404, "not_found")


def test_a_source_may_not_be_endless(editor: Person, notebook: Notebook) -> None:
    body = {"kind": "python", "source": "x" * 2_000_001}
    Caller(editor).post(f"notebooks/{notebook.id}/cells/", body).refused(413, "too_large")


def test_edit_makes_a_version(editor: Person, cell: Cell) -> None:
    Output.objects.create(cell=cell, position=0, body={"output_type": "stream", "name": "stdout"}, text="a")
    edited = (
        Caller(editor).patch(path_of(cell), {"source": "y", "expected_version": 0}).shaped(responses.Cell)
    )
    assert (edited["source"], edited["version"], len(edited["outputs"])) == ("y", 1, 1)
    same = Caller(editor).patch(path_of(cell), {"source": "y", "expected_version": 1})
    assert same.json["version"] == 1


def test_an_edit_of_an_old_version_is_refused_with_the_current_text(editor: Person, cell: Cell) -> None:
    caller = Caller(editor)
    caller.patch(path_of(cell), {"source": "theirs", "expected_version": 0})
    error = caller.patch(path_of(cell), {"source": "mine", "expected_version": 0}).refused(409, "conflict")
    assert error["details"] == {
        "cell_id": str(cell.id),
        "version": 1,
        "source": "theirs",
        "edited_by": [f"{editor.user.get_username()} (tests)"],
    }
    again = caller.patch(path_of(cell), {"source": "mine", "expected_version": error["details"]["version"]})
    assert again.json["source"] == "mine"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"source": "y"},
        {"expected_version": 0},
        {"source": "y", "expected_version": "0x"},
        {"source": "y", "expected_version": -1},
        {"source": "y", "expected_version": True},
        {"source": "y", "expected_version": 0.5},
        {"source": "y", "expected_version": None},
        {"source": "y", "expected_version": 0, "kind": "sql"},
        {"source": "y", "version": 0},
        {"kind": None},
        {"is_disabled": None},
        {"is_disabled": "maybe"},
        {"cache_seconds": -1},
        {"cache_seconds": 86_401},
        {"cache_seconds": True},
        {"is_disabled": True, "kind": "sql"},
        {"is_disabled": True, "expected_version": 0},
    ],
)
def test_a_malformed_edit_changes_nothing(editor: Person, cell: Cell, body: Any) -> None:
    Caller(editor).patch(path_of(cell), body).refused(400, "invalid")
    cell.refresh_from_db()
    assert (cell.source, cell.version, cell.kind, cell.is_disabled) == ("x = 1", 0, "python", False)


def test_change_of_the_kind(editor: Person, cell: Cell) -> None:
    assert Caller(editor).patch(path_of(cell), {"kind": "sql"}).shaped(responses.Cell)["kind"] == "sql"


def test_disabling(editor: Person, notebook: Notebook, cell: Cell) -> None:
    caller = Caller(editor)
    disabled = caller.patch(path_of(cell), {"is_disabled": True}).shaped(responses.Cell)
    assert (disabled["is_disabled"], disabled["kind"], disabled["version"]) == (True, "python", 0)
    (shown,) = caller.get(f"notebooks/{notebook.id}/").shaped(responses.Notebook)["cells"]
    assert shown["is_disabled"]
    assert not caller.patch(path_of(cell), {"is_disabled": False}).shaped(responses.Cell)["is_disabled"]
    assert caller.patch(path_of(cell), {"cache_seconds": 60}).shaped(responses.Cell)["cache_seconds"] == 60


def test_delete(editor: Person, cell: Cell) -> None:
    assert Caller(editor).delete(path_of(cell)).status == 204
    Caller(editor).delete(path_of(cell)).refused(404, "not_found")


def test_delete_of_an_old_version_is_refused(editor: Person, notebook: Notebook, cell: Cell) -> None:
    caller = Caller(editor)
    caller.patch(path_of(cell), {"source": "theirs", "expected_version": 0})
    error = caller.delete(path_of(cell), expected_version=0).refused(409, "conflict")
    assert error["details"] == {
        "cell_id": str(cell.id),
        "version": 1,
        "source": "theirs",
        "edited_by": [f"{editor.user.get_username()} (tests)"],
    }
    caller.delete(path_of(cell), expected_version="x").refused(400, "invalid")
    caller.delete(path_of(cell), version=1).refused(400, "invalid")
    assert sources(notebook) == ["theirs"]
    assert caller.delete(path_of(cell), expected_version=1).status == 204


def test_move(editor: Person, owner: Person, notebook: Notebook, cell: Cell) -> None:
    others = [add_cell(owner, notebook, text) for text in ("b", "c")]
    caller = Caller(editor)
    caller.post(path_of(others[1]) + "move/", {"after": ""}).shaped(responses.Cell)
    assert sources(notebook) == ["c", "x = 1", "b"]
    caller.post(path_of(others[1]) + "move/", {"after": str(cell.id)}).shaped(responses.Cell)
    assert sources(notebook) == ["x = 1", "c", "b"]
    caller.post(path_of(cell) + "move/", {"after": None}).shaped(responses.Cell)
    assert sources(notebook) == ["c", "b", "x = 1"]
    events = NotebookEvent.objects.filter(notebook=notebook).count()
    caller.post(path_of(cell) + "move/", {}).shaped(responses.Cell)
    assert NotebookEvent.objects.filter(notebook=notebook).count() == events
    caller.post(path_of(cell) + "move/", {"after": str(cell.id)}).refused(400, "invalid")
    caller.post(path_of(cell) + "move/", {"after": "x"}).refused(400, "invalid")
    caller.post(path_of(cell) + "move/", {"before": ""}).refused(400, "invalid")


def test_roles(notebook: Notebook, cell: Cell, viewer: Person, stranger: Person) -> None:
    for caller, status, code in (
        (Caller(viewer), 403, "forbidden"),
        (Caller(stranger), 404, "not_found"),
        (Caller(), 401, "unauthenticated"),
    ):
        caller.post(f"notebooks/{notebook.id}/cells/", {"kind": "python"}).refused(status, code)
        caller.patch(path_of(cell), {"source": "y", "expected_version": 0}).refused(status, code)
        caller.patch(path_of(cell), {"kind": "sql"}).refused(status, code)
        caller.patch(path_of(cell), {"is_disabled": True}).refused(status, code)
        caller.delete(path_of(cell)).refused(status, code)
        caller.post(path_of(cell) + "move/", {"after": ""}).refused(status, code)
    assert sources(notebook) == ["x = 1"]


def test_a_cell_of_another_notebook_is_not_there(
    editor: Person, notebook: Notebook, stranger: Person
) -> None:
    other = Caller(stranger).post("notebooks/", {"title": "x"}).json["id"]
    cell = (
        Caller(stranger).post(f"notebooks/{other}/cells/", {"kind": "python", "source": "secret"}).json["id"]
    )
    path = f"notebooks/{notebook.id}/cells/{cell}/"
    Caller(editor).patch(path, {"source": "y", "expected_version": 0}).refused(404, "not_found")
    Caller(editor).delete(path).refused(404, "not_found")
    Caller(editor).post(path + "move/", {"after": ""}).refused(404, "not_found")
    Caller(editor).delete(f"notebooks/{notebook.id}/cells/1/").refused(404, "not_found")
