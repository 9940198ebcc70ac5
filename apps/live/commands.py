"""The socket's commands: each parses its frame, calls one command or query, and gives the reply's `result`.

Written for threads: the consumer calls them off the event loop. docs/protocol.md is the reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.accounts.actors import Actor
from apps.base.errors import Invalid
from apps.base.ids import parse_id
from apps.execution import commands as execution
from apps.execution.queries import run_json
from apps.notebooks import commands as notebooks
from apps.notebooks.markdown import render_markdown
from apps.notebooks.positions import END, START, Position
from apps.notebooks.queries import cell_json, edits_since, get_cell_for, shown_cell

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


def cell_create(client: Client, frame: Frame) -> Result:
    cell = notebooks.create_cell(
        **client.place,
        kind=_text(frame, "kind"),
        source=_text(frame, "source", default=""),
        after=_position(frame),
        cell_id=parse_id(frame["cell_id"], "cell_id") if frame.get("cell_id") else None,
    )
    return {"cell": cell_json(cell, [])}


def cell_push(client: Client, frame: Frame) -> Result:
    if frame.get("client_id") != client.client_id:
        raise Invalid("client_id must be the one this socket was given by `open`.", field="client_id")
    updates = frame.get("updates")
    if not isinstance(updates, list):
        raise Invalid("updates must be an array of change sets.", field="updates")
    cell = notebooks.push_cell(
        **client.place,
        cell_id=_cell_id(frame),
        version=_number(frame, "version"),
        client_id=client.client_id,
        changes=updates,
    )
    return {"version": cell.version}


def cell_move(client: Client, frame: Frame) -> Result:
    cell = notebooks.move_cell(**client.place, cell_id=_cell_id(frame), after=_position(frame))
    return {"order_key": cell.order_key}


def cell_delete(client: Client, frame: Frame) -> Result:
    expected = None if frame.get("expected_version") is None else _number(frame, "expected_version")
    notebooks.delete_cell(**client.place, cell_id=_cell_id(frame), expected_version=expected)
    return {}


def cell_configure(client: Client, frame: Frame) -> Result:
    notebooks.configure_cell(**client.place, cell_id=_cell_id(frame), kind=_text(frame, "kind"))
    return {}


def cell_updates(client: Client, frame: Frame) -> Result:
    since_version = _number(frame, "since_version")
    return edits_since(**client.place, cell_id=_cell_id(frame), version=since_version)


def outputs(client: Client, frame: Frame) -> Result:
    shown = shown_cell(**client.place, cell_id=_cell_id(frame))
    fields = ("cell_run_id", "output_offset", "outputs")
    return {"cell_id": shown["id"]} | {field: shown[field] for field in fields}


def render_markdown_cell(client: Client, frame: Frame) -> Result:
    cell = get_cell_for(**client.place, cell_id=_cell_id(frame))
    return {"html": render_markdown(_text(frame, "source"), cell.attachments)}


def notebook_rename(client: Client, frame: Frame) -> Result:
    notebooks.rename_notebook(**client.place, title=_text(frame, "title"))
    return {}


def run(client: Client, frame: Frame) -> Result:
    cell_id = _cell_id(frame) if frame.get("cell_id") is not None else None
    requested = execution.request_run(**client.place, scope=_text(frame, "scope"), cell_id=cell_id)
    return {"run": run_json(requested)}


def interrupt(client: Client, frame: Frame) -> Result:
    execution.interrupt(**client.place)
    return {}


def restart(client: Client, frame: Frame) -> Result:
    execution.restart_kernel(**client.place)
    return {}


COMMANDS: dict[str, Callable[[Client, Frame], Result]] = {
    "cell_create": cell_create,
    "cell_push": cell_push,
    "cell_move": cell_move,
    "cell_delete": cell_delete,
    "cell_configure": cell_configure,
    "cell_updates": cell_updates,
    "outputs": outputs,
    "render_markdown": render_markdown_cell,
    "notebook_rename": notebook_rename,
    "run": run,
    "interrupt": interrupt,
    "restart": restart,
}


def _cell_id(frame: Frame) -> UUID:
    return parse_id(frame.get("cell_id"), "cell_id")


def _text(frame: Frame, field: str, *, default: str | None = None) -> str:
    value = frame.get(field, default)
    if not isinstance(value, str):
        raise Invalid(f"{field} must be a string.", field=field)
    return value


def _number(frame: Frame, field: str) -> int:
    value = frame.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(f"{field} must be a whole number.", field=field)
    return value


def _position(frame: Frame) -> Position:
    match frame.get("after"):
        case None:
            return END
        case "":
            return START
        case after:
            return parse_id(after, "after")
