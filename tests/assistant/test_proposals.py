"""Changes that the assistant suggests: kept, rebased while people type, accepted or rejected, never done before."""

from typing import Any

import pytest

from apps.assistant.commands import accept_proposal, reject_proposal
from apps.assistant.models import ConversationMode, Proposal, Turn
from apps.assistant.proposals import get_proposal, proposals
from apps.assistant.tools import tool_named, tools_of
from apps.assistant.tools.base import Effect
from apps.assistant.tools.cell_ids import short_id
from apps.base.errors import Conflict, DomainError, Forbidden, NotFound
from apps.editing.changes import ChangeSet
from apps.journal.models import AuditEntry
from apps.notebooks.commands import delete_cell
from apps.notebooks.models import Cell, CellEdit, CellStatus, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WorkerProcess
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of, run_and_wait
from tests.support.tools import assistant_of, call, new_turn, text_of


@pytest.fixture
def turn(owner: Person, notebook: Notebook) -> Turn:
    return new_turn(owner, notebook, ConversationMode.PROPOSE)


def propose(person: Person, turn: Turn, name: str, **input: Any) -> Proposal:
    result = call(person, turn.notebook, name, turn=turn, **input)
    assert not result.is_error, text_of(result)
    return Proposal.objects.get(id=result.details["proposal_id"])


def accept(person: Person, proposal: Proposal) -> Proposal:
    return accept_proposal(actor=person.actor, notebook_id=proposal.notebook_id, proposal_id=proposal.id)


def reject(person: Person, proposal: Proposal) -> Proposal:
    return reject_proposal(actor=person.actor, notebook_id=proposal.notebook_id, proposal_id=proposal.id)


def shown(person: Person, notebook: Notebook) -> list[dict[str, Any]]:
    return proposals(actor=person.actor, notebook_id=notebook.id)


def source_of(cell: Cell) -> str:
    cell.refresh_from_db()
    return cell.source


def test_what_each_mode_offers() -> None:
    names = {mode: [tool.name for tool in tools_of(mode)] for mode in ConversationMode}
    assert not {"create_cell", "run_cell", "suggest_edit"} & set(names[ConversationMode.ASK])
    assert "run_cell" not in names[ConversationMode.PROPOSE]
    assert "interrupt" not in names[ConversationMode.PROPOSE]
    assert {"ask_user", "read_cell", "delete_cell", "suggest_edit"} <= set(names[ConversationMode.PROPOSE])
    effects = {tool.effect for tool in tools_of(ConversationMode.PROPOSE)}
    assert effects == {Effect.READS, Effect.ASKS, Effect.PROPOSES}
    for mode in ConversationMode:
        for tool in tools_of(mode):
            assert len(tool.description) > 100
            assert tool.input_schema["additionalProperties"] is False
            assert all("description" in each for each in tool.input_schema["properties"].values())
    assert "proposal" in tool_named("update_cell", ConversationMode.PROPOSE).description
    with pytest.raises(NotFound, match="There are: get_notebook_state"):
        tool_named("run_cell", ConversationMode.ASK)


def test_an_edit_is_shown_and_changes_nothing(
    owner: Person, viewer: Person, notebook: Notebook, turn: Turn, cell: Cell
) -> None:
    with verified_replay(owner, notebook, events=1):
        proposal = propose(
            owner, turn, "edit_cell", cell_id=short_id(cell.id), version=0, find="1", replace="2"
        )
    assert source_of(cell) == "x = 1"
    (told,) = shown(viewer, notebook)
    assert told["status"] == "open"
    assert (told["before"], told["after"], told["version"]) == ("x = 1", "x = 2", 0)
    assert ChangeSet.from_json(told["changes"]).apply("x = 1") == "x = 2"
    assert told["cell_id"] == str(cell.id)
    assert told["made_by"] == assistant_of(owner).label
    event = notebook.events.get(payload__type="proposal_created")
    assert event.payload["proposal"] == told
    with pytest.raises(NotFound):
        get_proposal(new_turn(owner, notebook).id, proposal.id)


