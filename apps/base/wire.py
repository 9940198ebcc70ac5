"""JSON as it goes out."""

import json
from typing import Any

import orjson

JsonObject = dict[str, Any]


def dumps(value: Any) -> str:
    """`value` as JSON text. orjson, but for whole numbers beyond 64 bits, which it refuses and outputs may hold."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, default=str)
