"""What follows a change of a notebook's files: a row in the audit log, and a hint to the pages that show them."""

from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.base.text import storable
from apps.journal.publish import publish
from apps.journal.record import audit


def tell_change(actor: Actor, action: str, notebook_id: UUID, **details: Any) -> None:
    with transaction.atomic():
        audit(actor, action, notebook_id, **storable(details))
    publish(notebook_id, {"type": "files_changed"})
