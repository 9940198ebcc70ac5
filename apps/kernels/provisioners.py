"""Where kernel processes come from: the seam is `jupyter_client`'s KernelProvisionerBase.

These differ from jupyter_client's in one thing: they can take over a process that another worker started, because a
kernel outlives the worker. So they work by pid and start time, never by a Popen object alone.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase

from apps.kernels.cgroups import Cgroup
from apps.kernels.children import start_child
from apps.kernels.gateways import Gateway, GatewayError, gateway_at
from apps.kernels.process_id import ProcessId
from apps.kernels.sandbox import WORKSPACE, Sandbox
from apps.kernels.seccomp import seccomp_file
from apps.kernels.template import template

logger = logging.getLogger(__name__)

# What `wait` looks at how often; a kernel that got SIGKILL is gone in less than one.
POLL_INTERVAL_S = 0.02

# Only a process's parent learns its exit code; this stands for one that another worker started.
UNKNOWN_EXIT_CODE = -255

# A shell's way, and bubblewrap's, to say that a signal ended a program.
SIGNALLED = 128

# What bubblewrap starts where a kernel is forked. It says what it is called inside when it is there. When it is told
# that the kernel has ended, or nobody can tell it any more, it ends all others, and then itself as the kernel did.
PLACEHOLDER = ("/bin/sh", "-c", "echo $$; read code; kill -9 -1; exit $code")
SANDBOX_TIMEOUT_S = 30
MAX_PID_DIGITS = 7


class LocalProvisioner(KernelProvisionerBase):
    """A kernel as a process of this machine, in a session of its own."""

    id: ProcessId | None = None
    child: "subprocess.Popen[bytes] | None" = None
    """If it was started here."""
    cgroup: Cgroup | None = None

    @property
    def has_process(self) -> bool:
        return self.id is not None

    @property
    def process(self) -> psutil.Process | None:
        """The one above all that the kernel consists of; None if it has ended."""
        return self.id.process if self.id else None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start `cmd`. `cwd`, `env` and `log_path` (its standard output and error) are in `kwargs`."""
        self.child = _start(cmd, **kwargs)
        self.id = ProcessId.of(self.child.pid)
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the process runs, else its exit code."""
        if self.child is not None:
            return self.child.poll()
        return None if self.process else UNKNOWN_EXIT_CODE

    async def wait(self) -> int | None:
        while (code := await self.poll()) is None:  # noqa: ASYNC110 (a process has no event to wait for)
            await asyncio.sleep(POLL_INTERVAL_S)
        return code

    async def send_signal(self, signum: int) -> None:
        """To the kernel and the processes it started; a kernel that is gone is no error."""
        if await self.poll() is None and self.id is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.id.pid, signum)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing is left of a local process; its sockets are its launcher's."""

    async def get_provisioner_info(self) -> dict[str, Any]:
        assert self.id is not None
        return {"pid": self.id.pid, "create_time": self.id.create_time}

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        self.id = ProcessId(provisioner_info["pid"], provisioner_info["create_time"])


class SandboxProvisioner(LocalProvisioner):
    """A kernel in a sandbox. `id` is the first process inside, with which all others there end."""

    _kernel: ProcessId | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Also in `kwargs`: `sandbox`, and `cgroup`, to which all that is inside will belong. OSError if it fails."""
        sandbox: Sandbox = kwargs.pop("sandbox")
        self.cgroup = kwargs.pop("cgroup")
        info, info_end = os.pipe()
        gate, gate_end = os.pipe()
        try:
            with seccomp_file() as filter_fd:
                fds = {"--seccomp": filter_fd, "--info-fd": info_end, "--block-fd": gate}
                options = [each for option in fds.items() for each in option]
                self.child = _start(sandbox.command(cmd, *options), pass_fds=list(fds.values()), **kwargs)
            os.close(info_end)
            info_end = -1
            self.id = ProcessId.of(_told_pid(info))
            # Before it begins: then nothing that it starts is outside.
            if self.cgroup:
                self.cgroup.add(self.id.pid)
            os.write(gate_end, b"1")
        except BaseException:
            await self.kill()
            raise
        finally:
            for descriptor in (info, info_end, gate, gate_end):
                if descriptor >= 0:
                    os.close(descriptor)
        return self.connection_info

    async def poll(self) -> int | None:
        code = await super().poll()
        return code if code is None or code <= SIGNALLED else SIGNALLED - code

    async def send_signal(self, signum: int) -> None:
        """To the kernel, not to the processes it started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._kernel = self._kernel or self._found_kernel()
            kernel = self._kernel and self._kernel.process
            if kernel:
                kernel.send_signal(signum)

    def _found_kernel(self) -> ProcessId | None:
        """To find it takes a look at all processes of the machine. psutil.NoSuchProcess if it ends in that moment."""
        init = self.process
        # What lost its parent is a child of the first process too; the kernel was there before.
        kernel = min(init.children(), key=psutil.Process.create_time, default=None) if init else None
        return ProcessId(kernel.pid, kernel.create_time()) if kernel else None

    async def kill(self, restart: bool = False) -> None:
        init = self.process
        if init:
            with contextlib.suppress(psutil.NoSuchProcess):
                init.kill()

    async def cleanup(self, restart: bool = False) -> None:
        """When it has ended; what it started may still run."""
        await self.kill()
        if self.cgroup:
            self.cgroup.remove()

    async def get_provisioner_info(self) -> dict[str, Any]:
        folders = [str(folder) for folder in self.cgroup.folders] if self.cgroup else []
        info = await super().get_provisioner_info() | {"is_sandboxed": True, "cgroup": folders}
        return info | ({"kernel": astuple(self._kernel)} if self._kernel else {})

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        await super().load_provisioner_info(provisioner_info)
        folders = [Path(folder) for folder in provisioner_info["cgroup"]]
        self.cgroup = Cgroup(folders) if folders else None
        if "kernel" in provisioner_info:
            self._kernel = ProcessId(*provisioner_info["kernel"])


