"""Kernel messages as output operations (docs/protocol.md, "Output"). Pure: no sockets, no database.

Source of the shapes: "Messaging in Jupyter", IOPub channel, and the nbformat 4 schema.
"""

from datetime import UTC, datetime
from typing import Any

from apps.base.text import storable

Message = dict[str, Any]
Operation = dict[str, Any]

# Jupyter's own are 32; longer ones would not fit the index that finds them.
MAX_DISPLAY_ID_CHARS = 200


def request_id_of(message: Message) -> str:
    """The id of the request that caused the message; empty if it names none."""
    parent = message.get("parent_header")
    return str(parent.get("msg_id", "")) if isinstance(parent, dict) else ""


def sent_at(message: Message) -> datetime:
    """When the kernel made the message; now, if it does not say so or has a strange clock."""
    now = datetime.now(UTC)
    date = message["header"].get("date")
    is_moment = isinstance(date, datetime) and date.tzinfo is not None
    return min(date, now) if is_moment else now


def operation_of(message: Message) -> Operation | None:
    """The output operation of an IOPub message, or None if it is none.

    Text that cannot be stored is replaced. Code in a cell can publish anything: what is not shaped as it should be
    becomes a line on stderr that says so.
    """
    kind = message["header"]["msg_type"]
    try:
        operation = _operation(kind, message["content"])
        cleaned: Operation | None = operation and storable({"output_type": kind} | operation)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        return _stderr(f"[An output could not be shown: {kind} with {type(error).__name__} {error}]\n")
    return cleaned


def _operation(kind: str, content: dict[str, Any]) -> Operation | None:
    match kind:
        case "stream":
            return {"name": str(content["name"]), "text": str(content["text"])}
        case "display_data":
            return _bundle(content)
        case "update_display_data":
            bundle = _bundle(content)
            return bundle if "transient" in bundle else None
        case "execute_result":
            return _bundle(content) | {"execution_count": count_of(content)}
        case "error":
            traceback = [str(line) for line in content["traceback"]]
            return {"ename": str(content["ename"]), "evalue": str(content["evalue"]), "traceback": traceback}
        case "clear_output":
            return {"wait": bool(content.get("wait"))}
        case _:
            return None


def count_of(content: dict[str, Any]) -> int | None:
    """The execution count in a message, if it is one that can be stored."""
    count = content.get("execution_count")
    return count if isinstance(count, int) and 0 <= count < 2**31 else None


def error_output(ename: str, evalue: str) -> Operation:
    """An error of ours in the form of a Python error, for a cell whose kernel cannot speak for itself."""
    return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": [f"{ename}: {evalue}"]}


def size_of(operation: Operation) -> int:
    """About how many bytes the operation takes in storage."""
    return _size(operation)


def _size(value: Any) -> int:
    match value:
        case str():
            return len(value)
        case dict():
            return sum(len(key) + _size(item) for key, item in value.items())
        case list():
            return sum(_size(item) for item in value)
        case _:
            return 8


def _bundle(content: dict[str, Any]) -> Operation:
    bundle: Operation = {"data": {**content["data"]}, "metadata": {**content.get("metadata", {})}}
    display_id = (content.get("transient") or {}).get("display_id")
    if isinstance(display_id, str) and 0 < len(display_id) <= MAX_DISPLAY_ID_CHARS:
        bundle["transient"] = {"display_id": display_id}
    return bundle


def _stderr(text: str) -> Operation:
    operation: Operation = storable({"output_type": "stream", "name": "stderr", "text": text})
    return operation
