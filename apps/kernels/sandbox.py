"""The sandbox of kernels: bubblewrap, with nothing in sight but a read-only system and the notebook's own folders.

Inside, a kernel is the user `notebook` alone in namespaces of its own: it sees no other process, no network, and no
file of the server but its own sockets. Whether this works on a machine shows when it is tried, by `sandbox_state`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from compileall import compile_file
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.conf import settings

from apps.accounts.models import User
from apps.base.errors import Unavailable
from apps.kernels.seccomp import seccomp_file

KERNEL_START = Path(__file__).with_name("kernel_start.py")
KERNEL_BRIDGE = Path(__file__).with_name("kernel_bridge.py")
ETC = Path(__file__).with_name("sandbox_etc")

# What a kernel sees of the machine. Links, as /bin is one on most systems, stay links.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SYSTEM_ETC = (
    *("alternatives", "ca-certificates", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"),
    *("localtime", "mime.types", "pki", "ssl", "timezone"),
)
OWN_ETC = ("passwd", "group", "nsswitch.conf")

WORKSPACE = "/workspace"
HOME = "/home/notebook"
UID = "1000"

# Kept in memory, which counts against the limit of the kernel's memory where Linux counts it.
TMP_BYTES = 2**30
SHM_BYTES = 2**30

# A program of one line, on a machine that has much to do.
TRIAL_TIMEOUT_S = 30
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class SandboxKind(StrEnum):
    BWRAP = "bwrap"
    GATEWAY = "gateway"
    """Kernels run elsewhere, and what they are in is not for us to say."""
    OFF = "off"


@dataclass(frozen=True)
class SandboxState:
    kind: SandboxKind
    problem: str = ""
    """Why there is none although one was wanted."""


@dataclass(frozen=True)
class Sandbox:
    """The folders of one kernel: `runtime` has its sockets and connection file, and the same path inside."""

    runtime: Path
    workspace: Path
    home: Path
    has_network: bool = False

    def command(self, program: Sequence[str], *options: object) -> list[str]:
        """The program in the sandbox, with further options of bwrap."""
        return ["bwrap", *map(str, (*self._options(), *options)), "--", *program]

    def _options(self) -> Iterator[object]:
        yield from ("--unshare-all", "--new-session", "--uid", UID, "--gid", UID, "--hostname", "notebook")
        if self.has_network:
            yield "--share-net"
        for path in SYSTEM:
            if os.path.islink(path):
                yield from ("--symlink", os.readlink(path), path)
            else:
                yield from ("--ro-bind-try", path, path)
        yield from ("--proc", "/proc", "--dev", "/dev")
        yield from ("--size", SHM_BYTES, "--tmpfs", "/dev/shm", "--size", TMP_BYTES, "--tmpfs", "/tmp")  # noqa: S108
        for name in SYSTEM_ETC:
            yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
        for name in OWN_ETC:
            yield from ("--ro-bind", ETC / name, f"/etc/{name}")
        if self.has_network:
            yield from ("--ro-bind-try", os.path.realpath("/etc/resolv.conf"), "/etc/resolv.conf")
        yield from ("--ro-bind", "/etc/hosts" if self.has_network else ETC / "hosts", "/etc/hosts")
        for path in _python_folders():
            yield from ("--ro-bind", path, path)
        for module in kernel_modules():
            yield from ("--ro-bind", module, module)
        bytecode = KERNEL_START.with_name("__pycache__")
        yield from ("--ro-bind-try", bytecode, bytecode)
        yield from ("--bind", self.runtime, self.runtime)
        yield from ("--bind", self.workspace, WORKSPACE, "--bind", self.home, HOME)
        # Where the rest lies. And the switches in /proc/sys, which for a server that runs as root are its own.
        yield from ("--remount-ro", "/", "--remount-ro", "/proc", "--chdir", WORKSPACE)


@cache
def kernel_modules() -> Sequence[Path]:
    """What a kernel runs of this folder, compiled, as inside a sandbox nothing compiled can be kept."""
    modules = sorted(KERNEL_START.parent.glob("kernel_*.py"))
    for module in modules:
        compile_file(module, quiet=2)  # where the server may not write, that changes nothing
    return modules


@cache
def sandbox_state() -> SandboxState:
    """What kernels of this process start in; tried once."""
    if settings.KERNEL_GATEWAYS:
        return SandboxState(SandboxKind.GATEWAY)
    if settings.SANDBOX == "off":
        return SandboxState(SandboxKind.OFF)
    problem = _problem()
    return SandboxState(SandboxKind.OFF if problem else SandboxKind.BWRAP, problem)


def required_kind() -> SandboxKind:
    """What a kernel has to start in. Unavailable if it must not start, because it would be without a sandbox."""
    state = sandbox_state()
    if state.problem and not _is_without_others():
        raise Unavailable(
            f"Kernels cannot run, because their sandbox does not work here: {state.problem} Mend that, or set "
            "NOTEBOOK_SANDBOX=off if everybody who has an account may read and change all that this server can."
        )
    return state.kind


def _is_without_others() -> bool:
    """Whether there is nobody to be protected from: one person, on this machine."""
    if settings.SANDBOX != "auto" or settings.NOTEBOOK_HOST not in LOOPBACK:
        return False
    return User.objects.filter(is_active=True).count() <= 1


def _problem() -> str:
    """Why no kernel can be started in a sandbox, in a sentence; empty if one can."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (on Debian: apt-get install bubblewrap)."
    try:
        with tempfile.TemporaryDirectory(prefix="tandem-") as folder, seccomp_file() as filter_fd:
            return _try(Path(folder), filter_fd)
    except (OSError, RuntimeError) as error:
        return f"{error}."


def _try(folder: Path, seccomp_fd: int) -> str:
    """What went wrong when a Python with its packages was started in a sandbox that has nothing but this folder."""
    command = Sandbox(folder, folder, folder).command(
        [sys.executable, "-c", "import zmq"], "--seccomp", seccomp_fd
    )
    try:
        trial = subprocess.run(
            command,
            pass_fds=[seccomp_fd],
            capture_output=True,
            text=True,
            timeout=TRIAL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"a program in it did not end within {TRIAL_TIMEOUT_S} s."
    lines = trial.stderr.strip().splitlines()
    return "" if trial.returncode == 0 else f"{lines[-1] if lines else f'exit code {trial.returncode}'}."


def _python_folders() -> list[str]:
    """Where this Python and its packages are, as far as that is not in the system's folders."""
    folders = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    folders.add(str(Path(sys.executable).resolve().parent.parent))
    return sorted(folder for folder in folders if not _is_in_system(folder))


def _is_in_system(folder: str) -> bool:
    return any(Path(folder).is_relative_to(path) for path in SYSTEM)
