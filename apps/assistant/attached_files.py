"""Files that come with a message go into the notebook's workspace, each under a name that is free there."""

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from uuid import UUID

from apps.assistant.prompt import Attachment
from apps.base.errors import Unavailable
from apps.kernels.processes import workspace_of

MAX_TRIES = 1000


def store_files(notebook_id: UUID, attachments: Sequence[Attachment]) -> list[Attachment]:
    """The attachments, with the names that the files got."""
    folder = workspace_of(notebook_id)
    return [replace(each, name=_store(folder, each)) if each.kind == "file" else each for each in attachments]


def _store(folder: Path, attachment: Attachment) -> str:
    """Cells can put links into the folder: a new file is made (`O_EXCL`), and none is ever followed."""
    folder.mkdir(parents=True, exist_ok=True)
    stem, suffix = os.path.splitext(attachment.name)
    for number in count(1):
        name = attachment.name if number == 1 else f"{stem}-{number}{suffix}"
        try:
            file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        except FileExistsError:
            if number < MAX_TRIES:
                continue
            raise Unavailable(
                f"There are too many files called {attachment.name}. Give it another name."
            ) from None
        with os.fdopen(file, "wb") as opened:
            opened.write(attachment.content)
        return name
    raise AssertionError("count never ends")
