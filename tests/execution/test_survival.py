"""Cells outlive the worker that looks after them: nothing they put out is lost or shown twice, and they end well."""

from datetime import UTC, datetime, timedelta

import psutil
import pytest
from django.utils import timezone

from apps.execution.commands import interrupt, request_run, restart_kernel
from apps.execution.models import CellRun, Lane
from apps.journal.publish import connection as redis_connection
from apps.kernels.kernel_journal import MAX_BYTES
from apps.kernels.models import Kernel
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import delete_cell
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.page import Page
from tests.support.processes import Database, WebProcess, WorkerProcess, wait_until
from tests.support.running import outputs_of, stream_text, wait_for_output, wait_for_run, wait_for_status
from tests.support.socket import NotebookSocket

# Counts until there is a file, and leaves word how far.
COUNT = """
import itertools, pathlib, time
for number in itertools.count():
    print(number)
    time.sleep(0.05)
    if pathlib.Path('enough').exists():
        break
_ = pathlib.Path('total').write_text(str(number + 1))
"""

# Likewise; what it shows in the end does not depend on where it ends but for the number.
DRAW = """
import itertools, pathlib, time
from IPython.display import clear_output, display
shown = display('at first', display_id='progress')
for number in itertools.count():
    if number % 10 == 9:
        clear_output(wait=True)
        time.sleep(0.1)
        print('cleared')
        display('again', display_id='progress')
    print(number)
    shown.update(f'{number} of many')
    time.sleep(0.02)
    if number % 10 == 5 and pathlib.Path('enough').exists():
        break
_ = pathlib.Path('total').write_text(str(number + 1))
"""

SLEEP = "print('began', flush=True)\nimport time\ntime.sleep(60)"


# Killed


@pytest.mark.parametrize("kills", [1, 2])
def test_a_cell_goes_on_when_its_worker_is_killed(
    server: WebProcess, mortal_worker: WorkerProcess, owner: Person, notebook: Notebook, kills: int
) -> None:
    cell = add_cell(owner, notebook, COUNT)
    with NotebookSocket(server, notebook.id, owner) as socket:
        page = Page(socket)
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        for _ in range(kills):
            _wait_for_more(cell)
            _replace(mortal_worker, notebook)
        _wait_for_more(cell)
        _let_end(notebook)
        page.watch_run(str(run.id))
    assert wait_for_run(run).status == "ok"
    total = _total(notebook)
    assert stream_text(cell) == _numbers(total)
    _check_end(cell, total)
    assert page.cells[str(cell.id)].outputs == outputs_of(cell)


