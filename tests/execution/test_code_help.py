"""Completions and inspections, by the live kernel and by the text."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound, TooLarge
from apps.execution.code_help import MAX_SOURCE_CHARS, completions, inspection
from apps.execution.commands import interrupt, request_run
from apps.execution.lease import Lease
from apps.execution.models import Lane
from apps.execution.source_help import SourceHelp
from apps.kernels.processes import workspace_of
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.running import run_and_wait, wait_for_output, wait_for_run
from tests.support.socket import NotebookSocket

# Nobody could know these attributes from the text.
LIVE = """
class Box: pass
box = Box()
setattr(box, "".join(["tre", "asure"]), 1)
box.__doc__ = "What is " + "in the box."
"""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here nobody types: on a busy machine the analysis of a text may take longer than people wait."""
    monkeypatch.setattr("apps.execution.source_help.TIMEOUT_S", 60)


def complete(person: Person, cell: Cell, source: str, position: int | None = None) -> dict[str, Any]:
    """At the end of the source, unless `position` says otherwise."""
    place: dict[str, Any] = {
        "actor": person.actor,
        "notebook_id": cell.notebook_id,
        "cell_id": cell.id,
        "source": source,
    }
    return completions(**place, position=len(source) if position is None else position)


def inspect(person: Person, cell: Cell, source: str) -> dict[str, Any]:
    place: dict[str, Any] = {
        "actor": person.actor,
        "notebook_id": cell.notebook_id,
        "cell_id": cell.id,
        "source": source,
    }
    return inspection(**place, position=len(source))


def test_the_live_kernel_knows_best(worker: WorkerProcess, editor: Person, notebook: Notebook) -> None:
    cell = add_cell(editor, notebook, LIVE)
    run_and_wait(editor, notebook)
    assert complete(editor, cell, "box.tre") == {
        "start": 4,
        "end": 7,
        "matches": ["treasure"],
        "origin": "kernel",
    }
    # In UTF-16 units, on whatever line, with text after it.
    source = "'😀'\nprint(bo) # 😀"
    found = complete(editor, cell, source, position=source.index(")") + 1)
    assert (found["start"], found["end"]) == (11, 13)
    assert "box" in found["matches"]
    assert complete(editor, cell, "print(al")["matches"] == ["all"]
    known = inspect(editor, cell, "box")
    assert known["origin"] == "kernel"
    assert "What is in the box." in known["text"]
    assert "\x1b" not in known["text"]


def test_while_the_kernel_is_busy_the_text_answers(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    gate = workspace_of(notebook.id) / "gate"
    add_cell(owner, notebook, "%matplotlib inline\nimport json\ntreasure_map = {}")
    waiting = (
        f"import pathlib\nprint('waits', flush=True)\nwhile not pathlib.Path({gate.name!r}).exists(): pass"
    )
    busy = add_cell(owner, notebook, waiting)
    below = add_cell(owner, notebook, "treasure_chest = 1")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=busy.id)
    wait_for_output(busy, lambda text: "waits" in text)
    found = complete(owner, below, "treasure_")
    # What is below is not known there; the cell itself is as it is typed.
    assert found == {"start": 0, "end": 9, "matches": ["treasure_map"], "origin": "source"}
    assert complete(owner, below, "json.dum")["matches"] == ["dump", "dumps"]
    assert "Serialize" in inspect(owner, below, "json.dumps")["text"]
    gate.touch()
    wait_for_run(run)
    assert complete(owner, below, "json.dum")["origin"] == "kernel"


def test_without_a_kernel_the_text_answers(owner: Person, notebook: Notebook) -> None:
    above = add_cell(owner, notebook, "import statistics")
    cell = add_cell(owner, notebook, "")
    assert complete(owner, cell, "statistics.medi")["matches"] == [
        "median",
        "median_grouped",
        "median_high",
        "median_low",
    ]
    assert complete(owner, above, "statistics.medi")["matches"] == []
    assert complete(owner, cell, "def f(alpha):\n    return alp")["matches"] == ["alpha"]
    assert inspect(owner, cell, "statistics.mean(")["text"].startswith("mean(data")
    assert inspect(owner, cell, "nothing_of_this_name") == {"text": "", "origin": "source"}
    assert complete(owner, cell, "%%%% ((( \n'unfinished")["matches"] == []


