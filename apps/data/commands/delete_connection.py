from functools import partial
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.data.answer_store import forget_answers
from apps.data.commands.change_connection import lock_connection_for
from apps.journal.record import audit


@transaction.atomic
def delete_connection(*, actor: Actor, connection_id: UUID) -> None:
    """By its owner, and with its password. Cells that ask it say so when they run next."""
    connection = lock_connection_for(actor, connection_id)
    audit(actor, "delete_connection", connection_id=str(connection.id), name=connection.name)
    connection.delete()
    transaction.on_commit(partial(forget_answers, connection_id))
