"""Starting, finding and ending the kernel process of a notebook. Called by the notebook's lane only."""

import asyncio
import logging
import secrets
import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from jupyter_client.connect import write_connection_file

from apps.base.text import storable
from apps.base.wire import dumps
from apps.kernels.cgroups import Cgroup
from apps.kernels.environment import environment_of
from apps.kernels.folders import KernelFolders, folders_of, pooled_folders
from apps.kernels.gateways import start_on_least_loaded
from apps.kernels.limits import Limits, in_mebibytes
from apps.kernels.marks import marks_of
from apps.kernels.models import Kernel
from apps.kernels.process_id import ProcessId
from apps.kernels.provisioners import (
    UNKNOWN_EXIT_CODE,
    ForkedProvisioner,
    GatewayProvisioner,
    LocalProvisioner,
    SandboxProvisioner,
)
from apps.kernels.sandbox import HOME, KERNEL_BRIDGE, KERNEL_START, Sandbox, SandboxKind, required_kind
from apps.kernels.specs import PYTHON, KernelSpec
from apps.kernels.template import template
from apps.kernels.usage import Usage, usage_of
from apps.kernels.watchdog import Watchdog

logger = logging.getLogger(__name__)

PROGRAM = (sys.executable, str(KERNEL_START))
LOG_NAME = "kernel.log"
CONNECTION_FILE = "connection.json"

# What a bridge to a gateway ends with (kernel_remote.py).
GATEWAY_REASONS = {91: "its gateway cannot be reached any more", 92: "its gateway ended it"}


