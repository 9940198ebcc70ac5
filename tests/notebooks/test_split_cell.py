import pytest

from apps.base.errors import Conflict, Forbidden, Invalid, NotFound
from apps.notebooks.commands import edit_cell, split_cell
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of


def split(person: Person, cell: Cell, position: int, version: int = 0) -> Cell:
    return split_cell(
        actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, version=version, position=position
    )


@pytest.mark.parametrize(
    ("source", "position", "before", "after"),
    [
        ("a\nb", 2, "a", "b"),
        ("a\nb", 1, "a", "b"),
        ("ab", 1, "a", "b"),
        ("a\n\nb", 2, "a\n", "b"),
        ("ab", 0, "", "ab"),
        ("ab", 2, "ab", ""),
        ("", 0, "", ""),
        ("😀\n😀", 3, "😀", "😀"),
    ],
)
def test_works(
    owner: Person, notebook: Notebook, source: str, position: int, before: str, after: str
) -> None:
    cell = add_cell(owner, notebook, source, kind="markdown")
    last = add_cell(owner, notebook, "last")
    with verified_replay(owner, notebook, events=1 if before == source else 2):
        new = split(owner, cell, position)
    assert [each.id for each in cells_of(notebook)] == [cell.id, new.id, last.id]
    assert [each.source for each in cells_of(notebook)] == [before, after, "last"]
    assert new.kind == "markdown"


def test_the_text_has_changed(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    edit_cell(
        actor=editor.actor, notebook_id=notebook.id, cell_id=cell.id, source="y = 1", expected_version=0
    )
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict, match="not split") as caught:
        split(owner, cell, 1)
    assert caught.value.details["edited_by"] == [editor.actor.label]


@pytest.mark.parametrize("position", [-1, 6, 2**40])
def test_no_such_position(owner: Person, notebook: Notebook, cell: Cell, position: int) -> None:
    with verified_replay(owner, notebook, events=0), pytest.raises(Invalid, match="from 0 to 5"):
        split(owner, cell, position)


def test_within_a_character(owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "😀")
    with verified_replay(owner, notebook, events=0), pytest.raises(Invalid):
        split(owner, cell, 1)


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            split(viewer, cell, 1)
        with pytest.raises(NotFound):
            split(stranger, cell, 1)


def test_at_once_one_wins(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=2):
        results = at_once(4, lambda number: split(owner, cell, 1))
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert "".join(each.source for each in cells_of(notebook)) == "x = 1"
