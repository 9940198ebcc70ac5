"""Sharing: who has which role. Membership is not part of the document, so there is no event, only the audit row.

Open sockets notice a withdrawn role at their next heartbeat.
"""

from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Membership, Role, User
from apps.base.errors import Invalid, NotFound
from apps.journal.record import audit
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook


@transaction.atomic
def set_member(*, actor: Actor, notebook_id: UUID, username: str, role: str) -> Membership:
    """Give the user `role`, whatever they had. Owners only; the last owner stays one."""
    notebook = lock_notebook_for(actor, notebook_id, Role.OWNER)
    if role not in Role.values:
        raise Invalid(f"role must be one of {', '.join(Role.values)}.", field="role")
    user = _get_user(username)
    if role != Role.OWNER:
        _keep_an_owner(notebook, user)
    membership, created = Membership.objects.get_or_create(
        notebook=notebook, user=user, defaults={"role": role}
    )
    if created or membership.role != role:
        membership.role = role
        membership.save()
        audit(actor, "set_member", notebook.id, username=username, role=role)
    return membership


@transaction.atomic
def remove_member(*, actor: Actor, notebook_id: UUID, username: str) -> None:
    """Withdraw the user's role. Owners only; the last owner stays one."""
    notebook = lock_notebook_for(actor, notebook_id, Role.OWNER)
    user = _get_user(username)
    _keep_an_owner(notebook, user)
    deleted, _ = Membership.objects.filter(notebook=notebook, user=user).delete()
    if deleted:
        audit(actor, "remove_member", notebook.id, username=username)


def _get_user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f"There is no user {username!r}. An administrator adds people.")
    return user


def _keep_an_owner(notebook: Notebook, leaving: User) -> None:
    owners = Membership.objects.filter(notebook=notebook, role=Role.OWNER).values_list("user_id", flat=True)
    if list(owners) == [leaving.pk]:
        raise Invalid("A notebook needs an owner. Make somebody else its owner first.")
