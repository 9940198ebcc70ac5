"""Attempts to get out of the sandbox, each a cell that runs through the real lane. All are denied.

Every attempt prints what it got. What it must not get is not in there, and the kernel lives on.
"""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from apps.execution.commands import shutdown_kernel
from apps.kernels.sandbox import SandboxKind, sandbox_state
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell, new_person
from tests.support.kernels import runtime_name
from tests.support.processes import Database, WebProcess, WorkerProcess, wait_until
from tests.support.running import outputs_of, run_and_wait, stream_text

Attempt = Callable[[str], str]

SERVER_HOME = Path.home()


@pytest.fixture(scope="module")
def prisoner(worker: WorkerProcess) -> Person:
    return new_person("prisoner")


@pytest.fixture(scope="module")
def cage(prisoner: Person) -> Iterator[Notebook]:
    """A notebook with a kernel for all attempts."""
    assert sandbox_state().kind is SandboxKind.BWRAP, sandbox_state().problem
    notebook = create_notebook(actor=prisoner.actor, title="Cage")
    yield notebook
    shutdown_kernel(actor=prisoner.actor, notebook_id=notebook.id)


@pytest.fixture
def attempt(prisoner: Person, cage: Notebook) -> Attempt:
    """`attempt(code)`: what the code printed, and how it failed if it did."""

    def attempt(code: str) -> str:
        cell = add_cell(prisoner, cage, code)
        run_and_wait(prisoner, cage, "cell", cell)
        errors = [output["evalue"] for output in outputs_of(cell) if output["output_type"] == "error"]
        return stream_text(cell) + "".join(errors)

    return attempt


@pytest.fixture
def neighbour(owner: Person, notebook: Notebook) -> Notebook:
    """A notebook of somebody else, whose kernel runs and has a secret in its workspace."""
    cell = add_cell(owner, notebook, "open('secret.txt', 'w').write('s3cret')\nprint('written')")
    run_and_wait(owner, notebook)
    assert stream_text(cell) == "written\n"
    return notebook


def denied(code: str) -> str:
    """A cell that prints that the code was denied, with the error, or what it came to."""
    body = "\n".join(f"    {line}" for line in code.splitlines())
    return f"try:\n{body}\nexcept (OSError, PermissionError) as error:\n    print('denied', error.errno)"


def is_denied(said: str) -> bool:
    return said.startswith("denied ")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/shadow",
        str(SERVER_HOME),
        str(settings.BASE_DIR / "manage.py"),
        str(settings.BASE_DIR / "notebook_project" / "settings.py"),
        "/proc/1/environ",
        "/proc/kcore",
        "/dev/mem",
        "/sys/kernel",
        "/var/log",
        "/run",
    ],
)
def test_the_machine_cannot_be_read(attempt: Attempt, path: str) -> None:
    code = f"import os\npath = {path!r}\nprint(os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(100))"
    said = attempt(denied(code))
    # The home may be there as the folder in which Python is, and the first process inside is bubblewrap's own.
    assert (
        is_denied(said)
        or said.strip() in (f"['{name}']" for name in (".pyenv", ".local", ".venv"))
        or (path == "/proc/1/environ" and "SECRET" not in said)
    )


def test_the_data_of_the_server_and_of_others_are_not_there(
    attempt: Attempt, neighbour: Notebook, database: Database
) -> None:
    said = attempt(
        "import os\n"
        "found = [os.path.join(folder, name) for folder, _, names in os.walk('/') "
        "if not folder.startswith(('/proc', '/usr', '/sys')) for name in names]\n"
        f"print([path for path in found if path.startswith({str(database.data_dir)!r}) or 'secret' in path.lower() "
        "and 'site-packages' not in path and '/lib/python' not in path])"
    )
    paths = [path for path in said.strip("[]\n").replace("'", "").split(", ") if path]
    assert not [path for path in paths if "/kernels/" not in path], paths
    assert runtime_name(neighbour) not in said
    assert neighbour.id.hex[:12] not in said


def test_the_environment_holds_nothing_of_the_server(attempt: Attempt) -> None:
    said = attempt("import os\nprint(sorted(os.environ))")
    names = said.strip("[]\n").replace("'", "").split(", ")
    assert {"HOME", "PATH"} <= set(names)
    assert not [
        name for name in names if name.startswith(("NOTEBOOK_", "DATABASE", "REDIS", "DJANGO", "ANTHROPIC"))
    ]
    assert "DATABASE_URL" in os.environ  # the server has it


def test_other_processes_are_not_in_sight(attempt: Attempt, neighbour: Notebook) -> None:
    said = attempt(
        "import os\npids = [name for name in os.listdir('/proc') if name.isdigit()]\n"
        "print(sorted(open(f'/proc/{pid}/comm').read().strip() for pid in pids))"
    )
    assert set(said.strip("[]\n").replace("'", "").split(", ")) <= {
        "bwrap",
        "python",
        "python3",
        "python3.11",
        "sh",
    }


def test_no_other_process_can_be_killed_or_traced(attempt: Attempt, worker: WorkerProcess) -> None:
    assert is_denied(attempt(denied(f"import os\nos.kill({worker.pid}, 9)")))
    assert is_denied(
        attempt(
            denied(
                "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
                "if libc.ptrace(16, 1, 0, 0): raise OSError(ctypes.get_errno(), 'ptrace')"
            )
        )
    )
    assert worker.is_alive()


@pytest.mark.parametrize("address", ["127.0.0.1", "1.1.1.1", "169.254.169.254"])
def test_no_network(attempt: Attempt, server: WebProcess, address: str) -> None:
    connect = f"import socket\nsocket.create_connection(({address!r}, {server.port}), timeout=3)\nprint('connected')"
    assert is_denied(attempt(denied(connect)))