def test_the_text_makes_nothing_else_be_read(owner: Person, notebook: Notebook, tmp_path: Path) -> None:
    cell = add_cell(owner, notebook, "")
    ran = tmp_path / "ran"
    (tmp_path / "secret_module.py").write_text(f"open({str(ran)!r}, 'w')\nsecret_name = 1")
    source = f"import sys\nsys.path.append({str(tmp_path)!r})\nimport secret_module\nsecret_module.secret_"
    assert complete(owner, cell, source)["matches"] == []
    assert complete(owner, cell, f"open('{tmp_path}/secret_")["matches"] == []
    # Nor the server's own code.
    assert complete(owner, cell, "from apps.execution import lan")["matches"] == []
    assert complete(owner, cell, "from . import source_h")["matches"] == []
    assert complete(owner, cell, "import sys\nsys.path_ho")["matches"] == ["path_hooks"]
    assert not ran.exists()


def test_a_kernel_without_a_lane_gets_one(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, LIVE)
    run_and_wait(owner, notebook)

    # As after the linger time: another owner of the lane takes it away, and lets go.
    def taken_away() -> Lease | None:
        Lane.objects.filter(pk=notebook.id).update(expires_at="2000-01-01T00:00:00Z")
        return Lease.acquire(notebook.id)  # None if its owner has renewed it in between

    lease = wait_until(taken_away, "the lane is taken away")
    wait_until(lambda: complete(owner, cell, "box.tre")["origin"] == "source", "the lane is gone")
    lease.release()
    wait_until(lambda: complete(owner, cell, "box.tre")["matches"] == ["treasure"], "a lane answers")


def test_a_kernel_that_is_stuck_is_not_waited_for(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    # The loop of the kernel is held up after the cell has ended.
    source = (
        "import asyncio, time\nasyncio.get_running_loop().call_later(0, time.sleep, 1.5);\nstuck_name = 1"
    )
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook)
    below = add_cell(owner, notebook, "")
    assert complete(owner, below, "stuck_n")["matches"] == ["stuck_name"]
    wait_until(lambda: complete(owner, below, "stuck_n")["origin"] == "kernel", "the kernel answers again")
    interrupt(actor=owner.actor, notebook_id=cell.notebook_id)


def test_the_program_is_started_again() -> None:
    source_help = SourceHelp()
    assert source_help.ask("complete", "lamb", 4) == {"matches": ["lambda"]}
    first = source_help._process
    assert first is not None
    os.kill(first.pid, 9)
    first.wait()
    assert source_help.ask("complete", "lamb", 4) == {"matches": ["lambda"]}
    last = source_help._process
    assert last is not None
    assert last is not first
    source_help._end(last)


def test_a_question_that_took_too_long_helps_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    source_help = SourceHelp()
    with monkeypatch.context() as patch:
        patch.setattr("apps.execution.source_help.TIMEOUT_S", 0.001)
        assert source_help.ask("complete", "lamb", 4) is None
    first = source_help._process
    assert first is not None
    wait_until(lambda: source_help.ask("complete", "whil", 4) == {"matches": ["while"]}, "it answers")
    assert source_help._process is first
    source_help._end(first)


def test_over_the_socket(server: WebProcess, owner: Person, viewer: Person, cell: Cell) -> None:
    place = {"cell_id": str(cell.id), "source": "lamb", "position": 4}
    with NotebookSocket(server, cell.notebook_id, owner) as page:
        wait_until(lambda: page.result("code_complete", **place)["matches"] == ["lambda"], "it answers")
        known = page.result("code_inspect", **place | {"source": "len", "position": 3})
        assert known["text"].startswith("len(")
        assert page.call("code_complete", **place | {"position": 5})["error"]["code"] == "invalid"
    with NotebookSocket(server, cell.notebook_id, viewer) as page:
        assert page.call("code_complete", **place)["error"]["code"] == "forbidden"


def test_refusals(owner: Person, viewer: Person, stranger: Person, cell: Cell) -> None:
    for person, error in ((viewer, Forbidden), (stranger, NotFound)):
        with pytest.raises(error):
            complete(person, cell, "x")
    with pytest.raises(TooLarge):
        complete(owner, cell, "x" * (MAX_SOURCE_CHARS + 1))
    for position in (-1, 3):
        with pytest.raises(Invalid):
            complete(owner, cell, "😀", position)
    with pytest.raises(Invalid):
        complete(owner, cell, "😀", 1)
    cell.id = uuid4()
    with pytest.raises(NotFound):
        complete(owner, cell, "x")
