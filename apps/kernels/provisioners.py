"""Where kernel processes come from: the seam is `jupyter_client`'s KernelProvisionerBase.

The local provisioner differs from jupyter_client's in one thing: it can take over a process that another worker
started, because a kernel outlives the worker. So it works by pid and start time, never by a Popen object alone.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase

# What `wait` looks at how often; a kernel that got SIGKILL is gone in less than one.
POLL_INTERVAL_S = 0.02

# Only a process's parent learns its exit code; this stands for one that another worker started.
UNKNOWN_EXIT_CODE = -255


class LocalProvisioner(KernelProvisionerBase):
    """A kernel as a process of this machine, in a session of its own."""

    pid: int | None = None
    create_time: float | None = None
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def has_process(self) -> bool:
        return self.pid is not None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start `cmd`. `cwd`, `env` and `log_path` (its standard output and error) are in `kwargs`."""
        log_path: Path = kwargs["log_path"]
        with log_path.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220 (fork and exec, no waiting)
                cmd,
                cwd=kwargs["cwd"],
                env=kwargs["env"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self.process.pid
        self.create_time = psutil.Process(self.pid).create_time()
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the process runs, else its exit code."""
        if self.process is not None:
            return self.process.poll()
        return None if self._adopted() else UNKNOWN_EXIT_CODE

    async def wait(self) -> int | None:
        while (code := await self.poll()) is None:  # noqa: ASYNC110 (a process has no event to wait for)
            await asyncio.sleep(POLL_INTERVAL_S)
        self.pid = None
        return code

    async def send_signal(self, signum: int) -> None:
        """To the kernel and the processes it started; a kernel that is gone is no error."""
        if await self.poll() is None and self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signum)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing is left of a local process; its sockets are its launcher's."""

    async def get_provisioner_info(self) -> dict[str, Any]:
        return {"pid": self.pid, "create_time": self.create_time}

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        self.pid = provisioner_info["pid"]
        self.create_time = provisioner_info["create_time"]

    def _adopted(self) -> bool:
        """Whether the process still is the one that was started, and not a later one with its pid."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.create_time and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
