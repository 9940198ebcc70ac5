"""Large binary data of outputs, which is kept as files: a MIME bundle then holds a reference in place of the base64.

A reference is `{sha256, size_bytes, layout, width?, height?}`. It gives access to nothing: code in a cell can write one
too, so whoever follows it asks whether the notebook has put out that file (file_store.py). Pure.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from apps.base.image_sizes import image_size
from apps.base.wire import JsonObject

# Less is cheaper in the row: it is there with it, without another request.
LEAST_CHARS = 32 * 1024
LINE_CHARS = 76

# The value of these is text or JSON, whatever it looks like.
_NO_BINARY = (
    "text/",
    "application/javascript",
    "application/json",
    "application/xml",
    "application/vnd.jupyter.",
)
_NO_BINARY_ENDINGS = ("+json", ".json", "+xml")


def _written_plain(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _written_with_end(content: bytes) -> str:
    return _written_plain(content) + "\n"


def _written_in_lines(content: bytes) -> str:
    return base64.encodebytes(content).decode()


# How programs lay base64 out. What is exported is, to the letter, what was imported.
_LAYOUTS: dict[str, Callable[[bytes], str]] = {
    "plain": _written_plain,
    "with_end": _written_with_end,
    "in_lines": _written_in_lines,
}


def without_files(output: JsonObject, keep: Callable[[str, bytes], str | None]) -> JsonObject:
    """The output with references in place of its large binary data.

    `keep(media_type, content)` keeps a file and gives its SHA-256; None: it could not, and the data stays where it is.
    """
    data = output.get("data")
    if not isinstance(data, Mapping):
        return output
    referred = {kind: reference for kind in data if (reference := _kept(kind, data[kind], keep))}
    return output | {"data": {**data, **referred}} if referred else output


def with_files(output: JsonObject, content_of: Callable[[str], bytes | None]) -> JsonObject:
    """The inverse. In place of a file that is gone there is a note in the output's text."""
    data = output.get("data")
    if not isinstance(data, Mapping) or not any(map(is_reference, data.values())):
        return output
    told: JsonObject = {}
    missing: list[str] = []
    for kind, value in data.items():
        if not is_reference(value):
            told[kind] = value
        elif (content := content_of(value["sha256"])) is not None:
            told[kind] = _LAYOUTS[value["layout"]](content)
        else:
            missing.append(f"[{kind} is missing: its file is not there any more.]")
    if missing:
        told.setdefault("text/plain", "\n".join(missing))
    return output | {"data": told}


def files_of(body: Mapping[str, Any]) -> list[str]:
    """The SHA-256 of each file that an output refers to."""
    data = body.get("data")
    if not isinstance(data, Mapping):
        return []
    return sorted({value["sha256"] for value in data.values() if is_reference(value)})


def is_reference(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    layout = value.get("layout")
    if not isinstance(layout, str) or layout not in _LAYOUTS:
        return False
    numbers = (value.get("size_bytes"), value.get("width", 1), value.get("height", 1))
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        return False
    return isinstance(value.get("sha256"), str) and is_sha256(value["sha256"])


def is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _kept(kind: str, value: object, keep: Callable[[str, bytes], str | None]) -> JsonObject | None:
    if not isinstance(value, str) or len(value) < LEAST_CHARS or not _may_be_binary(kind):
        return None
    try:
        content = base64.b64decode(value)
    except ValueError:
        return None
    layout = next((name for name, written in _LAYOUTS.items() if written(content) == value), None)
    sha256 = keep(kind, content) if layout else None
    if sha256 is None:
        return None
    size = image_size(kind, content)
    pixels = {"width": size[0], "height": size[1]} if size else {}
    return {"sha256": sha256, "size_bytes": len(content), "layout": layout, **pixels}


def _may_be_binary(kind: str) -> bool:
    return not kind.startswith(_NO_BINARY) and not kind.endswith(_NO_BINARY_ENDINGS)
