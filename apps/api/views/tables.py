"""notebooks/{id}/tables/{table_id}/…: dataframes that outputs show, from the kernel that made them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
from channels.db import database_sync_to_async
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.actors import Actor
from apps.api import table_shapes as shapes
from apps.api.view import ApiView
from apps.base.errors import Invalid, Unavailable
from apps.execution.table_view import TableView
from apps.execution.tables import file_chunk, table_cell, table_file, table_page, table_summary

# For so long the kernel may work at what is asked; the same request then goes on waiting for it.
WAIT_S = 20
FILE_WAIT_S = 60

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}

Json = dict[str, Any]


class TableRowsView(ApiView):
    @extend_schema(operation_id="list_table_rows", parameters=[shapes.RowsQuery], responses=shapes.TableRows)
    def get(self, request: Request, notebook_id: UUID, table_id: str) -> Response:
        """Rows of a dataframe that an output shows, sorted and filtered by the kernel."""
        query = self.query(shapes.RowsQuery)
        view = _view(query.pop("view"))
        place = _place(self.actor, notebook_id, table_id)
        return _told(table_page(**place, view=view, wait_s=WAIT_S, **query))


class TableCellView(ApiView):
    @extend_schema(
        operation_id="get_table_cell", parameters=[shapes.TableCellQuery], responses=shapes.TableCell
    )
    def get(self, request: Request, notebook_id: UUID, table_id: str) -> Response:
        """All of a long cell."""
        query = self.query(shapes.TableCellQuery)
        return _told(table_cell(**_place(self.actor, notebook_id, table_id), wait_s=WAIT_S, **query))


class TableSummaryView(ApiView):
    @extend_schema(
        operation_id="summarise_table", parameters=[shapes.SummaryQuery], responses=shapes.TableSummary
    )
    def get(self, request: Request, notebook_id: UUID, table_id: str) -> Response:
        """Of each column how many nulls there are, and how its values are distributed."""
        query = self.query(shapes.SummaryQuery)
        columns = (query["first_column"], query["end_column"])
        place = _place(self.actor, notebook_id, table_id)
        return _told(table_summary(**place, columns=columns, wait_s=WAIT_S))


class TableDownloadView(ApiView):
    @extend_schema(
        operation_id="download_table",
        parameters=[shapes.TableDownloadQuery],
        responses={
            (status.HTTP_200_OK, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
            (status.HTTP_200_OK, "application/vnd.apache.parquet"): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, notebook_id: UUID, table_id: str) -> StreamingHttpResponse:
        """All rows, or those that are left when they are filtered, as a file."""
        query = self.query(shapes.TableDownloadQuery)
        wanted, view = query["format"], _view(query["view"])
        place = _place(self.actor, notebook_id, table_id)
        file = table_file(**place, view=view, file_format=wanted, wait_s=FILE_WAIT_S)
        if file["is_pending"]:
            raise _still_working()
        headers = {
            "Content-Disposition": content_disposition_header(True, f"table.{wanted}") or "",
            "Content-Length": str(file["size_bytes"]),
        }
        content = _content(self.actor, notebook_id, file["file_id"], file["size_bytes"])
        return StreamingHttpResponse(content, content_type=MEDIA_TYPES[wanted], headers=headers)


async def _content(actor: Actor, notebook_id: UUID, file_id: str, size: int) -> AsyncIterator[bytes]:
    """Not more than was announced. What is missing shows by the length; the client then knows that it failed."""
    read = database_sync_to_async(file_chunk, thread_sensitive=False)
    offset = 0
    while offset < size:
        chunk = await read(actor=actor, notebook_id=notebook_id, file_id=file_id, offset=offset)
        if not chunk:
            raise Unavailable("The kernel has no more of the file. Download it again.")
        yield chunk[: size - offset]
        offset += len(chunk)


def _place(actor: Actor, notebook_id: UUID, table_id: str) -> Json:
    return {"actor": actor, "notebook_id": notebook_id, "table_id": table_id}


def _view(text: str) -> TableView:
    try:
        return TableView.of(orjson.loads(text) if text else None)
    except orjson.JSONDecodeError as error:
        raise Invalid("view must be JSON: {sort?, filters?, search?}.", field="view") from error


def _told(answer: Json) -> Response:
    if answer.pop("is_pending"):
        raise _still_working()
    return Response(answer)


def _still_working() -> Unavailable:
    return Unavailable("The kernel is still working at this. Send the same request again.")
