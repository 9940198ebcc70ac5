"""Where the assistant is, for pages that show no conversation: its presence, and what has not ended."""

from typing import Any

import pytest

from apps.accounts.actors import Actor
from apps.assistant.commands import cancel_turn, send_message
from apps.assistant.conversations import unfinished_turns
from apps.base.errors import NotFound
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import calls, says
from tests.support.processes import WebProcess
from tests.support.socket import Frame, NotebookSocket
from tests.support.turns import ask, go_on, wait_for_turn

Json = dict[str, Any]


def places_in(socket: NotebookSocket) -> list[Json]:
    """The assistant's, one after the other, until it has gone."""
    places: list[Json] = []

    def is_over(frame: Frame) -> bool:
        if frame["type"] != "presence":
            return False
        ours = [entry for entry in frame["here"] if entry["client_id"].startswith("assistant-")]
        places.extend(entry for entry in ours if entry["cell_id"] is not None)
        return any(client_id.startswith("assistant-") for client_id in frame["gone"])

    socket.wait_for(is_over)
    return places


def test_its_cursor_stands_where_it_wrote(
    server: WebProcess, api: MessagesApi, owner: Person, viewer: Person, notebook: Notebook, cell: Cell
) -> None:
    """In UTF-16 units, behind the last that changed; without one in a cell that it only reads."""
    edit = {"cell_id": str(cell.id)[:8], "version": 0, "find": "x = 1", "replace": "x = '🚀'\ny = 2"}
    create = {"kind": "python", "source": "z = '🚀'", "after": "end"}
    api.script(
        calls(("read_cell", {"cell_id": str(cell.id)[:8]}), ("edit_cell", edit)),
        calls(("create_cell", create)),
        says("Done."),
    )
    with NotebookSocket(server, notebook.id, viewer) as socket:
        socket.open()
        ask(owner, notebook)
        places = places_in(socket)
    made = Cell.objects.get(notebook=notebook, source=create["source"])
    by_place = [(each["cell_id"], each["selection"]) for each in places]
    assert by_place[0] == (str(cell.id), None)
    assert (str(cell.id), {"version": 1, "anchor": 14, "head": 14}) in by_place
    assert by_place[-1] == (str(made.id), {"version": 0, "anchor": 8, "head": 8})
    assert {each["actor"]["label"] for each in places} == {f"Assistant for {owner.user.get_username()}"}


def test_what_has_not_ended(
    api: MessagesApi, owner: Person, viewer: Person, notebook: Notebook, cell: Cell
) -> None:
    api.script(calls(("delete_cell", {"cell_id": str(cell.id)[:8], "version": 0})))
    place: Json = {"actor": viewer.actor, "notebook_id": notebook.id}
    assert unfinished_turns(**place) == []
    waiting = wait_for_turn(ask(owner, notebook), "waiting")
    queued = send_message(actor=owner.actor, notebook_id=notebook.id, message="And then?")
    first, second = unfinished_turns(**place)
    assert (first["id"], first["status"]) == (str(waiting.id), "waiting")
    assert (first["tool"]["name"], first["tool"]["status"]) == ("delete_cell", "waiting")
    assert (second["id"], second["status"], second["tool"]) == (str(queued.id), "queued", None)
    for turn in (queued, waiting):
        cancel_turn(actor=owner.actor, notebook_id=notebook.id, turn_id=turn.id)
        go_on(turn)
    assert unfinished_turns(**place) == []


def test_strangers_are_told_nothing(stranger: Person, notebook: Notebook) -> None:
    actor: Actor = stranger.actor
    with pytest.raises(NotFound):
        unfinished_turns(actor=actor, notebook_id=notebook.id)
