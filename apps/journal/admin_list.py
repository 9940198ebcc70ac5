"""The filters and pages of the audit log's list, none of which looks at the whole table."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from apps.accounts.models import User
from apps.base.errors import Invalid
from apps.base.ids import parse_id
from apps.journal.models import AuditEntry
from apps.journal.queries import audit_actions

if TYPE_CHECKING:  # Django's own class is generic only to the type checker
    EntryPaginator = Paginator[AuditEntry]
else:
    EntryPaginator = Paginator

# Nobody turns pages further than this: a filter finds older entries, and an export has them all.
MAX_LISTED = 10_000
MAX_CHOICES = 200


class NewestPages(EntryPaginator):
    """Pages of the newest entries."""

    object_list: QuerySet[AuditEntry]

    @cached_property
    def count(self) -> int:
        return self.object_list[:MAX_LISTED].count()

    @property
    def is_full(self) -> bool:
        """Whether there may be more than it shows."""
        return self.count == MAX_LISTED


class ActorFilter(SimpleListFilter):
    """By person, whatever they acted through. A list of the first, and of whoever was asked for."""

    title = "person"
    parameter_name = "actor_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        people = User.objects.order_by("username").values_list("pk", "username")
        choices = [(str(pk), name) for pk, name in people[:MAX_CHOICES]]
        asked = self.value()
        if asked and asked not in dict(choices):
            label = User.objects.filter(pk=_number(asked)).values_list("username", flat=True).first()
            choices.append((asked, label or f"person {asked}"))
        return choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.value()
        return queryset.filter(actor_id=_number(asked)) if asked else queryset


class ActionFilter(SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action, action.replace("_", " ")) for action in audit_actions()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class NotebookFilter(SimpleListFilter):
    """By id: a notebook in the list links to it, and there is nothing to choose from before."""

    title = "notebook"
    parameter_name = "notebook_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = self.value()
        return [(asked, asked)] if asked else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.value()
        if not asked:
            return queryset
        try:
            return queryset.filter(notebook_id=parse_id(asked, "notebook_id"))
        except Invalid as error:
            raise IncorrectLookupParameters(error.message) from error


def _number(text: str) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise IncorrectLookupParameters(f"{text!r} is not the number of a person.") from error
    if not 0 <= number < 2**63:
        raise IncorrectLookupParameters(f"There is no person {number}.")
    return number
