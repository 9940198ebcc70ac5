"""Proposals and undo as pages and programs see them."""

import pytest

from apps.api import proposal_shapes as shapes
from apps.assistant.models import ConversationMode, TurnStatus
from apps.notebooks.models import Cell, Notebook
from tests.api.caller import Caller
from tests.support.administration import browser_of, new_administrator
from tests.support.cast import Person
from tests.support.processes import WebProcess
from tests.support.socket import NotebookSocket
from tests.support.tools import call, new_turn


@pytest.fixture
def proposed(owner: Person, notebook: Notebook, cell: Cell) -> dict[str, str]:
    turn = new_turn(owner, notebook, ConversationMode.PROPOSE)
    result = call(owner, notebook, "update_cell", turn=turn, cell_id=str(cell.id), version=0, source="x = 2")
    call(owner, notebook, "create_cell", turn=turn, kind="python", source="y = 2", after="end")
    turn.status = TurnStatus.DONE
    turn.save()
    return {"turn_id": str(turn.id), "proposal_id": str(result.details["proposal_id"])}


def test_by_socket(
    server: WebProcess,
    owner: Person,
    editor: Person,
    notebook: Notebook,
    cell: Cell,
    proposed: dict[str, str],
) -> None:
    with (
        NotebookSocket(server, notebook.id, owner) as page,
        NotebookSocket(server, notebook.id, editor) as other,
    ):
        page.open()
        other.open()
        edit, creation = page.result("proposals")["proposals"]
        assert (edit["id"], edit["after"]) == (proposed["proposal_id"], "x = 2")
        accepted = page.result("proposal_accept", proposal_id=edit["id"])["proposal"]
        assert accepted["status"] == "accepted"
        assert other.event("cell_updated")["version"] == 1
        assert other.event("proposal_decided")["status"] == "accepted"
        assert page.result("proposal_reject", proposal_id=creation["id"])["proposal"]["status"] == "rejected"
        assert page.call("proposal_accept", proposal_id=creation["id"])["error"]["code"] == "conflict"
        assert page.result("proposals")["proposals"] == []
        decided = page.result("proposals", turn_id=proposed["turn_id"])["proposals"]
        assert [each["status"] for each in decided] == ["accepted", "rejected"]
        changes = page.result("chat_changes", turn_id=proposed["turn_id"])
        assert [(each["before"], each["after"]) for each in changes["cells"]] == [("x = 1", "x = 2")]
        undone = page.result("chat_undo", turn_id=proposed["turn_id"])
        assert [each["outcome"] for each in undone["cells"]] == ["undone"]
        assert other.event("turn_undone")["turn_id"] == proposed["turn_id"]
        assert page.call("chat_undo", turn_id=proposed["turn_id"])["error"]["code"] == "conflict"


def test_by_rest(owner: Person, viewer: Person, notebook: Notebook, proposed: dict[str, str]) -> None:
    api, of_viewer = Caller(owner), Caller(viewer)
    place = f"notebooks/{notebook.id}"
    listed = of_viewer.get(f"{place}/proposals/").shaped(shapes.ProposalList)["proposals"]
    assert [each["kind"] for each in listed] == ["edit", "create"]
    accept = f"{place}/proposals/{proposed['proposal_id']}/accept/"
    of_viewer.post(accept).refused(403, "forbidden")
    assert api.post(accept).shaped(shapes.Proposal)["status"] == "accepted"
    api.post(accept).refused(409, "conflict")
    assert api.post(f"{place}/proposals/{listed[1]['id']}/reject/").json["status"] == "rejected"
    assert len(api.get(f"{place}/proposals/", turn_id=proposed["turn_id"]).json["proposals"]) == 2
    api.get(f"{place}/proposals/", turn_id="x").refused(400, "invalid")
    turn = f"{place}/turns/{proposed['turn_id']}"
    changes = of_viewer.get(f"{turn}/changes/").shaped(shapes.TurnChanges)
    assert [each["changes"] for each in changes["cells"]] == [["edited"]]
    of_viewer.post(f"{turn}/undo/").refused(403, "forbidden")
    undone = api.post(f"{turn}/undo/").shaped(shapes.TurnUndo)
    assert [each["outcome"] for each in undone["cells"]] == ["undone"]
    assert api.get(f"{turn}/changes/").shaped(shapes.TurnChanges)["undo"] == undone


def test_in_admin(owner: Person, notebook: Notebook, proposed: dict[str, str]) -> None:
    Caller(owner).post(f"notebooks/{notebook.id}/proposals/{proposed['proposal_id']}/accept/")
    Caller(owner).post(f"notebooks/{notebook.id}/turns/{proposed['turn_id']}/undo/")
    admin = browser_of(new_administrator())
    pages = {
        "/admin/assistant/proposal/": "accepted",
        f"/admin/assistant/proposal/{proposed['proposal_id']}/change/": "x = 2",
        "/admin/assistant/turnundo/": owner.user.username,
        f"/admin/assistant/turnundo/{proposed['turn_id']}/change/": "undone",
    }
    for path, shown in pages.items():
        page = admin.get(path)
        assert page.status_code == 200, path
        assert shown in page.content.decode(), path
