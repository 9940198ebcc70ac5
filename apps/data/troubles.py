"""What the system says when a file cannot be made or changed, in words for people."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from apps.base.errors import Conflict, Invalid, NoSpace, NotFound

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.EISDIR)


@contextmanager
def told_to_people(name: str) -> Iterator[None]:
    """Makes a DomainError of an OSError about something of this name."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpace(
                "The disk is full. Delete files, or ask your administrator for more room."
            ) from None
        if error.errno in _TAKEN:
            raise taken(name) from None
        if error.errno == errno.ENOENT:
            raise NotFound(f"{name}, or the folder that it is in, is gone. Look again.") from None
        raise Invalid(
            f"{name} cannot be changed: {(error.strerror or 'it is not allowed').lower()}."
        ) from None


def taken(name: str) -> Conflict:
    return Conflict(
        f"There is something called {name} already. Give another name, or delete that first.", name=name
    )
