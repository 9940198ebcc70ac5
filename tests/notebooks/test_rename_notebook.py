import pytest

from apps.base.errors import Forbidden, Invalid, NotFound
from apps.notebooks.commands import rename_notebook
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.replay import verified_replay


def test_works_for_editors(owner: Person, editor: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=1):
        rename_notebook(actor=editor.actor, notebook_id=notebook.id, title="New")
    notebook.refresh_from_db()
    assert notebook.title == "New"


def test_no_op(owner: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=0):
        rename_notebook(actor=owner.actor, notebook_id=notebook.id, title=notebook.title)


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            rename_notebook(actor=viewer.actor, notebook_id=notebook.id, title="New")
        with pytest.raises(NotFound):
            rename_notebook(actor=stranger.actor, notebook_id=notebook.id, title="New")
        with pytest.raises(Invalid):
            rename_notebook(actor=owner.actor, notebook_id=notebook.id, title="")
