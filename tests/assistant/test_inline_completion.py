"""Suggestions while somebody types."""

import time
from typing import Any

import pytest

from apps.assistant import inline_completion
from apps.assistant.inline_call import CURSOR, MAX_LINES, complete, fitted
from apps.assistant.inline_completion import MAX_BEFORE_CHARS, suggestion
from apps.assistant.limits import used_today
from apps.assistant.models import AssistantPolicy, CallStatus, ModelCall
from apps.base.errors import Forbidden, Invalid, TooMany, Unavailable
from apps.journal.answers import new_key, wait_for_answer
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import START, Gate, Status, body, ends, says, text_block
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.socket import NotebookSocket

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("said", "before", "after", "text"),
    [
        ("ange(10)", "for i in r", "", "ange(10)"),
        ("```python\nange(10)\n```", "for i in r", "", "ange(10)"),
        ("x = 1\ny = 2\n", "", "", "x = 1\ny = 2"),
        ("for i in range(10)", "for i in r", "", "ange(10)"),  # the line that was begun, once more
        ("    return x", "def f():\n    ", "", "return x"),
        ("a, b)", "f(", ")", "a, b"),  # what is behind the cursor, once more
        (f"{CURSOR}", "x = 1", "", ""),
        ("  \n ", "x = 1", "", ""),
        ("a\r\nb\x00", "", "", "a\nb\ufffd"),
        ("\n".join("x" * 20), "", "", "\n".join("x" * MAX_LINES)),
    ],
)
def test_what_of_the_models_words_fits(said: str, before: str, after: str, text: str) -> None:
    assert fitted(said, before, after) == text


def answer_to(person: Person, cell: Cell, before: str, after: str = "") -> Json | None:
    """In this process, as a worker does it."""
    key = new_key()
    place: Json = {"notebook_id": str(cell.notebook_id), "cell_id": str(cell.id), "user_id": person.user.id}
    complete(key=key, before=before, after=after, **place)
    return wait_for_answer(key, 1)


def test_the_model_sees_the_cells_above_and_the_cursor(
    owner: Person, notebook: Notebook, api: MessagesApi
) -> None:
    add_cell(owner, notebook, "import pandas as pd\nkey = 'sk-ant-REDACTED'")
    cell = add_cell(owner, notebook, "df = pd.")
    add_cell(owner, notebook, "never = 'seen'")
    api.script(says("read_csv(", "'a.csv')"))
    assert answer_to(owner, cell, "df = pd.", "\nx") == {"text": "read_csv('a.csv')"}
    [request] = api.requests
    assert "tools" not in request
    [block] = request["messages"][0]["content"]
    assert f"df = pd.{CURSOR}\nx" in block["text"]
    assert "import pandas as pd" in block["text"]
    assert "never" not in block["text"]
    assert "abcdefghijkl" not in block["text"]


def test_it_is_on_record_and_counts(owner: Person, notebook: Notebook, api: MessagesApi) -> None:
    cell = add_cell(owner, notebook, "x")
    api.script(says(" = 1"))
    answer_to(owner, cell, "x")
    call = ModelCall.objects.get(notebook=notebook)
    assert (call.turn, call.asked_by, call.status) == (None, owner.user, CallStatus.OK)
    assert call.reply is not None
    assert call.reply["content"][0]["text"] == " = 1"
    assert used_today(owner.user.id).tokens == call.input_tokens + call.output_tokens > 0


def test_a_line_that_was_cut_off_is_left_out(owner: Person, notebook: Notebook, api: MessagesApi) -> None:
    cell = add_cell(owner, notebook, "x")
    api.script(says(" = 1\ny = 2\nz = some", stop_reason="max_tokens"))
    assert answer_to(owner, cell, "x") == {"text": " = 1\ny = 2"}


@pytest.mark.parametrize(
    "reply",
    [
        [Status(529, "overloaded_error", "Overloaded")],
        [START, *body([text_block("torn")])],
        [START, *body([text_block("no")]), *ends("refusal")],
    ],
)
def test_trouble_is_no_suggestion(owner: Person, notebook: Notebook, api: MessagesApi, reply: Any) -> None:
    cell = add_cell(owner, notebook, "x")
    api.script(reply)
    assert answer_to(owner, cell, "x") == {"text": ""}
    assert ModelCall.objects.get(notebook=notebook).status == CallStatus.TORN


def test_a_late_model_is_given_up(
    owner: Person, notebook: Notebook, api: MessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.assistant.inline_call.TIMEOUT_S", 0.3)
    cell = add_cell(owner, notebook, "x")
    gate = Gate()
    api.script([START, *body([text_block(" = 1")]), gate, *ends("end_turn")])
    began_at = time.monotonic()
    assert answer_to(owner, cell, "x") == {"text": ""}
    assert time.monotonic() - began_at < 5
    gate.open()
    call = ModelCall.objects.get(notebook=notebook)
    assert call.error is not None
    assert call.error["code"] == "late"


def test_a_cell_that_is_gone(owner: Person, notebook: Notebook, api: MessagesApi) -> None:
    cell = add_cell(owner, notebook, "x")
    Cell.objects.filter(pk=cell.pk).update(deleted_at=cell.notebook.created_at)
    assert answer_to(owner, cell, "x") == {"text": ""}
    assert api.requests == []


def test_who_may_not_ask(
    owner: Person, viewer: Person, notebook: Notebook, api: MessagesApi, settings: Any
) -> None:
    cell = add_cell(owner, notebook, "x")
    place: Json = {"notebook_id": notebook.id, "cell_id": cell.id, "source": "x", "position": 1}
    with pytest.raises(Forbidden):
        suggestion(actor=viewer.actor, **place)
    with pytest.raises(Invalid):
        suggestion(actor=owner.actor, **place | {"position": 2})
    api.script(says("y"))
    answer_to(owner, cell, "x")
    settings.ASSISTANT_DAY_TOKENS = 1
    with pytest.raises(TooMany):
        suggestion(actor=owner.actor, **place)
    AssistantPolicy.objects.create(notebook=notebook, is_enabled=False)
    with pytest.raises(Unavailable):
        suggestion(actor=owner.actor, **place)
    assert len(api.requests) == 1


def test_nobody_waits_for_ever(
    owner: Person, notebook: Notebook, api: MessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no worker of the assistant here."""
    monkeypatch.setattr(inline_completion, "TIMEOUT_S", 0.6)
    cell = add_cell(owner, notebook, "x")
    began_at = time.monotonic()
    answer = suggestion(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id, source="x", position=1)
    assert answer == {"text": ""}
    assert 0.5 < time.monotonic() - began_at < 5


def test_over_the_socket(
    chat_server: WebProcess, turns_worker: WorkerProcess, owner: Person, notebook: Notebook, api: MessagesApi
) -> None:
    source = "# 😀" + "#" * 2 * MAX_BEFORE_CHARS + "\nx"
    cell = add_cell(owner, notebook, source)
    api.script(says(" = 1"))
    with NotebookSocket(chat_server, notebook.id, owner) as socket:
        place = {"cell_id": str(cell.id), "source": source, "position": len(source) + 1}
        assert socket.result("code_suggest", **place) == {"text": " = 1"}
    [request] = api.requests
    text = request["messages"][0]["content"][0]["text"]
    assert f"\nx{CURSOR}" in text
    assert text.count("#") == MAX_BEFORE_CHARS - len("\nx")
