import pytest

from apps.base.errors import Conflict, Forbidden, NotFound
from apps.notebooks.commands import delete_cell, edit_cell
from apps.notebooks.models import Cell, Checkpoint, Notebook
from tests.support.cast import Person, add_cell
from tests.support.replay import verified_replay
from tests.support.running import cells_of


def delete(person: Person, cell: Cell, version: int | None = None) -> None:
    delete_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, expected_version=version)


def test_works(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=2):
        delete(editor, cell, 0)
    assert cells_of(notebook) == []
    deleted = Cell.objects.get(id=cell.id)
    assert (deleted.source, deleted.deleted_by) == (cell.source, editor.actor.label)


def test_a_series_of_deletions_takes_one_checkpoint(
    owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    others = [add_cell(owner, notebook, source) for source in ("a", "b", "c", "")]
    delete(owner, others[3])
    assert not Checkpoint.objects.filter(notebook=notebook).exists()
    delete(owner, others[0])
    delete(owner, others[1])
    delete(editor, others[2])
    taken = Checkpoint.objects.filter(notebook=notebook).order_by("created_at")
    assert [(checkpoint.actor_label, len(checkpoint.cells)) for checkpoint in taken] == [
        (owner.actor.label, 4),
        (editor.actor.label, 2),
    ]


def test_stale(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    edit_cell(
        actor=editor.actor, notebook_id=notebook.id, cell_id=cell.id, source="precious", expected_version=0
    )
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict) as caught:
        delete(owner, cell, 0)
    assert caught.value.details == {
        "cell_id": str(cell.id),
        "version": 1,
        "source": "precious",
        "edited_by": [editor.actor.label],
    }
    assert editor.actor.label in caught.value.message
    with verified_replay(owner, notebook, events=2):
        delete(owner, cell)


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            delete(viewer, cell)
        with pytest.raises(NotFound):
            delete(stranger, cell)
    delete(owner, cell)
    with verified_replay(owner, notebook, events=0), pytest.raises(NotFound):
        delete(owner, cell)
