"""notebooks/{id}/runs/…"""

import time
from typing import Any
from uuid import UUID

from django.db import connection
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.actors import Actor
from apps.api import requests, responses
from apps.api.view import ApiView
from apps.execution.commands import request_run
from apps.execution.models import RunStatus
from apps.execution.planned_run import planned_run
from apps.execution.queries import run_state

UNFINISHED = (RunStatus.QUEUED, RunStatus.RUNNING)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.01, 0.5


class RunListView(ApiView):
    @extend_schema(
        operation_id="create_run",
        request=requests.NewRun,
        parameters=[requests.RunQuery],
        responses={status.HTTP_202_ACCEPTED: responses.Run, status.HTTP_200_OK: responses.Plan},
    )
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Run cells, and those that have to run with them. Answers at once, or, with `wait_s`, when they are done or
        that long after."""
        wanted = self.body(requests.NewRun)
        cells = {"scope": wanted["scope"], "cell_id": wanted.get("cell")}
        if self.query(requests.RunQuery)["dry_run"]:
            return Response(planned_run(actor=self.actor, notebook_id=notebook_id, **cells))
        run = request_run(actor=self.actor, notebook_id=notebook_id, is_refresh=wanted["is_refresh"], **cells)
        state = _awaited(self.actor, notebook_id, run.id, wanted["wait_s"])
        return Response(state, status=status.HTTP_202_ACCEPTED)


class RunView(ApiView):
    @extend_schema(operation_id="get_run", responses=responses.Run)
    def get(self, request: Request, notebook_id: UUID, run_id: UUID) -> Response:
        """The state of a run and of its cells, in the order of execution."""
        return Response(run_state(actor=self.actor, notebook_id=notebook_id, run_id=run_id))


def _awaited(actor: Actor, notebook_id: UUID, run_id: UUID, wait_s: float) -> dict[str, Any]:
    """The run's state when it has ended, or after `wait_s`. The row is asked: wake-ups can get lost."""
    deadline = time.monotonic() + wait_s
    pause_s = FIRST_PAUSE_S
    while True:
        state = run_state(actor=actor, notebook_id=notebook_id, run_id=run_id)
        left_s = deadline - time.monotonic()
        if state["status"] not in UNFINISHED or left_s <= 0:
            return state
        # Back to the pool: twenty callers that wait a minute must not keep all connections from the others.
        connection.close()
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
