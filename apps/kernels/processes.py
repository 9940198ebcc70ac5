"""Starting, finding and ending the kernel process of a notebook. Called by the notebook's lane only."""

import asyncio
import os
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
from apps.kernels.models import Kernel
from apps.kernels.provisioners import LocalProvisioner

KERNEL_MAIN = Path(__file__).with_name("kernel_main.py")
LOG_NAME = "kernel.log"

# What a kernel inherits of the server's environment; everything else (addresses, keys, tokens) stays out.
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "SSL_CERT_FILE")


class KernelProcess:
    """One running kernel: the process, and how to connect to it."""

    def __init__(self, provisioner: LocalProvisioner, connection_info: dict[str, Any]) -> None:
        self.connection_info = connection_info
        self._provisioner = provisioner

    @classmethod
    def launch(cls, notebook_id: UUID) -> "KernelProcess":
        """A new process, not ready yet. OSError if it cannot be started."""
        folder = _new_kernel_dir(notebook_id)
        connection_file = str(folder / "connection.json")
        _, info = write_connection_file(
            connection_file, transport="ipc", ip=str(folder / "k"), key=_new_key()
        )
        provisioner = LocalProvisioner(kernel_id=notebook_id.hex, connection_info=info)
        command = [sys.executable, str(KERNEL_MAIN), "-f", connection_file]
        asyncio.run(
            provisioner.launch_kernel(
                command, cwd=workspace_of(notebook_id), env=_environment(), log_path=folder / LOG_NAME
            )
        )
        return cls(provisioner, _as_json(info))

    @classmethod
    def attach(cls, kernel: Kernel) -> "KernelProcess | None":
        """The process the row names, or None if it is gone."""
        if not kernel.provisioner_info:
            return None
        provisioner = LocalProvisioner(kernel_id=kernel.pk.hex, connection_info=kernel.connection_info)
        asyncio.run(provisioner.load_provisioner_info(kernel.provisioner_info))
        process = cls(provisioner, kernel.connection_info)
        return process if process.exit_code() is None else None

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

    def interrupt(self) -> None:
        asyncio.run(self._provisioner.send_signal(signal.SIGINT))

    def end(self) -> None:
        """Kill it with all it started, and wait until it is gone (bounded: nothing survives SIGKILL for long)."""
        asyncio.run(self._provisioner.kill())
        asyncio.run(asyncio.wait_for(self._provisioner.wait(), timeout=10))
        self.clear_away()

    def clear_away(self) -> None:
        """Remove the sockets, connection file and log of a process that has ended."""
        shutil.rmtree(self._folder, ignore_errors=True)


def workspace_of(notebook_id: UUID) -> Path:
    """The notebook's folder, where its code runs."""
    workspace: Path = settings.NOTEBOOK_DATA_DIR / "workspaces" / str(notebook_id)
    workspace.mkdir(parents=True, exist_ok=True)
    return workspace


def _new_kernel_dir(notebook_id: UUID) -> Path:
    """An empty folder for the connection file, the sockets and the log, readable by the server's user alone.

    A new one each time: a worker that lost the notebook must not take away the files of the next one's kernel. The
    name is short, because a socket's path may have 107 bytes.
    """
    folder: Path = settings.RUNTIME_DIR / "kernels" / f"{notebook_id.hex[:12]}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _new_key() -> bytes:
    return secrets.token_hex(32).encode()


def _as_json(info: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.decode() if isinstance(value, bytes) else value for key, value in info.items()}


def _environment() -> dict[str, str]:
    home = settings.NOTEBOOK_DATA_DIR / "kernel_home"
    home.mkdir(parents=True, exist_ok=True)
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
        "PYTHONUNBUFFERED": "1",
        # How `manage.py up` finds the kernels it has to end when it stops.
        "TANDEM_KERNEL": "1",
        "TANDEM_DATA_DIR": str(settings.NOTEBOOK_DATA_DIR),
    }
