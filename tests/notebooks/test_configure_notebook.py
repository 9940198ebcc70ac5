import pytest

from apps.base.errors import Forbidden, Invalid, NotFound
from apps.journal.models import AuditEntry
from apps.notebooks.commands import configure_notebook, delete_notebook
from apps.notebooks.models import Mode, Notebook
from tests.support.cast import Person
from tests.support.races import at_once
from tests.support.replay import verified_replay


def configure(person: Person, notebook: Notebook, mode: str) -> Notebook:
    return configure_notebook(actor=person.actor, notebook_id=notebook.id, mode=mode)


def test_works_for_editors(owner: Person, editor: Person, notebook: Notebook) -> None:
    assert notebook.mode == Mode.AUTO
    for mode in (Mode.LAZY, Mode.AUTO):
        with verified_replay(owner, notebook, events=1):
            assert configure(editor, notebook, mode).mode == mode
        notebook.refresh_from_db()
        assert notebook.mode == mode


def test_it_is_on_record(owner: Person, notebook: Notebook) -> None:
    configure(owner, notebook, "lazy")
    entry = AuditEntry.objects.get(notebook_id=notebook.id, action="configure_notebook")
    assert entry.details == {"mode": "lazy", "old_mode": "auto"}


def test_no_op(owner: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=0):
        configure(owner, notebook, "auto")


def test_the_same_change_at_once_is_made_once(owner: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=1):
        results = at_once(4, lambda _: configure(owner, notebook, "lazy").mode)
    assert results == ["lazy"] * 4


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            configure(viewer, notebook, "lazy")
        with pytest.raises(NotFound):
            configure(stranger, notebook, "lazy")
        with pytest.raises(Invalid, match="mode must be one of auto, lazy"):
            configure(owner, notebook, "eager")


def test_a_deleted_notebook_is_not_there(owner: Person, notebook: Notebook) -> None:
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    with pytest.raises(NotFound):
        configure(owner, notebook, "lazy")
