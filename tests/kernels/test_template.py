"""Kernels that are forks of a template, in real sandboxes: not different from those that start by themselves."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from apps.kernels.children import reap
from apps.kernels.models import Kernel
from apps.kernels.processes import KernelProcess, workspace_of
from apps.kernels.template import ForkedKernel, KernelTemplate, template
from apps.notebooks.models import Notebook
from tests.support.kernels import printed_by
from tests.support.processes import wait_until

# What Linux and Python say of a kernel, but for what differs from one to the next.
LOOK = """
import json, os, resource, signal, site, socket, sys, threading
OF_PROCESS = "Umask Uid Gid Groups NoNewPrivs Seccomp Seccomp_filters CapInh CapPrm CapEff CapAmb SigBlk SigIgn SigCgt"
status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
mounts = [line.split() for line in open("/proc/self/mountinfo")]
descriptors = {}
for name in os.listdir("/proc/self/fd"):
    if os.path.exists(f"/proc/self/fd/{name}"):
        descriptors[name] = os.readlink(f"/proc/self/fd/{name}")
print(json.dumps({
    "status": {name: status[name] for name in OF_PROCESS.split()},
    "mounts": sorted((mount[4], mount[5]) for mount in mounts),
    "ids": open("/proc/self/uid_map").read() + open("/proc/self/gid_map").read(),
    "processes": sum(name.isdigit() for name in os.listdir("/proc")),
    "groups": len({os.getsid(0), os.getpid()}),
    "environment": dict(os.environ),
    "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if "RLIMIT_" in name},
    "interfaces": socket.if_nameindex(),
    "host": socket.gethostname(),
    "python": [sys.executable, sys.prefix, sys.path, sys.argv, sys.flags, site.getusersitepackages()],
    "folders": [os.getcwd(), os.path.expanduser("~")],
    "stdin": descriptors["0"],
    "threads": sorted(thread.name for thread in threading.enumerate()),
    "files": sorted(path for path in descriptors.values() if path[0] == "/"),
    "sockets": sum(path.startswith("socket:") for path in descriptors.values()),
}))
"""


def kernel(**options: Any) -> KernelProcess:
    return KernelProcess.launch(uuid4(), **options)


def is_forked(process: KernelProcess) -> bool:
    return "kernel" in process.provisioner_info


@pytest.fixture(autouse=True)
def no_zombies() -> Iterator[None]:
    """As a worker sees to it."""
    yield
    reap()


@pytest.fixture
def forked(database: Any) -> Iterator[KernelProcess]:
    process = kernel()
    assert is_forked(process)
    yield process
    process.end()


def look(process: KernelProcess) -> dict[str, Any]:
    """With a placeholder for the kernel's own name."""
    printed = printed_by(process, LOOK).replace(Path(process.connection_info["ip"]).parent.name, "NAME")
    process.end()
    seen: dict[str, Any] = json.loads(printed)
    return seen


@pytest.mark.parametrize("has_network", [False, True])
def test_it_is_as_one_that_starts_by_itself(
    database: Any, monkeypatch: pytest.MonkeyPatch, has_network: bool
) -> None:
    forked = kernel(has_network=has_network)
    assert is_forked(forked)
    of_forked = look(forked)
    monkeypatch.setattr(KernelTemplate, "is_usable", False)
    plain = kernel(has_network=has_network)
    assert not is_forked(plain)
    of_plain = look(plain)
    # A shell, and the kernel's keeper.
    assert of_forked.pop("processes") == of_plain.pop("processes") + 2
    assert of_forked == of_plain
    assert of_forked["status"]["CapEff"] == of_forked["status"]["CapPrm"] == "0" * 16


CHANGES = {
    "mode": "os.chmod(PROGRAM, 0o4755)",  # of its copy it may be changed
    "text": "open(PROGRAM, 'r+b').write(b'x')",
    "size": "os.truncate(PROGRAM, 0)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_cannot_change_the_program_of_others(forked: KernelProcess, change: str) -> None:
    def mark() -> tuple[int, int]:
        state = os.stat(sys.executable)
        return state.st_mode, state.st_ctime_ns

    before = mark()
    attempt = f"try: {CHANGES[change]}\nexcept OSError as error: print(error)"
    said = printed_by(
        forked, f"import os\nPROGRAM = '/proc/self/exe'\nprint(os.readlink(PROGRAM))\n{attempt}"
    )
    assert said.startswith("/memfd:python")
    assert change == "mode" or "Operation not permitted" in said or "Text file busy" in said, said
    assert mark() == before


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os._exit(7)", "exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
    ],
)
def test_how_it_ends_is_known(forked: KernelProcess, code: str, reason: str) -> None:
    inside = psutil.Process(forked.provisioner_info["pid"]).children(recursive=True)
    printed_by(forked, code)
    assert forked.why_it_ended() == reason
    wait_until(lambda: not any(process.is_running() for process in inside), "nothing is left")