class ForkedProvisioner(SandboxProvisioner):
    """Likewise, but the kernel is a fork of this worker's template (template.py). A shell keeps its place inside."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """`cmd` are the arguments of the kernel; `rlimits` are in `kwargs` too."""
        request = {"arguments": cmd, "environment": kwargs["env"], "rlimits": kwargs.pop("rlimits")}
        own, its = socket.socketpair()
        with own:
            with its:
                await super().launch_kernel(list(PLACEHOLDER), stdin=its, stdout=its, **kwargs)
            try:
                self._fork(own, request, kwargs["log_path"])
            except BaseException:
                await self.kill()
                raise
        return self.connection_info

    def _fork(self, shell: socket.socket, request: Mapping[str, Any], log_path: Path) -> None:
        assert self.id is not None
        shell.settimeout(SANDBOX_TIMEOUT_S)
        said = shell.recv(MAX_PID_DIGITS + 1)
        if not said:
            raise OSError("the sandbox's shell has ended")
        shell.setblocking(True)  # which is a property of the socket, not of this descriptor
        request = {**request, "pid": self.id.pid, "shell": int(said), "folder": WORKSPACE}
        sandbox = os.pidfd_open(self.id.pid)
        try:
            with seccomp_file() as seccomp, log_path.open("ab") as log:
                kernel = template.fork(request, shell, sandbox, seccomp, log.fileno())
        finally:
            os.close(sandbox)
        self._kernel = ProcessId.of(kernel.pid)
        if self.cgroup:
            self.cgroup.add(kernel.pid)
        kernel.begin()


class GatewayProvisioner(LocalProvisioner):
    """A kernel on a gateway, and a process here that is its bridge (kernel_bridge.py), which `process` is.

    The kernel is started before its bridge; both end together, but a gateway that does not answer keeps the kernel
    until it ends idle ones itself.
    """

    gateway: Gateway
    remote_id: str

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the bridge `cmd`. `gateway` and `remote_id` are also in `kwargs`."""
        self.gateway, self.remote_id = kwargs.pop("gateway"), kwargs.pop("remote_id")
        return await super().launch_kernel(cmd, **kwargs)

    async def cleanup(self, restart: bool = False) -> None:
        try:
            self.gateway.end(self.remote_id)
        except GatewayError as error:
            logger.warning("A kernel may be left on a gateway: %s", error)

    async def get_provisioner_info(self) -> dict[str, Any]:
        """The token stays in the settings."""
        own = {"gateway": self.gateway.url, "remote_id": self.remote_id}
        return await super().get_provisioner_info() | own

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        await super().load_provisioner_info(provisioner_info)
        self.gateway, self.remote_id = gateway_at(provisioner_info["gateway"]), provisioner_info["remote_id"]


def _start(command: Sequence[str], *, log_path: Path, **options: Any) -> "subprocess.Popen[bytes]":
    with log_path.open("wb") as log:
        return start_child(command, **{"stdout": log, "stderr": log} | options)


def _told_pid(info: int) -> int:
    """What bubblewrap writes when its first process inside is there; OSError if it gave up before."""
    with open(info, "rb", closefd=False) as file:
        told = file.read()
    if not told:
        raise OSError("bubblewrap could not make the sandbox")
    return int(json.loads(told)["child-pid"])
