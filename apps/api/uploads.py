"""Takes the files of a request while they arrive: a body that is the file, or a form."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.files.uploadhandler import FileUploadHandler
from django.db import connection
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.exceptions import ParseError

from apps.accounts.actors import Actor
from apps.base.errors import DomainError, Invalid, Unavailable
from apps.data.commands import IncomingFile, incoming_file
from apps.kernels.workspace_files import Entry

# Of one process; each takes a thread.
MAX_UPLOADS = 16
PIECE_BYTES = 2**20

_places = threading.BoundedSemaphore(MAX_UPLOADS)


def stored_body(
    request: HttpRequest, *, actor: Actor, notebook_id: UUID, path: str, may_replace: bool
) -> Entry:
    with _place(), _told():
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        with incoming_file(
            actor=actor, notebook_id=notebook_id, path=path, size=size, may_replace=may_replace
        ) as file:
            connection.close()  # an upload may take long, and its connection is not needed meanwhile
            while data := request.read(PIECE_BYTES):
                file.write(data)
    return _entry(file)


def stored_form(
    request: HttpRequest, *, actor: Actor, notebook_id: UUID, path: str, may_replace: bool
) -> list[Entry]:
    """Each file of the form, into the folder at `path`. Those before one that is refused stay."""
    handler = _IntoWorkspace(request, actor, notebook_id, path, may_replace)
    with _place(), _told():
        try:
            MultiPartParser(request.META, request, [handler]).parse()
        except MultiPartParserError as error:
            raise ParseError(f"The form cannot be read: {error}.") from None
        finally:
            handler.give_up()
    if not handler.entries:
        raise Invalid("The form has no file. Send one, in a field of any name.")
    return handler.entries


class _IntoWorkspace(FileUploadHandler):
    """Django's parser calls it for each file: `new_file`, `receive_data_chunk` (often), `file_complete`."""

    def __init__(
        self, request: HttpRequest, actor: Actor, notebook_id: UUID, folder: str, may_replace: bool
    ) -> None:
        super().__init__(request)
        self._place: dict[str, Any] = {"actor": actor, "notebook_id": notebook_id, "may_replace": may_replace}
        self._folder = folder
        self._incoming: Any = None
        self._file: IncomingFile | None = None
        self.entries: list[Entry] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._incoming = incoming_file(path=f"{self._folder}/{self.file_name}".lstrip("/"), **self._place)
        self._file = self._incoming.__enter__()
        connection.close()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._file is not None:
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        file, incoming = self._file, self._incoming
        self._file = self._incoming = None
        if file is not None:
            incoming.__exit__(None, None, None)
            self.entries.append(_entry(file))

    def give_up(self) -> None:
        """What has not arrived completely goes."""
        if self._incoming is not None:
            incoming, self._incoming = self._incoming, None
            cut = Invalid("The form ended in the middle of a file.")
            try:
                incoming.__exit__(type(cut), cut, None)
            except DomainError:
                return


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Unavailable("Too many files arrive at the same time. Try again in a moment.")
    try:
        yield
    finally:
        _places.release()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError:  # the client is gone, or says nothing
        raise Invalid("The upload broke off, and nothing of it was kept. Send it again.") from None


def _entry(file: IncomingFile) -> Entry:
    assert file.entry is not None
    return file.entry
