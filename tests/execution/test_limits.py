"""Cells that take all they can get: each ends with a message, its server lives, and so does the kernel beside it."""

import re
import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import psutil
import pytest

from apps.execution.commands import interrupt, request_run, shutdown_kernel
from apps.kernels.models import KernelPolicy
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell, new_person
from tests.support.kernels import kernel_process
from tests.support.processes import Database, WebProcess, WorkerProcess, in_place_of, wait_until
from tests.support.running import outputs_of, run_and_wait, stream_text, wait_for_run, wait_for_status
from tests.support.socket import NotebookSocket

# For a cell of the neighbour's: it goes on. How fast is for bin/bench, on a quiet machine.
NEIGHBOUR_MS = 10_000


@pytest.fixture(scope="module")
def small_worker(database: Database, worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """In place of the session's: one whose kernels have small limits."""
    small = WorkerProcess(
        database.data_dir,
        database.url,
        NOTEBOOK_KERNEL_MEMORY_BYTES=str(600 * 2**20),
        NOTEBOOK_KERNEL_PROCESSES="64",
        NOTEBOOK_WORKSPACE_BYTES=str(100 * 2**20),
        NOTEBOOK_MAX_CELL_TEXT_CHARS="10000",
        NOTEBOOK_MAX_OUTPUT_BYTES=str(2**20),
        NOTEBOOK_MAX_CELL_OUTPUTS="50",
    )
    with in_place_of(worker, small):
        yield small


class Neighbour:
    """Somebody who goes on working in another notebook; how long each cell took, in milliseconds."""

    def __init__(self, server: WebProcess) -> None:
        self._person = new_person("neighbour")
        self._notebook = create_notebook(actor=self._person.actor, title="Beside")
        self._cell = add_cell(self._person, self._notebook, "print(1)")
        self._server = server
        self._is_over = Event()
        self._thread = Thread(target=self._work)
        self.took_ms: list[float] = []

    def __enter__(self) -> "Neighbour":
        run_and_wait(self._person, self._notebook)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._is_over.set()
        self._thread.join()
        shutdown_kernel(actor=self._person.actor, notebook_id=self._notebook.id)

    def _work(self) -> None:
        with NotebookSocket(self._server, self._notebook.id, self._person) as socket:
            socket.open()
            while not self._is_over.wait(0.1):
                started = time.monotonic()
                socket.result("run", scope="cell", cell_id=str(self._cell.id))
                socket.event("run_finished")
                self.took_ms.append((time.monotonic() - started) * 1000)


BOMBS = {
    "20 GB": ("x = bytearray(20 * 2**30)", "MemoryError"),
    "memory of many processes": (
        "import os, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n"
        "        hoard = bytearray(200 * 2**20)\n"
        "        for place in range(0, len(hoard), 4096): hoard[place] = 1\n"
        "        time.sleep(2)\n"
        "        os._exit(0)\n"
        "ends = [os.wait()[1] for _ in range(8)]\n"
        "raise SystemError('killed') if 9 in ends else SystemError('none was')",
        "killed|memory",
    ),
    "a fork bomb": ("import os\nwhile True: os.fork()", "BlockingIOError|KernelDied|memory"),
    "threads": (
        "import threading\ndone = threading.Event()\n"
        "try:\n    for _ in range(10_000): threading.Thread(target=done.wait).start()\nfinally: done.set()",
        "RuntimeError",
    ),
    "a full disk": (
        "with open('big', 'wb') as file:\n    while True: file.write(b'x' * 2**20)",
        "File too large",
    ),
    "many files": (
        "import time\nfor number in range(1000):\n    open(f'file{number}', 'wb').write(b'x' * 2**20)\ntime.sleep(20)",
        "KernelLimit",
    ),
    "all cores": (
        "import os, time\n"
        "for _ in range(4 * os.cpu_count()):\n"
        "    if os.fork() == 0:\n"
        "        ends = time.monotonic() + 4\n"
        "        while time.monotonic() < ends: pass\n"
        "        os._exit(0)\n"
        "while True: os.wait()",
        "ChildProcessError",
    ),
    "no descriptors": ("import os\nos.closerange(0, 10_000)\nwhile True: print(1)", "KernelDied"),
    # The kernel itself is spared, but not what is beside it in the sandbox, which then ends.
    "no mercy": ("import os, time\nos.kill(-1, 9)\ntime.sleep(60)", "SIGKILL"),
    "an end": ("import os\nos.kill(os.getpid(), 9)", "SIGKILL"),
    "an exit": ("import os\nos._exit(3)", "exit code 3"),
    "a crash": ("import ctypes\nctypes.string_at(0)", "SIGSEGV"),
    "a huge text": ("print('x' * 10**9)", "MemoryError"),
}

# The beginning of what a cell does before it tries to end the worker with what it sends.
SEND = "kernel = get_ipython().kernel\nparent = kernel.get_parent()\n"

FLOODS = {
    "text": (
        "while True: print('x' * 1000)",
        r"x{1000}\n.*characters are shown when it has ended.*[\d,]+ characters are left out",
    ),
    "two streams": (
        "import sys\nwhile True: print(1); print(2, file=sys.stderr)",
        "at most 50 outputs|are left out",
    ),
    "a program's text": ("!yes", "characters are left out"),
    "displays": ("while True: display(1)", "at most 50 outputs"),
    "large displays": (
        "import os\nfrom IPython.display import HTML\nwhile True: display(HTML(os.urandom(8 * 2**20).hex()))",
        "is too large to be shown",
    ),
    "messages of its own": (
        SEND + "content = {'name': 'stdout', 'text': 'x' * 5 * 2**20}\n"
        "while True: kernel.session.send(kernel.iopub_socket, 'stream', content, parent)",
        # It may end before as much was heard: what waits to be heard is in its memory.
        "at most 20 MiB are kept|KernelDied",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(
    small_worker: WorkerProcess, server: WebProcess, owner: Person, notebook: Notebook, name: str
) -> None:
    source, message = BOMBS[name]
    cell = add_cell(owner, notebook, source)
    with Neighbour(server) as neighbour:
        started = time.monotonic()
        run_and_wait(owner, notebook, "cell", cell, deadline_s=30)
        took_s = time.monotonic() - started
        wait_until(lambda: len(neighbour.took_ms) >= 10, "the neighbour has worked")
    (error,) = outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1:]
    said = f"{error['ename']}: {error['evalue']}"
    assert any(part in said for part in message.split("|")), said
    assert took_s < 30
    assert max(neighbour.took_ms) < NEIGHBOUR_MS
    # A kernel that is still there can be used, and one that is not comes again; files have to go first.
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    after = add_cell(owner, notebook, "import os\nfor name in os.listdir(): os.remove(name)\nprint('usable')")
    run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "usable\n"


@pytest.mark.parametrize("name", FLOODS)
def test_floods(
    small_worker: WorkerProcess, server: WebProcess, owner: Person, notebook: Notebook, name: str
) -> None:
    """Output without end: the page says where it was cut, an interrupt ends it, and the worker stays small."""
    source, note = FLOODS[name]
    cell = add_cell(owner, notebook, source)
    with Neighbour(server) as neighbour:
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
        wait_until(lambda: outputs_of(cell), "something is shown")
        wait_until(lambda: len(neighbour.took_ms) >= 20, "the neighbour works meanwhile")
        worker_bytes = psutil.Process(small_worker.pid).memory_info().rss
        interrupt(actor=owner.actor, notebook_id=notebook.id)
        wait_for_run(run, deadline_s=30)
    outputs = outputs_of(cell)
    text = "".join(output.get("text", output.get("ename", "")) for output in outputs)
    assert re.search(note, text, re.DOTALL), text[-1000:]
    # `!` ends what it runs and goes on. A kernel that sends more than anybody hears runs out of its own memory.
    assert re.search("KeyboardInterrupt|KernelLimit|KernelDied", str(outputs[-1])) or source.startswith("!")
    assert worker_bytes < 1.5 * 2**30
    assert max(neighbour.took_ms) < NEIGHBOUR_MS


def test_text_that_is_too_long_is_kept_as_head_and_tail(
    small_worker: WorkerProcess, server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "for number in range(100_000): print(number)\n1 / 0")
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        socket.result("run", scope="cell", cell_id=str(cell.id))
        ended = socket.event("run_finished")
        assert ended["status"] == "error"
        streamed = [
            output for frame in socket.received if frame["type"] == "output" for output in frame["outputs"]
        ]
    text, error = outputs_of(cell)
    head, tail = re.split(r"\n\[.*\]\n\[.*\]\n", text["text"])
    printed = "".join(f"{number}\n" for number in range(100_000))
    assert head == printed[:9000]
    assert tail == printed[-1000:]
    assert f"[{len(printed) - 10_000:,} characters are left out here.]" in text["text"]
    assert error["ename"] == "ZeroDivisionError"
    assert "".join(output["text"] for output in streamed if output["output_type"] == "stream") == text["text"]


def test_nothing_is_left_of_a_kernel(
    small_worker: WorkerProcess, owner: Person, notebook: Notebook, database: Database
) -> None:
    cell = add_cell(owner, notebook, "import subprocess\nprint(subprocess.Popen(['sleep', '1000']).pid > 0)")
    for _ in range(3):
        run_and_wait(owner, notebook, "cell", cell)
        kernel = kernel_process(notebook)
        processes = [*kernel.parents()[:1], kernel, *kernel.children(recursive=True)]
        assert len(processes) >= 3
        shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
        assert psutil.wait_procs(processes, timeout=10)[1] == []


@pytest.mark.parametrize(
    ("source", "ends"),
    [
        ("import time\ntime.sleep(60)", ["TimeLimit", "KeyboardInterrupt"]),
        (
            "import time\nwhile True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass",
            ["TimeLimit", "KernelLimit"],
        ),
    ],
    ids=["obeys", "ignores"],
)
def test_a_cell_that_takes_too_long(
    worker: WorkerProcess, owner: Person, notebook: Notebook, source: str, ends: list[str]
) -> None:
    KernelPolicy.objects.create(notebook=notebook, cell_timeout_s=1)
    quick = add_cell(owner, notebook, "x = 1")
    slow = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook, deadline_s=20)
    assert wait_for_status(quick, CellStatus.OK)
    assert [output["ename"] for output in outputs_of(wait_for_status(slow, CellStatus.ERROR))] == ends
    after = add_cell(owner, notebook, "print('usable')")
    run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "usable\n"
