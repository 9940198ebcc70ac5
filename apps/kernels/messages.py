"""Kernel messages as output operations (docs/protocol.md, "Output"). Pure: no sockets, no database.

Source of the shapes: "Messaging in Jupyter", IOPub channel, and the nbformat 4 schema.
"""

from typing import Any

from apps.base.text import storable

Message = dict[str, Any]
Operation = dict[str, Any]


def operation_of(message: Message) -> Operation | None:
    """The output operation of an IOPub message, or None if it is none. Text that cannot be stored is replaced."""
    content = message["content"]
    match message["header"]["msg_type"]:
        case "stream":
            operation = {"name": content["name"], "text": content["text"]}
        case "display_data":
            operation = _bundle(content)
        case "update_display_data":
            operation = _bundle(content)
        case "execute_result":
            operation = _bundle(content) | {"execution_count": content["execution_count"]}
        case "error":
            operation = {key: content[key] for key in ("ename", "evalue", "traceback")}
        case "clear_output":
            operation = {"wait": bool(content.get("wait"))}
        case _:
            return None
    cleaned: Operation = storable({"output_type": message["header"]["msg_type"]} | operation)
    return cleaned


def is_idle(message: Message) -> bool:
    """Whether the kernel says that it has published everything of the request."""
    return (message["header"]["msg_type"], message["content"].get("execution_state")) == ("status", "idle")


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
    bundle: Operation = {"data": content["data"], "metadata": content.get("metadata", {})}
    display_id = content.get("transient", {}).get("display_id")
    return bundle | ({"transient": {"display_id": display_id}} if display_id else {})
