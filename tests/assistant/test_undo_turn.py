"""Undoing a turn afterwards: what people did since stays, and where it cannot be exact, that is said."""

from typing import Any

import pytest

from apps.assistant.commands import accept_proposal, undo_turn
from apps.assistant.marks import cell_marks
from apps.assistant.models import ConversationMode, Proposal, Turn, TurnStatus
from apps.assistant.shown import turn_json
from apps.assistant.turn_changes import turn_changes
from apps.base.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from apps.journal.models import AuditEntry
from apps.notebooks.commands import (
    delete_cell,
    move_cell,
    restore_cell,
    restore_checkpoint,
    undo_edits,
)
from apps.notebooks.commands.undo_edits import Author, EditRange
from apps.notebooks.models import Cell, Checkpoint, Notebook
from apps.notebooks.positions import END
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WorkerProcess
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of
from tests.support.tools import call, new_turn, text_of


@pytest.fixture
def turn(owner: Person, notebook: Notebook) -> Turn:
    return new_turn(owner, notebook)


def do(person: Person, turn: Turn, name: str, **input: Any) -> dict[str, Any]:
    """What the assistant did in the turn."""
    result = call(person, turn.notebook, name, turn=turn, **input)
    assert not result.is_error, text_of(result)
    change: dict[str, Any] = result.details.get("change", {})
    return change


def end(turn: Turn) -> None:
    Turn.objects.filter(id=turn.id).update(status=TurnStatus.DONE)


def undo(person: Person, turn: Turn) -> dict[tuple[str, str], dict[str, Any]]:
    """`{(cell, change): entry}`."""
    end(turn)
    done = undo_turn(actor=person.actor, notebook_id=turn.notebook_id, turn_id=turn.id)
    return {(entry["cell_id"], entry["change"]): entry for entry in done["cells"]}


def changed(person: Person, turn: Turn) -> dict[str, Any]:
    return turn_changes(actor=person.actor, notebook_id=turn.notebook_id, turn_id=turn.id)


def sources(notebook: Notebook) -> list[str]:
    return [cell.source for cell in cells_of(notebook)]


def test_everything_of_a_turn(owner: Person, editor: Person, notebook: Notebook, turn: Turn) -> None:
    first, second, third = (add_cell(owner, notebook, source) for source in ("a = 1", "b = 2", "c = 3"))
    do(owner, turn, "edit_cell", cell_id=str(first.id), version=0, find="1", replace="100")
    do(owner, turn, "update_cell", cell_id=str(first.id), version=1, source="a = 100  # a hundred")
    do(owner, turn, "delete_cell", cell_id=str(second.id), version=0)
    do(owner, turn, "move_cell", cell_id=str(third.id), after="start")
    new = do(owner, turn, "create_cell", kind="python", source="d = 4", after="end")
    do(owner, turn, "update_cell", cell_id=new["cell_id"], version=0, source="d = 40")
    assert sources(notebook) == ["c = 3", "a = 100  # a hundred", "d = 40"]
    told = {each["cell_id"]: each for each in changed(owner, turn)["cells"]}
    assert [(each["changes"], each["before"], each["after"]) for each in told.values()] == [
        (["edited"], "a = 1", "a = 100  # a hundred"),
        (["deleted"], "b = 2", None),
        (["moved"], "c = 3", "c = 3"),
        (["created", "edited"], None, "d = 40"),
    ]
    with verified_replay(owner, notebook):
        entries = undo(editor, turn)
    assert sources(notebook) == ["a = 1", "b = 2", "c = 3"]
    assert {key: entry["outcome"] for key, entry in entries.items()} == {
        (str(second.id), "deleted"): "undone",
        (str(third.id), "moved"): "undone",
        (str(first.id), "edited"): "undone",
        (new["cell_id"], "created"): "undone",
    }
    assert Checkpoint.objects.filter(notebook=notebook, reason="undo").count() == 1
    entry = AuditEntry.objects.get(notebook_id=notebook.id, action="undo_turn")
    assert (entry.actor_id, entry.details["turn_id"]) == (editor.user.pk, str(turn.id))
    assert changed(owner, turn)["undo"]["undone_by"] == editor.actor.label
    event = notebook.events.get(payload__type="turn_undone").payload
    assert (event["turn_id"], event["undone_by"]) == (str(turn.id), editor.actor.label)
    assert turn_json(turn)["undone_by"] == editor.actor.label
    assert {each["outcome"] for each in event["cells"]} == {"undone"}


def test_what_people_typed_stays(owner: Person, editor: Person, notebook: Notebook, turn: Turn) -> None:
    cell = add_cell(owner, notebook, "one\ntwo\nthree")
    do(owner, turn, "edit_cell", cell_id=str(cell.id), version=0, find="two", replace="TWO")
    write(editor, cell, "zero\none\nTWO\nthree")
    do(owner, turn, "edit_cell", cell_id=str(cell.id), version=2, find="three", replace="THREE")
    write(editor, cell, "zero\none\nTWO\nTHREE\nfour")
    other = new_turn(owner, notebook)
    do(owner, other, "edit_cell", cell_id=str(cell.id), version=4, find="four", replace="four\nfive")
    with verified_replay(owner, notebook):
        entries = undo(owner, turn)
    assert sources(notebook) == ["zero\none\ntwo\nthree\nfour\nfive"]
    assert entries[str(cell.id), "edited"]["outcome"] == "undone"
    undo(owner, other)
    assert sources(notebook) == ["zero\none\ntwo\nthree\nfour"]


