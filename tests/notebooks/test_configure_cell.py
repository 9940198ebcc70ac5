import pytest

from apps.base.errors import Forbidden, Invalid, NotFound
from apps.notebooks.commands import configure_cell
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.replay import verified_replay


def configure(person: Person, cell: Cell, kind: str) -> Cell:
    return configure_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, kind=kind)


def test_works(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        assert configure(editor, cell, "markdown").kind == "markdown"


def test_no_op(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        configure(owner, cell, "python")


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            configure(viewer, cell, "markdown")
        with pytest.raises(NotFound):
            configure(stranger, cell, "markdown")
        with pytest.raises(Invalid, match="kind must be one of"):
            configure(owner, cell, "word")
