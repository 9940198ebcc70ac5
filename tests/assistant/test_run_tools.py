"""The tools that run cells, on real kernels: what they start, how they wait, what they tell."""

import threading
import time

import pytest
from django.db import transaction

from apps.assistant.models import ConversationMode
from apps.assistant.tools import tool_named
from apps.assistant.tools.base import Started
from apps.assistant.tools.cell_ids import short_id
from apps.execution.commands import interrupt, request_run
from apps.execution.models import Run, RunStatus
from apps.journal.models import AuditEntry
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import configure_cell, configure_notebook
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WorkerProcess, wait_until
from tests.support.replay import verified_replay
from tests.support.running import run_and_wait, wait_for_output, wait_for_run, wait_for_status
from tests.support.tools import call, context_of, refused, text_of, told

GATED = "import os, time\nwhile not os.path.exists('gate'): time.sleep(0.01)\nprint('through')"


def test_a_cell_with_what_it_needs_and_what_needs_it(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    first = add_cell(owner, notebook, "x = 6")
    second = add_cell(owner, notebook, "y = x * 7\ny")
    third = add_cell(owner, notebook, "print('three', y)")
    with verified_replay(owner, notebook):
        result = call(owner, notebook, "run_cell", cell_id=short_id(second.id))
    text = text_of(result)
    assert text.startswith("The run of 3 cells ended: ok, after ")
    assert f"Cell {short_id(second.id)}: ok (you asked)" in text.split("\n")[1]
    assert f"Cell {short_id(first.id)}: ok (stale, and cell 2 needs it)" in text
    assert f"Cell {short_id(third.id)}: ok (reads y from cell 2)" in text
    assert "\n42\n</data-" in text
    assert "\nthree 42\n</data-" in text
    run = Run.objects.get(notebook=notebook)
    assert (run.actor_kind, result.details["run_id"]) == ("assistant", str(run.id))
    assert [each["cell_id"] for each in result.details["plan"]["cells"]] == [
        str(first.id),
        str(second.id),
        str(third.id),
    ]


def test_a_failure_comes_with_its_error(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    failing = add_cell(owner, notebook, "def months():\n    return {}['May']\nx = months()")
    blocked = add_cell(owner, notebook, "x")
    text = told(owner, notebook, "run_cell", cell_id=short_id(failing.id))
    assert "ended: error" in text
    assert "KeyError: 'May'" in text
    assert "return {}['May']" in text
    assert f"Cell {short_id(blocked.id)}: blocked" in text


def test_run_stale(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    first = add_cell(owner, notebook, "x = 1")
    second = add_cell(owner, notebook, "print(x + 1)")
    other = add_cell(owner, notebook, "print('other')")
    configure_notebook(actor=owner.actor, notebook_id=notebook.id, mode="lazy")
    run_and_wait(owner, notebook)
    write(owner, first, "x = 2")
    text = told(owner, notebook, "run_stale")
    assert "The run of 2 cells ended: ok" in text
    assert short_id(other.id) not in text
    assert "\n3\n" in text
    assert wait_for_status(second, CellStatus.OK)
    assert "Nothing is stale" in told(owner, notebook, "run_stale")


def test_it_waits_only_so_long(
    worker: WorkerProcess, owner: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.assistant.tools.runs.MAX_WAIT_S", 1)
    cell = add_cell(owner, notebook, f"print('begun', flush=True)\n{GATED}")
    after = add_cell(owner, notebook, "print('after')")
    told(owner, notebook, "create_cell", kind="python", source="print('mine')", after="end")
    text = told(owner, notebook, "run_stale")
    assert "It goes on by itself" in text
    assert f"Cell {short_id(after.id)}: queued" in text
    (workspace_of(notebook.id) / "gate").touch()
    run = wait_for_run(Run.objects.get(notebook=notebook))
    # Whoever takes the turn over finds the end of it.
    context = context_of(owner, notebook)
    state = {"run_id": str(run.id), "plan": {"cells": [], "skipped": []}, "asked": str(cell.id)}
    text = text_of(tool_named("run_cell", ConversationMode.AGENT).finish(context, state))
    assert "ended: ok" in text
    assert "through" in text


def test_a_stop_is_noticed_and_the_run_goes_on(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, GATED)
    stop = threading.Event()
    stopped_at: list[float] = []

    def press_stop() -> None:
        wait_until(lambda: Run.objects.filter(notebook=notebook, status="running").exists(), "it runs")
        stopped_at.append(time.monotonic())
        stop.set()

    thread = threading.Thread(target=press_stop)
    thread.start()
    result = call(owner, notebook, "run_cell", should_stop=stop.is_set, cell_id=short_id(cell.id))
    ended_at = time.monotonic()
    thread.join()
    assert ended_at - stopped_at[0] < 0.5
    assert "You were stopped; the run goes on" in text_of(result)
    assert not Run.objects.get(notebook=notebook).finished_at
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(Run.objects.get(notebook=notebook))


def test_a_cell_that_asks_for_input_is_not_waited_for(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "name = input('Name? ')")
    text = told(owner, notebook, "run_cell", cell_id=short_id(cell.id))
    assert "waits for a person to answer input()" in text
    assert "waits for a person's input" in told(owner, notebook, "get_notebook_state")
    text = told(owner, notebook, "interrupt")
    assert "Interrupted" in text
    wait_for_run(Run.objects.get(notebook=notebook))


def test_interrupt_stops_the_cell_that_runs(
    worker: WorkerProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    """Whoever has started it, and what is queued behind it; the kernel keeps its variables."""
    cell = add_cell(owner, notebook, "import time\nkept = 7\nprint('began', flush=True)\ntime.sleep(600)")
    queued = add_cell(owner, notebook, "print('never')")
    run = request_run(actor=editor.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "began" in text)
    with verified_replay(owner, notebook):
        assert "Interrupted" in told(owner, notebook, "interrupt")
        assert wait_for_run(run).status == RunStatus.ERROR
    assert "KeyboardInterrupt" in told(owner, notebook, "read_cell", cell_id=short_id(cell.id))
    assert wait_for_status(queued, CellStatus.CANCELLED)
    entry = AuditEntry.objects.get(notebook_id=notebook.id, action="interrupt_kernel")
    assert (entry.actor_kind, entry.actor_id) == ("assistant", owner.user.pk)
    assert "kept: int" in told(owner, notebook, "get_variables")


def test_nothing_runs_unless_the_transaction_commits(owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "x = 1")
    tool = tool_named("run_cell", ConversationMode.AGENT)
    with verified_replay(owner, notebook, events=0), transaction.atomic():
        started = tool.run(context_of(owner, notebook), {"cell_id": str(cell.id)})
        assert isinstance(started, Started)
        transaction.set_rollback(True)
    assert not Run.objects.filter(notebook=notebook).exists()


def test_the_card_shows_what_will_run(owner: Person, notebook: Notebook) -> None:
    first = add_cell(owner, notebook, "x = 1")
    second = add_cell(owner, notebook, "x")
    tool = tool_named("run_cell", ConversationMode.AGENT)
    shown = tool.preview(context_of(owner, notebook), {"cell_id": short_id(first.id)})
    assert shown["kind"] == "run"
    assert [(each["cell_id"], each["reasons"][0]["text"]) for each in shown["plan"]["cells"]] == [
        (str(first.id), "you asked"),
        (str(second.id), "reads x from cell 1"),
    ]
    stale = tool_named("run_stale", ConversationMode.AGENT).preview(context_of(owner, notebook), {})
    assert len(stale["plan"]["cells"]) == 2


def test_what_never_runs(owner: Person, notebook: Notebook) -> None:
    text = add_cell(owner, notebook, "# Title", kind="markdown")
    disabled = add_cell(owner, notebook, "x = 1")
    configure_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=disabled.id, is_disabled=True)
    with verified_replay(owner, notebook, events=0):
        assert "cannot be run" in refused(owner, notebook, "run_cell", cell_id=short_id(text.id))
        assert "disabled" in refused(owner, notebook, "run_cell", cell_id=short_id(disabled.id))
        assert "no cell" in refused(owner, notebook, "run_cell", cell_id="12345678")


def test_for_whom(owner: Person, viewer: Person, stranger: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "x = 1")
    calls: list[tuple[str, dict[str, str]]] = [
        ("run_cell", {"cell_id": str(cell.id)}),
        ("run_stale", {}),
        ("interrupt", {}),
    ]
    with verified_replay(owner, notebook, events=0):
        for name, input in calls:
            assert "You are a viewer" in refused(viewer, notebook, name, **input)
            assert "no such notebook" in refused(stranger, notebook, name, **input)


def test_variables(worker: WorkerProcess, editor: Person, viewer: Person, notebook: Notebook) -> None:
    cell = add_cell(
        editor, notebook, "import pandas as pd\nsales = pd.DataFrame({'a': range(50)})\nname = 'Ada'"
    )
    assert "busy or off" in refused(editor, notebook, "get_variables")
    run_and_wait(editor, notebook)
    text = told(editor, notebook, "get_variables")
    assert "name: str, 3, " in text
    assert f"of cell {short_id(cell.id)} = 'Ada'" in text
    assert "sales: DataFrame, 50 × 1, " in text
    details = told(editor, notebook, "get_variables", name="sales")
    assert "sales: DataFrame" in details
    assert "… 40 more" in details
    assert "no variable" in refused(editor, notebook, "get_variables", name="gone")
    assert "You are a viewer" in refused(viewer, notebook, "get_variables")
