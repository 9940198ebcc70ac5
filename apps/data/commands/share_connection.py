from uuid import UUID

from django.db import transaction

from apps.accounts.access import require_role
from apps.accounts.actors import Actor, ActorKind
from apps.accounts.models import Role
from apps.base.errors import Forbidden
from apps.data.commands.change_connection import lock_connection_for
from apps.data.models import Connection
from apps.journal.record import audit
from apps.notebooks.models import Notebook


@transaction.atomic
def share_connection(*, actor: Actor, connection_id: UUID, notebook_id: UUID) -> Connection:
    """Whoever may edit the notebook may ask the database from now on. By its owner, who may edit the notebook."""
    if actor.kind not in (ActorKind.USER, ActorKind.TOKEN):
        raise Forbidden("Only a person shares a connection.")
    connection = lock_connection_for(actor, connection_id)
    require_role(actor, notebook_id, Role.EDITOR)
    if not connection.notebooks.filter(id=notebook_id).exists():
        connection.notebooks.add(Notebook.objects.get(id=notebook_id))
        audit(actor, "share_connection", notebook_id, connection_id=str(connection.id), name=connection.name)
    return connection


@transaction.atomic
def unshare_connection(*, actor: Actor, connection_id: UUID, notebook_id: UUID) -> Connection:
    """The notebook's cells may not ask it any more. By its owner, whatever has become of the notebook."""
    connection = lock_connection_for(actor, connection_id)
    if connection.notebooks.filter(id=notebook_id).exists():
        connection.notebooks.remove(Notebook.objects.get(id=notebook_id))
        audit(
            actor,
            "unshare_connection",
            notebook_id,
            connection_id=str(connection.id),
            name=connection.name,
        )
    return connection
