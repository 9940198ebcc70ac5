"""One step of a turn: ask the model until it has said a whole reply, and store it with what follows from it.

Every attempt is a `ModelCall` of its own, stored before it is sent. What comes back counts only once it was told to its
end; until then a turn that is taken over asks again.
"""

import time
from dataclasses import dataclass
from random import uniform
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.assistant.call_record import LONG_FIELDS, count_usage, ms_since, store_reply, store_torn, take_event
from apps.assistant.crowding import a_place
from apps.assistant.feed import TurnFeed
from apps.assistant.lease import Lease
from apps.assistant.limits import LimitReached, check_turn
from apps.assistant.model_client import ModelStream, features_of
from apps.assistant.model_errors import TOO_LONG, ModelTrouble, torn
from apps.assistant.model_request import request_for
from apps.assistant.model_setup import Features
from apps.assistant.models import CallStatus, Conversation, ModelCall, ToolCall, ToolCallStatus, Turn
from apps.assistant.outcome import Next, Outcome, ToolUse, outcome_of
from apps.assistant.pulse import Pulse
from apps.assistant.redaction import redacted, redacted_keys
from apps.assistant.reply import Reply
from apps.assistant.transcript import said_in, transcript, with_breakpoints
from apps.assistant.turn_end import TurnCancelled, TurnFailed
from apps.base.ids import new_id
from apps.base.text import storable

Json = dict[str, Any]

# Replies in a row that lead nowhere: cut off at the limit of tokens, paused. A model in such a loop does not leave it.
MAX_FRUITLESS = 3
# A conversation that fills so much of the model's context loses older results before it is sent again.
FULL = 0.85
# How many of the newest calls keep the results of their tools then, from try to try.
KEPT_RESULTS = (3, 1, 0)

REFUSED = (
    "The model declined to answer this. The message is left out from now on: say it in another way, or choose "
    "another model."
)
NO_ANSWER = (
    "The model came to no answer, although it was asked again. Say it in another way, or ask for less."
)
MADE_ROOM = "The conversation became too long for the model, so older results of tools were left out of it."


@dataclass(frozen=True)
class Step:
    """A reply that was stored, and what comes next."""

    next: Next
    call: ModelCall
    tool_calls: list[ToolCall]


