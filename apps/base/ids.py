"""Ids are minted before the operation that creates the thing, so that it can be named and retried."""

from uuid import UUID, uuid4

from apps.base.errors import Invalid


def new_id() -> UUID:
    return uuid4()


def parse_id(value: object, field: str) -> UUID:
    """The UUID in `value`, which came from outside; Invalid names the field."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        raise Invalid(f"{field} must be a UUID.", field=field) from None
