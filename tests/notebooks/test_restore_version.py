import pytest

from apps.base.errors import Conflict, Forbidden, Invalid, NotFound
from apps.notebooks.commands import edit_cell, restore_version
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.races import at_once
from tests.support.replay import verified_replay


@pytest.fixture
def edited(editor: Person, cell: Cell) -> Cell:
    return edit_cell(
        actor=editor.actor, notebook_id=cell.notebook_id, cell_id=cell.id, source="y = 2", expected_version=0
    )


def restore(person: Person, cell: Cell, version: int, expected_version: int) -> Cell:
    return restore_version(
        actor=person.actor,
        notebook_id=cell.notebook_id,
        cell_id=cell.id,
        version=version,
        expected_version=expected_version,
    )


def test_works(owner: Person, notebook: Notebook, edited: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        restored = restore(owner, edited, 0, 1)
    assert (restored.version, restored.source) == (2, "x = 1")
    with verified_replay(owner, notebook, events=1):
        assert restore(owner, edited, 1, 2).source == "y = 2"


def test_no_op(owner: Person, notebook: Notebook, edited: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        assert restore(owner, edited, 1, 1).version == 1


def test_stale(owner: Person, editor: Person, notebook: Notebook, edited: Cell) -> None:
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict) as caught:
        restore(owner, edited, 0, 0)
    assert caught.value.details["edited_by"] == [editor.actor.label]


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, edited: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            restore(viewer, edited, 0, 1)
        with pytest.raises(NotFound):
            restore(stranger, edited, 0, 1)
        with pytest.raises(Invalid, match="never had version 7"):
            restore(owner, edited, 7, 1)


def test_at_once_one_wins(owner: Person, notebook: Notebook, edited: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        results = at_once(4, lambda number: restore(owner, edited, 0, 1))
    assert sum(isinstance(result, Conflict) for result in results) == 3
