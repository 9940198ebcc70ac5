import pytest

from apps.base.errors import Conflict, Forbidden, Invalid, NotFound
from apps.notebooks.commands import delete_cell, edit_cell
from apps.notebooks.models import Cell, CellEdit, Notebook
from tests.support.cast import Person
from tests.support.races import at_once
from tests.support.replay import verified_replay


def edit(person: Person, cell: Cell, source: str, version: int) -> Cell:
    return edit_cell(
        actor=person.actor,
        notebook_id=cell.notebook_id,
        cell_id=cell.id,
        source=source,
        expected_version=version,
    )


def test_works(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        edited = edit(editor, cell, "x = 12", 0)
    assert (edited.version, edited.source) == (1, "x = 12")
    logged = CellEdit.objects.get(cell=cell)
    assert (logged.version, logged.changes, logged.actor_label) == (1, [5, [0, "2"]], editor.user.username)


def test_stale(owner: Person, notebook: Notebook, cell: Cell) -> None:
    edit(owner, cell, "x = 2", 0)
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict) as caught:
        edit(owner, cell, "x = 3", 0)
    assert caught.value.details == {
        "cell_id": str(cell.id),
        "version": 1,
        "source": "x = 2",
        "edited_by": [owner.actor.label],
    }


def test_a_version_to_come(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0), pytest.raises(Invalid, match="never had version 7"):
        edit(owner, cell, "x = 3", 7)


def test_no_op(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        assert edit(owner, cell, cell.source, 0).version == 0


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            edit(viewer, cell, "", 0)
        with pytest.raises(NotFound):
            edit(stranger, cell, "", 0)
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id)
    with pytest.raises(NotFound, match="deleted"):
        edit(owner, cell, "", 0)


def test_of_many_at_once_on_one_version_one_wins(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        results = at_once(8, lambda number: edit(owner, cell, f"x = {number + 10}", 0))
    winners = [result for result in results if isinstance(result, Cell)]
    losers = [result for result in results if isinstance(result, Conflict)]
    assert (len(winners), len(losers)) == (1, 7)
    assert all(loser.details["source"] == winners[0].source for loser in losers)
