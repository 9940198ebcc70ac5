"""notebooks/{id}/cells/{id}/input/"""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import requests
from apps.api.view import ApiView
from apps.execution.commands import answer_input


class CellInputView(ApiView):
    @extend_schema(
        operation_id="answer_input",
        request=requests.InputAnswer,
        responses={status.HTTP_204_NO_CONTENT: None},
    )
    def post(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        """Answer what the code of the running cell asks for (409 if somebody else was first)."""
        answer = self.body(requests.InputAnswer)
        answer_input(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id, **answer)
        return Response(status=status.HTTP_204_NO_CONTENT)