def test_no_sockets_of_the_server(attempt: Attempt, cage: Notebook) -> None:
    attempt("1")  # so that it has a kernel
    paths = [str(path) for path in settings.RUNTIME_DIR.rglob("*") if path.is_socket()]
    # Its own kernel's it may reach.
    others = [path for path in paths if runtime_name(cage) not in path]
    assert others
    for path in (*others, "/var/run/docker.sock"):
        assert is_denied(attempt(denied(f"import socket\nsocket.socket(socket.AF_UNIX).connect({path!r})")))


def test_a_socket_in_the_abstract_namespace_is_another_one_inside(attempt: Attempt) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0tandem-test")
        listener.listen()
        assert is_denied(
            attempt(denied("import socket\nsocket.socket(socket.AF_UNIX).connect('\\0tandem-test')"))
        )


@pytest.mark.parametrize(
    "path",
    ["/usr/lib/evil", "/etc/evil", "/evil", "/proc/sys/kernel/core_pattern", "/tandem-evil", "/home/evil"],
)
def test_nothing_outside_of_the_workspace_can_be_written(attempt: Attempt, path: str) -> None:
    assert is_denied(attempt(denied(f"open({path!r}, 'a')")))


def test_the_code_of_the_server_and_of_python_cannot_be_changed(attempt: Attempt) -> None:
    assert is_denied(attempt(denied("import zmq\nopen(zmq.__file__, 'a').write('evil')")))


@pytest.mark.parametrize(
    "call",
    [
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "umount2(b'/proc', 0)",
        "unshare(0x10000000)",
        "setns(3, 0)",
        "syscall(155, b'/tmp', b'/tmp')",
        "chroot(b'/workspace')",
        "reboot(0xfee1dead, 672274793, 0, None)",
        "syscall(250, 0, 0)",  # keyctl
        "syscall(321, 0, 0, 0)",  # bpf
        "syscall(323, 0)",  # userfaultfd
        "syscall(310, 1, 0, 0, 0, 0, 0)",  # process_vm_readv
        "syscall(56, 0x10000000 | 17, 0, 0, 0, 0)",  # clone into another user namespace
    ],
)
def test_calls_that_escapes_are_made_of(attempt: Attempt, call: str) -> None:
    code = (
        f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nresult = libc.{call}\n"
        "print('denied' if result == -1 else 'done', ctypes.get_errno())"
    )
    assert attempt(code) == "denied 1\n"


def test_no_program_makes_one_root(attempt: Attempt) -> None:
    said = attempt(
        "import os, subprocess\nstatus = open('/proc/self/status').read()\n"
        "print(os.getuid(), status.count('CapEff:\\t0000000000000000'))\n"
        "print(subprocess.run(['su', '-c', 'id'], capture_output=True, stdin=subprocess.DEVNULL).returncode != 0)"
    )
    assert said == "1000 1\nTrue\n"
    assert is_denied(attempt(denied("import os\nos.setuid(0)")))


def test_the_sockets_of_another_kernel_are_not_there(attempt: Attempt, neighbour: Notebook) -> None:
    folders = [path.name for path in (settings.RUNTIME_DIR / "kernels").iterdir()]
    assert runtime_name(neighbour) in folders
    said = attempt(f"import os\nprint(os.listdir({str(settings.RUNTIME_DIR / 'kernels')!r}))")
    assert runtime_name(neighbour) not in said


def test_messages_for_another_cell_are_ignored(attempt: Attempt, prisoner: Person, cage: Notebook) -> None:
    other = add_cell(prisoner, cage, "print('mine')")
    run_and_wait(prisoner, cage, "cell", other)
    attempt(
        "kernel = get_ipython().kernel\n"
        "for status in ('error', 'ok'):\n"
        f"    kernel.session.send(kernel.iopub_socket, 'cell_reply', {{'status': status}}, "
        f"parent={{'header': {{'msg_id': {str(other.id)!r}}}}})\n"
        "kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'forged'}, "
        f"parent={{'header': {{'msg_id': {str(other.id)!r}}}}})"
    )
    other.refresh_from_db()
    assert (other.status, stream_text(other)) == ("ok", "mine\n")


def test_what_notebooks_need_works(attempt: Attempt) -> None:
    assert (
        attempt("import tempfile\nwith tempfile.NamedTemporaryFile() as file: print(file.write(b'x'))")
        == "1\n"
    )
    assert attempt(
        "import subprocess\nprint(subprocess.check_output(['sh', '-c', 'whoami; pwd'], text=True))"
    ) == ("notebook\n/workspace\n\n")
    assert (
        attempt("import multiprocessing as m\nprint(m.get_context('fork').Pool(2).map(abs, [-1, 2]))")
        == "[1, 2]\n"
    )
    assert attempt(
        "import threading\nthread = threading.Thread(target=print, args=('thread',))\nthread.start()\nthread.join()"
    ) == ("thread\n")
    assert (
        attempt("import pandas\npandas.DataFrame({'a': [1]}).to_csv('a.csv')\nprint(open('a.csv').read())")
        == ",a\n0,1\n\n"
    )
    assert attempt("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('plotted')") == "plotted\n"


def test_what_a_cell_leaves_is_in_its_workspace(attempt: Attempt, cage: Notebook) -> None:
    attempt("open('left.txt', 'w').write('here')")
    path = settings.NOTEBOOK_DATA_DIR / "workspaces" / str(cage.id) / "left.txt"
    wait_until(path.exists, "the file is there")
    assert path.read_text() == "here"
