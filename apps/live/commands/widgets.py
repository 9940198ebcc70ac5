"""What widgets hold, and what people do to them."""

from typing import Any

from apps.base.errors import Invalid
from apps.execution import comms
from apps.live.commands.frames import Client, Frame, Result, cell_id_of, text_of
from apps.notebooks.widgets import widget_models as models_of

MAX_ASKED = 500


def widget_models(client: Client, frame: Frame) -> Result:
    comm_ids = _list_of(frame, "comm_ids")
    if len(comm_ids) > MAX_ASKED or not all(isinstance(each, str) for each in comm_ids):
        raise Invalid(f"comm_ids must be at most {MAX_ASKED} ids.", field="comm_ids")
    return {"models": models_of(**client.place, comm_ids=comm_ids)}


def comm_send(client: Client, frame: Frame) -> Result:
    comms.send_comm(
        **client.place,
        comm_id=text_of(frame, "comm_id"),
        message_id=text_of(frame, "message_id"),
        cell_id=cell_id_of(frame) if frame.get("cell_id") is not None else None,
        data=frame.get("data"),
        buffers=_list_of(frame, "buffers"),
        is_again=bool(frame.get("is_again", False)),
    )
    return {}


def _list_of(frame: Frame, field: str) -> list[Any]:
    value = frame.get(field, [])
    if not isinstance(value, list):
        raise Invalid(f"{field} must be an array.", field=field)
    return value
