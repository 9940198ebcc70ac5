"""Roles in notebooks, as rows on the page of a person and on the page of a notebook.

As by the commands `set_member` and `remove_member`, a notebook keeps an owner and every change is on record.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from apps.accounts.models import Membership, Role, User
from apps.journal.record import audit
from apps.notebooks.models import Notebook
from apps.web.admin.administrators import AdministratorsOnly, administrator

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    MembershipModelForm = forms.ModelForm[Membership]
    MembershipInlineFormSet = BaseInlineFormSet[Membership, Any]
    PersonInline = admin.TabularInline[Membership, User]
    NotebookInline = admin.TabularInline[Membership, Notebook]
else:
    MembershipModelForm, MembershipInlineFormSet = forms.ModelForm, BaseInlineFormSet
    PersonInline = NotebookInline = admin.TabularInline

# A form of many more rows would be refused for its number of fields (DATA_UPLOAD_MAX_NUMBER_FIELDS).
MAX_ROWS = 100


class MembershipForm(MembershipModelForm):
    """Of a stored membership only the role can change: a person and a notebook make it what it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("user", "notebook"):
            if name in self.fields:
                self.fields[name].disabled = not self.instance._state.adding


class MembershipFormSet(MembershipInlineFormSet):
    def get_queryset(self) -> QuerySet[Membership]:
        """The newest rows; all of them when a form comes back, as it may hold any."""
        newest_first = super().get_queryset().order_by("-pk")
        return newest_first if self.is_bound else newest_first[:MAX_ROWS]

    def clean(self) -> None:
        super().clean()
        if not any(self.errors):
            self._keep_owners()

    def _keep_owners(self) -> None:
        """Refuse to take the last owner of a notebook away. Locks the notebooks, as commands do."""
        changed = [form for form in self.forms if form.has_changed()]
        notebook_ids = {form.instance.notebook_id for form in changed}
        locked = Notebook.objects.select_for_update(no_key=True).filter(id__in=notebook_ids).order_by("id")
        for notebook in locked:
            rows = [form for form in changed if form.instance.notebook_id == notebook.id]
            if not _has_owner_after(notebook, rows):
                raise ValidationError(f"“{notebook}” needs an owner. Make somebody else its owner first.")


class MembershipsOfPerson(AdministratorsOnly, PersonInline):
    model = Membership
    form, formset = MembershipForm, MembershipFormSet
    autocomplete_fields = ("notebook",)
    extra = 0
    verbose_name = "role in a notebook"
    verbose_name_plural = f"roles in notebooks (the newest {MAX_ROWS}; search Notebooks by user name for all)"


class MembersOfNotebook(AdministratorsOnly, NotebookInline):
    model = Membership
    form, formset = MembershipForm, MembershipFormSet
    autocomplete_fields = ("user",)
    extra = 0
    verbose_name = "member"
    verbose_name_plural = f"members (the newest {MAX_ROWS})"


def save_members(request: HttpRequest, formset: MembershipFormSet) -> None:
    """Save the rows and write one audit row for each, named as the commands name them."""
    formset.save()
    actor = administrator(request)
    for member in [*formset.new_objects, *(changed for changed, _ in formset.changed_objects)]:
        username = member.user.get_username()
        audit(actor, "set_member", member.notebook_id, username=username, role=member.role, in_admin=True)
    for member in formset.deleted_objects:
        audit(actor, "remove_member", member.notebook_id, username=member.user.get_username(), in_admin=True)


def _has_owner_after(notebook: Notebook, rows: list[Any]) -> bool:
    """Whether the notebook has an owner once the changed rows are saved."""
    stored = Membership.objects.filter(notebook=notebook, role=Role.OWNER)
    if stored.exclude(pk__in=[form.instance.pk for form in rows if form.instance.pk]).exists():
        return True
    staying = (form.cleaned_data for form in rows if not form.cleaned_data.get("DELETE"))
    return any(data.get("role") == Role.OWNER for data in staying)
