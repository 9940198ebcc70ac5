import pytest

from apps.base.errors import Conflict, Forbidden, NotFound
from apps.notebooks.commands import delete_cell, edit_cell, merge_cells, move_cell, restore_cell
from apps.notebooks.models import Cell, Checkpoint, Notebook
from apps.notebooks.positions import END
from tests.support.cast import Person, add_cell
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of


@pytest.fixture
def cells(owner: Person, notebook: Notebook) -> list[Cell]:
    return [add_cell(owner, notebook, name) for name in "abc"]


def merge(person: Person, cell: Cell, following: Cell, version: int = 0, next_version: int = 0) -> Cell:
    return merge_cells(
        actor=person.actor,
        notebook_id=cell.notebook_id,
        cell_id=cell.id,
        version=version,
        next_cell_id=following.id,
        next_version=next_version,
    )


def test_works(owner: Person, editor: Person, notebook: Notebook, cells: list[Cell]) -> None:
    with verified_replay(owner, notebook, events=3):
        assert merge(editor, cells[0], cells[1]).version == 1
    assert [cell.source for cell in cells_of(notebook)] == ["a\nb", "c"]
    checkpoint = Checkpoint.objects.get(notebook=notebook)
    assert (checkpoint.reason, len(checkpoint.cells)) == ("merge", 3)
    restore_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cells[1].id)
    assert [cell.source for cell in cells_of(notebook)] == ["a\nb", "b", "c"]


def test_attachments_come_along(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    Cell.objects.filter(id=cells[0].id).update(attachments={"one.png": {"image/png": "1"}})
    Cell.objects.filter(id=cells[1].id).update(
        attachments={"one.png": {"image/png": "?"}, "two.png": {"image/png": "2"}}
    )
    merged = merge(owner, cells[0], cells[1])
    assert merged.attachments == {"one.png": {"image/png": "1"}, "two.png": {"image/png": "2"}}


@pytest.mark.parametrize("edited", [0, 1])
def test_one_was_edited(
    owner: Person, editor: Person, notebook: Notebook, cells: list[Cell], edited: int
) -> None:
    edit_cell(
        actor=editor.actor,
        notebook_id=notebook.id,
        cell_id=cells[edited].id,
        source="new",
        expected_version=0,
    )
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict) as caught:
        merge(owner, cells[0], cells[1])
    assert caught.value.details["cell_id"] == str(cells[edited].id)
    assert caught.value.details["edited_by"] == [editor.actor.label]


def test_they_are_no_neighbours(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Conflict, match="moved"):
            merge(owner, cells[0], cells[2])
        with pytest.raises(Conflict, match="moved"):
            merge(owner, cells[1], cells[0])
        with pytest.raises(Conflict, match="moved"):
            merge(owner, cells[0], cells[0])
    move_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cells[1].id, after=END)
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict, match="moved"):
        merge(owner, cells[0], cells[1])


def test_the_next_is_gone(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cells[1].id)
    with verified_replay(owner, notebook, events=0), pytest.raises(NotFound):
        merge(owner, cells[0], cells[1])


def test_refused(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            merge(viewer, cells[0], cells[1])
        with pytest.raises(NotFound):
            merge(stranger, cells[0], cells[1])


def test_at_once_one_wins(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    with verified_replay(owner, notebook, events=3):
        results = at_once(4, lambda number: merge(owner, cells[0], cells[1]))
    assert sum(isinstance(result, Conflict | NotFound) for result in results) == 3
    assert [cell.source for cell in cells_of(notebook)] == ["a\nb", "c"]
