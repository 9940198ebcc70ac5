"""One turn, done by one worker from where the rows say that it stands.

Ask the model, call its tools, ask again, until it has nothing more to do. Each reply, and each result of a tool, is
stored before the next step; so a turn whose worker dies goes on with the last of them.
"""

import logging
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.access import require_role
from apps.accounts.actors import Actor, ActorKind
from apps.accounts.models import Role
from apps.assistant.asking import Asking
from apps.assistant.crowding import a_place
from apps.assistant.events import TurnUpdated
from apps.assistant.feed import TurnFeed
from apps.assistant.lease import Lease, LeaseLost
from apps.assistant.model_setup import NO_KEY, is_configured
from apps.assistant.models import CallStatus, ToolCall, Turn, TurnStatus
from apps.assistant.outcome import Next
from apps.assistant.presence import AssistantPresence
from apps.assistant.pulse import Pulse
from apps.assistant.shown import turn_state, usage_json
from apps.assistant.tool_steps import ENDED, MustWait, ToolSteps, cancel
from apps.assistant.turn_end import TurnCancelled, TurnFailed, WorkerStops
from apps.base.errors import DomainError
from apps.base.ids import new_id
from apps.journal.record import append_events, audit

logger = logging.getLogger(__name__)


def assistant_actor(turn: Turn) -> Actor:
    """Who acts in a turn: it can do what whoever asked may do, and no more."""
    return Actor(ActorKind.ASSISTANT, f"Assistant for {turn.asked_by_label}", turn.asked_by_id)


class TurnRun:
    """`run` is all there is to call."""

    def __init__(self, lease: Lease, turn: Turn, *, is_taken_over: bool) -> None:
        self._lease = lease
        self._turn = turn
        self._actor = assistant_actor(turn)
        self._feed = TurnFeed(turn)
        self._feed.begin(turn, is_taken_over=is_taken_over)
        self._presence = AssistantPresence(turn.notebook_id, turn.id, self._actor)
        self._pulse = Pulse(lease, turn, self._feed, self._presence)
        self._tools = ToolSteps(lease, turn, self._actor, self._feed, self._pulse, self._presence)

    def run(self) -> None:
        """To its end, or until it has to wait. LeaseLost, WorkerStops, NotFound: it is somebody else's now."""
        try:
            self._work()
        except MustWait as waiting:
            self._wait(waiting.call)
        except TurnCancelled:
            self._end(TurnStatus.CANCELLED)
        except TurnFailed as failed:
            self._end(TurnStatus.FAILED, {"code": failed.code, "message": failed.message})
        except (LeaseLost, WorkerStops):
            raise
        except DomainError as error:
            self._end(TurnStatus.FAILED, {"code": error.code, "message": error.message})
        except Exception:
            log_id = new_id().hex[:12]
            logger.exception("Turn %s failed (%s).", self._turn.id, log_id)
            message = f"Something went wrong here. The server's log has it under {log_id}. Retry to go on."
            self._end(TurnStatus.FAILED, {"code": "internal", "message": message})
        finally:
            self._presence.leave()

    def _work(self) -> None:
        with a_place():
            self._pulse.beat(at_once=True)
            self._check()
            self._give_up_calls()
        if self._finish_tools():
            self._end(TurnStatus.DONE)
            return
        asking = Asking(self._lease, self._turn, self._feed, self._pulse)
        while (step := asking.ask()).next != Next.END:
            self._feed.tell({"type": "usage", "usage": usage_json(asking.calls)})
            if step.next == Next.TOOLS:
                self._tools.run_all(step.tool_calls)
                asking.add_results(step)
            self._check()
        self._feed.tell({"type": "usage", "usage": usage_json(asking.calls)})
        self._end(TurnStatus.DONE)

    def _give_up_calls(self) -> None:
        """Those of a worker that ended before they did."""
        error = {"code": "worker_ended", "message": "The worker ended before the reply did.", "detail": ""}
        running = self._turn.model_calls.filter(status=CallStatus.RUNNING)
        running.update(status=CallStatus.TORN, error=error)

    def _finish_tools(self) -> bool:
        """What an earlier worker left, or what had to be decided. Whether the last reply was the end of the turn."""
        call = self._turn.model_calls.filter(status=CallStatus.OK).order_by("-id").first()
        if call is None:
            return False
        tool_calls = list(call.tool_calls.order_by("position"))
        self._tools.run_all(tool_calls)
        return not tool_calls and not call.after

    def _check(self) -> None:
        """Access may be withdrawn in the middle of a turn."""
        if not is_configured():
            raise TurnFailed("not_configured", NO_KEY)
        require_role(self._actor, self._turn.notebook_id, Role.VIEWER)
        connection.close()

    # How it ends

    def _wait(self, call: ToolCall) -> None:
        with transaction.atomic():
            notebook = self._lease.fence()
            call.save()
            self._set(TurnStatus.WAITING, offset=self._feed.offset + 1)
            append_events(notebook, self._actor, TurnUpdated(turn=turn_state(self._turn)))
        self._feed.tell_tool("approval_needed", call)

    def _end(self, status: TurnStatus, error: dict[str, Any] | None = None) -> None:
        self._feed.abandon_tools()
        with a_place(), transaction.atomic():
            notebook = self._lease.fence()
            left = list(self._turn.tool_calls.exclude(status__in=ENDED))
            for call in left:
                cancel(call)
            self._turn.error = error
            self._turn.notice = ""
            self._turn.blocks = self._feed.blocks
            self._turn.finished_at = timezone.now()
            self._turn.is_cancel_requested = False
            told = [{"type": "error", "error": error}] if error else []
            told.append({"type": "done", "status": status})
            self._set(status, offset=self._feed.offset + len(left) + len(told))
            append_events(notebook, self._actor, TurnUpdated(turn=turn_state(self._turn)))
            code = {"error": error["code"]} if error else {}
            audit(self._actor, "end_turn", notebook.id, turn_id=str(self._turn.id), status=status, **code)
        for call in left:
            self._feed.tell_tool("tool_result", call)
        for event in told:
            self._feed.tell(event)

    def _set(self, status: TurnStatus, *, offset: int) -> None:
        self._feed.flush()
        self._turn.status, self._turn.offset = status, offset
        fields = ["status", "offset", "error", "notice", "blocks", "finished_at", "is_cancel_requested"]
        self._turn.save(update_fields=fields)
        self._pulse.account()
