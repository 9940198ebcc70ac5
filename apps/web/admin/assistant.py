"""What the assistant did, call by call, to read; and what it may do in single notebooks, to set."""

from typing import TYPE_CHECKING, Any

import orjson
from django import forms
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.assistant.approvals import rules_of
from apps.assistant.model_request import sent_request
from apps.assistant.models import AssistantPolicy, Conversation, ModelCall, ToolCall, Turn
from apps.base.errors import Invalid
from apps.journal.admin_list import NewestPages
from apps.journal.record import audit
from apps.web.admin.administrators import (
    AdministratorsOnly,
    AdministratorsRead,
    administrator,
    audit_log_link,
)

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    RecordModelAdmin = admin.ModelAdmin[Any]
    PolicyModelAdmin = admin.ModelAdmin[AssistantPolicy]
    PolicyModelForm = forms.ModelForm[AssistantPolicy]
else:
    RecordModelAdmin = PolicyModelAdmin = admin.ModelAdmin
    PolicyModelForm = forms.ModelForm


class RecordAdmin(AdministratorsRead, RecordModelAdmin):
    """Rows that nobody changes. A page of the list reads a hundred of them, and nothing counts them all."""

    ordering = ("-created_at",)
    paginator = NewestPages
    show_full_result_count = False


@admin.register(Conversation)
class ConversationAdmin(RecordAdmin):
    list_display = ("title", "notebook", "created_by", "mode", "model", "created_at")
    list_select_related = ("notebook", "created_by")
    list_filter = ("mode", "created_at")
    search_fields = ("title", "notebook__title")
    fields = ("title", "notebook", "created_by", "mode", "model", "created_at", "turns")
    readonly_fields = fields

    @admin.display(description="turns")
    def turns(self, conversation: Conversation) -> SafeString:
        return _list_link("turn", "All turns", conversation__id__exact=str(conversation.pk))


@admin.register(Turn)
class TurnAdmin(RecordAdmin):
    list_display = ("number", "notebook", "asked_by_label", "status", "model", "cost", "created_at")
    list_select_related = ("notebook",)
    list_filter = ("status", "mode", "created_at")
    search_fields = ("message", "asked_by_label", "notebook__title")
    fields = (
        "number",
        "notebook",
        "conversation",
        "asked_by_label",
        "message",
        "mode",
        "model",
        "status",
        "error",
        "created_at",
        "started_at",
        "finished_at",
        "model_calls",
        "tool_calls",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Turn]:
        turns: QuerySet[Turn] = super().get_queryset(request)
        return turns.annotate(cost_usd=Sum("model_calls__cost_usd"))

    @admin.display(description="US dollars")
    def cost(self, turn: Any) -> str:
        return "-" if turn.cost_usd is None else f"{turn.cost_usd:.4f}"

    @admin.display(description="calls of the model")
    def model_calls(self, turn: Turn) -> SafeString:
        return _list_link("modelcall", "All of this turn", turn__id__exact=str(turn.pk))

    @admin.display(description="calls of tools")
    def tool_calls(self, turn: Turn) -> SafeString:
        return _list_link("toolcall", "All of this turn", turn__id__exact=str(turn.pk))


