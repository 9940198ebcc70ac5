"""The files of outputs: kept once under their SHA-256 in the storage `outputs`, for every notebook that put them out.

A file is written, and removed (file_sweep.py), under a lock on its name alone: nobody who types or runs waits for it.
"""

import hashlib
import logging
from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import connection, transaction

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import NotFound
from apps.base.wire import JsonObject
from apps.notebooks.models import OutputFile
from apps.notebooks.output_files import with_files, without_files

logger = logging.getLogger(__name__)

MAX_MEDIA_TYPE_CHARS = 200

_NOTE = """
INSERT INTO notebooks_outputfile (notebook_id, sha256, media_type, size_bytes, looked_at)
VALUES (%s, %s, %s, %s, now())
ON CONFLICT (notebook_id, sha256) DO UPDATE SET unused_since = NULL
"""

_SHARE = """
INSERT INTO notebooks_outputfile (notebook_id, sha256, media_type, size_bytes, looked_at)
SELECT %s, sha256, media_type, size_bytes, now() FROM notebooks_outputfile WHERE notebook_id = %s
ON CONFLICT DO NOTHING
"""


def kept_outside(notebook_id: UUID, output: JsonObject) -> JsonObject:
    """The output with its large binary data kept as files of the notebook; see output_files.py."""
    return without_files(output, partial(_keep, notebook_id))


def made_whole(notebook_id: UUID, outputs: Iterable[JsonObject]) -> list[JsonObject]:
    """The outputs as nbformat has them, the data of their files in them."""
    return [with_files(output, partial(_content, notebook_id)) for output in outputs]


def share_files(from_notebook_id: UUID, with_notebook_id: UUID) -> None:
    """A copy has put out what its original did."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, [with_notebook_id, from_notebook_id])


def get_output_file_for(*, actor: Actor, notebook_id: UUID, sha256: str) -> tuple[OutputFile, bytes]:
    """A file that the notebook has put out, and what is in it. NotFound for those of other notebooks."""
    require_role(actor, notebook_id, Role.VIEWER)
    file = OutputFile.objects.filter(notebook_id=notebook_id, sha256=sha256).first()
    content = _read(sha256) if file else None
    if file is None or content is None:
        raise NotFound("The notebook has no such output any more. Run the cell again.")
    return file, content


def lock_file(sha256: str) -> None:
    """Until the end of the transaction nobody else writes or removes the file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"output file {sha256}"])


def storage() -> Storage:
    return storages["outputs"]


def name_of(sha256: str) -> str:
    # A folder with a million files is slow to list.
    return f"{sha256[:2]}/{sha256}"


def _keep(notebook_id: UUID, media_type: str, content: bytes) -> str | None:
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            lock_file(sha256)
            with connection.cursor() as cursor:
                cursor.execute(_NOTE, [notebook_id, sha256, media_type[:MAX_MEDIA_TYPE_CHARS], len(content)])
            _write(sha256, content)
    except (
        Exception
    ):  # each storage has errors of its own; the output then stays in its row, as small ones do
        logger.exception("A file of an output of notebook %s could not be kept.", notebook_id)
        return None
    return sha256


def _write(sha256: str, content: bytes) -> None:
    name, files = name_of(sha256), storage()
    if files.exists(name):
        if files.size(name) == len(content):
            return
        files.delete(name)  # whoever wrote it was killed
    files.save(name, ContentFile(content))


def _content(notebook_id: UUID, sha256: str) -> bytes | None:
    is_ours = OutputFile.objects.filter(notebook_id=notebook_id, sha256=sha256).exists()
    return _read(sha256) if is_ours else None


def _read(sha256: str) -> bytes | None:
    try:
        with storage().open(name_of(sha256)) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        return None
