"""Taking back one actor's edits; the algebra of it is tested in tests/editing/test_undo.py."""

import sys

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound, TooLarge
from apps.notebooks.commands import delete_cell, undo_edits
from apps.notebooks.commands.undo_edits import Author, EditRange, UndoneCell
from apps.notebooks.models import Cell, Checkpoint, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.races import at_once
from tests.support.replay import verified_replay


def undo(person: Person, author: Person, *ranges: EditRange, notebook: Notebook) -> list[UndoneCell]:
    by = Author(author.actor.kind, author.actor.label)
    return undo_edits(actor=person.actor, notebook_id=notebook.id, author=by, edits=ranges)


def source_of(cell: Cell) -> str:
    cell.refresh_from_db()
    return cell.source


def test_what_others_typed_stays(owner: Person, editor: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "one\ntwo\nthree")
    write(editor, cell, "one\nTWO\nthree")
    write(owner, cell, "zero\none\nTWO\nthree")
    write(editor, cell, "zero\none\nTWO\nthree\nfour")
    with verified_replay(owner, notebook, events=2):
        (undone,) = undo(owner, editor, EditRange(cell.id, 0, 3), notebook=notebook)
    assert (undone.outcome, undone.version) == ("undone", 4)
    assert source_of(cell) == "zero\none\ntwo\nthree"
    assert Checkpoint.objects.get(notebook=notebook).reason == "undo"


def test_a_part_of_them(owner: Person, editor: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "")
    for source in ("a", "a b", "a b c"):
        write(editor, cell, source)
    undo(owner, editor, EditRange(cell.id, 1, 2), notebook=notebook)
    assert source_of(cell) == "a c"


def test_undo_of_undo(owner: Person, editor: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "x")
    write(editor, cell, "xy")
    undo(owner, editor, EditRange(cell.id, 0, 1), notebook=notebook)
    undo(owner, owner, EditRange(cell.id, 1, 2), notebook=notebook)
    assert source_of(cell) == "xy"


def test_each_cell_says_what_became_of_it(owner: Person, editor: Person, notebook: Notebook) -> None:
    undone, nothing, overwritten, deleted = (add_cell(owner, notebook, "one two") for _ in range(4))
    for cell in (undone, overwritten, deleted):
        write(editor, cell, "one TWO")
    write(owner, overwritten, "one 2")
    write(owner, nothing, "one")
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=deleted.id)
    ranges = [
        EditRange(undone.id, 0, 1),
        EditRange(nothing.id, 0, 1),
        EditRange(overwritten.id, 0, 2),
        EditRange(deleted.id, 0, 1),
    ]
    with verified_replay(owner, notebook, events=2):
        outcomes = undo(owner, editor, *ranges, notebook=notebook)
    assert [(cell.cell_id, cell.outcome) for cell in outcomes] == [
        (undone.id, "undone"),
        (nothing.id, "nothing"),
        (overwritten.id, "overwritten"),
        (deleted.id, "deleted"),
    ]
    assert [source_of(cell) for cell in (undone, nothing, overwritten)] == ["one two", "one", "one 2"]


def test_nothing_to_undo(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    write(owner, cell, "y = 2")
    with verified_replay(owner, notebook, events=0):
        (undone,) = undo(owner, editor, EditRange(cell.id, 0, 1), notebook=notebook)
    assert undone.outcome == "nothing"


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    write(owner, cell, "y = 2")
    whole = EditRange(cell.id, 0, 1)
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            undo(viewer, owner, whole, notebook=notebook)
        with pytest.raises(NotFound):
            undo(stranger, owner, whole, notebook=notebook)
        with pytest.raises(Invalid, match="one range"):
            undo(owner, owner, whole, whole, notebook=notebook)
        for first, last in ((1, 0), (-1, 1), (0, 2)):
            with pytest.raises(Invalid, match="never had"):
                undo(owner, owner, EditRange(cell.id, first, last), notebook=notebook)


def test_too_much(owner: Person, notebook: Notebook, cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    write(owner, cell, "y = 2")
    write(owner, cell, "y = 3")
    monkeypatch.setattr(sys.modules[undo_edits.__module__], "MAX_EDITS_TO_REBASE", 1)
    other = add_cell(owner, notebook, "z")
    write(owner, other, "zz")
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(TooLarge):
            undo(owner, owner, EditRange(cell.id, 0, 2), notebook=notebook)
        with pytest.raises(TooLarge):
            undo(owner, owner, EditRange(cell.id, 1, 2), EditRange(other.id, 0, 1), notebook=notebook)


def test_at_once(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    write(editor, cell, "x = 12")
    whole = EditRange(cell.id, 0, 1)
    with verified_replay(owner, notebook):
        results = at_once(4, lambda number: undo(owner, editor, whole, notebook=notebook))
    assert not [result for result in results if isinstance(result, Exception)]
    assert source_of(cell) == "x = 1"
