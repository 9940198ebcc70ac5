"""What the assistant proposed and who decided it, and which turns were undone; to read."""

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.assistant.models import Proposal, TurnUndo
from apps.web.admin.administrators import audit_log_link
from apps.web.admin.assistant import RecordAdmin


@admin.register(Proposal)
class ProposalAdmin(RecordAdmin):
    list_display = ("created_at", "notebook", "turn", "kind", "status", "made_by", "decided_by")
    list_select_related = ("notebook", "turn")
    list_filter = ("kind", "status", "created_at")
    search_fields = ("made_by", "decided_by", "notebook__title")
    fields = (
        "notebook",
        "turn",
        "tool_call",
        "kind",
        "status",
        "cell_kind",
        "version",
        "source",
        "position",
        "note",
        "made_by",
        "created_at",
        "decided_by",
        "decided_at",
        "in_the_audit_log",
    )
    readonly_fields = fields

    @admin.display(description="in the audit log")
    def in_the_audit_log(self, proposal: Proposal) -> SafeString:
        return audit_log_link(notebook_id=str(proposal.notebook_id), q=str(proposal.pk))


@admin.register(TurnUndo)
class TurnUndoAdmin(RecordAdmin):
    list_display = ("undone_at", "turn", "undone_by")
    list_select_related = ("turn",)
    list_filter = ("undone_at",)
    search_fields = ("undone_by", "turn__notebook__title")
    ordering = ("-undone_at",)
    fields = ("turn", "undone_by", "undone_at", "cells")
    readonly_fields = fields
