"""The template of kernels: a process that has imported all that a kernel consists of, and becomes kernels by forking.

Python's modules are four fifths of what a kernel's start takes. The template runs outside of every sandbox, with
nothing of the server's environment, and hears nobody but the worker that started it (template.py), on a Unix socket:
each packet is {arguments, environment, folder, rlimits: {name: value}, pid, shell} with `Descriptors`.
Bubblewrap has made a sandbox by then, whose first process is `pid`, and in which a shell waits, there called `shell`.

A fork of the template joins that sandbox's namespaces, and gives up there what bubblewrap gives up for what it starts.
Only then it forks the kernel, and stays as its *keeper*: it tells the shell how the kernel has ended, and the shell
ends all that is left, and then itself in the same way. Nothing of the notebook runs before.
"""

import ctypes
import gc
import json
import os
import resource
import select
import signal
import site
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

# A request: arguments and a PATH, which Linux bounds at 128 KiB.
MAX_REQUEST_BYTES = 2**18
MAX_ANSWER_BYTES = 4096

# <sched.h>; by the names that /proc/<pid>/ns gives them.
NAMESPACES = {
    "user": 0x10000000,
    "mnt": 0x00020000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "cgroup": 0x02000000,
}

# <linux/prctl.h>, <linux/seccomp.h>, <linux/capability.h>
PR_SET_NAME = 15
PR_CAPBSET_DROP = 24
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
CAPABILITY_VERSION_3 = 0x20080522
CAP_LAST_CAP = "/proc/sys/kernel/cap_last_cap"
FILTER_INSTRUCTION_BYTES = 8

# What a shell says of a program that a signal ended.
SIGNALLED = 128


class Descriptors(NamedTuple):
    worker: int
    """A socket of packets: the kernel says "joined", and begins when it is answered; or what went wrong."""
    shell: int
    """A stream socket, which is the standard input of the shell."""
    sandbox: int
    """A pidfd of its first process."""
    seccomp: int
    """A file with the filter of calls."""
    log: int


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


_libc = ctypes.CDLL(None, use_errno=True)


def forked_kernel(descriptor: int) -> list[str]:
    """Returns in kernels only: their arguments. Ends the process when the worker has closed its end, or ended."""
    requests = socket.socket(fileno=descriptor)
    _call("prctl", PR_SET_NAME, b"python", 0, 0, 0)  # it was started by the number of a descriptor
    gc.freeze()
    while True:
        data, descriptors, _, _ = socket.recv_fds(requests, MAX_REQUEST_BYTES, len(Descriptors._fields))
        if not data:
            sys.exit()
        child = os.fork()
        if child == 0:
            requests.close()
            return _become_kernel(json.loads(data), Descriptors(*descriptors))
        os.waitpid(child, 0)
        for descriptor in descriptors:
            os.close(descriptor)


def _become_kernel(request: Mapping[str, Any], descriptors: Descriptors) -> list[str]:
    try:
        _join_namespaces(request["pid"], descriptors.sandbox)
        # Whoever joins a namespace of processes is not in it, but its children are. What ends in there has to be waited
        # for, else the sandbox cannot end.
        inside = os.fork()
        if inside:
            os.waitpid(inside, 0)
            os._exit(0)
        _give_up_rights(descriptors.seccomp)
        # Without a parent a process is a child of the sandbox's first, with whose children it is counted.
        if os.fork():
            os._exit(0)
        os.setsid()
        _use_as_standard_streams(descriptors.log)
        kernel = os.fork()
        if kernel:
            _keep(kernel, request["shell"], descriptors)
        _begin(request, descriptors)
    except Exception as error:
        os.write(descriptors.worker, f"{type(error).__name__}: {error}".encode()[:MAX_ANSWER_BYTES])
        os._exit(1)
    return list(request["arguments"])


def _join_namespaces(pid: int, sandbox: int) -> None:
    """Those of the sandbox that are not the own: with network, it has that of the machine."""
    flags = 0
    for name, flag in NAMESPACES.items():
        if os.readlink(f"/proc/{pid}/ns/{name}") != os.readlink(f"/proc/self/ns/{name}"):
            flags |= flag
    if not flags & NAMESPACES["pid"]:
        raise ValueError(f"process {pid} is in no sandbox")  # and all others would be ended with the kernel
    _call("setns", sandbox, flags)


def _give_up_rights(seccomp: int) -> None:
    """All capabilities, those that a program could bring along, and the calls that the filter refuses."""
    with open(CAP_LAST_CAP) as file:
        last = int(file.read())
    for capability in range(last + 1):
        _call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    none = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, twice 32 bits each
    _call("capset", ctypes.byref(_CapabilityHeader(CAPABILITY_VERSION_3, 0)), none)
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    instructions = os.pread(seccomp, os.fstat(seccomp).st_size, 0)
    program = _FilterProgram(len(instructions) // FILTER_INSTRUCTION_BYTES, instructions)
    _call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)


def _call(name: str, *arguments: Any) -> None:
    if getattr(_libc, name)(*(ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _use_as_standard_streams(log: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for own, descriptor in ((0, nothing), (1, log), (2, log)):
        os.dup2(descriptor, own)


def _keep(kernel: int, shell: int, descriptors: Descriptors) -> NoReturn:
    """Until the kernel has ended, or the shell, without which bubblewrap believes that it has."""
    os.close(descriptors.worker)
    select.select([os.pidfd_open(kernel), os.pidfd_open(shell)], [], [])
    ended, status = os.waitpid(kernel, os.WNOHANG)
    if not ended:
        os.kill(-1, signal.SIGKILL)  # all that are in the sandbox, but not this one
        os._exit(1)
    code = os.waitstatus_to_exitcode(status)
    os.write(descriptors.shell, f"{code if code >= 0 else SIGNALLED - code}\n".encode())
    os._exit(0)


def _begin(request: Mapping[str, Any], descriptors: Descriptors) -> None:
    """When the worker has put this process, whose number is told by the packet itself, into its control group."""
    os.chdir(request["folder"])
    for name, value in request["rlimits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (value, value))
    os.environ.clear()
    os.environ.update(request["environment"], PWD=request["folder"])
    time.tzset()
    with socket.socket(fileno=descriptors.worker) as worker:
        worker.send(b"joined")
        if not worker.recv(1):
            os._exit(1)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    if site.ENABLE_USER_SITE:
        site.addusersitepackages(set(sys.path))  # of the sandbox's home
    sys.argv[1:] = request["arguments"]
