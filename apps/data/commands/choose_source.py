from uuid import UUID

from django.db import transaction

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, NotFound
from apps.data.commands.share_connection import share_connection
from apps.data.models import Connection
from apps.journal.record import append_events, audit
from apps.notebooks.events import CellConfigured
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell, CellKind


@transaction.atomic
def choose_source(*, actor: Actor, notebook_id: UUID, cell_id: UUID, connection_id: UUID | None) -> Cell:
    """What an SQL cell asks: a connection, or None for dataframes and files. Editors. Event: cell_configured.

    A connection of the actor's own is shared with the notebook by that. Of others only those can be chosen that are.
    """
    if connection_id:
        _make_usable(actor, notebook_id, connection_id)
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    if cell.kind != CellKind.SQL:
        raise Invalid("Only an SQL cell can ask a database. Change the kind of the cell first.")
    if cell.connection_id == connection_id:
        return cell
    cell.connection_id = connection_id
    cell.save(update_fields=["connection_id"])
    told = str(connection_id) if connection_id else None
    audit(actor, "choose_source", notebook.id, cell_id=str(cell.id), connection_id=told)
    append_events(notebook, actor, CellConfigured.of(cell))
    return cell


def _make_usable(actor: Actor, notebook_id: UUID, connection_id: UUID) -> None:
    """Before the notebook is locked: a connection comes first in the order of locks."""
    require_role(actor, notebook_id, Role.EDITOR)
    connection = Connection.objects.filter(id=connection_id)
    if connection.filter(notebooks=notebook_id).exists():
        return
    if not connection.filter(owner=actor.user_id).exists():
        raise NotFound("There is no such connection for this notebook. Ask its owner to share it.")
    share_connection(actor=actor, connection_id=connection_id, notebook_id=notebook_id)