def test_accepted(owner: Person, editor: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    proposal = propose(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    with verified_replay(owner, notebook, events=2):
        accepted = accept(editor, proposal)
    assert source_of(cell) == "x = 2"
    assert shown(owner, notebook) == []
    edit = CellEdit.objects.get(cell=cell)
    assert (edit.actor_kind, edit.actor_label) == ("assistant", assistant_of(owner).label)
    assert accepted.done == {"kind": "edited", "cell_id": str(cell.id), "from_version": 0, "version": 1}
    entry = AuditEntry.objects.get(notebook_id=notebook.id, action="accepted_proposal")
    assert (entry.actor_id, entry.details["proposal_id"]) == (editor.user.pk, str(proposal.id))
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Conflict, match=f"{editor.actor.label} has accepted"):
            accept(owner, proposal)
        with pytest.raises(Conflict):
            reject(owner, proposal)
    (told,) = proposals(actor=owner.actor, notebook_id=notebook.id, turn_id=turn.id)
    assert (told["status"], told["before"], told["after"]) == ("accepted", "x = 1", "x = 2")


def test_rejected(owner: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    proposal = propose(owner, turn, "delete_cell", cell_id=str(cell.id), version=0)
    with verified_replay(owner, notebook, events=1):
        reject(owner, proposal)
    assert [each.id for each in cells_of(notebook)] == [cell.id]
    assert shown(owner, notebook) == []


def test_rebased_while_people_type(owner: Person, editor: Person, notebook: Notebook, turn: Turn) -> None:
    cell = add_cell(owner, notebook, "a = 1\nb = 2\nc = 3")
    first = propose(owner, turn, "edit_cell", cell_id=str(cell.id), version=0, find="b = 2", replace="b = 20")
    second = propose(
        owner, turn, "edit_cell", cell_id=str(cell.id), version=0, find="c = 3", replace="c = 30"
    )
    write(editor, cell, "# mine\na = 1\nb = 2\nc = 3")
    told = shown(owner, notebook)[0]
    assert (told["version"], told["after"]) == (1, "# mine\na = 1\nb = 20\nc = 3")
    assert ChangeSet.from_json(told["changes"]).apply(source_of(cell)) == told["after"]
    accept(editor, first)
    accept(editor, second)
    assert source_of(cell) == "# mine\na = 1\nb = 20\nc = 30"


def test_stale_when_people_changed_the_same(
    owner: Person, editor: Person, notebook: Notebook, turn: Turn, cell: Cell
) -> None:
    gone = add_cell(owner, notebook, "y = 1")
    edit = propose(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    deletion = propose(owner, turn, "delete_cell", cell_id=str(cell.id), version=0)
    of_gone = propose(owner, turn, "update_cell", cell_id=str(gone.id), version=0, source="y = 2")
    write(editor, cell, "x = 3")
    delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=gone.id)
    told = shown(owner, notebook)
    assert [each["status"] for each in told] == ["stale"] * 3
    assert [each["problem"] for each in told] == [
        "Somebody has changed the same text since.",
        "Somebody has edited the cell since.",
        "The cell was deleted.",
    ]
    assert (told[0]["before"], told[0]["after"], told[0]["version"]) == ("x = 1", "x = 2", 0)
    for proposal in (edit, deletion, of_gone):
        with verified_replay(owner, notebook, events=0), pytest.raises(Conflict) as caught:
            accept(owner, proposal)
        assert caught.value.details["proposal"]["status"] == "stale"
        reject(owner, proposal)
    assert source_of(cell) == "x = 3"


def test_new_cells_follow_each_other(owner: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    last = add_cell(owner, notebook, "last")
    first = propose(owner, turn, "create_cell", kind="python", source="1", after=short_id(cell.id))
    second = propose(
        owner, turn, "create_cell", kind="python", source="2", after=short_id(first.new_cell_id or "")
    )
    assert Cell.objects.filter(notebook=notebook).count() == 2
    accept(owner, second)
    accept(owner, first)
    assert [each.source for each in cells_of(notebook)] == ["x = 1", "1", "2", "last"]
    assert cells_of(notebook)[1].id == first.new_cell_id
    assert {each.status for each in cells_of(notebook)} == {CellStatus.IDLE}
    assert last.id == cells_of(notebook)[3].id


def test_a_place_that_is_gone(owner: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    middle = add_cell(owner, notebook, "middle")
    last = add_cell(owner, notebook, "last")
    creation = propose(owner, turn, "create_cell", kind="markdown", source="new", after=str(middle.id))
    move = propose(owner, turn, "move_cell", cell_id=str(cell.id), after=str(last.id))
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=middle.id)
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=last.id)
    assert shown(owner, notebook)[1]["problem"] == "The cell that it was to follow is gone."
    accept(owner, creation)
    assert [each.source for each in cells_of(notebook)] == ["x = 1", "new"]
    # There is something in that place again.
    accept(owner, move)
    assert [each.source for each in cells_of(notebook)] == ["new", "x = 1"]


def test_moves_and_deletions(owner: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    other = add_cell(owner, notebook, "other")
    move = propose(owner, turn, "move_cell", cell_id=str(other.id), after="start")
    deletion = propose(owner, turn, "delete_cell", cell_id=str(cell.id), version=0)
    assert [each["kind"] for each in shown(owner, notebook)] == ["move", "delete"]
    assert shown(owner, notebook)[1]["before"] == "x = 1"
    with verified_replay(owner, notebook, events=2):
        accept(owner, move)
    assert cells_of(notebook)[0].id == other.id
    with verified_replay(owner, notebook, events=3):
        accept(owner, deletion)
    assert [each.id for each in cells_of(notebook)] == [other.id]


def test_what_cannot_be_proposed(owner: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    write(owner, cell, "x = 2")
    with verified_replay(owner, notebook, events=0):
        for name, input, said in (
            ("update_cell", {"version": 0, "source": "x = 3"}, "edited the cell since you read it"),
            ("delete_cell", {"version": 0}, "edited the cell since you read it"),
            ("update_cell", {"version": 1, "source": "x = 2"}, "nothing to propose"),
        ):
            result = call(owner, notebook, name, turn=turn, cell_id=str(cell.id), **input)
            assert result.is_error
            assert said in text_of(result)


def test_suggest_edit(owner: Person, notebook: Notebook, cell: Cell) -> None:
    turn = new_turn(owner, notebook, ConversationMode.AGENT)
    with verified_replay(owner, notebook, events=1):
        propose(
            owner,
            turn,
            "suggest_edit",
            cell_id=short_id(cell.id),
            version=0,
            source="x = 10",
            note="Ten is rounder.",
        )
    assert source_of(cell) == "x = 1"
    (told,) = shown(owner, notebook)
    assert (told["note"], told["after"]) == ("Ten is rounder.", "x = 10")
    assert "python has 1 open proposals" in text_of(call(owner, notebook, "get_notebook_state"))


def test_for_whom(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, turn: Turn, cell: Cell
) -> None:
    proposal = propose(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    of_viewer = new_turn(viewer, notebook, ConversationMode.PROPOSE)
    with verified_replay(owner, notebook, events=0):
        result = call(viewer, notebook, "delete_cell", turn=of_viewer, cell_id=str(cell.id), version=0)
        assert "You are a viewer" in text_of(result)
        for decide in (accept, reject):
            with pytest.raises(Forbidden):
                decide(viewer, proposal)
            with pytest.raises(NotFound):
                decide(stranger, proposal)
        with pytest.raises(NotFound):
            shown(stranger, notebook)


def test_not_run_before_nor_by_accepting(
    worker: WorkerProcess, owner: Person, notebook: Notebook, turn: Turn, cell: Cell
) -> None:
    proposal = propose(owner, turn, "create_cell", kind="python", source="print('ran')", after="end")
    run_and_wait(owner, notebook)
    accept(owner, proposal)
    (new,) = [each for each in cells_of(notebook) if each.id == proposal.new_cell_id]
    assert new.status == CellStatus.IDLE


def test_two_decide_at_once(owner: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    proposal = propose(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    with verified_replay(owner, notebook, events=2):
        results = at_once(4, lambda number: accept(owner, proposal))
    assert sum(isinstance(result, DomainError) for result in results) == 3
    assert CellEdit.objects.filter(cell=cell).count() == 1
