"""What may be stored: PostgreSQL refuses NUL, UTF-8 has no lone surrogates, JSON no infinity."""

import math
import re
from typing import Any

from apps.base.errors import Invalid

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


def check_storable(text: str, **details: str) -> None:
    """Invalid, with the details, for text that would have to be changed to be stored."""
    if not is_storable(text):
        raise Invalid("Text must not contain NUL characters or lone surrogates.", **details)


def storable(value: Any) -> Any:
    """`value` (JSON) with characters that cannot be stored as U+FFFD, in keys too, and NaN and infinity as null."""
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case float() if not math.isfinite(value):
            return None
        case list():
            return [storable(item) for item in value]
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case _:
            return value
