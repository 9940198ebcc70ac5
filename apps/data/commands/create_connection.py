from dataclasses import replace

from django.db import IntegrityError, transaction

from apps.accounts.actors import Actor
from apps.accounts.models import User
from apps.base.errors import Conflict, Forbidden, TooLarge
from apps.data.connection_parts import Parts, set_parts
from apps.data.models import Connection
from apps.journal.record import audit

# Of one person.
MAX_CONNECTIONS = 100


def create_connection(*, actor: Actor, parts: Parts) -> Connection:
    """A connection of the actor's own, used nowhere yet. Conflict if the actor has one of that name."""
    connection = Connection(owner_id=_owner(actor))
    set_parts(connection, replace(parts, name=parts.name or ""))
    try:
        with transaction.atomic():
            # One at a time, so that the limit holds.
            User.objects.select_for_update(no_key=True).get(id=connection.owner_id)
            if Connection.objects.filter(owner=connection.owner_id).count() >= MAX_CONNECTIONS:
                raise TooLarge(f"You have {MAX_CONNECTIONS} connections. Delete one first.")
            connection.save(force_insert=True)
            audit(
                actor,
                "create_connection",
                connection_id=str(connection.id),
                name=connection.name,
                kind=connection.kind,
                host=connection.host,
            )
    except IntegrityError:
        raise taken(connection.name) from None
    return connection


def taken(name: str) -> Conflict:
    return Conflict(f"You have a connection called {name} already. Give another name.", name=name)


def _owner(actor: Actor) -> int:
    if actor.user_id is None:
        raise Forbidden("A connection belongs to a person.")
    return actor.user_id
