"""notebooks/{id}/cells/…"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import requests, responses
from apps.api.view import ApiView
from apps.notebooks.commands import (
    configure_cell,
    create_cell,
    delete_cell,
    edit_cell,
    merge_cells,
    move_cell,
    restore_cell,
    split_cell,
)
from apps.notebooks.models import Cell
from apps.notebooks.queries import cell_json, stored_outputs


class CellListView(ApiView):
    @extend_schema(
        operation_id="create_cell",
        request=requests.NewCell,
        responses={status.HTTP_201_CREATED: responses.Cell},
    )
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """A new cell."""
        cell = create_cell(actor=self.actor, notebook_id=notebook_id, **self.body(requests.NewCell))
        return Response(cell_json(cell, []), status=status.HTTP_201_CREATED)


class CellView(ApiView):
    @extend_schema(operation_id="change_cell", request=requests.CellChange, responses=responses.Cell)
    def patch(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        """Replace the text (409 with the current one if it has another version), the kind, or whether it may run."""
        change = self.body(requests.CellChange)
        command: Any = edit_cell if "source" in change else configure_cell
        return _shown(command(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id, **change))

    @extend_schema(
        operation_id="delete_cell",
        parameters=[requests.CellDeletionQuery],
        responses={status.HTTP_204_NO_CONTENT: None},
    )
    def delete(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        query = self.query(requests.CellDeletionQuery)
        delete_cell(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id, **query)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CellMoveView(ApiView):
    @extend_schema(operation_id="move_cell", request=requests.CellPlace, responses=responses.Cell)
    def post(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        """Put the cell elsewhere in its notebook."""
        place = self.body(requests.CellPlace)
        return _shown(move_cell(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id, **place))


class CellSplitView(ApiView):
    @extend_schema(
        operation_id="split_cell",
        request=requests.CellCut,
        responses={status.HTTP_201_CREATED: responses.Cell},
    )
    def post(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        """Cut the cell in two; the answer is the new one, with the text after the position."""
        cut = self.body(requests.CellCut)
        cell = split_cell(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id, **cut)
        return Response(cell_json(cell, []), status=status.HTTP_201_CREATED)


class CellMergeView(ApiView):
    @extend_schema(operation_id="merge_cells", request=requests.CellMerge, responses=responses.Cell)
    def post(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        """Append the text of the next cell and delete that one."""
        merge = self.body(requests.CellMerge)
        return _shown(merge_cells(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id, **merge))


class CellRestoreView(ApiView):
    @extend_schema(operation_id="restore_cell", request=requests.Nothing, responses=responses.Cell)
    def post(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        """Bring a deleted cell back, with its text and outputs."""
        self.body(requests.Nothing)
        return _shown(restore_cell(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id))


def _shown(cell: Cell) -> Response:
    return Response(cell_json(cell, stored_outputs(cell)))
