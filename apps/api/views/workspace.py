"""notebooks/{id}/files/…: the files of the notebook's folder, which is where its code runs.

Nothing that comes out of it can act as a page of ours: it is a download, or an image that is one by its first bytes.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import file_requests as shapes
from apps.api.authentication import BearerTokenAuthentication, HeaderSessionAuthentication
from apps.api.ranges import Unsatisfiable, part_of
from apps.api.streaming import Pieces
from apps.api.uploads import stored_body, stored_form
from apps.api.view import ApiView, LengthRequired
from apps.base.errors import Invalid, NotFound
from apps.data.commands import delete_file, make_folder, move_file
from apps.data.previews import file_preview, image_type
from apps.data.zipping import zip_of
from apps.kernels.workspace_files import Entry, list_files, opened_file, place_of
from apps.notebooks.queries import get_notebook_for

BINARY = "application/octet-stream"
FORM = "multipart/form-data"
PIECE_BYTES = 2**18

# A browser takes it for what we say that it is, and even then it may do nothing.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-cache",
}


class WorkspaceView(ApiView):
    def place(self, notebook_id: UUID) -> dict[str, Any]:
        return {"actor": self.actor, "notebook_id": notebook_id}


class FileListView(WorkspaceView):
    @extend_schema(operation_id="list_files", parameters=[shapes.FolderQuery], responses=shapes.FileList)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """What is in a folder."""
        path = self.query(shapes.FolderQuery)["path"]
        listing = list_files(**self.place(notebook_id), path=path)
        return Response({"files": _as_json(listing.entries), "is_complete": listing.is_complete})

    @extend_schema(operation_id="delete_file", parameters=[shapes.FileQuery], responses={204: None})
    def delete(self, request: Request, notebook_id: UUID) -> Response:
        """Delete a file, or a folder with all that is in it, for good."""
        delete_file(**self.place(notebook_id), path=self.query(shapes.FileQuery)["path"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class FolderView(WorkspaceView):
    @extend_schema(operation_id="make_folder", request=shapes.FilePath, responses={201: shapes.FileEntry})
    def post(self, request: Request, notebook_id: UUID) -> Response:
        made = make_folder(**self.place(notebook_id), path=self.body(shapes.FilePath)["path"])
        return Response(_as_json([made])[0], status=status.HTTP_201_CREATED)


class FileMoveView(WorkspaceView):
    @extend_schema(operation_id="move_file", request=shapes.FileMove, responses=shapes.FileEntry)
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Rename a file or folder, or move it to another folder."""
        moved = move_file(**self.place(notebook_id), **self.body(shapes.FileMove))
        return Response(_as_json([moved])[0])


class FilePreviewView(WorkspaceView):
    @extend_schema(operation_id="preview_file", parameters=[shapes.FileQuery], responses=shapes.FilePreview)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """What a file holds: the beginning of a text, the first rows of a CSV or Parquet file."""
        preview = file_preview(**self.place(notebook_id), path=self.query(shapes.FileQuery)["path"])
        return Response(vars(preview))


class FileImageView(WorkspaceView):
    @extend_schema(
        operation_id="show_image",
        parameters=[shapes.FileQuery],
        responses={
            (200, "image/*"): OpenApiResponse(OpenApiTypes.BINARY),
            204: OpenApiResponse(
                description="There is none, and a page's `<img>` asks: an error would be one of the page."
            ),
        },
    )
    def get(self, request: Request, notebook_id: UUID) -> StreamingHttpResponse | HttpResponse:
        """An image, to be shown."""
        try:
            return self._image(notebook_id)
        except (Invalid, NotFound):
            if request.headers.get("Sec-Fetch-Dest") != "image":
                raise
            return HttpResponse(status=status.HTTP_204_NO_CONTENT)

    def _image(self, notebook_id: UUID) -> StreamingHttpResponse:
        path = self.query(shapes.FileQuery)["path"]
        with ExitStack() as stack:
            file = stack.enter_context(opened_file(**self.place(notebook_id), path=path))
            kind = image_type(file)
            size = os.fstat(file.fileno()).st_size
            return _sent(file, 0, size, stack.pop_all(), content_type=kind, headers=HARMLESS)


