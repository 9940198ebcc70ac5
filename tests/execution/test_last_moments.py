"""What comes between two looks of a lane, and while it lets go."""

from typing import Any

import pytest

from apps.execution.commands import request_run
from apps.execution.hold import LaneHold
from apps.execution.intake import Intake
from apps.execution.lane import LaneWorker
from apps.execution.models import CellRunStatus, Run, RunStatus
from apps.execution.wake import COMM, tell_lane
from apps.execution.widgets import LaneWidgets
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.kernels import kernel_process

MESSAGE = b'{"comm_id":"c"}'


def requested(owner: Person, notebook: Notebook) -> Run:
    return request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")


def test_a_run_queued_since_the_lane_looked_gets_a_kernel(
    monkeypatch: pytest.MonkeyPatch, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    runs: list[Run] = []
    has_cell_runs = LaneHold.has_cell_runs

    def look(hold: LaneHold, *statuses: CellRunStatus) -> bool:
        found = has_cell_runs(hold, *statuses)
        if not runs:
            runs.append(requested(owner, notebook))
        return found

    monkeypatch.setattr(LaneHold, "has_cell_runs", look)
    LaneWorker(notebook.id).run()
    runs[0].refresh_from_db()
    assert runs[0].status == RunStatus.OK
    assert Kernel.objects.get(pk=notebook.id).status == KernelStatus.IDLE
    kernel_process(notebook).kill()


def test_a_lane_that_lets_go_has_heard_everything(
    monkeypatch: pytest.MonkeyPatch, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    runs: list[Run] = []
    heard: list[bytes] = []
    is_told_late: list[bool] = []
    hang_up, pass_on = Intake.hang_up, LaneWidgets.pass_on

    def let_go(intake: Intake) -> bool:
        if not runs:
            assert tell_lane(notebook.id, COMM + MESSAGE)
            runs.append(requested(owner, notebook))
        ended = hang_up(intake)
        if ended:
            is_told_late.append(tell_lane(notebook.id, COMM + MESSAGE))
        return ended

    def hear(widgets: LaneWidgets, comms: list[bytes], *arguments: Any, **named: Any) -> None:
        heard.extend(comms)
        pass_on(widgets, [], *arguments, **named)

    monkeypatch.setattr(Intake, "hang_up", let_go)
    monkeypatch.setattr(LaneWidgets, "pass_on", hear)
    LaneWorker(notebook.id).run()
    runs[0].refresh_from_db()
    assert runs[0].status == RunStatus.OK
    assert heard == [MESSAGE]
    # From then on whoever tells it something knows that nobody hears.
    assert is_told_late == [False]
    kernel_process(notebook).kill()
