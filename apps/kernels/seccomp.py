"""The system calls that a kernel may not make: a notebook never needs them, and escapes are made of them.

The program is made by libseccomp for the machine's architecture; calls of any other kill the process.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

# Of all calls that a program of a person can make, these change or look into what is outside of it.
DENIED = (
    # Other processes
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"),
    # Mounts and namespaces
    *("mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "mount_setattr"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "setns", "unshare"),
    # The kernel's own parts
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    # The machine
    *("reboot", "swapon", "swapoff", "acct", "quotactl", "syslog", "vhangup", "iopl", "ioperm"),
    *("settimeofday", "clock_settime", "adjtimex", "clock_adjtime"),
    # Files by handle, which know no mounts
    *("open_by_handle_at", "name_to_handle_at"),
)

CLONE_NEWUSER = 0x10000000
TIOCSTI = 0x5412
AF_ALG, AF_VSOCK = 38, 40


@contextmanager
def seccomp_file() -> Iterator[int]:
    """A descriptor of the filter for `bwrap --seccomp`. OSError or RuntimeError if the machine has no libseccomp."""
    descriptor = os.memfd_create("seccomp")
    try:
        os.write(descriptor, _program())
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@cache
def _program() -> bytes:
    import pyseccomp as seccomp  # noqa: PLC0415 (loads the system's library, which may not be there)

    refuse = seccomp.ERRNO(errno.EPERM)
    program = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in DENIED:
        if seccomp.resolve_syscall(seccomp.system_arch(), name) >= 0:  # else this machine has no such call
            program.add_rule(refuse, name)
    program.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER))
    # Its flags are in memory, where a filter cannot look; the C library then uses clone.
    program.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    # Typing into a terminal.
    program.add_rule(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, TIOCSTI))
    for family in (AF_ALG, AF_VSOCK):  # the network namespace is no limit to the latter
        program.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.EQ, family))
    with tempfile.TemporaryFile() as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()
