"""What no tool does, whoever asks, and who may have the tools do what they do. Each test goes over all tools there are,
so a new one has to be named here."""

from typing import Any

import pytest
from django.db.models import Model

from apps.accounts.models import ApiToken, Membership, User
from apps.assistant.models import AssistantPolicy, ConversationMode, Proposal
from apps.assistant.tools import tools_of
from apps.assistant.tools.base import Effect
from apps.data.models import Connection
from apps.execution.models import Run
from apps.journal.models import AuditEntry
from apps.kernels.models import KernelPolicy
from apps.notebooks.models import CellEdit, Notebook
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import message, says, tool_block
from tests.support.replay import verified_replay
from tests.support.tools import call, new_turn, refused, text_of
from tests.support.turns import ask, result_text, tools_of_turn

WRITES = (Effect.EDITS, Effect.RUNS, Effect.PROPOSES)
# What people alone decide: sharing, limits, connections, rights.
PRESERVED: tuple[type[Model], ...] = (
    *(Membership, User, ApiToken, Connection, KernelPolicy, AssistantPolicy),
)

HOSTILE_NAMES = (
    *("share_notebook", "add_member", "set_role", "create_connection", "share_connection", "set_limits"),
    *("configure_notebook", "delete_notebook", "create_token", "approve", "decide_tool_call"),
    *(
        "RUN_CELL",
        " run_cell",
        "run_cell\n",
        "__class__",
        "../run_cell",
        "run_cell; delete_cell",
        "x" * 5_000,
    ),
)


def inputs_of(notebook: Notebook, person: Person) -> dict[str, dict[str, Any]]:
    """One that each tool takes. Each that changes a text has a cell of its own, so all can be done."""
    cell_id, second_id, third_id, fourth_id = (str(add_cell(person, notebook, "x = 1").id) for _ in range(4))
    return {
        "get_notebook_state": {},
        "read_cell": {"cell_id": cell_id},
        "create_cell": {"kind": "python", "source": "z = 1", "after": "end"},
        "update_cell": {"cell_id": cell_id, "version": 0, "source": "x = 2"},
        "edit_cell": {"cell_id": second_id, "version": 0, "find": "1", "replace": "2"},
        "move_cell": {"cell_id": cell_id, "after": "end"},
        "suggest_edit": {"cell_id": third_id, "version": 0, "source": "x = 4", "note": "Four."},
        "run_cell": {"cell_id": cell_id},
        "run_stale": {},
        "interrupt": {},
        "get_variables": {},
        "list_files": {},
        "read_file": {"path": "nothing.csv"},
        "list_tables": {},
        "describe_table": {"table": "nothing"},
        "run_sql": {"statement": "SELECT 1"},
        "ask_user": {"question": "Which?", "options": ["This", "That"]},
        "delete_cell": {"cell_id": fourth_id, "version": 0},
    }


def rows_of(*models: type[Model]) -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in models]  # type: ignore[attr-defined]


def test_whatever_writes_is_refused_to_a_viewer(owner: Person, viewer: Person, notebook: Notebook) -> None:
    """By each tool itself, whatever the loop around it does."""
    inputs = inputs_of(notebook, owner)
    shop = Connection.objects.create(owner=owner.user, name="shop", kind="postgresql")
    shop.notebooks.add(notebook)
    writing = [tool for tool in tools_of(ConversationMode.AGENT) if tool.effect in WRITES]
    assert len(writing) >= 10
    with verified_replay(owner, notebook, events=0):
        for tool in writing:
            assert "viewer" in refused(viewer, notebook, tool.name, **inputs[tool.name]), tool.name
    assert not Run.objects.filter(notebook=notebook).exists()
    assert not Proposal.objects.filter(notebook=notebook).exists()
    assert not CellEdit.objects.filter(cell__notebook=notebook).exists()


