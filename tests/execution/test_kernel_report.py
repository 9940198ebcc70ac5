"""What is said of a kernel that runs."""

from apps.execution.commands import request_run, restart_kernel, shutdown_kernel
from apps.execution.kernel_report import kernel_report
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import run_and_wait, wait_for_output, wait_for_status

BUSY = """
import subprocess, sys, time
hoard = bytearray(200 * 2**20)
for place in range(0, len(hoard), 4096): hoard[place] = 1
children = [subprocess.Popen(["sleep", "100"]) for _ in range(3)]
until = time.process_time() + 0.3
while time.process_time() < until: pass
print("ready")
input()
"""


def test_a_kernel_from_start_to_end(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    def report() -> dict[str, object]:
        return kernel_report(actor=owner.actor, notebook_id=notebook.id)

    first = add_cell(owner, notebook, "x = 1")
    run_and_wait(owner, notebook, "cell", first)
    idle = report()
    assert (idle["status"], idle["execution_count"]) == ("idle", 1)
    usage = idle["usage"]
    assert isinstance(usage, dict)
    assert 20 * 2**20 < usage["memory_bytes"] < 500 * 2**20
    assert usage["cpu_s"] > 0.01

    # While it is busy it is its lane that answers.
    second = add_cell(owner, notebook, BUSY)
    request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=second.id)
    wait_for_output(second, lambda text: "ready" in text)
    busy = report()
    assert busy["status"] == "busy"
    more = busy["usage"]
    assert isinstance(more, dict)
    assert more["memory_bytes"] - usage["memory_bytes"] > 150 * 2**20
    assert more["cpu_s"] - usage["cpu_s"] > 0.25
    assert more["processes"] - usage["processes"] == 3

    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_for_status(second, CellStatus.ERROR)
    again = wait_until(
        lambda: (now := report())["started_at"] != busy["started_at"] and now["status"] == "idle" and now,
        "another kernel has started",
    )
    assert again["execution_count"] == 0
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_until(lambda: report()["status"] == "off", "the kernel has ended")
    assert report()["usage"] is None
