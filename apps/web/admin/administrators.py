"""Who may use these pages, and as whom they write to the audit log."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from apps.accounts.actors import Actor, user_actor
from apps.accounts.models import User


def administrator(request: HttpRequest) -> Actor:
    """The actor of a request to a page of Django admin."""
    return user_actor(cast(User, request.user))


class AdministratorsOnly:
    """Mixed into a ModelAdmin or an inline. Subclasses take rights away, never add any."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)


class AdministratorsRead(AdministratorsOnly):
    """Of rows that nobody changes here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def audit_log_link(**filters: str) -> SafeString:
    """A link to the audit log, filtered."""
    url = f"{reverse('admin:journal_auditentry_changelist')}?{urlencode(filters)}"
    return format_html('<a href="{}">Show in the audit log</a>', url)


def _is_administrator(request: HttpRequest) -> bool:
    user = cast(User, request.user)
    return user.is_active and user.is_superuser
