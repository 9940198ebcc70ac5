"""execute/…: a code interpreter for programs."""

from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import requests, responses
from apps.api.callers import admitted, awaited_result
from apps.api.execution_stream import EVENT_STREAM, execution_stream
from apps.api.view import ApiView
from apps.execution.code_sessions import sessions_of
from apps.execution.commands import end_session


class ExecuteView(ApiView):
    @extend_schema(operation_id="execute", request=requests.CodeToRun, responses=responses.Execution)
    def post(self, request: Request) -> HttpResponseBase:
        """Run Python code and answer when it has ended. A session keeps its variables for the next call.

        With `Accept: text/event-stream` the answer is a stream: `output` events while it runs, then `done`, which has
        what else would be the answer, or `error`. If all your sessions are in use for half a minute, 503 with
        Retry-After.
        """
        wanted: dict[str, Any] = self.body(requests.CodeToRun)
        if EVENT_STREAM in request.headers.get("Accept", ""):
            stream = execution_stream(self.actor, wanted)
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            return StreamingHttpResponse(stream, content_type=EVENT_STREAM, headers=headers)
        with admitted(self.actor, wanted) as call:
            return Response(awaited_result(call))


class CodeSessionListView(ApiView):
    @extend_schema(operation_id="list_sessions", responses=responses.CodeSessionList)
    def get(self, request: Request) -> Response:
        """Your sessions, the one used last first."""
        return Response({"sessions": sessions_of(actor=self.actor)})


class CodeSessionView(ApiView):
    @extend_schema(operation_id="end_session", responses={status.HTTP_204_NO_CONTENT: None})
    def delete(self, request: Request, session: str) -> Response:
        """End a session, and what runs in it."""
        end_session(actor=self.actor, session=session)
        return Response(status=status.HTTP_204_NO_CONTENT)
