"""Kernels of other makes, chosen for a notebook, in the same sandbox and with the same rights as ours."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.api import responses
from apps.base.errors import Forbidden, Invalid
from apps.execution.commands import choose_kernel, interrupt, request_run
from apps.execution.kernel_report import kernel_report
from apps.kernels.models import Kernel
from apps.notebooks.models import CellStatus, Notebook
from tests.api.caller import Caller
from tests.support.cast import Person, add_cell
from tests.support.other_kernels import install_kernels
from tests.support.processes import Database, WorkerProcess, in_place_of, wait_until
from tests.support.replay import verified_replay
from tests.support.running import (
    outputs_of,
    run_and_wait,
    stream_text,
    wait_for_output,
    wait_for_run,
    wait_for_status,
)


@pytest.fixture(scope="module")
def jupyter_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where two more kernels are installed, for this process too."""
    folder = tmp_path_factory.mktemp("jupyter")
    install_kernels(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        yield folder


@pytest.fixture(scope="module")
def other_worker(database: Database, worker: WorkerProcess, jupyter_path: Path) -> Iterator[WorkerProcess]:
    other = WorkerProcess(database.data_dir, database.url, JUPYTER_PATH=str(jupyter_path))
    with in_place_of(worker, other):
        yield other


def test_they_are_listed(jupyter_path: Path, viewer: Person) -> None:
    listed = Caller(viewer).get("kernelspecs/").shaped(responses.KernelSpecs)
    assert listed["default"] == "python3"
    assert listed["kernelspecs"][0] == {"name": "python3", "display_name": "Python 3", "language": "python"}
    assert {"name": "bash", "display_name": "Bash", "language": "bash"} in listed["kernelspecs"]


def test_choosing_one(
    jupyter_path: Path, owner: Person, editor: Person, viewer: Person, notebook: Notebook
) -> None:
    path = f"notebooks/{notebook.id}/"
    with verified_replay(editor, notebook, events=1):
        assert Caller(editor).patch(path, {"kernelspec": "bash"}).status == 200
    assert Caller(viewer).get(path).json["language"] == "bash"
    exported = Caller(viewer).get(f"{path}export/").json["metadata"]
    assert exported["kernelspec"] == {"name": "bash", "display_name": "Bash", "language": "bash"}
    notebook.refresh_from_db()
    seq = notebook.seq
    choose_kernel(actor=owner.actor, notebook_id=notebook.id, name="bash")
    notebook.refresh_from_db()
    assert notebook.seq == seq, "nothing has changed"
    Caller(editor).patch(path, {"kernelspec": "fortran"}).refused(400, "invalid")
    Caller(viewer).patch(path, {"kernelspec": "plain"}).refused(403, "forbidden")
    with pytest.raises(Forbidden):
        choose_kernel(actor=viewer.actor, notebook_id=notebook.id, name="plain")


# It takes longer to say what it is than it takes to be asked again.
SLOW_TO_ANSWER = """
import time
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

class Slow(IPythonKernel):
    async def kernel_info_request(self, *args):
        time.sleep(0.7)
        await super().kernel_info_request(*args)

IPKernelApp.launch_instance(kernel_class=Slow)
"""


def test_one_that_is_slow_to_answer(
    jupyter_path: Path, other_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    argv = ["python", "-c", SLOW_TO_ANSWER, "-f", "{connection_file}"]
    folder = jupyter_path / "kernels" / "slow"
    folder.mkdir()
    spec = {"argv": argv, "display_name": "Slow", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    choose_kernel(actor=owner.actor, notebook_id=notebook.id, name="slow")
    cell = add_cell(owner, notebook, "print(42)")
    run_and_wait(owner, notebook)
    assert stream_text(cell) == "42\n"


def test_a_shell(other_worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    choose_kernel(actor=owner.actor, notebook_id=notebook.id, name="bash")
    first = add_cell(owner, notebook, "x=20; echo $((x + 1)); whoami; pwd")
    # In Python this would need the cell above.
    second = add_cell(owner, notebook, "echo $x")
    failing = add_cell(owner, notebook, "ls /nowhere")
    run_and_wait(owner, notebook)
    assert stream_text(first) == "21\nnotebook\n/workspace\n"
    assert stream_text(second) == "20\n"
    assert wait_for_status(first, CellStatus.OK).execution_count == 1
    wait_for_status(failing, CellStatus.ERROR)
    report = kernel_report(actor=owner.actor, notebook_id=notebook.id)
    assert report["kernelspec"]["display_name"] == "Bash"
    assert report["environment"] is None
    assert report["usage"]["processes"] >= 3

    endless = add_cell(owner, notebook, "echo on; while true; do sleep 0.1; done")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=endless.id)
    wait_for_output(endless, lambda text: "on" in text)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    # The kernel itself waits for half a minute where the signal has taken the shell's prompt away.
    wait_for_run(run)
    after = add_cell(owner, notebook, "echo $x is still here")
    run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "20 is still here\n"


def test_another_python_has_clean_runs_too(
    other_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    choose_kernel(actor=owner.actor, notebook_id=notebook.id, name="plain")
    add_cell(owner, notebook, "x = 1")
    early = add_cell(owner, notebook, "print('early', x)")
    add_cell(owner, notebook, "x = 2")
    late = add_cell(owner, notebook, "print('late', x, type(get_ipython().kernel).__name__)")
    run_and_wait(owner, notebook)
    run_and_wait(owner, notebook, "cell", early)
    run_and_wait(owner, notebook, "cell", late)
    assert stream_text(early) == "early 1\n"
    assert stream_text(late) == "late 2 IPythonKernel\n"


def test_one_that_dies_is_shown_as_dead(
    other_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    choose_kernel(actor=owner.actor, notebook_id=notebook.id, name="plain")
    cell = add_cell(owner, notebook, "import os\nos.kill(os.getpid(), 9)")
    run_and_wait(owner, notebook)
    assert "SIGKILL" in outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["evalue"]
    after = add_cell(owner, notebook, "print('usable')")
    run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "usable\n"


def test_a_change_ends_the_kernel(other_worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "x = 1")
    run_and_wait(owner, notebook)
    choose_kernel(actor=owner.actor, notebook_id=notebook.id, name="bash")
    off = Kernel.objects.filter(pk=notebook.id, status="off")
    wait_until(off.exists, "the kernel has ended")
    choose_kernel(actor=owner.actor, notebook_id=notebook.id, name="python3")
    run_and_wait(owner, notebook)
    wait_for_status(cell, CellStatus.OK)


def test_a_language_without_a_kernel_is_refused_with_a_reason(owner: Person, notebook: Notebook) -> None:
    notebook.metadata = {"language_info": {"name": "fortran"}}
    notebook.save()
    add_cell(owner, notebook, "print *, 1")
    with pytest.raises(Invalid, match="written in fortran, and there is no kernel for that here"):
        request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