class KernelProcess:
    """One running kernel: the process, and how to connect to it."""

    def __init__(
        self, folders: KernelFolders, provisioner: LocalProvisioner, connection_info: dict[str, Any]
    ) -> None:
        self.connection_info = connection_info
        self._folders = folders
        self._provisioner = provisioner
        self._limits = Limits.from_settings()
        self._watchdog = Watchdog(
            self._limits, (*folders, self._folder), watches_memory=provisioner.cgroup is None
        )

    @classmethod
    def launch(
        cls, notebook_id: UUID, spec: KernelSpec = PYTHON, *, has_network: bool = False
    ) -> "KernelProcess":
        """A new process, not ready yet. OSError if it cannot be started, Unavailable if it must not be."""
        name = f"{notebook_id.hex[:12]}-{secrets.token_hex(4)}"
        folders = folders_of(notebook_id)
        if settings.KERNEL_GATEWAYS:
            return cls._launch_on_gateway(name, folders, spec)
        return cls._launch(name, folders, has_network=has_network, spec=spec)

    @classmethod
    def launch_for_pool(cls) -> "KernelProcess":
        """Likewise, for a notebook that is not known yet: `move_to` it, or `discard` it."""
        name = f"pool-{secrets.token_hex(8)}"
        return cls._launch(name, pooled_folders(name), has_network=False)

    @classmethod
    def _launch(
        cls, name: str, folders: KernelFolders, *, has_network: bool, spec: KernelSpec = PYTHON
    ) -> "KernelProcess":
        kind, limits = required_kind(), Limits.from_settings()
        rlimits = _rlimits(kind, limits)
        folder, info = _new_sockets(name)
        folders.make()
        program = _bridge(folder) if spec.definition else [*PROGRAM, *_own_arguments(folder)]
        command = [*_limited(rlimits), *program]
        options: dict[str, Any] = {"cwd": folders.workspace, "log_path": folder / LOG_NAME}
        provisioner = LocalProvisioner
        if kind is SandboxKind.BWRAP:
            provisioner = SandboxProvisioner
            options["sandbox"] = Sandbox(folder, folders.workspace, folders.home, has_network)
            options["cgroup"] = Cgroup.create(settings.NOTEBOOK_DATA_DIR, name, limits)
            options["env"] = _environment(HOME, name)
        else:
            options["env"] = _environment(str(folders.home), name)
        if spec.definition:
            options["env"]["TANDEM_REMOTE"] = dumps({**spec.definition, "language": spec.language})
        is_forked = kind is SandboxKind.BWRAP and not spec.definition and template.is_usable
        if is_forked:
            provisioner = ForkedProvisioner
            options["rlimits"] = rlimits
            command = _own_arguments(folder)
        try:
            started = provisioner(kernel_id=name, connection_info=info)
            return cls._launched(started, command, options, folders, info)
        except OSError as error:
            if not is_forked or template.is_usable:
                raise
            logger.warning("Kernels start slowly here, because none can be forked: %s", error)
            return cls._launch(name, folders, has_network=has_network, spec=spec)

    @classmethod
    def _launch_on_gateway(cls, name: str, folders: KernelFolders, spec: KernelSpec) -> "KernelProcess":
        folder, info = _new_sockets(name)
        folders.make()
        try:
            gateway, remote_id = start_on_least_loaded(spec.name, {"KERNEL_USERNAME": "tandem"})
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        provisioner = GatewayProvisioner(kernel_id=name, connection_info=info)
        behind = {"url": gateway.url, "token": gateway.token, "kernel_id": remote_id}
        environment = _environment(str(folders.home), name)
        environment["TANDEM_REMOTE"] = dumps(behind | {"language": spec.language})
        options = {
            "cwd": folders.workspace,
            "log_path": folder / LOG_NAME,
            "env": environment,
            "gateway": gateway,
            "remote_id": remote_id,
        }
        return cls._launched(provisioner, _bridge(folder), options, folders, info)

    @classmethod
    def _launched(
        cls,
        provisioner: LocalProvisioner,
        command: list[str],
        options: dict[str, Any],
        folders: KernelFolders,
        info: Mapping[str, Any],
    ) -> "KernelProcess":
        try:
            asyncio.run(provisioner.launch_kernel(command, **options))
        except BaseException:
            asyncio.run(provisioner.cleanup())
            shutil.rmtree(Path(info["ip"]).parent, ignore_errors=True)
            raise
        return cls(folders, provisioner, _as_json(info))

    @classmethod
    def attach(cls, kernel: Kernel) -> "KernelProcess | None":
        """The process the row names, or None if it is gone."""
        if not kernel.provisioner_info:
            return None
        kind = _provisioner_of(kernel.provisioner_info)
        provisioner = kind(kernel_id=kernel.pk.hex, connection_info=kernel.connection_info)
        asyncio.run(provisioner.load_provisioner_info(kernel.provisioner_info))
        process = cls(folders_of(kernel.pk), provisioner, kernel.connection_info)
        if process.exit_code() is None:
            return process
        process.clear_away()
        return None

    @staticmethod
    def has_ended(kernel: Kernel) -> bool:
        """Whether the process that the row names is gone; a look at one file, for whoever looks at many."""
        info = kernel.provisioner_info
        return not info or ProcessId(info["pid"], info["create_time"]).process is None

    def move_to(self, notebook_id: UUID) -> "KernelProcess":
        """A pooled kernel becomes the notebook's, with its folders. OSError if the notebook has files of its own."""
        folders = folders_of(notebook_id)
        self._folders.move_to(folders)
        shutil.rmtree(self._folders.home.parent, ignore_errors=True)
        return KernelProcess(folders, self._provisioner, self.connection_info)

    def discard(self) -> None:
        """End a pooled kernel that no notebook got."""
        self.end()
        shutil.rmtree(self._folders.home.parent, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return Path(self.connection_info["ip"]).parent

    def last_words(self) -> str:
        """The last line the process wrote to its own log, which says why it could not start."""
        try:
            lines = (self._folder / LOG_NAME).read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return str(storable(lines[-1])) if lines else ""

    @property
    def provisioner_info(self) -> dict[str, Any]:
        return asyncio.run(self._provisioner.get_provisioner_info())

    def exit_code(self) -> int | None:
        """None while it runs; negative: ended by that signal."""
        return asyncio.run(self._provisioner.poll())

    def why_it_ended(self) -> str:
        """In a few words."""
        cgroup = self._provisioner.cgroup
        if cgroup and cgroup.has_run_out_of_memory():
            return f"it used more than its {in_mebibytes(self._limits.memory_bytes)} of memory"
        return GATEWAY_REASONS.get(self.exit_code() or 0, "") or exit_reason(self.exit_code())

    def excess(self) -> str:
        """What it uses too much of, in a sentence; empty if nothing."""
        return self._watchdog.excess(self._provisioner.process)

    def usage(self) -> Usage | None:
        """What it takes now; None if it has ended."""
        if isinstance(self._provisioner, GatewayProvisioner):
            return None  # gateways do not say
        process = self._provisioner.process
        return usage_of(process, self._watchdog.disk_bytes) if process else None

    def interrupt(self) -> None:
        asyncio.run(self._provisioner.send_signal(signal.SIGINT))

    def end(self) -> None:
        """Kill it with all it started, and wait until it is gone (bounded: nothing survives SIGKILL for long)."""
        asyncio.run(self._provisioner.kill())
        asyncio.run(asyncio.wait_for(self._provisioner.wait(), timeout=10))
        self.clear_away()

    def clear_away(self) -> None:
        """Remove the sockets, connection file and log of a process that has ended."""
        asyncio.run(self._provisioner.cleanup())
        shutil.rmtree(self._folder, ignore_errors=True)


def exit_reason(code: int | None) -> str:
    if code is None or code == UNKNOWN_EXIT_CODE:
        return "of an unknown cause"
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _provisioner_of(provisioner_info: Mapping[str, Any]) -> type[LocalProvisioner]:
    if "gateway" in provisioner_info:
        return GatewayProvisioner
    return SandboxProvisioner if provisioner_info.get("is_sandboxed") else LocalProvisioner


def workspace_of(notebook_id: UUID) -> Path:
    """The notebook's folder, where its code runs."""
    workspace = folders_of(notebook_id).workspace
    workspace.mkdir(parents=True, exist_ok=True)
    return workspace


def _new_kernel_dir(name: str) -> Path:
    """An empty folder for the connection file, the sockets and the log, readable by the server's user alone.

    A new one each time: a worker that lost the notebook must not take away the files of the next one's kernel. The
    name is short, because a socket's path may have 107 bytes.
    """
    folder: Path = runtime_dir() / name
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _new_sockets(name: str) -> tuple[Path, Mapping[str, Any]]:
    """Jupyter's connection file in a folder of its own."""
    folder = _new_kernel_dir(name)
    _, info = write_connection_file(
        str(folder / CONNECTION_FILE), transport="ipc", ip=str(folder / "k"), key=_new_key()
    )
    return folder, info


def _own_arguments(folder: Path) -> list[str]:
    """Of our own kernel."""
    return [
        *("-f", str(folder / CONNECTION_FILE)),
        f"--TandemKernel.max_text_chars={settings.MAX_CELL_TEXT_CHARS}",
        f"--TandemKernel.max_message_bytes={settings.MAX_MESSAGE_BYTES}",
    ]


def _bridge(folder: Path) -> list[str]:
    """To a kernel of another make, or on a gateway, which its environment names."""
    return [
        *(sys.executable, str(KERNEL_BRIDGE), "-f", str(folder / CONNECTION_FILE)),
        f"--max-text-chars={settings.MAX_CELL_TEXT_CHARS}",
        f"--max-message-bytes={settings.MAX_MESSAGE_BYTES}",
    ]


def runtime_dir() -> Path:
    """The folders of all kernels of this machine, by name."""
    folder: Path = settings.RUNTIME_DIR / "kernels"
    return folder


def _new_key() -> bytes:
    return secrets.token_hex(32).encode()


def _as_json(info: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.decode() if isinstance(value, bytes) else value for key, value in info.items()}


def _rlimits(kind: SandboxKind, limits: Limits) -> dict[str, int]:
    """The limits of one process, by the names that prlimit has for them. No way leads back up from them.

    Memory is that which a program asks for, so Python says MemoryError: a kinder end than that of a whole kernel. The
    number of processes is a limit of a user, who is the kernel's alone only in a sandbox. Root has none.
    """
    values = {"data": limits.memory_bytes, "fsize": limits.disk_bytes, "core": 0}
    if kind is SandboxKind.BWRAP:
        values["nproc"] = limits.processes
    return values


def _limited(rlimits: Mapping[str, int]) -> list[str]:
    """A command that sets these and then is what follows it."""
    program = shutil.which("prlimit")
    return [program, *(f"--{name}={value}" for name, value in rlimits.items()), "--"] if program else []


def _environment(home: str, name: str) -> dict[str, str]:
    return environment_of(home) | marks_of(name)
