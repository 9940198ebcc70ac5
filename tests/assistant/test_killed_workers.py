"""A real worker of turns is killed after each of ten steps of all kinds, and while a cell of the turn runs.

Another goes on where it stood, and each tool has run exactly once: by the rows, and by what it did.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.assistant.commands import send_message
from apps.assistant.models import AssistantPolicy, ModelCall, Proposal, Turn, TurnLease
from apps.execution.models import CellRun
from apps.journal.models import AuditEntry
from apps.kernels.processes import workspace_of
from apps.notebooks.models import CellEdit, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import Act, Gate, Json, calls, says
from tests.support.processes import Database, WorkerProcess, wait_until
from tests.support.replay import verified_replay
from tests.support.running import cells_of, stream_text, wait_for_status
from tests.support.turns import result_text, said_by, tools_of_turn, wait_for_turn

# It counts how often it has run in a file.
COUNTING = "with open('count', 'a') as file: file.write('x')\nrows = [3, 1, 2]\nprint(sum(rows))"
AT_THE_GATE = (
    "print('began', flush=True)\nimport os, time\nwhile not os.path.exists('gate'): time.sleep(0.01)"
)

STEPS = (
    *("create_cell", "run_cell", "read_cell", "edit_cell", "update_cell"),
    *("run_cell", "get_variables", "move_cell", "suggest_edit", "delete_cell"),
)
# What the second run waits in, until the worker that waits for it was killed.
SECOND_RUN = 5


@pytest.fixture
def own_worker(database: Database, messages_api: MessagesApi) -> Iterator[WorkerProcess]:
    environment: Any = messages_api.environment
    worker = WorkerProcess(database.data_dir, database.url, queue="assistant", **environment)
    worker.start()
    yield worker
    worker.kill()


def inputs_of(notebook: Notebook) -> Callable[[int], Json]:
    """What the model sends to each tool: `draft` is there before, `made` is the cell that it creates."""
    draft, scratch = (str(cell.id) for cell in cells_of(notebook))

    def input_of(step: int) -> Json:
        if step == 0:
            return {"kind": "python", "source": COUNTING, "after": "end"}
        made = next(str(cell.id) for cell in cells_of(notebook) if cell.source.startswith("with open"))
        inputs: dict[int, Json] = {
            1: {"cell_id": made},
            2: {"cell_id": made},
            3: {"cell_id": made, "version": 0, "find": "[3, 1, 2]", "replace": "[3, 1, 2, 4]"},
            4: {"cell_id": draft, "version": 0, "source": f"print(max(rows))\n{AT_THE_GATE}"},
            5: {"cell_id": draft},
            6: {"name": "rows"},
            7: {"cell_id": draft, "after": "end"},
            8: {"cell_id": made, "version": 1, "source": "rows = []", "note": "Shorter."},
            9: {"cell_id": scratch, "version": 0},
        }
        return inputs[step]

    return input_of


def step_of(request: Json) -> int:
    return sum(1 for message in request["messages"] if message["role"] == "assistant")


def test_killed_after_each_of_ten_steps(
    worker: WorkerProcess,
    own_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    notebook: Notebook,
) -> None:
    """When the request after a step has come, all of the step is stored, and nothing else."""
    draft = add_cell(owner, notebook, "draft")
    add_cell(owner, notebook, "scratch = 1")
    AssistantPolicy.objects.create(notebook=notebook, approvals="none")
    input_of = inputs_of(notebook)
    gates = [Gate() for _ in range(len(STEPS) + 1)]
    heard: set[int] = set()

    def reply(request: Json) -> list[Act]:
        step = step_of(request)
        try:
            said = says("All of it is done.") if step == len(STEPS) else calls((STEPS[step], input_of(step)))
        finally:
            connection.close()  # each request has a thread of its own
        if step == 0 or step in heard:
            return said
        heard.add(step)
        return [gates[step], *said]

    api.always(reply)
    with verified_replay(owner, notebook):
        turn = send_message(actor=owner.actor, notebook_id=notebook.id, message="Please do.")
        for step in range(1, len(STEPS) + 1):
            if step == SECOND_RUN + 1:
                wait_until(lambda: tools_of_turn(turn)[-1].status == "started", "the run has started")
                wait_for_status(draft, CellStatus.RUNNING)
                kill_and_start(own_worker, notebook)
                (workspace_of(notebook.id) / "gate").touch()
            gates[step].wait_until_reached(deadline_s=90)
            kill_and_start(own_worker, notebook)
        wait_for_turn(turn, "done", "failed", deadline_s=90)
    assert turn.error is None
    assert said_by(turn) == "All of it is done."
    check_each_ran_once(turn)
    check_effects(turn, notebook)
    # A run that was waited for needs no new request; each other worker has asked again.
    assert len(api.requests) == 1 + 2 * len(STEPS)
    assert ModelCall.objects.filter(turn=turn, status="torn").count() == len(STEPS)


def check_each_ran_once(turn: Turn) -> None:
    """By the rows."""
    tools = tools_of_turn(turn)
    assert [call.name for call in tools] == list(STEPS)
    assert [(call.status, call.is_error) for call in tools] == [("done", False)] * len(STEPS)
    audited = AuditEntry.objects.filter(notebook_id=turn.notebook_id, action="call_tool").order_by("id")
    assert [entry.details["tool"] for entry in audited] == list(STEPS)
    results = [result_text(call) for call in tools]
    assert "6" in results[1]
    assert "began" in results[5]
    assert "[3, 1, 2, 4]" in results[6] or "4" in results[6]


def check_effects(turn: Turn, notebook: Notebook) -> None:
    """By the notebook, the log of its edits, and the file that the cell counts in."""
    edited = COUNTING.replace("[3, 1, 2]", "[3, 1, 2, 4]")
    made, draft = cells_of(notebook)
    assert (made.source, made.version) == (edited, 1)
    assert (draft.source, draft.version) == (f"print(max(rows))\n{AT_THE_GATE}", 1)
    assert CellEdit.objects.filter(cell__in=(made, draft)).count() == 2
    assert (workspace_of(notebook.id) / "count").read_text() == "xx"
    assert stream_text(made) == "10\n"
    assert stream_text(draft) == "4\nbegan\n"
    # The second run ran the edited cell too, because the draft reads from it.
    ran = CellRun.objects.filter(notebook=notebook).order_by("id").values_list("cell_id", "status")
    assert list(ran) == [(made.id, "ok"), (made.id, "ok"), (draft.id, "ok")]
    assert [proposal.source for proposal in Proposal.objects.filter(turn=turn)] == ["rows = []"]
    actions = list(AuditEntry.objects.filter(notebook_id=notebook.id).values_list("action", flat=True))
    by_people = {"create_cell": 2}
    for action, times in {"create_cell": 1, "move_cell": 1, "delete_cell": 1, "run": 2}.items():
        assert actions.count(action) == times + by_people.get(action, 0), action


def kill_and_start(worker: WorkerProcess, notebook: Notebook) -> None:
    """SIGKILL; then as if the time of its lease were over, and the sweep finds the turn."""
    worker.kill()
    TurnLease.objects.filter(pk=notebook.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    worker.start()