class Asking:
    """The calls of the model in one turn, as one worker makes them."""

    def __init__(self, lease: Lease, turn: Turn, feed: TurnFeed, pulse: Pulse) -> None:
        self._lease = lease
        self._turn = turn
        self._feed = feed
        self._pulse = pulse
        self._conversation = turn.conversation
        self._features: Features = features_of(turn.model)
        self._last_sent: tuple[ModelCall, int] | None = None  # with the number of its messages
        self._fruitless = 0
        self._rooms_made = 0
        self._used_ids = set(
            ToolCall.objects.filter(turn__conversation=self._conversation).values_list(
                "tool_use_id", flat=True
            )
        )
        self.calls: list[ModelCall] = list(turn.model_calls.defer(*LONG_FIELDS).order_by("id"))
        self._forget_thoughts_of_another_model()
        self._messages = self._transcript()

    # Actions

    def ask(self) -> Step:
        """A whole reply, stored; TurnFailed if none is to be had. What is next is END, AGAIN or TOOLS."""
        self._make_room_early()
        attempt = 0
        while True:
            attempt += 1
            self._pulse.beat(at_once=True)
            with a_place():
                self._check_limits()
                call = self._begin()
            try:
                reply = self._hear(call)
            except TurnCancelled:
                # What it said so far stays to be seen.
                self._store_torn(call, ModelTrouble("cancelled", "The turn was stopped.", ""))
                raise
            except ModelTrouble as trouble:
                self._store_torn(call, trouble)
                self._rewind()
                if not self._mend(trouble):
                    self._wait_to_retry(trouble, attempt)
                continue
            outcome = outcome_of(reply, self._used_ids)
            match outcome.next:
                case Next.REFUSED:
                    self._refuse(call, reply)
                case Next.OVERFLOW:
                    with transaction.atomic():
                        self._lease.fence()
                        store_reply(call, reply, CallStatus.TORN)
                    self._rewind()
                    self._make_room()
                case _:
                    self._check_fruitless(call, reply, outcome)
                    with a_place():
                        return Step(outcome.next, call, self._store(call, reply, outcome))

    def add_results(self, step: Step) -> None:
        """All tools of the step have ended: what the next request says besides."""
        self._messages += said_in(step.call, step.tool_calls, self._conversation)

    # Asking

    def _begin(self) -> ModelCall:
        """Store the request before it is sent."""
        previous, count = self._last_sent or (None, 0)
        call = ModelCall(
            turn=self._turn,
            notebook_id=self._turn.notebook_id,
            asked_by_id=self._turn.asked_by_id,
            model=self._turn.model,
            follows=previous,
            request=request_for(self._turn, self._features),
            messages=self._messages[count:],
        )
        with transaction.atomic():
            self._lease.fence()
            call.save()
            self._pulse.account()
        connection.close()
        self.calls.append(call)
        self._last_sent = (call, len(self._messages))
        return call

    def _hear(self, call: ModelCall) -> Reply:
        """The reply, shown as it comes. ModelTrouble if it does not come to its end."""
        reply = Reply()
        began_at = time.monotonic()
        is_over = False
        with ModelStream(call.request | {"messages": with_breakpoints(self._messages)}) as stream:
            try:
                while not (is_over or reply.is_complete):
                    events, is_over = stream.events(self._pulse.patience_s(self._feed.flush_if_due()))
                    if events and call.first_event_ms is None:
                        call.first_event_ms = ms_since(began_at)
                        self._feed.set_notice("")
                    for event in events:
                        if (delta := take_event(reply, event)) is not None:
                            self._feed.take(delta)
                    self._feed.flush_if_due()
                    self._pulse.beat()
            finally:
                call.elapsed_ms = ms_since(began_at)
                count_usage(call, reply)
        self._feed.flush()
        if not reply.is_complete or reply.stop_reason is None:
            raise torn()
        return reply

    def _mend(self, trouble: ModelTrouble) -> bool:
        """Change what the API refused, if that can be done; whether it was."""
        if trouble.is_too_long:
            self._make_room()
            return True
        if trouble.is_thinking_refused and self._strip_thinking():
            self._messages = self._transcript()
            return True
        return False

    def _wait_to_retry(self, trouble: ModelTrouble, attempt: int) -> None:
        if not trouble.is_retryable:
            raise TurnFailed(trouble.code, trouble.message)
        if attempt >= settings.ASSISTANT_ATTEMPTS:
            raise TurnFailed(trouble.code, f"{trouble.message} It was tried {attempt} times: retry later.")
        wait_s = trouble.retry_after_s
        if wait_s is None:
            wait_s = settings.ASSISTANT_FIRST_RETRY_S * 2 ** (attempt - 1) * uniform(0.75, 1)  # noqa: S311
        wait_s = min(wait_s, settings.ASSISTANT_LONGEST_RETRY_S)
        shown = f"in {wait_s:.0f} s" if wait_s >= 1 else "now"
        self._feed.set_notice(f"{trouble.message} Trying again {shown}.")
        self._pulse.wait(wait_s)

    # Storing

    def _store(self, call: ModelCall, reply: Reply, outcome: Outcome) -> list[ToolCall]:
        """The reply, its tool calls, and what people see of it, at once."""
        tool_calls = self._tool_calls(call, outcome)
        self._feed.abandon_tools({str(tool_call.id) for tool_call in tool_calls})
        if outcome.note:
            self._feed.note(outcome.note)
        call.shown = [_without_details(block) for block in self._feed.blocks]
        call.content = redacted(outcome.content, redacted_keys)
        call.after = [{"type": "text", "text": outcome.after}] if outcome.after else []
        with transaction.atomic():
            self._lease.fence()
            store_reply(call, reply, CallStatus.OK)
            ToolCall.objects.bulk_create(tool_calls)
            self._turn.blocks = []
            self._turn.offset = self._feed.offset + len(tool_calls)
            self._pulse.account(blocks=[], offset=self._turn.offset)
        self._used_ids |= {tool_call.tool_use_id for tool_call in tool_calls}
        self._feed.settle(call.shown)
        for tool_call in tool_calls:
            self._feed.tell_tool("tool_start", tool_call)
        if not tool_calls:
            self._messages += said_in(call, (), self._conversation)
        return tool_calls

    def _tool_calls(self, call: ModelCall, outcome: Outcome) -> list[ToolCall]:
        """With the ids that people have seen already. A call that cannot be made ends before it begins."""
        ids = self._feed.tool_ids()
        return [
            _tool_call(
                self._turn, call, position, tool_use, ids[position] if position < len(ids) else new_id()
            )
            for position, tool_use in enumerate(outcome.tool_uses)
        ]

    def _store_torn(self, call: ModelCall, trouble: ModelTrouble) -> None:
        with transaction.atomic():
            self._lease.fence()
            store_torn(call, trouble)
            self._pulse.account()
        connection.close()

    def _refuse(self, call: ModelCall, reply: Reply) -> None:
        """The API asks to leave out what was refused: it would refuse all that comes after it, too."""
        details = reply.stop_details or {}
        self._rewind()
        with transaction.atomic():
            self._lease.fence()
            store_reply(call, reply, CallStatus.REFUSED)
            Turn.objects.filter(pk=self._turn.pk).update(is_left_out=True)
            self._turn.is_left_out = True
        why = storable(str(details.get("explanation") or ""))[:300]
        raise TurnFailed("refused", f"{REFUSED} ({why})" if why else REFUSED)

    def _rewind(self) -> None:
        if self._feed.blocks:
            self._feed.rewind()

    # What is sent

    def _transcript(self) -> list[Json]:
        self._last_sent = None
        messages = transcript(self._conversation, self._turn)
        connection.close()
        return messages

    def _forget_thoughts_of_another_model(self) -> None:
        """What stands before them has changed if the mode has: other tools, another system prompt."""
        calls = ModelCall.objects.filter(turn__conversation=self._conversation, status=CallStatus.OK)
        last = calls.order_by("-id").values_list("model", "turn__mode").first()
        if last and last != (self._turn.model, self._turn.mode):
            self._strip_thinking()

    def _strip_thinking(self) -> bool:
        """Leave out what the model thought so far. Whether there was anything."""
        newest = ModelCall.objects.filter(turn__conversation=self._conversation).order_by("-id").first()
        if newest is None or self._conversation.thinking_from >= newest.pk:
            return False
        self._conversation.thinking_from = newest.pk
        self._conversation.save(update_fields=["thinking_from"])
        return True

    def _make_room_early(self) -> None:
        """Before the API refuses."""
        last = next((call for call in reversed(self.calls) if call.status == CallStatus.OK), None)
        if last is None:
            return
        size = last.input_tokens + last.cache_read_tokens + last.cache_write_tokens + last.output_tokens
        if size > FULL * self._features.context_tokens and last.pk > self._conversation.thinking_from:
            self._make_room()

    def _make_room(self) -> None:
        """Leave out results of tools, the oldest first; TurnFailed if that does not help any more."""
        if self._rooms_made >= len(KEPT_RESULTS):
            raise TurnFailed("too_long", TOO_LONG)
        kept = KEPT_RESULTS[self._rooms_made]
        self._rooms_made += 1
        calls = ModelCall.objects.filter(turn__conversation=self._conversation, status=CallStatus.OK)
        with_tools = (
            calls.filter(tool_calls__isnull=False).distinct().order_by("-id").values_list("id", flat=True)
        )
        dropped = list(with_tools[kept : kept + 1])
        if dropped:
            self._conversation.results_from = max(self._conversation.results_from, dropped[0])
            Conversation.objects.filter(pk=self._conversation.pk).update(
                results_from=self._conversation.results_from
            )
        self._strip_thinking()
        self._feed.note(MADE_ROOM)
        self._messages = self._transcript()

    def _check_limits(self) -> None:
        try:
            check_turn(self._turn, self._pulse.active_ms())
        except LimitReached as reached:
            raise TurnFailed("limit", str(reached)) from None
        finally:
            connection.close()

    def _check_fruitless(self, call: ModelCall, reply: Reply, outcome: Outcome) -> None:
        self._fruitless = self._fruitless + 1 if outcome.next == Next.AGAIN else 0
        if self._fruitless >= MAX_FRUITLESS:
            with transaction.atomic():
                self._lease.fence()
                store_reply(call, reply, CallStatus.TORN)
            self._rewind()
            raise TurnFailed("no_answer", NO_ANSWER)


def _tool_call(turn: Turn, call: ModelCall, position: int, tool_use: ToolUse, tool_call_id: Any) -> ToolCall:
    tool_call = ToolCall(
        id=tool_call_id,
        turn=turn,
        model_call=call,
        position=position,
        tool_use_id=tool_use.id,
        name=tool_use.name,
        input=redacted(tool_use.input, redacted_keys),
    )
    if tool_use.problem:
        tool_call.status = ToolCallStatus.DONE
        tool_call.is_error = True
        tool_call.result = [{"type": "text", "text": tool_use.problem}]
    return tool_call


def _without_details(block: Json) -> Json:
    """As it is stored: a tool call has a row of its own."""
    return {"type": "tool", "id": block["id"]} if block["type"] == "tool" else block
