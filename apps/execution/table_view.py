"""How somebody wants to see a table: sorted, filtered, searched. Pure; docs/protocol.md, "Tables"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from apps.base.errors import Invalid

Json = dict[str, Any]

OPERATIONS = (
    *("contains", "not_contains", "starts_with", "equals", "not_equals"),
    *("less", "at_most", "greater", "at_least", "is_null", "not_null"),
)
MAX_SORTS = 5
MAX_FILTERS = 30
MAX_TEXT_CHARS = 500


@dataclass(frozen=True)
class TableView:
    """`wire` is what kernels are asked for."""

    wire: Json

    @classmethod
    def of(cls, view: Any) -> Self:
        """Of what a client sent; null or an empty object is the table as it is. Invalid, with the field."""
        view = {} if view is None else view
        if not isinstance(view, Mapping) or view.keys() - {"sort", "filters", "search"}:
            raise Invalid("view must be {sort?, filters?, search?}.", field="view")
        sort = _items(view.get("sort", []), "sort", MAX_SORTS)
        filters = _items(view.get("filters", []), "filters", MAX_FILTERS)
        return cls(
            {
                "sort": [
                    {"column": _column(each, "sort"), "is_descending": each.get("is_descending") is True}
                    for each in sort
                ],
                "filters": [_filter(each) for each in filters],
                "search": _text(view.get("search", ""), "search"),
            }
        )


def _filter(each: Mapping[str, Any]) -> Json:
    operation = each.get("operation")
    if operation not in OPERATIONS:
        raise Invalid(f"operation must be one of: {', '.join(OPERATIONS)}.", field="filters")
    column, value = _column(each, "filters"), _text(each.get("value", ""), "filters")
    return {"column": column, "operation": operation, "value": value}


def _items(items: Any, field: str, most: int) -> list[Mapping[str, Any]]:
    if not isinstance(items, list) or not all(isinstance(each, Mapping) for each in items):
        raise Invalid(f"{field} must be an array of objects.", field=field)
    if len(items) > most:
        raise Invalid(f"{field} may have at most {most} items.", field=field)
    return items


def _column(each: Mapping[str, Any], field: str) -> int:
    column = each.get("column")
    if not isinstance(column, int) or isinstance(column, bool) or not 0 <= column < 2**31:
        raise Invalid("column must be the number of a column, from 0.", field=field)
    return column


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT_CHARS:
        raise Invalid(f"Text in {field} may have at most {MAX_TEXT_CHARS} characters.", field=field)
    return value
