"""Who is in a notebook, over real sockets; one entry per socket, gone when the socket is."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from apps.journal.publish import connection
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.processes import Database, WebProcess
from tests.support.socket import Frame, NotebookSocket

# The server repeats presence every 3 s; who is not heard of is gone within 10 s.
GONE_WITHIN_S = 10


@pytest.fixture
def second_server(database: Database) -> Iterator[WebProcess]:
    process = WebProcess(database.data_dir, database.url)
    process.start()
    yield process
    process.close()


def wait_for_entry(socket: NotebookSocket, client_id: str, **fields: Any) -> Frame:
    """The next entry of the client that has these fields."""

    def entries(frame: Frame) -> list[Frame]:
        here = frame["here"] if frame["type"] == "presence" else []
        return [entry for entry in here if entry["client_id"] == client_id and {**entry, **fields} == entry]

    return entries(socket.wait_for(lambda frame: bool(entries(frame))))[0]


def wait_until_gone(socket: NotebookSocket, client_id: str, deadline_s: float = GONE_WITHIN_S) -> None:
    socket.wait_for(
        lambda frame: frame["type"] == "presence" and client_id in frame["gone"], deadline_s=deadline_s
    )


def open_client(socket: NotebookSocket) -> str:
    client_id: str = socket.result("open")["client_id"]
    return client_id


def test_everybody_hears_of_everybody(
    server: WebProcess,
    second_server: WebProcess,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
    cell: Cell,
) -> None:
    with (
        NotebookSocket(server, notebook.id, owner) as one,
        NotebookSocket(second_server, notebook.id, viewer) as two,
    ):
        first, second = open_client(one), open_client(two)
        assert wait_for_entry(one, second) == {
            "client_id": second,
            "actor": {"kind": "token", "label": f"{viewer.user.get_username()} (tests)"},
            "cell_id": None,
            "selection": None,
        }
        wait_for_entry(two, first)
        selection = {"version": 0, "anchor": 1, "head": 3}
        one.send("presence", cell_id=str(cell.id), selection=selection)
        wait_for_entry(two, first, cell_id=str(cell.id), selection=selection)
        one.send("presence", cell_id=None, selection=None)
        wait_for_entry(two, first, cell_id=None, selection=None)


def test_who_comes_later_hears_where_the_others_are(
    server: WebProcess,
    second_server: WebProcess,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
    cell: Cell,
) -> None:
    with NotebookSocket(server, notebook.id, owner) as one:
        first = open_client(one)
        one.send("presence", cell_id=str(cell.id), selection=None)
        wait_for_entry(one, first, cell_id=str(cell.id))
        for at in (server, second_server):
            with NotebookSocket(at, notebook.id, viewer) as late:
                open_client(late)
                wait_for_entry(late, first, cell_id=str(cell.id))


def test_who_leaves_is_gone_at_once(
    server: WebProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    with NotebookSocket(server, notebook.id, owner) as one:
        open_client(one)
        with NotebookSocket(server, notebook.id, viewer) as two:
            second = open_client(two)
            wait_for_entry(one, second)
        wait_until_gone(one, second, deadline_s=2)


def test_a_connection_that_is_lost_without_a_word(
    server: WebProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    with (
        NotebookSocket(server, notebook.id, owner) as one,
        NotebookSocket(server, notebook.id, viewer) as two,
    ):
        open_client(one)
        second = open_client(two)
        wait_for_entry(one, second)
        two.stop_answering()
        wait_until_gone(one, second)


def test_a_server_that_is_killed_repeats_nothing(
    server: WebProcess, second_server: WebProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    with (
        NotebookSocket(server, notebook.id, owner) as one,
        NotebookSocket(second_server, notebook.id, viewer) as two,
    ):
        first, second = open_client(one), open_client(two)
        wait_for_entry(one, second)
        second_server.kill()
        one.frames.clear()
        for _ in range(2):
            wait_for_entry(one, first)
        told_of = {
            entry["client_id"]
            for frame in one.frames
            if frame["type"] == "presence"
            for entry in frame["here"]
        }
        assert second not in told_of


def test_who_leaves_while_a_command_takes_long_is_gone(
    server: WebProcess, owner: Person, viewer: Person, notebook: Notebook, cell: Cell
) -> None:
    with NotebookSocket(server, notebook.id, viewer) as watching:
        open_client(watching)
        with NotebookSocket(server, notebook.id, owner) as leaving, transaction.atomic():
            client_id = open_client(leaving)
            wait_for_entry(watching, client_id)
            Notebook.objects.select_for_update().get(id=notebook.id)
            leaving.send("cell_delete", cell_id=str(cell.id))
            leaving.__exit__(None, None, None)
            # daphne waits ten seconds for the command before it ends the socket's consumer.
            wait_until_gone(watching, client_id, deadline_s=20)


def test_a_redis_that_hangs_holds_up_nobody(
    server: WebProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    with NotebookSocket(server, notebook.id, owner) as socket:
        open_client(socket)
        connection().execute_command("CLIENT", "PAUSE", 8000, "ALL")
        began = time.monotonic()
        socket.result("open")
        socket.result("cell_version", cell_id=str(cell.id), version=0)
        # What is under way gives up after two seconds, what follows after one.
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "fields",
    [
        {"cell_id": 7},
        {"cell_id": "nowhere"},
        {
            "cell_id": "00000000-0000-4000-8000-000000000000",
            "selection": {"version": 0, "anchor": -1, "head": 0},
        },
        {"cell_id": "00000000-0000-4000-8000-000000000000", "selection": "all"},
        {"cell_id": "00000000-0000-4000-8000-000000000000", "selection": {"version": 1, "anchor": 2}},
        {
            "cell_id": "00000000-0000-4000-8000-000000000000",
            "selection": {"version": 1, "anchor": 2, "head": "3"},
        },
    ],
)
def test_refused(server: WebProcess, owner: Person, notebook: Notebook, fields: dict[str, Any]) -> None:
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        reply = socket.call("presence", **fields)
        assert reply["error"]["code"] == "invalid"
