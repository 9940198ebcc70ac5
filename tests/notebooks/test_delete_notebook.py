import pytest

from apps.base.errors import Forbidden, NotFound
from apps.execution.queries import snapshot
from apps.journal.queries import events_since
from apps.notebooks.commands import create_cell, delete_notebook
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.queries import notebooks_for
from tests.support.cast import Person


def test_works(owner: Person, notebook: Notebook, cell: Cell) -> None:
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    with pytest.raises(NotFound):
        snapshot(actor=owner.actor, notebook_id=notebook.id)
    with pytest.raises(NotFound):
        create_cell(actor=owner.actor, notebook_id=notebook.id, kind="python")
    assert notebooks_for(actor=owner.actor) == []
    events = events_since(notebook.id, 0) or []
    assert events[-1]["event"] == {"type": "notebook_deleted"}
    # The rows stay.
    assert Cell.objects.filter(id=cell.id).exists()


def test_refused(editor: Person, viewer: Person, stranger: Person, notebook: Notebook) -> None:
    for person in (editor, viewer):
        with pytest.raises(Forbidden, match="owner"):
            delete_notebook(actor=person.actor, notebook_id=notebook.id)
    with pytest.raises(NotFound):
        delete_notebook(actor=stranger.actor, notebook_id=notebook.id)


def test_twice(owner: Person, notebook: Notebook) -> None:
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    with pytest.raises(NotFound):
        delete_notebook(actor=owner.actor, notebook_id=notebook.id)
