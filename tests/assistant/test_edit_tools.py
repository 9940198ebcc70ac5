"""The tools that change the document, on real rows."""

import re
from typing import Any

import pytest

from apps.assistant.tools.cell_ids import short_id
from apps.journal.models import AuditEntry
from apps.notebooks.commands import delete_cell
from apps.notebooks.models import Cell, CellEdit, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of
from tests.support.tools import assistant_of, call, refused, text_of, told

EDITS: dict[str, dict[str, Any]] = {
    "create_cell": {"kind": "python", "source": "y = 2", "after": "end"},
    "update_cell": {"version": 0, "source": "x = 2"},
    "edit_cell": {"version": 0, "find": "1", "replace": "2"},
    "move_cell": {"after": "start"},
    "delete_cell": {"version": 0},
}


def with_cell(name: str, cell: Cell) -> dict[str, Any]:
    return EDITS[name] if name == "create_cell" else {"cell_id": short_id(cell.id), **EDITS[name]}


def test_create(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        result = call(owner, notebook, "create_cell", kind="python", source="y = x", after="start")
    first, second = cells_of(notebook)
    assert (first.source, second.id) == ("y = x", cell.id)
    assert result.details == {"change": {"kind": "created", "cell_id": str(first.id)}}
    assert short_id(first.id) in text_of(result)
    told(owner, notebook, "create_cell", kind="markdown", source="# Title", after=str(first.id))
    assert [each.kind for each in cells_of(notebook)] == ["python", "markdown", "python"]
    assert set(AuditEntry.objects.filter(notebook_id=notebook.id, action="create_cell").values_list(
        "actor_kind", "actor_id"
    )) == {("user", owner.user.pk), ("assistant", owner.user.pk)}  # fmt: skip


def test_code_that_cannot_be_read_is_told_at_once(owner: Person, notebook: Notebook) -> None:
    text = told(owner, notebook, "create_cell", kind="python", source="x = (", after="end")
    assert "cannot be read" in text
    assert "cannot be read" not in told(
        owner, notebook, "create_cell", kind="markdown", source="(", after="end"
    )


def test_update(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        result = call(
            owner, notebook, "update_cell", cell_id=short_id(cell.id), version=0, source="x = 1\ny = 2"
        )
    cell.refresh_from_db()
    assert (cell.source, cell.version) == ("x = 1\ny = 2", 1)
    assert result.details["change"] == {
        "kind": "edited",
        "cell_id": str(cell.id),
        "from_version": 0,
        "version": 1,
    }
    edit = CellEdit.objects.get(cell=cell)
    assert (edit.actor_kind, edit.actor_label) == ("assistant", assistant_of(owner).label)
    with verified_replay(owner, notebook, events=0):
        text = told(owner, notebook, "update_cell", cell_id=str(cell.id), version=1, source="x = 1\ny = 2")
    assert "nothing was changed" in text


def test_edit(owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "total = 1\nprint(total)\n")
    with verified_replay(owner, notebook, events=1):
        text = told(
            owner,
            notebook,
            "edit_cell",
            cell_id=str(cell.id),
            version=0,
            find="print(total)",
            replace="total",
        )
    cell.refresh_from_db()
    assert cell.source == "total = 1\ntotal\n"
    assert "version 1" in text


@pytest.mark.parametrize(
    ("find", "said"),
    [
        ("b = 2", "more than once, in the lines 2, 4"),
        ("c = 3", "not in the cell"),
        ("a  =  1", "it is there with other ones"),
        ("", "must not be empty"),
        ("\ud800", "not in the cell"),
    ],
)
def test_what_cannot_be_found_once_is_not_replaced(
    owner: Person, notebook: Notebook, find: str, said: str
) -> None:
    cell = add_cell(owner, notebook, "a = 1\nb = 2\n\nb = 2")
    with verified_replay(owner, notebook, events=0):
        text = refused(owner, notebook, "edit_cell", cell_id=str(cell.id), version=0, find=find, replace="x")
    assert said in text


def test_passages_that_overlap_are_found_twice(owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "aaa")
    assert "more than once" in refused(
        owner, notebook, "edit_cell", cell_id=str(cell.id), version=0, find="aa", replace="b"
    )


def test_move(owner: Person, notebook: Notebook, cell: Cell) -> None:
    below = add_cell(owner, notebook, "y = 2")
    with verified_replay(owner, notebook, events=1):
        result = call(owner, notebook, "move_cell", cell_id=short_id(below.id), after="start")
    assert [each.id for each in cells_of(notebook)] == [below.id, cell.id]
    before, after = below.order_key, cells_of(notebook)[0].order_key
    assert result.details["change"] == {
        "kind": "moved",
        "cell_id": str(below.id),
        "from_key": before,
        "to_key": after,
    }
    with verified_replay(owner, notebook, events=0):
        assert "nothing was moved" in told(
            owner, notebook, "move_cell", cell_id=short_id(cell.id), after=short_id(below.id)
        )


def test_delete(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=2):
        result = call(owner, notebook, "delete_cell", cell_id=short_id(cell.id), version=0)
    assert cells_of(notebook) == []
    assert result.details["change"] == {"kind": "deleted", "cell_id": str(cell.id), "version": 0}


@pytest.mark.parametrize("name", ["update_cell", "edit_cell", "delete_cell"])
def test_stale(owner: Person, editor: Person, notebook: Notebook, cell: Cell, name: str) -> None:
    write(editor, cell, "x = 12345")
    with verified_replay(owner, notebook, events=0):
        text = refused(owner, notebook, name, **with_cell(name, cell))
    assert editor.actor.label in text
    assert "version 1" in text
    assert re.search(r"<(data-\w{6}) of=.*>\nx = 12345\n</\1>", text)


@pytest.mark.parametrize("name", EDITS)
def test_an_assistant_may_not_do_what_its_person_may_not(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell, name: str
) -> None:
    with verified_replay(owner, notebook, events=0):
        assert "You are a viewer" in refused(viewer, notebook, name, **with_cell(name, cell))
        assert "no such notebook" in refused(stranger, notebook, name, **with_cell(name, cell))


@pytest.mark.parametrize("name", [name for name in EDITS if name != "create_cell"])
def test_unknown_cells(owner: Person, notebook: Notebook, cell: Cell, name: str) -> None:
    gone = add_cell(owner, notebook, "z = 3")
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=gone.id)
    near = f"{short_id(cell.id)[:-1]}{'0' if short_id(cell.id)[-1] != '0' else '1'}"
    for wrong in (near, "1", "", "the first cell", "x" * 1000, "%", "____", str(notebook.id)):
        text = refused(owner, notebook, name, **{**with_cell(name, cell), "cell_id": wrong})
        assert "no cell" in text
        assert f"{short_id(cell.id)} (cell 1)" in text
    text = refused(owner, notebook, name, **{**with_cell(name, cell), "cell_id": short_id(gone.id)})
    assert "It was deleted" in text


def test_ids_that_begin_alike(owner: Person, notebook: Notebook, cell: Cell) -> None:
    twin = Cell.objects.create(
        id=f"{str(cell.id)[:-1]}{'0' if str(cell.id)[-1] != '0' else '1'}",
        notebook=notebook,
        kind="python",
        order_key="zz",
    )
    text = refused(owner, notebook, "delete_cell", cell_id=short_id(cell.id), version=0)
    assert str(cell.id) in text
    assert str(twin.id) in text
    shown = told(owner, notebook, "get_notebook_state")
    assert str(cell.id) in shown
    told(owner, notebook, "delete_cell", cell_id=str(cell.id), version=0)


@pytest.mark.parametrize(
    ("name", "input", "said"),
    [
        ("update_cell", {}, "'cell_id' is a required property"),
        (
            "update_cell",
            {"cell_id": 1, "version": "1", "source": "x"},
            "version: '1' is not of type 'integer'",
        ),
        ("update_cell", {"cell_id": "a", "version": True, "source": "x"}, "not of type 'integer'"),
        ("update_cell", {"cell_id": "a", "version": 1, "source": "x", "now": 1}, "'now' was unexpected"),
        ("create_cell", {"kind": "cobol", "source": "", "after": "end"}, "kind: 'cobol' is not one of"),
        (
            "edit_cell",
            {"cell_id": "a", "version": 0, "find": "x" * 2_000_000, "replace": []},
            "replace: [] is not",
        ),
        ("get_notebook_state", {"cell_ids": [1]}, "cell_ids.0: 1 is not of type 'string'"),
        ("run_stale", {"cell_id": "x"}, "It takes nothing"),
    ],
)
def test_input_that_the_schema_refuses(
    owner: Person, notebook: Notebook, name: str, input: dict[str, object], said: str
) -> None:
    with verified_replay(owner, notebook, events=0):
        text = refused(owner, notebook, name, **input)
    assert said in text
    assert len(text) < 3_000


def test_text_that_cannot_be_stored(owner: Person, notebook: Notebook, cell: Cell) -> None:
    for source in ("\x00", "\ud800", "x" * 3_000_000):
        with verified_replay(owner, notebook, events=0):
            refused(owner, notebook, "update_cell", cell_id=str(cell.id), version=0, source=source)
            refused(owner, notebook, "create_cell", kind="python", source=source, after="end")


def test_versions_that_never_were(owner: Person, notebook: Notebook, cell: Cell) -> None:
    for version in (-1, 7, 10**30):
        with verified_replay(owner, notebook, events=0):
            text = refused(owner, notebook, "update_cell", cell_id=str(cell.id), version=version, source="")
        assert "never had version" in text


def test_ten_calls_at_once_queue_up(owner: Person, notebook: Notebook, cell: Cell) -> None:
    def act(number: int) -> str:
        return told(owner, notebook, "create_cell", kind="python", source=f"n = {number}", after=str(cell.id))

    with verified_replay(owner, notebook, events=10):
        results = at_once(10, act)
    assert not [result for result in results if isinstance(result, Exception)]
    assert len(cells_of(notebook)) == 11
