"""notebooks/{id}/…: versions of cells, deleted cells, checkpoints, undo."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import requests, responses
from apps.api.view import ApiView
from apps.notebooks.checkpoints import checkpoint_diff, checkpoint_json, checkpoints
from apps.notebooks.commands import create_checkpoint, restore_checkpoint, restore_version, undo_edits
from apps.notebooks.commands.undo_edits import Author, EditRange
from apps.notebooks.history import cell_history, cell_version
from apps.notebooks.queries import cell_json, deleted_cells, stored_outputs


class CellHistoryView(ApiView):
    @extend_schema(
        operation_id="get_cell_history",
        parameters=[requests.HistoryQuery],
        responses=responses.CellHistory,
    )
    def get(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        """Who wrote what when, newest first. A deleted cell has its history still."""
        query = self.query(requests.HistoryQuery)
        return Response(cell_history(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id, **query))


class CellVersionView(ApiView):
    @extend_schema(operation_id="get_cell_version", responses=responses.CellVersion)
    def get(self, request: Request, notebook_id: UUID, cell_id: UUID, version: int) -> Response:
        """The text as it was at a version."""
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id, "cell_id": cell_id}
        return Response(cell_version(**place, version=version))


class CellVersionRestoreView(ApiView):
    @extend_schema(
        operation_id="restore_cell_version", request=requests.ExpectedVersion, responses=responses.Cell
    )
    def post(self, request: Request, notebook_id: UUID, cell_id: UUID, version: int) -> Response:
        """Give the cell the text of a version, as a new edit."""
        body = self.body(requests.ExpectedVersion)
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id, "cell_id": cell_id}
        cell = restore_version(**place, version=version, **body)
        return Response(cell_json(cell, stored_outputs(cell)))


class DeletedCellListView(ApiView):
    @extend_schema(operation_id="list_deleted_cells", responses=responses.DeletedCellList)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """The cells that can be brought back, the last deleted first."""
        return Response({"cells": deleted_cells(actor=self.actor, notebook_id=notebook_id)})


class CheckpointListView(ApiView):
    @extend_schema(operation_id="list_checkpoints", responses=responses.CheckpointList)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """Newest first."""
        return Response({"checkpoints": checkpoints(actor=self.actor, notebook_id=notebook_id)})

    @extend_schema(
        operation_id="create_checkpoint",
        request=requests.NewCheckpoint,
        responses={status.HTTP_201_CREATED: responses.Checkpoint},
    )
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Remember the notebook as it is now."""
        body = self.body(requests.NewCheckpoint)
        checkpoint = create_checkpoint(actor=self.actor, notebook_id=notebook_id, **body)
        return Response(checkpoint_json(checkpoint), status=status.HTTP_201_CREATED)


class CheckpointDiffView(ApiView):
    @extend_schema(operation_id="compare_checkpoint", responses=responses.CheckpointDiff)
    def get(self, request: Request, notebook_id: UUID, checkpoint_id: UUID) -> Response:
        """What has changed from the checkpoint to now, in document order."""
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id}
        return Response({"cells": checkpoint_diff(**place, checkpoint_id=checkpoint_id)})


class CheckpointRestoreView(ApiView):
    @extend_schema(
        operation_id="restore_checkpoint",
        request=requests.Nothing,
        responses={status.HTTP_204_NO_CONTENT: None},
    )
    def post(self, request: Request, notebook_id: UUID, checkpoint_id: UUID) -> Response:
        """Make the cells what they were, by new edits; the present state is saved as a checkpoint first."""
        self.body(requests.Nothing)
        restore_checkpoint(actor=self.actor, notebook_id=notebook_id, checkpoint_id=checkpoint_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class UndoView(ApiView):
    @extend_schema(operation_id="undo_edits", request=requests.Undo, responses=responses.UndoneCellList)
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Take back one actor's edits; what others typed since stays."""
        body = self.body(requests.Undo)
        undone = undo_edits(
            actor=self.actor,
            notebook_id=notebook_id,
            author=Author(**body["actor"]),
            edits=[EditRange(**each) for each in body["edits"]],
        )
        return Response({"cells": [cell.as_json() for cell in undone]})
