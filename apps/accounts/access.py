"""Who may do what in which notebook. Every page, call, socket and command asks here and nowhere else."""

from uuid import UUID

from apps.accounts.actors import Actor
from apps.accounts.models import Membership, Role
from apps.base.errors import Forbidden, NotFound


def role_of(actor: Actor, notebook_id: UUID, *, is_deleted: bool = False) -> Role | None:
    """The actor's role, or None if they may not know that the notebook exists. `is_deleted`: one that was deleted."""
    role = (
        Membership.objects.filter(
            notebook_id=notebook_id,
            user=actor.user_id,
            user__is_active=True,
            notebook__deleted_at__isnull=not is_deleted,
        )
        .values_list("role", flat=True)
        .first()
    )
    return Role(role) if role else None


def require_role(actor: Actor, notebook_id: UUID, needed: Role) -> Role:
    """The actor's role if it allows `needed`; NotFound or Forbidden otherwise."""
    role = role_of(actor, notebook_id)
    if role is None:
        raise NotFound("There is no such notebook, or it is not shared with you.")
    if not role.allows(needed):
        raise Forbidden(f"You are a {role} of this notebook. Ask its owner to make you {needed}.")
    return role