def test_a_worker_that_was_asleep_adds_nothing(
    database: Database, mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    """It wakes up with its hand still on the kernel, when another has the lane."""
    other = WorkerProcess(database.data_dir, database.url)
    cell = add_cell(owner, notebook, COUNT)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    _wait_for_more(cell)
    sleeper = psutil.Process(mortal_worker.pid)
    sleeper.suspend()
    try:
        _expire(notebook)
        other.start()
        _wait_for_more(cell)
        sleeper.resume()
        wait_until(lambda: "has a new owner" in mortal_worker.log, "it has noticed")
        _wait_for_more(cell)
        _let_end(notebook)
        assert wait_for_run(run).status == "ok"
    finally:
        sleeper.resume()
        other.stop()
    assert stream_text(cell) == _numbers(_total(notebook))


def test_redis_and_the_web_server_go_down_with_the_worker(
    server: WebProcess, mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, COUNT)
    with NotebookSocket(server, notebook.id, owner) as socket:
        page = Page(socket)
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        _wait_for_more(cell)
        mortal_worker.kill()
        server.kill()
    redis_connection().flushall()
    server.start()
    with NotebookSocket(server, notebook.id, owner) as socket:
        page.reopen(socket)
        _replace(mortal_worker, notebook)
        _wait_for_more(cell)
        _let_end(notebook)
        page.watch_run(str(run.id))
    assert stream_text(cell) == _numbers(_total(notebook))
    assert page.cells[str(cell.id)].outputs == outputs_of(cell)


def test_displays_and_clears_are_as_if_nothing_had_happened(
    server: WebProcess, mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, DRAW)
    with NotebookSocket(server, notebook.id, owner) as socket:
        page = Page(socket)
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        wait_for_output(cell, lambda text: "cleared" in text)
        _replace(mortal_worker, notebook)
        _let_end(notebook)
        page.watch_run(str(run.id))
    assert wait_for_run(run).status == "ok"
    last = _total(notebook) - 1
    first, display, rest = outputs_of(cell)
    assert first["text"] == "cleared\n"
    assert display["data"]["text/plain"] == f"'{last} of many'"
    assert rest["text"] == "".join(f"{number}\n" for number in range(last - 6, last + 1))
    assert page.cells[str(cell.id)].outputs == outputs_of(cell)


def test_a_clear_that_waits_survives(mortal_worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    source = f"from IPython.display import clear_output\nprint('old')\nclear_output(wait=True)\n{COUNT}"
    cell = add_cell(owner, notebook, source.replace("for number", _wait_for_file("go") + "\nfor number"))
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_until(lambda: Cell.objects.get(id=cell.id).output_state.get("clear_is_due"), "a clear is due")
    assert stream_text(cell) == "old\n"
    _replace(mortal_worker, notebook)
    _touch(notebook, "go")
    _let_end(notebook)
    wait_for_run(run)
    assert stream_text(cell) == _numbers(_total(notebook))


def test_a_plan_goes_on_where_it_stood(
    server: WebProcess, mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    """The first cell ends, and the others begin, while there is no worker."""
    sources = [
        f"a = 1\nprint('first')\n{_wait_for_file('go')}",
        "b = a + 1\nprint(b)",
        "1 / 0",
        f"c = b\n{COUNT}",
    ]
    cells = [add_cell(owner, notebook, source) for source in sources]
    with NotebookSocket(server, notebook.id, owner) as socket:
        page = Page(socket)
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        wait_for_output(cells[0], lambda text: "first" in text)
        mortal_worker.kill()
        killed_at = datetime.now(UTC)
        _touch(notebook, "go")
        _let_end(notebook)
        wait_until((workspace_of(notebook.id) / "total").exists, "the last cell has run")
        ended_at = datetime.now(UTC)
        _replace(mortal_worker, notebook)
        page.watch_run(str(run.id))
    for cell in cells:
        cell.refresh_from_db()
        assert page.cells[str(cell.id)].outputs == outputs_of(cell)
    assert [cell.status for cell in cells] == ["ok", "ok", "error", "ok"]
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4]
    assert [stream_text(cell) for cell in cells] == ["first\n", "2\n", "", _numbers(_total(notebook))]
    # As the kernel saw it, not as the new worker heard of it.
    assert all(killed_at < cell.started_at < ended_at for cell in cells[1:] if cell.started_at)
    run.refresh_from_db()
    assert run.status == "error"


def test_a_worker_dies_before_it_can_say_that_the_first_cell_runs(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    """As if it had been killed right after it sent the plan."""
    cell = add_cell(owner, notebook, COUNT)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    _wait_for_more(cell)
    mortal_worker.kill()
    CellRun.objects.filter(run=run).update(status="sent", started_at=None)
    Cell.objects.filter(id=cell.id).update(status="queued", cell_run_id=None, output_offset=0)
    Lane.objects.filter(pk=notebook.id).update(heard=0)
    cell.outputs.all().delete()
    _replace(mortal_worker, notebook)
    _let_end(notebook)
    wait_for_run(run)
    cell.refresh_from_db()
    assert cell.status == "ok"
    # The kernel had been told that the first lines are stored, or not yet.
    text, whole = stream_text(cell), _numbers(_total(notebook))
    assert whole.endswith(text)
    assert ("Output is missing here" in stream_text(cell, "stderr")) == (text != whole)


def test_a_thread_prints_while_nobody_listens(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = f"""
import threading
def late():
    import pathlib, time
    {_wait_for_file("go", "    ")}
    print('from a thread', flush=True)
    pathlib.Path('said').touch()
threading.Thread(target=late).start()
print('ended')
"""
    cell = add_cell(owner, notebook, source)
    wait_for_run(request_run(actor=owner.actor, notebook_id=notebook.id, scope="all"))
    mortal_worker.kill()
    _touch(notebook, "go")
    wait_until((workspace_of(notebook.id) / "said").exists, "the thread has printed")
    _replace(mortal_worker, notebook)
    wait_for_output(cell, lambda text: "thread" in text)
    assert stream_text(cell) == "ended\nfrom a thread\n"


def test_it_is_said_where_the_kernel_could_not_keep_everything(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    piece = f"f'{{number}} ' + 'x' * {MAX_BYTES // 64}"
    flood = f"for number in range(80): display({{'text/plain': {piece}}}, raw=True)"
    source = f"print('began')\n{_wait_for_file('go')}\n{flood}\npathlib.Path('over').touch()"
    cell = add_cell(owner, notebook, source)
    after = add_cell(owner, notebook, "print('after')")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "began" in text)
    mortal_worker.kill()
    _touch(notebook, "go")
    wait_until((workspace_of(notebook.id) / "over").exists, "all is printed")
    _replace(mortal_worker, notebook)
    assert wait_for_run(run).status == "ok"
    assert stream_text(cell) == "began\n"
    shown = [output["data"]["text/plain"] for output in outputs_of(cell) if "data" in output]
    assert shown
    assert not shown[0].startswith("0 x")
    assert "Output is missing here" in stream_text(cell, "stderr")
    assert stream_text(after) == "after\n"


def test_the_limit_of_output_stays_reached(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    flood = "for _ in range(3): display({'text/plain': 'x' * 9 * 2**20}, raw=True)"
    cell = add_cell(owner, notebook, f"{flood}\n{COUNT}")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_until(lambda: "Output stops here" in stream_text(cell, "stderr"), "the limit is reached")
    _replace(mortal_worker, notebook)
    _let_end(notebook)
    assert wait_for_run(run).status == "ok"
    assert ["data" in output for output in outputs_of(cell)] == [True, True, False]
    assert stream_text(cell) == ""


def test_a_kernel_that_went_with_its_worker_is_told_of(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, f"x = 1\n{SLEEP}")
    after = add_cell(owner, notebook, "x")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "began" in text)
    mortal_worker.kill()
    _kernel_process(notebook).kill()
    _replace(mortal_worker, notebook)
    wait_for_run(run)
    assert outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["ename"] == "KernelDied"
    assert wait_for_status(after, CellStatus.BLOCKED)


# Stopped


def test_a_worker_that_stops_leaves_the_cell_to_another(
    server: WebProcess, mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, COUNT)
    with NotebookSocket(server, notebook.id, owner) as socket:
        page = Page(socket)
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        _wait_for_more(cell)
        mortal_worker.stop()
        # It let go by itself.
        assert Lane.objects.get(pk=notebook.id).expires_at < timezone.now()
        mortal_worker.start()
        _wait_for_more(cell)
        _let_end(notebook)
        page.watch_run(str(run.id))
    assert wait_for_run(run).status == "ok"
    assert stream_text(cell) == _numbers(_total(notebook))
    assert page.cells[str(cell.id)].outputs == outputs_of(cell)


# What people asked for meanwhile


def test_an_interrupt_reaches_the_cell_that_was_taken_over(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell, after = add_cell(owner, notebook, SLEEP), add_cell(owner, notebook, "1")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "began" in text)
    mortal_worker.kill()
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    _replace(mortal_worker, notebook)
    wait_for_run(run)
    assert outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["ename"] == "KeyboardInterrupt"
    assert wait_for_status(after, CellStatus.CANCELLED)
    assert Kernel.objects.get(pk=notebook.id).status == "idle"


def test_a_restart_ends_the_cell_that_was_taken_over(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, SLEEP)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "began" in text)
    mortal_worker.kill()
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    _replace(mortal_worker, notebook)
    wait_for_run(run)
    assert outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["ename"] == "KernelRestarted"


def test_a_cell_deleted_meanwhile_does_not_begin(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, f"print('began', flush=True)\n{_wait_for_file('go')}")
    deleted = add_cell(owner, notebook, "import pathlib\npathlib.Path('ran').touch()")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "began" in text)
    mortal_worker.kill()
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=deleted.id)
    _replace(mortal_worker, notebook)
    cell_runs = CellRun.objects.filter(run=run, cell=deleted)
    wait_until(lambda: cell_runs.get().status == "cancelled", "the turn of the deleted cell is withdrawn")
    _touch(notebook, "go")
    wait_for_run(run)
    assert wait_for_status(cell, CellStatus.OK)
    assert not (workspace_of(notebook.id) / "ran").exists()


def _kernel_process(notebook: Notebook) -> psutil.Process:
    return psutil.Process(Kernel.objects.get(pk=notebook.id).provisioner_info["pid"])


def _wait_for_file(name: str, indent: str = "") -> str:
    """Python that waits until there is one."""
    return f"import pathlib, time\n{indent}while not pathlib.Path('{name}').exists(): time.sleep(0.01)"


def _touch(notebook: Notebook, name: str) -> None:
    (workspace_of(notebook.id) / name).touch()


def _replace(worker: WorkerProcess, notebook: Notebook) -> None:
    """Kill it, if it lives, and start another."""
    worker.kill()
    _expire(notebook)
    worker.start()


def _expire(notebook: Notebook) -> None:
    """As if LANE_TTL_S were over."""
    Lane.objects.filter(pk=notebook.id).update(expires_at=timezone.now() - timedelta(seconds=1))


def _numbers(total: int) -> str:
    return "".join(f"{number}\n" for number in range(total))


def _wait_for_more(cell: Cell) -> None:
    """Until a few more lines are stored."""
    lines = stream_text(cell).count("\n")
    wait_until(lambda: stream_text(cell).count("\n") > lines + 5, "more output is stored")


def _let_end(notebook: Notebook) -> None:
    _touch(notebook, "enough")


def _total(notebook: Notebook) -> int:
    return int((workspace_of(notebook.id) / "total").read_text())


def _check_end(cell: Cell, total: int) -> None:
    """The times of the whole run, not those since the last worker began."""
    cell.refresh_from_db()
    cell_run = CellRun.objects.get(cell=cell)
    assert (cell.status, cell_run.status, cell.execution_count) == ("ok", "ok", 1)
    assert cell.elapsed_ms is not None
    assert cell.elapsed_ms >= total * 50
    assert cell.started_at
    assert cell_run.finished_at
    lasted = cell_run.finished_at - cell.started_at
    assert abs(lasted.total_seconds() * 1000 - cell.elapsed_ms) < 1000
