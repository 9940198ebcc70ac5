"""Workers die in the middle of turns: each goes on where it stood, and no tool runs twice."""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psutil
import pytest
from django.utils import timezone

from apps.assistant.commands import send_message
from apps.assistant.models import ModelCall, Turn, TurnLease
from apps.journal.models import AuditEntry
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import Gate, calls, says
from tests.support.mortal_turns import MortalTurns, has_ended, kill, mortal_turns
from tests.support.processes import Database, wait_until
from tests.support.running import cells_of
from tests.support.turns import said_by, tools_of_turn

STEPS = 10


@pytest.fixture(scope="module")
def turns(database: Database, messages_api: MessagesApi) -> Iterator[MortalTurns]:
    with mortal_turns(database, **messages_api.environment) as turns:
        yield turns


def next_step(request: dict[str, Any]) -> Any:
    """Ten cells, each told by what is in the request and nothing else, as a model does."""
    step = sum(1 for message in request["messages"] if message["role"] == "assistant")
    if step == STEPS:
        return says("All ", "ten ", "are there.")
    cell = {"kind": "python", "source": f"x{step} = {step}", "after": "end"}
    return calls(("create_cell", cell), text=f"Step {step}.")


def test_killed_after_each_of_ten_steps(
    api: MessagesApi, turns: MortalTurns, owner: Person, notebook: Notebook
) -> None:
    """When the request of a step is there, all before it is stored, and nothing else."""
    gates = [Gate() for _ in range(STEPS + 1)]
    heard: set[int] = set()

    def reply(request: dict[str, Any]) -> Any:
        step = sum(1 for message in request["messages"] if message["role"] == "assistant")
        if step in heard:
            return next_step(request)
        heard.add(step)
        return [gates[step], *next_step(request)]

    api.always(reply)
    turn = send_message(actor=owner.actor, notebook_id=notebook.id, message="Ten cells.")
    for gate in gates:
        child = turns.begin(notebook.id)
        gate.wait_until_reached()
        kill(child)
        expire(notebook)
    finish(turns, turn)
    check_ten_cells(turn, notebook)
    assert len(api.requests) == 2 * (STEPS + 1)
    assert ModelCall.objects.filter(turn=turn, status="torn").count() == STEPS + 1


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment(
    api: MessagesApi, turns: MortalTurns, owner: Person, notebook: Notebook, seed: int
) -> None:
    """Somewhere behind one of its next requests."""
    chance = random.Random(seed)
    api.always(next_step)
    turn = send_message(actor=owner.actor, notebook_id=notebook.id, message="Ten cells.")
    kills = 0
    while Turn.objects.get(id=turn.id).status != "done":
        heard = len(api.requests) + chance.randrange(4)
        child = turns.begin(notebook.id)
        wait_until(lambda: len(api.requests) > heard or has_ended(child), "it has asked so often")  # noqa: B023
        with suppress(psutil.TimeoutExpired, psutil.NoSuchProcess):
            child.wait(timeout=chance.uniform(0, 0.05))
        kills += not has_ended(child)
        kill(child)
        expire(notebook)
    assert kills
    check_ten_cells(turn, notebook)


def test_killed_while_the_model_speaks(
    api: MessagesApi, turns: MortalTurns, owner: Person, notebook: Notebook
) -> None:
    """What it said before its end counts for nothing: it is said again."""
    gate = Gate()
    api.script([*says("Half of ")[:3], gate], says("All of it."))
    turn = send_message(actor=owner.actor, notebook_id=notebook.id, message="Speak.")
    child = turns.begin(notebook.id)
    wait_until(lambda: said_by(turn) == "Half of ", "what it said is stored")
    kill(child)
    expire(notebook)
    finish(turns, turn)
    assert said_by(turn) == "All of it."


def check_ten_cells(turn: Turn, notebook: Notebook) -> None:
    turn.refresh_from_db()
    assert (turn.status, turn.error) == ("done", None)
    assert [cell.source for cell in cells_of(notebook)] == [f"x{step} = {step}" for step in range(STEPS)]
    tools = tools_of_turn(turn)
    assert [call.status for call in tools] == ["done"] * STEPS
    assert not any(call.is_error for call in tools)
    assert AuditEntry.objects.filter(notebook_id=notebook.id, action="call_tool").count() == STEPS
    assert AuditEntry.objects.filter(notebook_id=notebook.id, action="create_cell").count() == STEPS
    assert said_by(turn).endswith("All ten are there.")


def finish(turns: MortalTurns, turn: Turn) -> None:
    child = turns.begin(turn.notebook_id)
    wait_until(lambda: has_ended(child), "the turn is done")


def expire(notebook: Notebook) -> None:
    """As if the lease's time were over."""
    TurnLease.objects.filter(pk=notebook.id).update(expires_at=timezone.now() - timedelta(seconds=1))