@pytest.mark.parametrize("role", ["the shell", "the keeper"])
def test_nothing_lives_on_without_what_is_beside_it(forked: KernelProcess, role: str) -> None:
    printed_by(forked, "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True)")
    first = psutil.Process(forked.provisioner_info["pid"])
    inside = first.children(recursive=True)
    assert len(inside) == 4
    (kept,) = [process for process in inside if process.pid == forked.provisioner_info["kernel"][0]]
    (keeper,) = [process for process in first.children() if process == kept.parent()]
    (shell,) = [process for process in first.children() if process != keeper]
    (shell if role == "the shell" else keeper).kill()
    wait_until(lambda: forked.exit_code() is not None, "the sandbox has ended")
    wait_until(lambda: not any(process.is_running() for process in inside), "nothing is left")


def test_whoever_finds_it_can_interrupt_it(notebook: Notebook) -> None:
    started = KernelProcess.launch(notebook.id)
    row = Kernel(
        notebook=notebook, provisioner_info=started.provisioner_info, connection_info=started.connection_info
    )
    found = KernelProcess.attach(row)
    assert found
    code = "import time\ntry: open('begun', 'x'); time.sleep(60)\nexcept KeyboardInterrupt: print('woke')"
    with ThreadPoolExecutor() as threads:
        printed = threads.submit(printed_by, started, code)
        wait_until((workspace_of(notebook.id) / "begun").exists, "the code waits")
        found.interrupt()
        assert printed.result() == "woke\n"
    found.end()


def the_template() -> psutil.Process:
    children = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    (found,) = [child for child in children if "--template" in child.cmdline()]
    return found


def test_its_template_has_nothing_open_that_leads_anywhere(forked: KernelProcess) -> None:
    """What a module opens when it is imported would be outside of the sandbox."""
    process = the_template()
    descriptors = Path(f"/proc/{process.pid}/fd").iterdir()
    opened = {each.name: os.readlink(each) for each in descriptors if int(each.name) > 2}
    assert sorted(path.partition(":")[0] for path in opened.values()) == ["/memfd", "socket"], opened


def test_it_outlives_its_template(forked: KernelProcess) -> None:
    process = the_template()
    process.kill()
    wait_until(lambda: process.status() == psutil.STATUS_ZOMBIE, "it has ended")
    assert printed_by(forked, "print(1)") == "1\n"
    following = kernel()
    assert is_forked(following)
    assert printed_by(following, "print(2)") == "2\n"
    following.end()


def test_where_none_can_be_forked_it_starts_by_itself(
    database: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(template, "_failed_at", template._failed_at)  # and what it will be is undone
    sent = KernelTemplate._send

    def without_a_sandbox(self: KernelTemplate, packet: bytes, descriptors: Any) -> None:
        sent(self, json.dumps(json.loads(packet) | {"pid": os.getpid()}).encode(), descriptors)

    monkeypatch.setattr(KernelTemplate, "_send", without_a_sandbox)
    with caplog.at_level(logging.WARNING):
        plain = kernel()
    assert not is_forked(plain)
    assert "none can be forked: ValueError: process" in caplog.text
    assert printed_by(plain, "print(1)") == "1\n"
    plain.end()
    assert not template.is_usable
    monkeypatch.setattr(template, "_failed_at", template._failed_at - 600)
    assert template.is_usable


def test_it_ends_if_its_worker_does_before_it_begins(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ForkedKernel, "begin", lambda forked: forked._worker.close())
    process = kernel()
    wait_until(lambda: process.exit_code() is not None, "it has ended")
    process.clear_away()


def test_it_is_in_its_control_group(forked: KernelProcess) -> None:
    groups = forked.provisioner_info["cgroup"]
    assert groups, "root can make them"
    pid = str(forked.provisioner_info["kernel"][0])
    for folder in groups:
        assert pid in (Path(folder) / "cgroup.procs").read_text().split()
