from uuid import uuid4

import pytest

from apps.base.errors import Forbidden, NotFound
from apps.notebooks import positions
from apps.notebooks.commands import create_cell, delete_cell, move_cell, restore_cell
from apps.notebooks.models import Cell, Notebook, Output
from apps.notebooks.positions import START
from apps.notebooks.queries import deleted_cells, stored_outputs
from tests.support.cast import Person, add_cell
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of


@pytest.fixture
def cells(owner: Person, notebook: Notebook) -> list[Cell]:
    return [add_cell(owner, notebook, name) for name in "abc"]


def delete(person: Person, cell: Cell) -> None:
    delete_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id)


def restore(person: Person, cell: Cell) -> Cell:
    return restore_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id)


def order(notebook: Notebook) -> str:
    return "".join(cell.source for cell in cells_of(notebook))


def test_works(owner: Person, editor: Person, notebook: Notebook, cells: list[Cell]) -> None:
    Output.objects.create(
        cell=cells[1], position=0, body={"output_type": "stream", "name": "stdout"}, text="kept"
    )
    delete(owner, cells[1])
    with verified_replay(owner, notebook, events=1):
        restored = restore(editor, cells[1])
    assert order(notebook) == "abc"
    assert [output["text"] for output in stored_outputs(restored)] == ["kept"]
    assert deleted_cells(actor=owner.actor, notebook_id=notebook.id) == []


def test_its_place_is_taken(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    delete(owner, cells[1])
    create_cell(actor=owner.actor, notebook_id=notebook.id, kind="python", source="x", after=cells[0].id)
    with verified_replay(owner, notebook, events=1):
        restore(owner, cells[1])
    assert order(notebook) == "axbc"


def test_its_neighbours_have_moved(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    delete(owner, cells[1])
    move_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cells[2].id, after=START)
    restore(owner, cells[1])
    assert order(notebook) == "cab"


def test_its_place_has_a_long_key(
    owner: Person, notebook: Notebook, cells: list[Cell], monkeypatch: pytest.MonkeyPatch
) -> None:
    delete(owner, cells[1])
    create_cell(actor=owner.actor, notebook_id=notebook.id, kind="python", source="x", after=cells[0].id)
    monkeypatch.setattr(positions, "MAX_KEY_CHARS", 2)
    with verified_replay(owner, notebook):
        restored = restore(owner, cells[1])
    assert order(notebook) == "axbc"
    assert [(cell.id, cell.order_key) for cell in cells_of(notebook)][2] == (restored.id, restored.order_key)
    assert all(len(cell.order_key) == 2 for cell in cells_of(notebook))


def test_no_op(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    with verified_replay(owner, notebook, events=0):
        assert restore(owner, cells[0]).id == cells[0].id


def test_refused(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    delete(owner, cells[0])
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            restore(viewer, cells[0])
        with pytest.raises(NotFound):
            restore(stranger, cells[0])
        with pytest.raises(NotFound):
            restore_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=uuid4())


def test_many_at_once(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    for cell in cells:
        delete(owner, cell)
    with verified_replay(owner, notebook, events=3):
        results = at_once(6, lambda number: restore(owner, cells[number % 3]))
    assert not [result for result in results if isinstance(result, Exception)]
    assert order(notebook) == "abc"


def test_deleted_cells(
    owner: Person, editor: Person, viewer: Person, stranger: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    delete(owner, cells[0])
    delete(editor, cells[2])
    listed = deleted_cells(actor=viewer.actor, notebook_id=notebook.id)
    assert [(cell["id"], cell["source"], cell["deleted_by"]) for cell in listed] == [
        (str(cells[2].id), "c", editor.actor.label),
        (str(cells[0].id), "a", owner.actor.label),
    ]
    with pytest.raises(NotFound):
        deleted_cells(actor=stranger.actor, notebook_id=notebook.id)