@admin.register(ModelCall)
class ModelCallAdmin(RecordAdmin):
    list_display = (
        "created_at",
        "notebook",
        "asked_by",
        "model",
        "status",
        "stop_reason",
        "input_tokens",
        "cache_read_tokens",
        "output_tokens",
        "cost_usd",
        "elapsed_ms",
    )
    list_select_related = ("notebook", "asked_by")
    list_filter = ("status", "model", "created_at")
    search_fields = ("asked_by__username", "notebook__title")
    ordering = ("-id",)
    fields = (
        "turn",
        "notebook",
        "asked_by",
        "model",
        "status",
        "stop_reason",
        "error",
        "input_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "output_tokens",
        "cost_usd",
        "created_at",
        "first_event_ms",
        "elapsed_ms",
        "tool_calls",
        "what_was_sent",
        "what_came_back",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelCall]:
        """Without the long columns, which only the page of one call shows."""
        return (
            super().get_queryset(request).defer("request", "messages", "reply", "content", "after", "shown")
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Below the list, what all that it filters comes to: so per person, notebook or day."""
        response: Any = super().changelist_view(request, extra_context)
        found = getattr(response, "context_data", {}).get("cl")
        if found is not None:
            sums = found.queryset.order_by().aggregate(
                cost=Sum("cost_usd"),
                into=Sum("input_tokens"),
                read=Sum("cache_read_tokens"),
                out=Sum("output_tokens"),
            )
            total = f"${sums['cost'] or 0:.4f}, {sums['into'] or 0:,} tokens in, {sums['read'] or 0:,} from the cache"
            response.context_data["title"] = f"Calls of the model: {total}, {sums['out'] or 0:,} out"
        page: HttpResponse = response
        return page

    @admin.display(description="calls of tools")
    def tool_calls(self, call: ModelCall) -> SafeString:
        return _list_link("toolcall", "All of this reply", model_call__id__exact=str(call.pk))

    @admin.display(description="what was sent")
    def what_was_sent(self, call: ModelCall) -> SafeString:
        return _json(sent_request(call))

    @admin.display(description="what came back")
    def what_came_back(self, call: ModelCall) -> SafeString:
        return _json(call.reply)


@admin.register(ToolCall)
class ToolCallAdmin(RecordAdmin):
    list_display = ("created_at", "name", "turn", "status", "is_error", "decision", "decided_by_label")
    list_select_related = ("turn",)
    list_filter = ("name", "status", "is_error", "decision", "created_at")
    search_fields = ("name", "decided_by_label")
    fields = (
        "name",
        "turn",
        "model_call",
        "status",
        "is_error",
        "what_it_got",
        "what_it_said",
        "reason",
        "decision",
        "decided_by_label",
        "answer",
        "first_seq",
        "last_seq",
        "in_the_audit_log",
        "started_at",
        "finished_at",
    )
    readonly_fields = fields

    @admin.display(description="input")
    def what_it_got(self, call: ToolCall) -> SafeString:
        return _json(call.input)

    @admin.display(description="result")
    def what_it_said(self, call: ToolCall) -> SafeString:
        return _json(call.result)

    @admin.display(description="in the audit log")
    def in_the_audit_log(self, call: ToolCall) -> SafeString:
        return audit_log_link(notebook_id=str(call.turn.notebook_id), q=str(call.pk))


class PolicyForm(PolicyModelForm):
    class Meta:
        model = AssistantPolicy
        fields = ("notebook", "is_enabled", "approvals")

    def clean_approvals(self) -> str:
        approvals: str = self.cleaned_data["approvals"]
        try:
            rules_of(approvals)
        except Invalid as error:
            raise forms.ValidationError(error.message) from None
        return approvals


@admin.register(AssistantPolicy)
class AssistantPolicyAdmin(AdministratorsOnly, PolicyModelAdmin):
    form = PolicyForm
    list_display = ("notebook", "is_enabled", "approvals")
    list_select_related = ("notebook",)
    search_fields = ("notebook__title",)
    autocomplete_fields = ("notebook",)
    show_full_result_count = False

    def get_readonly_fields(
        self, request: HttpRequest, obj: AssistantPolicy | None = None
    ) -> tuple[str, ...]:
        return ("notebook",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: AssistantPolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit(
            administrator(request),
            "set_assistant_policy",
            obj.notebook_id,
            is_enabled=obj.is_enabled,
            approvals=obj.approvals,
            in_admin=True,
        )


def _json(value: Any) -> SafeString:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return format_html(
        '<pre style="margin: 0; white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', text
    )


def _list_link(model: str, text: str, **filters: str) -> SafeString:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:assistant_{model}_changelist"), query, text)
