"""Cells: their text, structure and outputs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from apps.base.ids import parse_id
from apps.live.commands.frames import (
    Client,
    Frame,
    Result,
    cell_id_of,
    flag_of,
    number_of,
    object_of,
    position_of,
    text_of,
)
from apps.notebooks import commands as notebooks
from apps.notebooks.markdown import render_markdown
from apps.notebooks.queries import cell_json, edits_since, get_cell_for, shown_cell

# What a copy of a cell brings along, besides kind and text.
_COPIED: dict[str, Callable[[Frame, str], Any]] = {
    "metadata": object_of,
    "is_disabled": flag_of,
    "result_name": text_of,
    "cache_seconds": number_of,
}


def cell_create(client: Client, frame: Frame) -> Result:
    # What the client does not say, the command knows.
    said = {name: read(frame, name) for name, read in _COPIED.items() if frame.get(name) is not None}
    cell = notebooks.create_cell(
        **client.place,
        kind=text_of(frame, "kind"),
        source=text_of(frame, "source", default=""),
        after=position_of(frame),
        cell_id=_id_in(frame, "cell_id"),
        attachments_of=_id_in(frame, "attachments_of"),
        **said,
    )
    return {"cell": cell_json(cell, [])}


def cell_move(client: Client, frame: Frame) -> Result:
    cell = notebooks.move_cell(**client.place, cell_id=cell_id_of(frame), after=position_of(frame))
    return {"order_key": cell.order_key}


def cell_delete(client: Client, frame: Frame) -> Result:
    expected = None if frame.get("expected_version") is None else number_of(frame, "expected_version")
    notebooks.delete_cell(**client.place, cell_id=cell_id_of(frame), expected_version=expected)
    return {}


def cell_split(client: Client, frame: Frame) -> Result:
    cell = notebooks.split_cell(
        **client.place,
        cell_id=cell_id_of(frame),
        version=number_of(frame, "version"),
        position=number_of(frame, "position"),
    )
    return {"cell": cell_json(cell, [])}


def cell_merge(client: Client, frame: Frame) -> Result:
    cell = notebooks.merge_cells(
        **client.place,
        cell_id=cell_id_of(frame),
        version=number_of(frame, "version"),
        next_cell_id=parse_id(frame.get("next_cell_id"), "next_cell_id"),
        next_version=number_of(frame, "next_version"),
    )
    return {"version": cell.version}


def cell_restore(client: Client, frame: Frame) -> Result:
    cell = notebooks.restore_cell(**client.place, cell_id=cell_id_of(frame))
    return {"cell": cell_json(cell, [])}


def cell_configure(client: Client, frame: Frame) -> Result:
    flags = ("is_disabled", "is_source_hidden", "are_outputs_hidden", "is_scrolled")
    wanted: dict[str, Any] = {flag: flag_of(frame, flag) for flag in flags if frame.get(flag) is not None}
    wanted |= {name: text_of(frame, name) for name in ("kind", "result_name") if frame.get(name) is not None}
    if frame.get("cache_seconds") is not None:
        wanted["cache_seconds"] = number_of(frame, "cache_seconds")
    notebooks.configure_cell(**client.place, cell_id=cell_id_of(frame), **wanted)
    return {}


def outputs_clear(client: Client, frame: Frame) -> Result:
    cell_id = None if frame.get("cell_id") is None else cell_id_of(frame)
    notebooks.clear_outputs(**client.place, cell_id=cell_id)
    return {}


def cell_updates(client: Client, frame: Frame) -> Result:
    since_version = number_of(frame, "since_version")
    return edits_since(**client.place, cell_id=cell_id_of(frame), version=since_version)


def outputs(client: Client, frame: Frame) -> Result:
    shown = shown_cell(**client.place, cell_id=cell_id_of(frame))
    fields = ("cell_run_id", "output_offset", "outputs")
    return {"cell_id": shown["id"]} | {field: shown[field] for field in fields}


def render_markdown_cell(client: Client, frame: Frame) -> Result:
    cell = get_cell_for(**client.place, cell_id=cell_id_of(frame))
    return {"html": render_markdown(text_of(frame, "source"), cell.attachments, cell.notebook_id)}


def _id_in(frame: Frame, field: str) -> UUID | None:
    return parse_id(frame[field], field) if frame.get(field) else None
