"""The audit log in Django admin: to read, search, filter and export. Nothing here writes.

Made for a million rows: a page reads 100 of them, nothing counts them all, and an export streams.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from django.contrib import admin
from django.contrib.admin import DateFieldListFilter, ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from apps.base.errors import Invalid
from apps.base.ids import parse_id
from apps.journal.admin_calendar import AuditList
from apps.journal.admin_list import ActionFilter, ActorFilter, NewestPages, NotebookFilter
from apps.journal.audit_csv import csv_response
from apps.journal.models import AuditEntry

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    AuditModelAdmin = admin.ModelAdmin[AuditEntry]
else:
    AuditModelAdmin = admin.ModelAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(AuditModelAdmin):
    list_display = ("when", "who", "action", "notebook", "details_line")
    list_display_links = ("when",)
    list_filter = (("at", DateFieldListFilter), "actor_kind", ActorFilter, ActionFilter, NotebookFilter)
    date_hierarchy = "at"
    search_fields = ("actor_label", "action", "details")
    search_help_text = "A part of a name, an action or the details, or the whole id of a notebook."
    sortable_by = ()
    ordering = ("-id",)
    paginator = NewestPages
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    actions = ("export_selected",)
    fields = ("when", "actor_kind", "actor_label", "actor_id", "action", "notebook", "details_text")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuditList

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="journal_auditentry_export"), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """An id of a notebook is looked up by index; another may be of a cell, somewhere in the details."""
        notebook_id = _as_id(search_term)
        if notebook_id:
            of_notebook = queryset.filter(notebook_id=notebook_id)
            if of_notebook.exists():
                return of_notebook, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="when (UTC)")
    def when(self, entry: AuditEntry) -> str:
        return f"{entry.at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="who")
    def who(self, entry: AuditEntry) -> SafeString:
        kind = "" if entry.actor_kind == "user" else f" · {entry.get_actor_kind_display()}"
        if entry.actor_id is None:
            return format_html("{}{}", entry.actor_label, kind)
        url = _list_url(actor_id=str(entry.actor_id))
        return format_html('<a href="{}">{}</a>{}', url, entry.actor_label, kind)

    @admin.display(description="notebook")
    def notebook(self, entry: AuditEntry) -> SafeString | str:
        if entry.notebook_id is None:
            return "-"
        url = _list_url(notebook_id=str(entry.notebook_id))
        return format_html('<a href="{}">{}</a>', url, entry.notebook_id)

    @admin.display(description="details")
    def details_line(self, entry: AuditEntry) -> str:
        return ", ".join(f"{name}: {value}" for name, value in entry.details.items())

    @admin.display(description="details")
    def details_text(self, entry: AuditEntry) -> SafeString:
        text = orjson.dumps(entry.details, option=orjson.OPT_INDENT_2).decode()
        return format_html('<pre style="margin: 0; white-space: pre-wrap">{}</pre>', text)

    @admin.action(description="Export the selected entries as CSV", permissions=["view"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> HttpResponseBase:
        return csv_response(queryset)

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """All entries that the list's search and filters leave, not only those of its pages."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            return csv_response(self.get_changelist_instance(request).queryset)
        except IncorrectLookupParameters:
            return redirect("admin:journal_auditentry_changelist")


def _list_url(**filters: str) -> str:
    return f"{reverse('admin:journal_auditentry_changelist')}?{urlencode(filters)}"


def _as_id(text: str) -> UUID | None:
    try:
        return parse_id(text.strip(), "id")
    except Invalid:
        return None