def test_where_it_cannot_be_exact_both_texts_are_shown(
    owner: Person, editor: Person, notebook: Notebook, turn: Turn
) -> None:
    overwritten = add_cell(owner, notebook, "x = 1")
    deleted = add_cell(owner, notebook, "y = 1")
    moved = add_cell(owner, notebook, "z = 1")
    for cell, name in ((overwritten, "x"), (deleted, "y")):
        do(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source=f"{name} = 2")
    do(owner, turn, "move_cell", cell_id=str(moved.id), after="start")
    new = do(owner, turn, "create_cell", kind="python", source="n = 1", after="end")
    write(editor, overwritten, "x = 3")
    delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=deleted.id)
    move_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=moved.id, after=END)
    write(editor, Cell.objects.get(id=new["cell_id"]), "n = 1  # ours now")
    before = sources(notebook)
    with verified_replay(owner, notebook, events=2):
        entries = undo(owner, turn)
    assert sources(notebook) == before
    shown = {key: (entry["outcome"], entry["before"], entry["now"]) for key, entry in entries.items()}
    assert shown == {
        (str(moved.id), "moved"): ("moved", "z = 1", "z = 1"),
        (str(overwritten.id), "edited"): ("overwritten", "x = 1", "x = 3"),
        (str(deleted.id), "edited"): ("deleted", "y = 1", None),
        (new["cell_id"], "created"): ("kept", None, "n = 1  # ours now"),
    }
    assert changed(owner, turn)["undo"]["cells"] == list(entries.values())


def test_what_is_undone_already(owner: Person, notebook: Notebook, turn: Turn) -> None:
    """By people, with their own hands."""
    edited, deleted = add_cell(owner, notebook, "x"), add_cell(owner, notebook, "y")
    do(owner, turn, "update_cell", cell_id=str(edited.id), version=0, source="xx")
    do(owner, turn, "delete_cell", cell_id=str(deleted.id), version=0)
    new = do(owner, turn, "create_cell", kind="python", source="n", after="end")
    write(owner, edited, "x")
    restore_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=deleted.id)
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=new["cell_id"])
    with verified_replay(owner, notebook, events=2):
        entries = undo(owner, turn)
    assert {entry["outcome"] for entry in entries.values()} == {"nothing"}
    assert sources(notebook) == ["x", "y"]