def test_every_proposal_is_refused_to_a_viewer(owner: Person, viewer: Person, notebook: Notebook) -> None:
    inputs = inputs_of(notebook, owner)
    proposing = [tool for tool in tools_of(ConversationMode.PROPOSE) if tool.effect is Effect.PROPOSES]
    assert {tool.name for tool in proposing} >= {"create_cell", "update_cell", "delete_cell", "suggest_edit"}
    for tool in proposing:
        turn = new_turn(viewer, notebook, ConversationMode.PROPOSE)
        result = call(viewer, notebook, tool.name, turn=turn, **inputs[tool.name])
        assert result.is_error, tool.name
        assert "viewer" in text_of(result), tool.name
    assert not Proposal.objects.filter(notebook=notebook).exists()


def test_no_tool_shows_a_stranger_anything(owner: Person, stranger: Person, notebook: Notebook) -> None:
    inputs = inputs_of(notebook, owner)
    for tool in tools_of(ConversationMode.AGENT):
        if tool.effect is not Effect.ASKS:
            assert "no such notebook" in refused(stranger, notebook, tool.name, **inputs[tool.name]), (
                tool.name
            )


def test_no_tool_changes_sharing_limits_or_connections(
    owner: Person, viewer: Person, notebook: Notebook
) -> None:
    """Also for an owner, who could do all of that on the page."""
    Connection.objects.create(owner=owner.user, name="shop", kind="postgresql")
    KernelPolicy.objects.create(notebook=notebook)
    AssistantPolicy.objects.create(notebook=notebook, approvals="none")
    inputs = inputs_of(notebook, owner)
    names = [tool.name for tool in tools_of(ConversationMode.AGENT)]
    assert sorted(inputs) == sorted(names)
    before = rows_of(*PRESERVED)
    turn = new_turn(owner, notebook)
    done = {
        name: not call(owner, notebook, name, turn=turn, should_stop=lambda: True, **given).is_error
        for name, given in inputs.items()
    }
    # All that there was something to do for did it.
    assert {name for name, is_done in done.items() if not is_done} == {
        *("get_variables", "read_file", "describe_table", "run_sql", "ask_user"),
    }
    assert rows_of(*PRESERVED) == before
    by_assistant = AuditEntry.objects.filter(notebook_id=notebook.id, actor_kind="assistant")
    assert set(by_assistant.values_list("action", flat=True)) == {
        *(
            "create_cell",
            "edit_cell",
            "move_cell",
            "delete_cell",
            "propose_change",
            "run",
            "interrupt_kernel",
        ),
    }


@pytest.mark.parametrize("mode", list(ConversationMode))
def test_a_hostile_name_is_an_error(
    api: MessagesApi, owner: Person, notebook: Notebook, mode: ConversationMode
) -> None:
    """Which the model is told, with what there is; nothing else happens."""
    before = rows_of(*PRESERVED)
    api.script(message([tool_block(name, {}) for name in HOSTILE_NAMES], "tool_use"), says("So not."))
    with verified_replay(owner, notebook):
        turn = ask(owner, notebook, mode=mode)
    assert turn.status == "done", turn.error
    calls = tools_of_turn(turn)
    assert len(calls) == len(HOSTILE_NAMES)
    for tool_call in calls:
        assert tool_call.is_error, tool_call.name
        told = result_text(tool_call)
        assert "There is no tool" in told or told == "The call has no name of a tool.", tool_call.name
    assert rows_of(*PRESERVED) == before
    actions = AuditEntry.objects.filter(notebook_id=notebook.id, actor_kind="assistant")
    assert set(actions.values_list("action", flat=True)) == {"call_tool", "end_turn"}


@pytest.mark.parametrize("mode", [ConversationMode.ASK, ConversationMode.PROPOSE])
def test_a_mode_has_no_tool_of_another(
    api: MessagesApi, owner: Person, notebook: Notebook, mode: ConversationMode
) -> None:
    inputs = inputs_of(notebook, owner)
    offered = {tool.name for tool in tools_of(mode)}
    others = [name for name in inputs if name not in offered]
    assert "run_cell" in others
    api.script(message([tool_block(name, inputs[name]) for name in others], "tool_use"), says("So not."))
    turn = ask(owner, notebook, mode=mode)
    for tool_call in tools_of_turn(turn):
        assert "There is no tool" in result_text(tool_call)
    assert not Run.objects.filter(notebook=notebook).exists()
    assert not CellEdit.objects.filter(cell__notebook=notebook).exists()
