import pytest

from apps.accounts.access import role_of
from apps.accounts.models import Role
from apps.base.errors import Invalid
from apps.execution.queries import snapshot
from apps.journal.models import AuditEntry
from apps.journal.queries import events_since
from apps.notebooks.commands import create_notebook
from tests.support.cast import Person


def test_works(owner: Person) -> None:
    notebook = create_notebook(actor=owner.actor, title="  Sales \n report ")
    assert notebook.title == "Sales report"
    assert role_of(owner.actor, notebook.id) == Role.OWNER
    taken = snapshot(actor=owner.actor, notebook_id=notebook.id)
    assert (taken["seq"], taken["notebook"]["cells"]) == (1, [])
    assert taken["notebook"]["kernel"] == {"status": "off", "message": ""}
    (event,) = events_since(notebook.id, 0) or []
    assert event["event"] == {"type": "notebook_created", "title": "Sales report"}
    assert event["actor"] == {"kind": "user", "label": owner.user.username}
    entry = AuditEntry.objects.get(notebook_id=notebook.id)
    assert (entry.action, entry.actor_id) == ("create_notebook", owner.user.pk)


@pytest.mark.parametrize(
    ("title", "reason"),
    [(" \n ", "A title needs"), ("x" * 201, "at most 200"), ("a\x00b", "NUL"), ("\ud800", "surrogates")],
)
def test_refused_titles(owner: Person, title: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        create_notebook(actor=owner.actor, title=title)
