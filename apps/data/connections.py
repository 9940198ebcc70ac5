"""Reading connections. Nothing here writes, and nothing here has to do with passwords: they go in and never out."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import NotFound
from apps.data.models import Connection

Json = dict[str, Any]

GONE = (
    "The connection is gone, or it is not shared with this notebook. Choose another source above the cell, or ask the "
    "connection's owner to share it."
)


def connections_of(*, actor: Actor) -> list[Json]:
    """The actor's own, by name, as `connection_json`."""
    connections = (
        Connection.objects.filter(owner=actor.user_id).order_by("name").prefetch_related("notebooks")
    )
    return [connection_json(connection) for connection in connections]


def get_connection_for(*, actor: Actor, connection_id: UUID) -> Connection:
    """One that the actor owns. NotFound of others, also of those that are shared with the actor's notebooks."""
    connection = Connection.objects.filter(id=connection_id, owner=actor.user_id).first()
    if connection is None:
        raise NotFound("There is no such connection of yours.")
    return connection


def usable_connection(notebook_id: UUID, connection_id: UUID) -> Connection:
    """If it is shared with the notebook now, whoever put it there. NotFound otherwise."""
    connection = Connection.objects.filter(
        id=connection_id, notebooks=notebook_id, owner__is_active=True
    ).first()
    if connection is None:
        raise NotFound(GONE)
    return connection


def sources_of(*, actor: Actor, notebook_id: UUID) -> list[Json]:
    """`[{id, name, kind, dialect, owner, is_shared}]`: what SQL cells of the notebook can ask, and the actor's own
    connections that are not shared with it yet. Of others' connections people learn no more than this.
    """
    require_role(actor, notebook_id, Role.VIEWER)
    shared = set(Connection.objects.filter(notebooks=notebook_id).values_list("id", flat=True))
    found = Connection.objects.filter(Q(id__in=shared) | Q(owner=actor.user_id)).select_related("owner")
    return [
        {
            "id": str(connection.id),
            "name": connection.name,
            "kind": connection.kind,
            "dialect": connection.dialect,
            "owner": connection.owner.get_username(),
            "is_shared": connection.id in shared,
        }
        for connection in found.order_by("name")
    ]


def connection_json(connection: Connection) -> Json:
    """All but the password, of which only is told whether there is one."""
    return {
        "id": str(connection.id),
        "name": connection.name,
        "kind": connection.kind,
        "dialect": connection.dialect,
        "host": connection.host,
        "port": connection.port,
        "database": connection.database,
        "user": connection.user,
        "options": connection.options,
        "has_secret": bool(connection.sealed_secret),
        "is_read_only": connection.is_read_only,
        "timeout_s": connection.timeout_s,
        "max_queries": connection.max_queries,
        "notebooks": [
            {"id": str(notebook.id), "title": notebook.title}
            for notebook in connection.notebooks.all()
            if notebook.deleted_at is None
        ],
        "created_at": connection.created_at.isoformat(),
        "changed_at": connection.changed_at.isoformat(),
    }
