"""notebooks/import/ and notebooks/{id}/export/"""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import requests, responses
from apps.api.parsers import FileParser, FormParser, NotebookFileParser
from apps.api.view import ApiView
from apps.api.views.notebooks import head_json
from apps.base.errors import Invalid
from apps.notebooks.commands import import_notebook
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.queries import get_notebook_for

IPYNB = "application/x-ipynb+json"
FORMATS = ("ipynb",)


class NotebookImportView(ApiView):
    parser_classes = (FileParser, NotebookFileParser, FormParser)

    @extend_schema(
        operation_id="import_notebook",
        parameters=[requests.ImportQuery],
        request={
            "application/json": OpenApiTypes.OBJECT,
            IPYNB: OpenApiTypes.OBJECT,
            "multipart/form-data": requests.NotebookUpload,
        },
        responses={status.HTTP_201_CREATED: responses.NotebookHead},
    )
    def post(self, request: Request) -> Response:
        """A notebook from a .ipynb file, owned by you: the body, or the field `file` of a form."""
        content, filename = self._uploaded()
        notebook = import_notebook(actor=self.actor, content=content, filename=filename)
        return Response(head_json(notebook), status=status.HTTP_201_CREATED)

    def _uploaded(self) -> tuple[bytes, str]:
        filename = self.query(requests.ImportQuery)["filename"]
        data: Any = self.request.data
        if isinstance(data, bytes):
            return data, filename
        if not data:  # DRF parses no empty body
            return b"", filename
        file = self.body(requests.NotebookUpload)["file"]
        return file.read(), filename or file.name


class NotebookExportView(ApiView):
    @extend_schema(
        operation_id="export_notebook",
        parameters=[requests.ExportQuery],
        responses={(status.HTTP_200_OK, IPYNB): OpenApiResponse(OpenApiTypes.OBJECT)},
    )
    def get(self, request: Request, notebook_id: UUID) -> HttpResponse:
        """The notebook as a file."""
        wanted = self.query(requests.ExportQuery)["format"]
        notebook = get_notebook_for(actor=self.actor, notebook_id=notebook_id)
        if wanted not in FORMATS:
            raise Invalid(f"format must be one of: {', '.join(FORMATS)}.", field="format")
        disposition = content_disposition_header(True, f"{notebook.title}.ipynb")
        content = export_ipynb(notebook_id=notebook.id)
        return HttpResponse(content, content_type=IPYNB, headers={"Content-Disposition": disposition})
