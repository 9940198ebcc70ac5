"""notebooks/ with its trash, and notebooks/{id}/"""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import requests, responses
from apps.api.view import ApiView
from apps.execution.commands import choose_kernel
from apps.execution.queries import snapshot
from apps.notebooks.commands import (
    configure_notebook,
    create_notebook,
    delete_notebook,
    duplicate_notebook,
    rename_notebook,
    restore_notebook,
    tag_notebook,
)
from apps.notebooks.models import Notebook
from apps.notebooks.queries import MAX_LISTED, Sort, deleted_notebooks, notebooks_for


class NotebookListView(ApiView):
    @extend_schema(
        operation_id="list_notebooks",
        parameters=[requests.NotebookListQuery],
        responses=responses.NotebookList,
    )
    def get(self, request: Request) -> Response:
        """The notebooks shared with you."""
        query = self.query(requests.NotebookListQuery)
        found = notebooks_for(actor=self.actor, **(query | {"sort": Sort(query["sort"])}))
        return Response({"notebooks": [asdict(summary) for summary in found], "limit": MAX_LISTED})

    @extend_schema(
        operation_id="create_notebook",
        request=requests.NotebookTitle,
        responses={status.HTTP_201_CREATED: responses.NotebookHead},
    )
    def post(self, request: Request) -> Response:
        """A new empty notebook, owned by you."""
        notebook = create_notebook(actor=self.actor, **self.body(requests.NotebookTitle))
        return Response(head_json(notebook), status=status.HTTP_201_CREATED)


class NotebookView(ApiView):
    @extend_schema(operation_id="get_notebook", responses=responses.Notebook)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """The notebook with its cells and outputs, all of one moment."""
        shown = snapshot(actor=self.actor, notebook_id=notebook_id, with_dependencies=True)
        return Response(shown["notebook"] | {"role": shown["role"]})

    @extend_schema(
        operation_id="change_notebook", request=requests.NotebookChange, responses=responses.NotebookHead
    )
    def patch(self, request: Request, notebook_id: UUID) -> Response:
        """Change the title, the tags, what running a cell also runs, or what runs the cells."""
        change = self.body(requests.NotebookChange)
        if "kernelspec" in change:
            change = {"name": change["kernelspec"]}
        commands: dict[str, Any] = {
            "title": rename_notebook,
            "mode": configure_notebook,
            "name": choose_kernel,
            "tags": tag_notebook,
        }
        (command,) = (commands[field] for field in change)
        return Response(head_json(command(actor=self.actor, notebook_id=notebook_id, **change)))

    @extend_schema(operation_id="delete_notebook", responses={status.HTTP_204_NO_CONTENT: None})
    def delete(self, request: Request, notebook_id: UUID) -> Response:
        """Hide the notebook from everybody; `restore/` brings it back. Owners only."""
        delete_notebook(actor=self.actor, notebook_id=notebook_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class NotebookTrashView(ApiView):
    @extend_schema(operation_id="list_deleted_notebooks", responses=responses.DeletedNotebookList)
    def get(self, request: Request) -> Response:
        """The deleted notebooks that you own."""
        return Response({"notebooks": [asdict(each) for each in deleted_notebooks(actor=self.actor)]})


class NotebookRestoreView(ApiView):
    @extend_schema(operation_id="restore_notebook", request=None, responses=responses.NotebookHead)
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Bring a deleted notebook back, with everything. Owners only."""
        return Response(head_json(restore_notebook(actor=self.actor, notebook_id=notebook_id)))


class NotebookDuplicateView(ApiView):
    @extend_schema(
        operation_id="duplicate_notebook",
        request=None,
        responses={status.HTTP_201_CREATED: responses.NotebookHead},
    )
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """A new notebook, owned by you, with the same cells and outputs."""
        copy = duplicate_notebook(actor=self.actor, notebook_id=notebook_id)
        return Response(head_json(copy), status=status.HTTP_201_CREATED)


def head_json(notebook: Notebook) -> dict[str, Any]:
    return {"id": notebook.id, "title": notebook.title, "seq": notebook.seq, "mode": notebook.mode}
