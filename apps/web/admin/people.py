"""People: sign-up is closed, so an administrator adds them here, and gives them a way in."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm, UsernameField
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.timezone import now

from apps.accounts.models import LoginLink, User
from apps.journal.record import audit
from apps.web.admin.administrators import AdministratorsOnly, administrator, audit_log_link
from apps.web.admin.members import MembershipsOfPerson, save_members

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    UserForm = UserChangeForm[User]
    UserModelAdmin = UserAdmin[User]
else:
    UserForm, UserModelAdmin = UserChangeForm, UserAdmin


class PersonForm(UserForm):
    class Meta:
        model = User
        fields = ("username", "password", "first_name", "last_name", "email", "is_active", "is_superuser")
        field_classes = {"username": UsernameField}
        labels = {"is_superuser": "Administrator"}
        help_texts = {"is_superuser": "May use these pages: people, tokens, roles and the audit log."}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not (data.get("is_active") and data.get("is_superuser")):
            self._keep_an_administrator()
        return data

    def _keep_an_administrator(self) -> None:
        """Locks the administrators, so that of two who remove each other at once only one can."""
        active = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
        if list(active.select_for_update().values_list("pk", flat=True)) == [self.instance.pk]:
            raise ValidationError("This is the last active administrator. Make somebody else one first.")


@admin.register(User)
class PersonAdmin(AdministratorsOnly, UserModelAdmin):
    form = PersonForm
    inlines = (MembershipsOfPerson,)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_superuser")}),
        ("On record", {"fields": ("last_login", "date_joined", "done")}),
    )
    readonly_fields = ("last_login", "date_joined", "done")
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    show_full_result_count = False
    actions = ("make_login_link",)

    @admin.display(description="what they did")
    def done(self, person: User) -> SafeString:
        return audit_log_link(actor_id=str(person.pk))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted: notebooks would lose their owners. Set them inactive instead."""
        return False

    def get_inline_instances(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """None while a person is being added: first the account, then its roles."""
        return super().get_inline_instances(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = obj.is_superuser  # Django's name for who may open these pages at all
        super().save_model(request, obj, form, change)
        rights = {"is_active": obj.is_active, "is_superuser": obj.is_superuser}
        if not change:
            _record(request, "add_user", obj, **rights)
        elif form.changed_data:
            _record(request, "change_user", obj, fields=form.changed_data, **rights)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        save_members(request, formset)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Django's page. It saves by itself, so whether it did shows in the stored hash."""
        before = self.get_object(request, id)
        response: HttpResponse = super().user_change_password(request, id, form_url)
        after = self.get_object(request, id)
        if before and after and before.password != after.password:
            _record(request, "change_password", after, usable=after.has_usable_password())
        return response

    @admin.action(description="Make a one-time login link", permissions=["change"])
    @transaction.atomic
    def make_login_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For one person, because every link is handed to the person it is for."""
        people = list(queryset[:2])
        if len(people) != 1 or not people[0].is_active:
            messages.error(request, "Select one person who is active: a link is for one, and is shown once.")
            return
        person = people[0]
        path = reverse("login_link", args=[LoginLink.objects.issue(person)])
        _record(request, "make_login_link", person)
        text = "This link logs {} in once, within {}. It is not shown again: {}"
        messages.warning(request, format_html(text, person, _link_ttl(), _copyable(request, path)))


def _record(request: HttpRequest, action: str, person: User, **details: Any) -> None:
    audit(administrator(request), action, username=person.get_username(), user_id=person.pk, **details)


def _link_ttl() -> str:
    start = now()
    return timeuntil(start + timedelta(seconds=settings.LOGIN_LINK_TTL_S), start)


def _copyable(request: HttpRequest, path: str) -> SafeString:
    return format_html('<code style="user-select: all">{}</code>', request.build_absolute_uri(path))
