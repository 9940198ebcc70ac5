"""The worker's side of kernel_template.py: a process with the modules of kernels, which becomes kernels by forking.

One for each process that starts kernels, from the first that asks for it. It ends when this process does.
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from apps.kernels.children import start_child
from apps.kernels.environment import environment_of
from apps.kernels.kernel_template import MAX_ANSWER_BYTES, Descriptors
from apps.kernels.sandbox import HOME, KERNEL_START

# To import what kernels consist of, and then to fork, on a machine that has much to do.
TIMEOUT_S = 30
# Packages may have been updated since.
MAX_AGE_S = 3600
# Where the system does not let it join a sandbox, each attempt costs what it should save.
PAUSE_S = 600

SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
CREDENTIALS = struct.Struct("3i")  # of struct ucred: pid, uid, gid


class KernelTemplate:
    """`fork` is called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None
        self._born_at = 0.0
        self._failed_at = -float(PAUSE_S)

    @property
    def is_usable(self) -> bool:
        return time.monotonic() - self._failed_at >= PAUSE_S

    def fork(
        self, request: Mapping[str, Any], shell: socket.socket, sandbox: int, seccomp: int, log: int
    ) -> "ForkedKernel":
        """A kernel in the sandbox, that waits. OSError if it cannot be; then the template is not usable for a while."""
        own, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        own.settimeout(TIMEOUT_S)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            with its:
                descriptors = Descriptors(its.fileno(), shell.fileno(), sandbox, seccomp, log)
                self._send(json.dumps(request).encode(), descriptors)
            return ForkedKernel(own)
        except OSError:
            own.close()
            self._failed_at = time.monotonic()
            raise

    def start(self) -> None:
        """Begin to import, if it has not begun. If it cannot, the first that forks is told why."""
        with self._lock, suppress(OSError):
            self._open()

    def _send(self, packet: bytes, descriptors: Descriptors) -> None:
        with self._lock:
            try:
                socket.send_fds(self._open(), [packet], descriptors)
            except BrokenPipeError:  # somebody ended it
                self._born_at = 0.0
                socket.send_fds(self._open(), [packet], descriptors)

    def _open(self) -> socket.socket:
        if self._requests is None or time.monotonic() - self._born_at > MAX_AGE_S:
            if self._requests:
                self._requests.close()
            self._requests, self._born_at = _started(), time.monotonic()
        return self._requests


class ForkedKernel:
    """Has joined its sandbox and waits there to `begin`; it ends if it is not let."""

    def __init__(self, worker: socket.socket) -> None:
        self._worker = worker
        answer, extra, _, _ = worker.recvmsg(MAX_ANSWER_BYTES, socket.CMSG_SPACE(CREDENTIALS.size))
        if answer != b"joined":
            raise OSError(answer.decode(errors="replace") or "its template ended")
        # Only Linux can say what the process, which sees none but those of its sandbox, is called out here.
        self.pid: int = CREDENTIALS.unpack(extra[0][2])[0]

    def begin(self) -> None:
        with self._worker:
            self._worker.send(b"1")


def _started() -> socket.socket:
    own, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its, _sealed_python() as program:
        start_child(
            [sys.executable, str(KERNEL_START), "--template", str(its.fileno())],
            executable=f"/proc/self/fd/{program}",
            cwd="/",
            env=environment_of(HOME),
            pass_fds=[its.fileno(), program],
        )
    return own


@contextmanager
def _sealed_python() -> Iterator[int]:
    """A copy of Python in memory that nobody can change.

    What a process runs it can reach as /proc/self/exe, past all mounts: in a fork of Python itself, a kernel of a
    server that owns the file could change its mode.
    """
    descriptor = os.memfd_create("python", os.MFD_ALLOW_SEALING)
    try:
        with open(sys.executable, "rb") as python, open(descriptor, "wb", closefd=False) as copy:
            shutil.copyfileobj(python, copy)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEALS)
        yield descriptor
    finally:
        os.close(descriptor)


template = KernelTemplate()