def test_a_cell_that_was_edited_and_deleted(owner: Person, notebook: Notebook, turn: Turn) -> None:
    cell = add_cell(owner, notebook, "x = 1")
    do(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    do(owner, turn, "delete_cell", cell_id=str(cell.id), version=1)
    new = do(owner, turn, "create_cell", kind="python", source="n", after="end")
    do(owner, turn, "delete_cell", cell_id=new["cell_id"], version=0)
    with verified_replay(owner, notebook):
        entries = undo(owner, turn)
    assert sources(notebook) == ["x = 1"]
    assert entries[new["cell_id"], "created"]["outcome"] == "nothing"


def test_moved_and_deleted_cells_get_their_places_back(owner: Person, notebook: Notebook, turn: Turn) -> None:
    cells = [add_cell(owner, notebook, name) for name in "ABCDE"]
    do(owner, turn, "delete_cell", cell_id=str(cells[2].id), version=0)
    do(owner, turn, "move_cell", cell_id=str(cells[3].id), after="start")
    do(owner, turn, "move_cell", cell_id=str(cells[4].id), after="start")
    do(owner, turn, "move_cell", cell_id=str(cells[4].id), after=str(cells[0].id))
    do(owner, turn, "create_cell", kind="python", source="X", after="end")
    do(owner, turn, "create_cell", kind="python", source="Y", after=str(cells[1].id))
    with verified_replay(owner, notebook):
        undo(owner, turn)
    assert sources(notebook) == list("ABCDE")


def test_accepted_proposals_are_undone_too(
    owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    turn = new_turn(owner, notebook, ConversationMode.PROPOSE)
    do(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    do(owner, turn, "create_cell", kind="python", source="y = 2", after="end")
    end(turn)
    for proposal in Proposal.objects.filter(turn=turn):
        accept_proposal(actor=editor.actor, notebook_id=notebook.id, proposal_id=proposal.id)
    assert sources(notebook) == ["x = 2", "y = 2"]
    assert len(changed(owner, turn)["cells"]) == 2
    with verified_replay(owner, notebook):
        undo(owner, turn)
    assert sources(notebook) == ["x = 1"]


def test_runs_are_told(
    worker: WorkerProcess, owner: Person, notebook: Notebook, turn: Turn, cell: Cell
) -> None:
    do(owner, turn, "run_cell", cell_id=str(cell.id))
    (run,) = changed(owner, turn)["runs"]
    assert (run["status"], [each["cell_id"] for each in run["cells"]]) == ("ok", [str(cell.id)])
    with pytest.raises(Invalid, match="nothing to undo"):
        undo(owner, turn)


def test_refused(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, turn: Turn, cell: Cell
) -> None:
    do(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    place: dict[str, Any] = {"notebook_id": notebook.id, "turn_id": turn.id}
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Conflict, match="has not ended"):
            undo_turn(actor=owner.actor, **place)
        end(turn)
        with pytest.raises(Forbidden):
            undo_turn(actor=viewer.actor, **place)
        with pytest.raises(NotFound):
            undo_turn(actor=stranger.actor, **place)
        with pytest.raises(NotFound):
            turn_changes(actor=stranger.actor, **place)
        with pytest.raises(NotFound):
            undo_turn(actor=owner.actor, notebook_id=notebook.id, turn_id=cell.id)
    assert len(changed(viewer, turn)["cells"]) == 1


def test_once_only(owner: Person, editor: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    do(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    end(turn)
    with verified_replay(owner, notebook, events=3):
        results = at_once(4, lambda number: undo(editor, turn))
    refusals = [result for result in results if isinstance(result, DomainError)]
    assert len(refusals) == 3
    assert all("has undone this turn already" in refusal.message for refusal in refusals)
    assert sources(notebook) == ["x = 1"]


def test_calls_that_failed_did_nothing(owner: Person, notebook: Notebook, turn: Turn, cell: Cell) -> None:
    write(owner, cell, "x = 3")
    result = call(owner, notebook, "update_cell", turn=turn, cell_id=str(cell.id), version=0, source="x = 2")
    assert result.is_error
    do(owner, turn, "update_cell", cell_id=str(cell.id), version=1, source="x = 3")
    assert changed(owner, turn)["cells"] == []
    with pytest.raises(Invalid):
        undo(owner, turn)


def test_an_undo_is_undone_like_any_edit(
    owner: Person, editor: Person, notebook: Notebook, turn: Turn
) -> None:
    """Its edits are those of whoever undid the turn, and what somebody typed after it stays."""
    cell = add_cell(owner, notebook, "one\ntwo\nthree")
    do(owner, turn, "edit_cell", cell_id=str(cell.id), version=0, find="two", replace="TWO")
    new = do(owner, turn, "create_cell", kind="python", source="n = 1", after="end")
    undo(editor, turn)
    write(owner, cell, "one\ntwo\nthree\nfour")
    author = Author(editor.actor.kind, editor.actor.label)
    with verified_replay(owner, notebook):
        (taken_back,) = undo_edits(
            actor=owner.actor,
            notebook_id=notebook.id,
            author=author,
            edits=[EditRange(cell.id, from_version=1, version=2)],
        )
        restore_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=new["cell_id"])
    assert taken_back.outcome == "undone"
    assert sources(notebook) == ["one\nTWO\nthree\nfour", "n = 1"]


def test_the_checkpoint_before_an_undo_has_all_of_the_turn(
    owner: Person, editor: Person, notebook: Notebook, turn: Turn
) -> None:
    first, second = (add_cell(owner, notebook, source) for source in ("a = 1", "b = 2"))
    do(owner, turn, "update_cell", cell_id=str(first.id), version=0, source="a = 100")
    do(owner, turn, "delete_cell", cell_id=str(second.id), version=0)
    do(owner, turn, "create_cell", kind="python", source="c = 3", after="start")
    undo(editor, turn)
    assert sources(notebook) == ["a = 1", "b = 2"]
    checkpoint = Checkpoint.objects.get(notebook=notebook, reason="undo")
    with verified_replay(owner, notebook):
        restore_checkpoint(actor=owner.actor, notebook_id=notebook.id, checkpoint_id=checkpoint.id)
    assert sources(notebook) == ["c = 3", "a = 100"]


def test_marks(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, turn: Turn, cell: Cell
) -> None:
    add_cell(owner, notebook, "by hand")
    do(owner, turn, "update_cell", cell_id=str(cell.id), version=0, source="x = 2")
    new = do(owner, turn, "create_cell", kind="python", source="n", after="end")
    later = new_turn(owner, notebook)
    do(owner, later, "update_cell", cell_id=str(cell.id), version=1, source="x = 3")
    do(owner, later, "move_cell", cell_id=new["cell_id"], after="start")

    def marks() -> dict[str, tuple[str, int]]:
        found = cell_marks(actor=viewer.actor, notebook_id=notebook.id)
        return {mark["cell_id"]: (mark["turn_id"], mark["version"]) for mark in found}

    assert marks() == {str(cell.id): (str(later.id), 2), new["cell_id"]: (str(turn.id), 0)}
    undo(owner, later)
    assert marks() == {str(cell.id): (str(turn.id), 1), new["cell_id"]: (str(turn.id), 0)}
    undo(owner, turn)
    assert marks() == {}
    with pytest.raises(NotFound):
        cell_marks(actor=stranger.actor, notebook_id=notebook.id)
