"""History: versions of a cell, deleted cells, checkpoints, undo."""

from typing import Any

from apps.base.errors import Invalid
from apps.base.ids import parse_id
from apps.live.commands.frames import Client, Frame, Result, cell_id_of, number_of, text_of
from apps.notebooks import checkpoints as notebook_checkpoints
from apps.notebooks import commands as notebooks
from apps.notebooks import history
from apps.notebooks.commands.undo_edits import Author, EditRange
from apps.notebooks.queries import deleted_cells as cells_deleted


def cell_history(client: Client, frame: Frame) -> Result:
    before = None if frame.get("before_version") is None else number_of(frame, "before_version")
    return history.cell_history(**client.place, cell_id=cell_id_of(frame), before_version=before)


def cell_version(client: Client, frame: Frame) -> Result:
    return history.cell_version(
        **client.place, cell_id=cell_id_of(frame), version=number_of(frame, "version")
    )


def cell_restore_version(client: Client, frame: Frame) -> Result:
    cell = notebooks.restore_version(
        **client.place,
        cell_id=cell_id_of(frame),
        version=number_of(frame, "version"),
        expected_version=number_of(frame, "expected_version"),
    )
    return {"version": cell.version}


def undo(client: Client, frame: Frame) -> Result:
    author, edits = frame.get("actor"), frame.get("edits")
    if not isinstance(author, dict) or not isinstance(edits, list):
        raise Invalid("undo takes actor, {kind, label}, and edits, an array.")
    undone = notebooks.undo_edits(
        **client.place,
        author=Author(text_of(author, "kind"), text_of(author, "label")),
        edits=[_edit_range(each) for each in edits],
    )
    return {"cells": [cell.as_json() for cell in undone]}


def deleted_cells(client: Client, frame: Frame) -> Result:
    return {"cells": cells_deleted(**client.place)}


def checkpoint_create(client: Client, frame: Frame) -> Result:
    checkpoint = notebooks.create_checkpoint(**client.place, name=text_of(frame, "name"))
    return {"checkpoint": notebook_checkpoints.checkpoint_json(checkpoint)}


def checkpoints(client: Client, frame: Frame) -> Result:
    return {"checkpoints": notebook_checkpoints.checkpoints(**client.place)}


def checkpoint_diff(client: Client, frame: Frame) -> Result:
    checkpoint_id = parse_id(frame.get("checkpoint_id"), "checkpoint_id")
    return {"cells": notebook_checkpoints.checkpoint_diff(**client.place, checkpoint_id=checkpoint_id)}


def checkpoint_restore(client: Client, frame: Frame) -> Result:
    checkpoint_id = parse_id(frame.get("checkpoint_id"), "checkpoint_id")
    notebooks.restore_checkpoint(**client.place, checkpoint_id=checkpoint_id)
    return {}


def _edit_range(edit: Any) -> EditRange:
    if not isinstance(edit, dict):
        raise Invalid("An edit to undo is {cell_id, from_version, version}.")
    return EditRange(cell_id_of(edit), number_of(edit, "from_version"), number_of(edit, "version"))
