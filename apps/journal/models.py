"""What happened: the ordered events of each notebook, and the audit log."""

from typing import Any

from django.conf import settings
from django.db import models

from apps.accounts.actors import ActorKind


class NotebookEvent(models.Model):
    """One change of one notebook. `seq` is gapless per notebook; the table is the truth, delivery a hint."""

    notebook = models.ForeignKey("notebooks.Notebook", on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    payload = models.JSONField()
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_label = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("notebook", "seq"), name="one_event_per_seq"),)

    def __str__(self) -> str:
        return f"{self.seq}: {self.payload['type']}"

    def as_message(self) -> dict[str, Any]:
        return event_message(self.seq, self.actor_kind, self.actor_label, self.payload)


def event_message(seq: int, actor_kind: str, actor_label: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The `event` frame of docs/protocol.md."""
    actor = {"kind": actor_kind, "label": actor_label}
    return {"type": "event", "seq": seq, "actor": actor, "event": payload}


class AuditEntry(models.Model):
    """Who did what when. Rows are never changed or deleted: a database trigger refuses it.

    So nothing here depends on a row elsewhere: `actor` is a key without a constraint, and the names are as they were.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_label = models.CharField(max_length=300)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="audit_entries",
    )
    action = models.CharField(max_length=50, db_index=True)
    notebook_id = models.UUIDField(null=True, db_index=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "audit log"

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action}"
