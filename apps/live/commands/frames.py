"""Who sends a frame, and the fields of frames, each parsed with a clear error."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.accounts.actors import Actor
from apps.base.errors import Invalid
from apps.base.ids import parse_id
from apps.base.wire import JsonObject
from apps.notebooks.commands import Push
from apps.notebooks.positions import END, START, Position

Frame = dict[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True)
class Client:
    """One socket: who, in which notebook, and the client id its pushes must carry."""

    actor: Actor
    notebook_id: UUID
    client_id: str

    @property
    def place(self) -> dict[str, Any]:
        return {"actor": self.actor, "notebook_id": self.notebook_id}


def cell_id_of(frame: Frame) -> UUID:
    return parse_id(frame.get("cell_id"), "cell_id")


def text_of(frame: Frame, field: str, *, default: str | None = None) -> str:
    value = frame.get(field, default)
    if not isinstance(value, str):
        raise Invalid(f"{field} must be a string.", field=field)
    return value


def number_of(frame: Frame, field: str) -> int:
    value = frame.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(f"{field} must be a whole number.", field=field)
    return value


def flag_of(frame: Frame, field: str) -> bool:
    value = frame.get(field)
    if not isinstance(value, bool):
        raise Invalid(f"{field} must be true or false.", field=field)
    return value


def object_of(frame: Frame, field: str) -> JsonObject:
    value = frame.get(field)
    if not isinstance(value, dict):
        raise Invalid(f"{field} must be an object.", field=field)
    return value


def position_of(frame: Frame) -> Position:
    match frame.get("after"):
        case None:
            return END
        case "":
            return START
        case after:
            return parse_id(after, "after")


def push_of(client: Client, frame: Frame) -> Push:
    if frame.get("client_id") != client.client_id:
        raise Invalid("client_id must be the one this socket was given by `open`.", field="client_id")
    updates = frame.get("updates")
    if not isinstance(updates, list):
        raise Invalid("updates must be an array of change sets.", field="updates")
    return Push(client.actor, cell_id_of(frame), number_of(frame, "version"), client.client_id, updates)


def presence_of(frame: Frame) -> dict[str, Any]:
    """`{cell_id, selection}` as others are told; both null if the frame does not say."""
    if frame.get("cell_id") is None:
        return {"cell_id": None, "selection": None}
    selection = frame.get("selection")
    if selection is not None and not isinstance(selection, dict):
        raise Invalid("selection must be {version, anchor, head} or null.", field="selection")
    fields = ("version", "anchor", "head")
    place = None if selection is None else {field: number_of(selection, field) for field in fields}
    if place and min(place.values()) < 0:
        raise Invalid("The numbers of a selection begin at 0.", field="selection")
    return {"cell_id": str(cell_id_of(frame)), "selection": place}
