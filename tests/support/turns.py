"""Turns of the assistant in tests: asked for, done in this process, looked at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from apps.assistant.commands import send_message
from apps.assistant.models import ToolCall, Turn
from apps.assistant.shown import turn_json
from apps.assistant.turn_worker import do_turns
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.processes import wait_until

Json = dict[str, Any]


def ask(person: Person, notebook: Notebook, message: str = "Please do.", **options: Any) -> Turn:
    """Asked for, and done as far as it goes."""
    turn = send_message(actor=person.actor, notebook_id=notebook.id, message=message, **options)
    do_turns(notebook.id)
    turn.refresh_from_db()
    return turn


def go_on(turn: Turn) -> Turn:
    """With what was decided, or to be retried."""
    do_turns(turn.notebook_id)
    turn.refresh_from_db()
    return turn


@contextmanager
def asked(person: Person, notebook: Notebook, message: str = "Please do.", **options: Any) -> Iterator[Turn]:
    """Asked for, and done in another thread meanwhile; it has ended at the end."""
    turn = send_message(actor=person.actor, notebook_id=notebook.id, message=message, **options)

    def work() -> None:
        try:
            do_turns(notebook.id)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield turn
    finally:
        thread.join(timeout=30)
        assert not thread.is_alive()
        turn.refresh_from_db()


def wait_for_turn(turn: Turn, *statuses: str, deadline_s: float = 30) -> Turn:
    def reached() -> bool:
        turn.refresh_from_db()
        return turn.status in statuses

    wait_until(reached, f"the turn is {' or '.join(statuses)}", deadline_s=deadline_s)
    return turn


def blocks_of(turn: Turn) -> list[Json]:
    """What people see of it."""
    turn.refresh_from_db()
    blocks: list[Json] = turn_json(turn)["blocks"]
    return blocks


def said_by(turn: Turn) -> str:
    return "".join(block["text"] for block in blocks_of(turn) if block["type"] == "text")


def notes_in(turn: Turn) -> list[str]:
    return [block["text"] for block in blocks_of(turn) if block["type"] == "notice"]


def tools_of_turn(turn: Turn) -> list[ToolCall]:
    return list(ToolCall.objects.filter(turn=turn).order_by("model_call_id", "position"))


def result_text(call: ToolCall) -> str:
    return "\n".join(block.get("text", "") for block in call.result)


def tool_results(request: Json) -> list[Json]:
    """In the last message of a request."""
    return [block for block in request["messages"][-1]["content"] if block["type"] == "tool_result"]
