import pytest

from apps.accounts.access import role_of
from apps.base.errors import Forbidden, Invalid, NotFound
from apps.journal.models import AuditEntry
from apps.notebooks.commands import remove_member, set_member
from apps.notebooks.models import Notebook
from apps.notebooks.queries import members_of
from tests.support.cast import Person


def test_works(owner: Person, stranger: Person, notebook: Notebook) -> None:
    name = stranger.user.username
    set_member(actor=owner.actor, notebook_id=notebook.id, username=name, role="viewer")
    assert role_of(stranger.actor, notebook.id) == "viewer"
    set_member(actor=owner.actor, notebook_id=notebook.id, username=name, role="editor")
    assert {"username": name, "role": "editor"} in members_of(actor=stranger.actor, notebook_id=notebook.id)
    remove_member(actor=owner.actor, notebook_id=notebook.id, username=name)
    assert role_of(stranger.actor, notebook.id) is None
    actions = (
        AuditEntry.objects.filter(notebook_id=notebook.id).order_by("id").values_list("action", flat=True)
    )
    assert list(actions) == ["create_notebook", "set_member", "set_member", "remove_member"]


def test_the_last_owner_stays(owner: Person, editor: Person, notebook: Notebook) -> None:
    name = owner.user.username
    with pytest.raises(Invalid, match="needs an owner"):
        set_member(actor=owner.actor, notebook_id=notebook.id, username=name, role="viewer")
    with pytest.raises(Invalid, match="needs an owner"):
        remove_member(actor=owner.actor, notebook_id=notebook.id, username=name)
    set_member(actor=owner.actor, notebook_id=notebook.id, username=editor.user.username, role="owner")
    remove_member(actor=owner.actor, notebook_id=notebook.id, username=name)
    assert role_of(owner.actor, notebook.id) is None


def test_refused(owner: Person, editor: Person, stranger: Person, notebook: Notebook) -> None:
    name = stranger.user.username
    with pytest.raises(Forbidden):
        set_member(actor=editor.actor, notebook_id=notebook.id, username=name, role="viewer")
    with pytest.raises(NotFound):
        set_member(actor=stranger.actor, notebook_id=notebook.id, username=name, role="owner")
    with pytest.raises(NotFound, match="no user"):
        set_member(actor=owner.actor, notebook_id=notebook.id, username="nobody", role="viewer")
    with pytest.raises(Invalid, match="role must be"):
        set_member(actor=owner.actor, notebook_id=notebook.id, username=name, role="god")
