"""The processes that this one starts and does not wait for."""

import subprocess
from collections.abc import Sequence
from typing import Any


def start_child(command: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":
    """In a session of its own, with further options of Popen. OSError if there is no such program."""
    options = {"stdin": subprocess.DEVNULL, "start_new_session": True} | options
    child = subprocess.Popen(command, **options)
    _children.append(child)
    return child


def reap() -> None:
    """Take note of those that have ended: what nobody asks for its exit code would stay a zombie."""
    for child in list(_children):
        if child.poll() is not None:
            _children.remove(child)


# In whatever thread.
_children: "list[subprocess.Popen[Any]]" = []
