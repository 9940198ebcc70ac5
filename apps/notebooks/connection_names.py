"""What cells of a file call their database connections. Connections are of a layer above (apps/data), which says at the
start how they are found (`found_by`); files have their names alone.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol
from uuid import UUID

from apps.accounts.actors import Actor

MAX_NAME_CHARS = 60
"""As of connections themselves."""


class Connections(Protocol):
    def names_in(self, notebook_id: UUID) -> Mapping[UUID, str]:
        """Of those that are shared with the notebook."""
        ...

    def share(self, actor: Actor, notebook_id: UUID, names: Iterable[str]) -> Mapping[str, UUID]:
        """The actor's own of these names, shared with the notebook, in the caller's transaction."""
        ...


_connections: Connections | None = None


def found_by(connections: Connections) -> None:
    """Called once, when the process starts."""
    globals()["_connections"] = connections


def connection_names(notebook_id: UUID) -> Mapping[UUID, str]:
    return _connections.names_in(notebook_id) if _connections else {}


def shared_by_name(actor: Actor, notebook_id: UUID, names: Iterable[str]) -> Mapping[str, UUID]:
    """For a notebook that nobody else knows yet. The names that the actor has no connection of are missing."""
    wanted = set(names)
    return _connections.share(actor, notebook_id, wanted) if _connections and wanted else {}
