"""API tokens: issued and revoked, never changed. Of a secret only the digest is stored, and never shown."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.timezone import now

from apps.accounts.models import ApiToken, User
from apps.journal.record import audit
from apps.web.admin.administrators import AdministratorsOnly, administrator

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    TokenModelAdmin = admin.ModelAdmin[ApiToken]
else:
    TokenModelAdmin = admin.ModelAdmin


@admin.register(ApiToken)
class TokenAdmin(AdministratorsOnly, TokenModelAdmin):
    list_display = ("name", "beginning", "user", "created_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username")
    show_full_result_count = False
    autocomplete_fields = ("user",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return ("user", "name", "beginning", "created_at", "revoked_at") if obj else ("user", "name")

    @admin.display(description="begins with", ordering="prefix")
    def beginning(self, token: ApiToken) -> str:
        return f"{token.prefix}…"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Not by digest: who may not see it may not guess it letter by letter either."""
        return not lookup.startswith("digest") and super().lookup_allowed(lookup, value, request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """`issue` makes the row, so that a secret is made in one place. This is the one time it is seen."""
        token, secret = ApiToken.objects.issue(obj.user, obj.name)
        obj.pk = token.pk
        obj.refresh_from_db()
        _record(request, "issue_token", token)
        text = 'Keep this token now, it is not shown again: <code style="user-select: all">{}</code>'
        messages.warning(request, format_html(text, secret))

    @admin.action(description="Revoke the selected tokens", permissions=["revoke"])
    @transaction.atomic
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """For good. Those that are revoked already stay as they are."""
        live = queryset.filter(revoked_at=None).order_by("pk").select_related("user")
        tokens = list(live.select_for_update(of=("self",)))
        ApiToken.objects.filter(pk__in=[token.pk for token in tokens]).update(revoked_at=now())
        for token in tokens:
            _record(request, "revoke_token", token)
        messages.success(request, f"Tokens revoked: {len(tokens)}.")


def _record(request: HttpRequest, action: str, token: ApiToken) -> None:
    audit(
        administrator(request),
        action,
        username=token.user.get_username(),
        token_id=token.pk,
        name=token.name,
        begins_with=token.prefix,
    )
