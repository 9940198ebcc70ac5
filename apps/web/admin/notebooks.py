"""Notebooks, deleted ones too, to look at; of them only the members can be changed here."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.accounts.models import Membership, Role
from apps.notebooks.models import Notebook
from apps.web.admin.administrators import AdministratorsOnly, audit_log_link
from apps.web.admin.members import MembersOfNotebook, save_members

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    NotebookModelAdmin = admin.ModelAdmin[Notebook]
else:
    NotebookModelAdmin = admin.ModelAdmin


@admin.register(Notebook)
class NotebookAdmin(AdministratorsOnly, NotebookModelAdmin):
    list_display = ("title", "owners", "updated_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    search_fields = ("title", "memberships__user__username")
    search_help_text = "A part of the title, or of a member's user name."
    ordering = ("-updated_at",)
    show_full_result_count = False
    fields = ("id", "title", "mode", "seq", "created_at", "updated_at", "deleted_at", "done")
    readonly_fields = fields
    inlines = (MembersOfNotebook,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notebook]:
        owners = Membership.objects.filter(role=Role.OWNER).select_related("user").order_by("user__username")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("memberships", owners, to_attr="owner_rows"))
        )

    @admin.display(description="owners")
    def owners(self, notebook: Any) -> str:
        return ", ".join(row.user.get_username() for row in notebook.owner_rows)

    @admin.display(description="what was done")
    def done(self, notebook: Notebook) -> SafeString:
        return audit_log_link(notebook_id=str(notebook.pk))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Notebook, form: Any, change: bool) -> None:
        """Nothing: the row has not changed, and saving it would put an old `seq` back over a newer one."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        save_members(request, formset)
