from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.actors import Actor
from apps.base.errors import NotFound
from apps.data.answer_store import forget_answers
from apps.data.commands.create_connection import taken
from apps.data.connection_parts import Parts, set_parts
from apps.data.models import Connection
from apps.journal.record import audit


def change_connection(*, actor: Actor, connection_id: UUID, parts: Parts) -> Connection:
    """By its owner. With another server or user, and no new password, it has none any more."""
    try:
        with transaction.atomic():
            connection = lock_connection_for(actor, connection_id)
            changed = set_parts(connection, parts)
            if changed:
                connection.save()
                transaction.on_commit(partial(forget_answers, connection.id))
                audit(
                    actor,
                    "change_connection",
                    connection_id=str(connection.id),
                    name=connection.name,
                    changed=changed,
                    host=connection.host,
                )
            return connection
    except IntegrityError:
        raise taken(" ".join((parts.name or "").split())) from None


def lock_connection_for(actor: Actor, connection_id: UUID) -> Connection:
    """The actor's own, locked in the caller's transaction, before any notebook."""
    mine = Connection.objects.select_for_update(no_key=True).filter(id=connection_id, owner=actor.user_id)
    connection = mine.first()
    if connection is None:
        raise NotFound("There is no such connection of yours.")
    return connection
