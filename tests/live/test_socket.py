"""The socket contract of docs/protocol.md, over real WebSockets to a real server."""

import json
from typing import Any, NoReturn

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from apps.accounts.models import ApiToken, Membership
from apps.accounts.preferences import preferences_of
from apps.notebooks.commands import delete_notebook, edit_cell, rename_notebook
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.socket import NotebookSocket


def session_cookie(person: Person) -> str:
    client = Client()
    client.force_login(person.user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def url_of(server: WebProcess, notebook: Notebook) -> str:
    return f"{server.socket_url}/ws/notebooks/{notebook.id}/"


def close_code(url: str, **headers: str) -> int:
    with connect(url, additional_headers=headers) as socket, pytest.raises(ConnectionClosed) as caught:
        socket.recv(timeout=10)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


def test_who_gets_in(
    server: WebProcess, owner: Person, viewer: Person, stranger: Person, notebook: Notebook
) -> None:
    url = url_of(server, notebook)
    assert close_code(url) == 4401
    assert close_code(url, Authorization="Bearer nonsense") == 4401
    assert close_code(url, **stranger.bearer) == 4404
    with NotebookSocket(server, notebook.id, viewer) as socket:
        assert socket.open()["notebook"]["title"] == notebook.title


def test_a_session_counts_only_from_our_own_pages(
    server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    url, cookie = url_of(server, notebook), session_cookie(owner)
    assert close_code(url, Cookie=cookie, Origin="https://evil.example") == 4401
    assert close_code(url, Cookie=cookie) == 4401
    with connect(url, additional_headers={"Cookie": cookie, "Origin": server.url}) as socket:
        socket.send(json.dumps({"id": 1, "type": "open"}))
        assert json.loads(socket.recv(timeout=10))["result"]["role"] == "owner"


def test_open_since(server: WebProcess, owner: Person, notebook: Notebook) -> None:
    with NotebookSocket(server, notebook.id, owner) as socket:
        seq = socket.open()["seq"]
    for title in ("One", "Two"):
        rename_notebook(actor=owner.actor, notebook_id=notebook.id, title=title)
    with NotebookSocket(server, notebook.id, owner) as socket:
        assert socket.result("open", since_seq=seq)["seq"] == seq + 2
        titles = [socket.event("notebook_renamed")["title"] for _ in range(2)]
    assert titles == ["One", "Two"]


def test_open_since_long_ago_gets_a_snapshot(server: WebProcess, owner: Person, notebook: Notebook) -> None:
    for number in range(1001):
        rename_notebook(actor=owner.actor, notebook_id=notebook.id, title=str(number))
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.result("open", since_seq=0)
        snapshot = socket.wait_for(lambda frame: frame["type"] == "snapshot")
    assert snapshot["notebook"]["title"] == "1000"


def test_others_see_every_change(
    server: WebProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    with (
        NotebookSocket(server, notebook.id, owner) as one,
        NotebookSocket(server, notebook.id, editor) as two,
    ):
        one.open()
        client_id = two.result("open")["client_id"]
        created = one.result("cell_create", kind="python", source="x")["cell"]
        assert two.event("cell_created")["cell"] == created
        push = {"cell_id": created["id"], "client_id": client_id, "version": 0, "updates": [[1, [0, "y"]]]}
        assert two.result("cell_push", **push) == {"version": 1}
        assert one.event("cell_updated") == {
            "type": "cell_updated",
            "cell_id": created["id"],
            "version": 1,
            "updates": [{"client_id": client_id, "changes": [1, [0, "y"]]}],
        }
        assert two.result("cell_push", **push) == {"version": 1}  # its reply might have been lost
        conflict = two.call("cell_push", **push | {"updates": [[1, [0, "z"]]]})["error"]
        assert (conflict["code"], conflict["details"]["version"]) == ("conflict", 1)
        missed = one.result("cell_updates", cell_id=created["id"], since_version=0)
        assert [update["version"] for update in missed["updates"]] == [1]
        one.result("cell_configure", cell_id=created["id"], kind="markdown")
        assert two.event("cell_configured")["kind"] == "markdown"
        html = one.result("render_markdown", cell_id=created["id"], source="# Hi <script>alert(1)</script>")
        assert "<h1" in html["html"]
        assert "<script" not in html["html"]
        second = one.result("cell_create", kind="sql", after="")["cell"]
        assert (
            one.result("cell_move", cell_id=second["id"], after=created["id"])["order_key"]
            > created["order_key"]
        )
        assert two.event("cell_moved")["cell_id"] == second["id"]
        one.result("cell_delete", cell_id=created["id"], expected_version=1)
        assert two.event("cell_deleted")["cell_id"] == created["id"]
        one.result("notebook_rename", title="Together")
        assert two.event("notebook_renamed")["title"] == "Together"


def test_bad_frames_get_clear_errors(
    server: WebProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    place = {"cell_id": str(cell.id)}
    with NotebookSocket(server, notebook.id, owner) as socket:
        client_id = socket.result("open")["client_id"]
        bad_frames: list[tuple[str, dict[str, Any], str]] = [
            ("fly", {}, "no command 'fly'"),
            ("cell_create", {}, "kind must be a string"),
            ("cell_create", {"kind": "python", "after": 7}, "after must be a UUID"),
            ("cell_move", {"cell_id": "x"}, "cell_id must be a UUID"),
            (
                "cell_push",
                place | {"client_id": "somebody", "version": 0, "updates": []},
                "client_id must be",
            ),
            ("cell_push", place | {"client_id": client_id, "version": 0, "updates": {}}, "updates must be"),
            (
                "cell_push",
                place | {"client_id": client_id, "version": True, "updates": []},
                "version must be",
            ),
            ("run", {"scope": "cell"}, "needs a cell"),
        ]
        for type, fields, message in bad_frames:
            error = socket.call(type, **fields)["error"]
            assert message in error["message"], error
            assert error["code"] == "invalid"
        for raw in ("{", "[1]", "7"):
            socket._socket.send(raw)
            reply = socket.wait_for(lambda frame: frame["type"] == "reply" and frame["id"] is None)
            assert "one JSON object" in reply["error"]["message"]
        assert socket.result("notebook_rename", title="Still there") == {}


def test_a_viewer_only_looks(server: WebProcess, viewer: Person, notebook: Notebook, cell: Cell) -> None:
    place = {"cell_id": str(cell.id)}
    with NotebookSocket(server, notebook.id, viewer) as socket:
        client_id = socket.result("open")["client_id"]
        for type, fields in [
            ("cell_create", {"kind": "python"}),
            ("cell_push", place | {"client_id": client_id, "version": 0, "updates": [[5, [0, "y"]]]}),
            ("cell_move", place),
            ("cell_delete", place),
            ("cell_configure", place | {"kind": "markdown"}),
            ("notebook_rename", {"title": "Mine"}),
            ("run", {"scope": "all"}),
            ("interrupt", {}),
            ("restart", {}),
        ]:
            assert socket.call(type, **fields)["error"]["code"] == "forbidden", type
        assert socket.result("outputs", **place)["outputs"] == []


def test_heartbeats_and_withdrawn_access(
    server: WebProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    with NotebookSocket(server, notebook.id, viewer) as socket:
        seq = socket.open()["seq"]
        beat = socket.wait_for(lambda frame: frame["type"] == "heartbeat")
        preferences = preferences_of(viewer.actor)
        assert beat == {"type": "heartbeat", "seq": seq, "offsets": {}, "preferences": preferences}
        Membership.objects.filter(user=viewer.user).delete()
        with pytest.raises(ConnectionClosed) as caught:
            socket.wait_for(lambda frame: False)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4404


def receive_for_ever(socket: ClientConnection) -> NoReturn:
    while True:
        socket.recv(timeout=20)


def test_a_logout_and_a_revoked_token_close_sockets(
    server: WebProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    cookie = session_cookie(owner)
    with (
        connect(
            url_of(server, notebook), additional_headers={"Cookie": cookie, "Origin": server.url}
        ) as socket,
        NotebookSocket(server, notebook.id, editor) as program,
    ):
        program.open()
        Session.objects.filter(session_key=cookie.partition("=")[2]).delete()
        ApiToken.objects.filter(user=editor.user).update(revoked_at=timezone.now())
        with pytest.raises(ConnectionClosed) as logged_out:
            receive_for_ever(socket)
        with pytest.raises(ConnectionClosed) as revoked:
            program.wait_for(lambda frame: False)
    for caught in (logged_out, revoked):
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 4401


def test_a_deleted_notebook_is_announced(server: WebProcess, owner: Person, notebook: Notebook) -> None:
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        delete_notebook(actor=owner.actor, notebook_id=notebook.id)
        assert socket.event("notebook_deleted")


def test_a_rest_edit_reaches_open_editors(
    server: WebProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        edit_cell(
            actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id, source="x = 2", expected_version=0
        )
        assert socket.event("cell_updated")["updates"] == [{"client_id": "", "changes": [4, [1, "2"]]}]


def test_a_heartbeat_tells_how_much_a_running_cell_has_put_out(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "print('said\\n', end='', flush=True)\nimport time\ntime.sleep(30)")
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        socket.result("run", scope="cell", cell_id=str(cell.id))
        beat = socket.wait_for(lambda frame: frame["type"] == "heartbeat")
        assert beat["offsets"] == {str(cell.id): 1}
        socket.result("interrupt")
        socket.cell_status(status="error")
