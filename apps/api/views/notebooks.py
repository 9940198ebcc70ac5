"""notebooks/ and notebooks/{id}/"""

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
from apps.notebooks.commands import configure_notebook, create_notebook, delete_notebook, rename_notebook
from apps.notebooks.models import Notebook
from apps.notebooks.queries import MAX_LISTED, notebooks_for


class NotebookListView(ApiView):
    @extend_schema(
        operation_id="list_notebooks",
        parameters=[requests.NotebookListQuery],
        responses=responses.NotebookList,
    )
    def get(self, request: Request) -> Response:
        """The notebooks shared with you."""
        query = self.query(requests.NotebookListQuery)
        found = notebooks_for(actor=self.actor, **query)
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
        """Change the title, what running a cell also runs, or what runs the cells."""
        change = self.body(requests.NotebookChange)
        if "kernelspec" in change:
            change = {"name": change["kernelspec"]}
        commands: dict[str, Any] = {
            "title": rename_notebook,
            "mode": configure_notebook,
            "name": choose_kernel,
        }
        (command,) = (commands[field] for field in change)
        return Response(head_json(command(actor=self.actor, notebook_id=notebook_id, **change)))

    @extend_schema(operation_id="delete_notebook", responses={status.HTTP_204_NO_CONTENT: None})
    def delete(self, request: Request, notebook_id: UUID) -> Response:
        """Hide the notebook from everybody. Owners only."""
        delete_notebook(actor=self.actor, notebook_id=notebook_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def head_json(notebook: Notebook) -> dict[str, Any]:
    return {"id": notebook.id, "title": notebook.title, "seq": notebook.seq, "mode": notebook.mode}
