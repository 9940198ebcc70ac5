"""The one way to append events and audit rows. Commands call it inside their transaction."""

from functools import partial
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.journal.events import Event
from apps.journal.models import AuditEntry, NotebookEvent
from apps.journal.publish import publish


class Journaled(Protocol):
    """A locked notebook row."""

    id: UUID
    seq: int

    def save(self, *, update_fields: list[str]) -> None: ...


def append_events(notebook: Journaled, actor: Actor, *events: Event) -> None:
    """Give the events the notebook's next seqs and publish them when the transaction commits.

    The caller holds the lock on the notebook's row: that is what makes `seq` gapless.
    """
    first = notebook.seq + 1
    notebook.seq += len(events)
    notebook.save(update_fields=["seq", "updated_at"])
    rows = NotebookEvent.objects.bulk_create(
        NotebookEvent(
            notebook_id=notebook.id,
            seq=first + index,
            payload=event.payload(),
            actor_kind=actor.kind,
            actor_label=actor.label,
        )
        for index, event in enumerate(events)
    )
    for row in rows:
        # robust: the change is committed whether or not anybody hears of it.
        transaction.on_commit(partial(publish, notebook.id, row.as_message()), robust=True)


def audit(actor: Actor, action: str, notebook_id: UUID | None = None, **details: Any) -> None:
    """Write one row of the audit log, in the caller's transaction."""
    AuditEntry.objects.create(
        actor_kind=actor.kind,
        actor_label=actor.label,
        actor_id=actor.user_id,
        action=action,
        notebook_id=notebook_id,
        details=details,
    )