class FolderZipView(WorkspaceView):
    @extend_schema(
        operation_id="download_folder",
        parameters=[shapes.FolderQuery],
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, notebook_id: UUID) -> StreamingHttpResponse:
        """A folder with all that is in it as a ZIP archive. Links are left out."""
        path = self.query(shapes.FolderQuery)["path"]
        notebook = get_notebook_for(**self.place(notebook_id))
        with ExitStack() as stack:
            pieces = stack.enter_context(zip_of(**self.place(notebook_id), path=path))
            name = place_of(path)[1] if path.strip("/") else notebook.title
            headers = HARMLESS | {
                "Content-Disposition": content_disposition_header(True, f"{name}.zip") or ""
            }
            content = Pieces(pieces, stack.pop_all())
            return StreamingHttpResponse(content, content_type="application/zip", headers=headers)


class FileContentView(WorkspaceView):
    authentication_classes = (BearerTokenAuthentication, HeaderSessionAuthentication)
    takes_chunks = True

    @extend_schema(
        operation_id="download_file",
        parameters=[shapes.FileQuery],
        responses={(200, BINARY): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, notebook_id: UUID) -> StreamingHttpResponse | Response:
        """A file; with `Range`, a part of it."""
        path = self.query(shapes.FileQuery)["path"]
        with ExitStack() as stack:
            file = stack.enter_context(opened_file(**self.place(notebook_id), path=path))
            size = os.fstat(file.fileno()).st_size
            disposition = content_disposition_header(True, place_of(path)[1]) or ""
            headers = HARMLESS | {"Content-Disposition": disposition, "Accept-Ranges": "bytes"}
            try:
                part = part_of(request.headers.get("Range", ""), size)
            except Unsatisfiable:
                return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
            start, end = part or (0, size)
            if part:
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
            response = _sent(file, start, end, stack.pop_all(), content_type=BINARY, headers=headers)
            response.status_code = 206 if part else 200
            return response

    @extend_schema(
        operation_id="upload_file",
        parameters=[shapes.UploadQuery],
        request={BINARY: OpenApiTypes.BINARY},
        responses={201: shapes.FileEntry},
    )
    def put(self, request: Request, notebook_id: UUID) -> Response:
        """Put a file into the folder: the body, whatever its type."""
        query = self.query(shapes.UploadQuery)
        entry = stored_body(
            request._request,
            **self.place(notebook_id),
            path=query["path"],
            may_replace=query["overwrite"],
        )
        return Response(_as_json([entry])[0], status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="upload_files",
        parameters=[shapes.FormQuery],
        request={FORM: {"type": "object", "additionalProperties": {"type": "string", "format": "binary"}}},
        responses={201: shapes.StoredFiles},
    )
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Put the files of a form into a folder."""
        query = self.query(shapes.FormQuery)
        if "Content-Length" not in request.headers:
            raise LengthRequired
        entries = stored_form(
            request._request,
            **self.place(notebook_id),
            path=query["path"],
            may_replace=query["overwrite"],
        )
        return Response({"files": _as_json(entries)}, status=status.HTTP_201_CREATED)


def _sent(
    file: BinaryIO, start: int, end: int, closing: ExitStack, *, content_type: str, headers: dict[str, str]
) -> StreamingHttpResponse:
    content = Pieces(_pieces(file, start, end), closing)
    response = StreamingHttpResponse(content, content_type=content_type, headers=headers)
    response["Content-Length"] = str(end - start)
    return response


def _pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    left = end - start
    while left:
        piece = file.read(min(PIECE_BYTES, left))
        if not piece:
            raise EOFError("The file has become shorter while it was sent.")
        left -= len(piece)
        yield piece


def _as_json(entries: list[Entry]) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "kind": each.kind, "size_bytes": each.size, "modified_at": each.modified_at}
        for each in entries
    ]
