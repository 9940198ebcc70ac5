"""The sockets of this process that lead to a server: to break off what waits on one, whoever opened it.

A driver that cannot cancel may wait in C for hours, and few let another thread close what they are reading from. The
system does: a socket that is shut down gives whoever reads it an end at once, and the server sees that nobody is there.
"""

import os
import socket
from contextlib import suppress

_FOLDER = "/proc/self/fd"


def sockets_to(address: str, port: int) -> list[socket.socket]:
    """Duplicates, so that each is that socket whatever is closed meanwhile. The caller closes them."""
    found = []
    for name in os.listdir(_FOLDER):
        with suppress(OSError):
            if os.readlink(f"{_FOLDER}/{name}").startswith("socket:"):
                each = socket.socket(fileno=os.dup(int(name)))
                if _leads_to(each, address, port):
                    found.append(each)
                else:
                    each.close()
    return found


def inode_of(each: socket.socket) -> int:
    """The same of all duplicates, and of no other socket."""
    return os.fstat(each.fileno()).st_ino


def shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)


def _leads_to(each: socket.socket, address: str, port: int) -> bool:
    try:
        peer = each.getpeername()
    except OSError:
        return False
    return isinstance(peer, tuple) and (str(peer[0]).removeprefix("::ffff:"), peer[1]) == (address, port)
