"""Database connections, as far as cells have to do with them."""

from apps.base.ids import parse_id
from apps.data.commands import choose_source
from apps.data.connections import sources_of
from apps.live.commands.frames import Client, Frame, Result, cell_id_of


def cell_connect(client: Client, frame: Frame) -> Result:
    chosen = frame.get("connection_id")
    connection_id = None if chosen is None else parse_id(chosen, "connection_id")
    choose_source(**client.place, cell_id=cell_id_of(frame), connection_id=connection_id)
    return {}


def connections(client: Client, frame: Frame) -> Result:
    return {"connections": sources_of(**client.place)}
