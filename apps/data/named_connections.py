"""Connections by the names that files of notebooks have for them."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from apps.accounts.actors import Actor, ActorKind
from apps.data.commands.share_connection import share_connection
from apps.data.models import Connection


class NamedConnections:
    """`notebooks.connection_names.Connections`"""

    def names_in(self, notebook_id: UUID) -> Mapping[UUID, str]:
        return dict(Connection.objects.filter(notebooks=notebook_id).values_list("id", "name"))

    def share(self, actor: Actor, notebook_id: UUID, names: Iterable[str]) -> Mapping[str, UUID]:
        if actor.user_id is None or actor.kind not in (ActorKind.USER, ActorKind.TOKEN):
            return {}
        # In one order, as each is locked.
        found = Connection.objects.filter(owner=actor.user_id, name__in=list(names)).order_by("id")
        for connection in found:
            share_connection(actor=actor, connection_id=connection.id, notebook_id=notebook_id)
        return {connection.name: connection.id for connection in found}
