"""Database connections: whose they are and where they lead. Passwords are shown to nobody, and cannot be guessed at."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from apps.data.models import Connection
from apps.web.admin.administrators import AdministratorsRead

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    ConnectionModelAdmin = admin.ModelAdmin[Connection]
else:
    ConnectionModelAdmin = admin.ModelAdmin


@admin.register(Connection)
class ConnectionAdmin(AdministratorsRead, ConnectionModelAdmin):
    """Their owners change them; an administrator looks, and can turn the owner's account off."""

    list_display = (
        "name",
        "owner",
        "kind",
        "dialect",
        "host",
        "is_read_only",
        "notebook_count",
        "changed_at",
    )
    list_filter = ("kind", "is_read_only")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username", "dialect", "host", "database")
    ordering = ("owner__username", "name")
    show_full_result_count = False
    actions = None
    fields = (
        *("name", "owner", "kind", "dialect", "host", "port", "database", "user", "has_password", "options"),
        *("is_read_only", "timeout_s", "max_queries", "shared_with", "created_at", "changed_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return super().get_queryset(request).annotate(notebook_total=Count("notebooks"))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return not lookup.startswith("sealed_secret") and super().lookup_allowed(lookup, value, request)

    @admin.display(description="notebooks", ordering="notebook_total")
    def notebook_count(self, connection: Any) -> int:
        count: int = connection.notebook_total
        return count

    @admin.display(description="password", boolean=True)
    def has_password(self, connection: Connection) -> bool:
        return bool(connection.sealed_secret)

    @admin.display(description="shared with")
    def shared_with(self, connection: Connection) -> str:
        return ", ".join(connection.notebooks.order_by("title").values_list("title", flat=True)) or "-"
