from uuid import uuid4

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound
from apps.notebooks.commands import move_cell
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import END, START, Position
from tests.support.cast import Person, add_cell
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of


@pytest.fixture
def cells(owner: Person, notebook: Notebook) -> list[Cell]:
    return [add_cell(owner, notebook, name) for name in "abc"]


def move(person: Person, cell: Cell, after: Position) -> Cell:
    return move_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, after=after)


def order(notebook: Notebook) -> str:
    return "".join(cell.source for cell in cells_of(notebook))


def test_works(owner: Person, editor: Person, notebook: Notebook, cells: list[Cell]) -> None:
    a, b, c = cells
    with verified_replay(owner, notebook, events=3):
        move(editor, a, END)
        assert order(notebook) == "bca"
        move(owner, a, START)
        assert order(notebook) == "abc"
        move(owner, b, c.id)
        assert order(notebook) == "acb"


def test_no_op(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    a, b, c = cells
    with verified_replay(owner, notebook, events=0):
        move(owner, a, START)
        move(owner, b, a.id)
        move(owner, c, END)


def test_refused(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, *_ = cells
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            move(viewer, a, END)
        with pytest.raises(NotFound):
            move(stranger, a, END)
        with pytest.raises(NotFound, match="put it after"):
            move(owner, a, uuid4())
        with pytest.raises(Invalid, match="after itself"):
            move(owner, a, a.id)


def test_all_at_once(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    with verified_replay(owner, notebook):
        results = at_once(6, lambda number: move(owner, cells[number % 3], START if number < 3 else END))
    assert not [result for result in results if isinstance(result, Exception)]
    assert sorted(order(notebook)) == ["a", "b", "c"]
