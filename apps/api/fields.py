"""What a request may hold. Nothing is converted: a number is no text, and an unknown field is an error."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.notebooks.positions import END, START, Position


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that names what it does not know: a misspelt field must not be silently without effect."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := [str(name) for name in data if name not in self.fields]):
            known = ", ".join(self.fields)
            message = f"There is no such field; there is {known}." if known else "No fields are expected."
            raise serializers.ValidationError({name: [message] for name in unknown})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class NumberField(serializers.IntegerField):
    """A whole number; in a query string, its digits."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class IdField(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "type": "string",
        "nullable": True,
        "description": "The id of the cell to come after; null or absent: at the end; empty: at the top.",
    }
)
class AfterField(serializers.Field[Position, Any, Any, Any]):
    """The place of a cell, as in docs/protocol.md."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True, default=lambda: END)  # END is not JSON

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return (True, END) if data is None else super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> Position:
        try:
            return START if data == "" else UUID(data)
        except (ValueError, TypeError, AttributeError):
            raise serializers.ValidationError(
                "Must be the id of a cell, empty (the top) or null (the end)."
            ) from None
