"""What is on record of the assistant: exact requests without secrets, costs, the audit log, and admin to read it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from apps.assistant.conversations import record_of
from apps.assistant.models import ModelCall
from apps.assistant.pricing import Usage, cost_usd
from apps.assistant.redaction import REDACTED, redacted_keys, redacted_so_far, redacted_text
from apps.journal.models import AuditEntry
from apps.notebooks.models import Cell, Notebook
from tests.support.administration import browser_of, new_administrator, refusal, submit
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import calls, message, says, thinking_block, tool_block
from tests.support.running import cells_of
from tests.support.turns import ask, result_text, said_by, tools_of_turn

KEY = "sk-ant-" + "api03-" + "x1" * 20
CREATE: dict[str, Any] = {"kind": "python", "source": "x = 1", "after": "end"}
READ: tuple[str, dict[str, Any]] = ("get_notebook_state", {})


def test_every_call_with_what_was_sent(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    """Exactly, though each message is stored once."""
    thought = message([thinking_block("Hm."), tool_block("create_cell", CREATE)], "tool_use")
    api.script(thought, calls(READ), says("Done."))
    turn = ask(owner, notebook)
    api.script(says("More."))
    later = ask(owner, notebook, "More?", conversation_id=turn.conversation_id)
    record = [*_record(owner, turn), *_record(owner, later)]
    assert [{**call["request"], "stream": True} for call in record] == api.requests
    (create,) = record[0]["tool_calls"]
    assert create["first_seq"]
    assert create["input"] == CREATE
    assert record[0]["reply"]["content"][0]["thinking"] == "Hm."


def test_most_input_comes_from_the_cache(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    """From the second step on; the fake API counts as the real one does."""
    add_cell(owner, notebook, "x = 1\n" * 500)
    api.script(*[calls(READ)] * 4, says("Done."))
    turn = ask(owner, notebook)
    for call in ModelCall.objects.filter(turn=turn).order_by("id")[1:]:
        fresh = call.input_tokens + call.cache_write_tokens
        assert call.cache_read_tokens > 2 * fresh


def test_costs() -> None:
    usage = Usage(input=1_000_000, output=100_000, cache_read=2_000_000, cache_write=10_000)
    assert cost_usd("claude-sonnet-5-5", usage) == Decimal("3.225")
    assert cost_usd("claude-sonnet-5-20260101", usage) == Decimal("3.425")
    assert cost_usd("another", usage) is None


SECRETS = [
    KEY,
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ghp_" + "a1" * 18,
    "xoxb-" + "1234567890-abc",
    "AIza" + "a" * 35,
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefghijkl",
    "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
    "tandem_" + "a" * 43,
]


@pytest.mark.parametrize("secret", SECRETS)
def test_keys_are_redacted(secret: str) -> None:
    assert redacted_text(f"before {secret} after") == f"before {REDACTED} after"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_of_a_key_that_comes_in_pieces_nothing_is_told(secret: str, size: int) -> None:
    text = f"it asks {secret} after"
    told, held, most_held = "", "", 0
    for start in range(0, len(text), size):
        more, held = redacted_so_far(held + text[start : start + size])
        told += more
        most_held = max(most_held, len(held))
    assert told + redacted_keys(held) == f"it asks {REDACTED} after"
    assert most_held <= len(secret)


def test_what_calls_itself_a_secret_is_redacted() -> None:
    assert redacted_text('db_password = "hunter2hunter2"') == f'db_password = "{REDACTED}"'
    assert redacted_text("postgresql://ann:s3cret@db/x") == f"postgresql://ann:{REDACTED}@db/x"
    assert redacted_text("token_count = 'seventeen'") == "token_count = 'seventeen'"
    assert redacted_keys('password = "made up here"') == 'password = "made up here"'


def test_no_secret_is_sent_or_stored(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, f"key = '{KEY}'")
    read = ("read_cell", {"cell_id": str(cell.id)})
    api.script(calls(read), says(f"It is {KEY}."))
    turn = ask(owner, notebook, f"My key is {KEY}.")
    assert KEY not in json.dumps(api.requests)
    assert said_by(turn)
    rows = [*ModelCall.objects.filter(turn=turn).values(), *turn.tool_calls.values()]
    assert KEY not in json.dumps(rows, default=str)
    turn.refresh_from_db()
    assert KEY not in turn.message
    assert KEY not in json.dumps(turn.prompt)


def test_a_secret_in_a_cell_is_not_overwritten(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    """By a model that writes the text back as it got it."""
    cell = add_cell(owner, notebook, f"key = '{KEY}'")
    edit = {"cell_id": str(cell.id), "version": 0, "source": f"key = '{REDACTED}'\nx = 1"}
    api.script(calls(("update_cell", edit)), says("I cannot."))
    turn = ask(owner, notebook)
    (call,) = tools_of_turn(turn)
    assert call.is_error
    assert "edit_cell" in result_text(call)
    assert Cell.objects.get(id=cell.id).source == f"key = '{KEY}'"


def test_the_audit_log_has_it(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(calls(("create_cell", CREATE)), says("Done."))
    turn = ask(owner, notebook)
    entries = AuditEntry.objects.filter(notebook_id=notebook.id).order_by("id")
    by_action = {entry.action: entry for entry in entries}
    label = f"Assistant for {owner.user.username}"
    assert by_action["ask_assistant"].actor_label == owner.actor.label
    assert (by_action["create_cell"].actor_kind, by_action["create_cell"].actor_label) == ("assistant", label)
    tool = by_action["call_tool"]
    (call,) = tools_of_turn(turn)
    assert tool.details["tool_call_id"] == str(call.id)
    assert (tool.details["first_seq"], tool.details["last_seq"]) == (call.first_seq, call.last_seq)
    assert by_action["end_turn"].details == {"turn_id": str(turn.id), "status": "done"}


def test_admin_shows_it_all(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(calls(("create_cell", CREATE)), says("Done."))
    turn = ask(owner, notebook)
    admin = browser_of(new_administrator())
    call = ModelCall.objects.filter(turn=turn).order_by("id")[0]
    pages = {
        f"/admin/assistant/conversation/{turn.conversation_id}/change/": "All turns",
        "/admin/assistant/turn/": owner.user.username,
        f"/admin/assistant/turn/{turn.id}/change/": "All of this turn",
        f"/admin/assistant/modelcall/?turn__id__exact={turn.id}": "Calls of the model: $",
        f"/admin/assistant/modelcall/{call.pk}/change/": "You are the assistant of Tandem",
        f"/admin/assistant/toolcall/?turn__id__exact={turn.id}": "create_cell",
        f"/admin/assistant/toolcall/{tools_of_turn(turn)[0].id}/change/": "Created cell",
    }
    for path, shown in pages.items():
        page = admin.get(path)
        assert page.status_code == 200, path
        assert shown in page.content.decode(), path
    assert admin.get("/admin/assistant/turn/add/").status_code == 403


def test_admin_adds_up_what_a_person_a_notebook_and_a_day_cost(
    api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    Notebook.objects.filter(pk=notebook.pk).update(title=f"Costs {notebook.id}")
    for person, said in ((owner, says("One.")), (owner, says("Two.")), (editor, says("Three."))):
        api.script(said)
        ask(person, notebook)
    noon = datetime(2026, 1, 15, 12, tzinfo=UTC)
    ModelCall.objects.filter(notebook=notebook).update(created_at=noon)
    day, next_day = (quote(f"2026-01-{number} 00:00:00+00:00") for number in (15, 16))
    of_day, before = f"created_at__gte={day}&created_at__lt={next_day}", f"created_at__lt={day}"
    of_all = f"q=Costs+{notebook.id}"
    # Each reply has 20 tokens.
    shown = {
        f"{of_all}+{owner.user.username}": 40,
        of_all: 60,
        f"{of_all}&{of_day}": 60,
        f"{of_all}&{before}": 0,
    }
    admin = browser_of(new_administrator())
    for query, tokens in shown.items():
        page = admin.get(f"/admin/assistant/modelcall/?{query}").content.decode()
        assert f", {tokens:,} out" in page, query


def test_a_policy_in_admin(owner: Person, notebook: Notebook) -> None:
    admin = browser_of(new_administrator())
    path = "/admin/assistant/assistantpolicy/add/"
    assert "is no rule" in refusal(admin, path, notebook=str(notebook.id), approvals="delete cell")
    submit(admin, path, notebook=str(notebook.id), approvals="edits", is_enabled="on")
    entry = AuditEntry.objects.get(notebook_id=notebook.id, action="set_assistant_policy")
    assert entry.details["approvals"] == "edits"
    assert cells_of(notebook) == []


def _record(person: Person, turn: Any) -> list[Any]:
    return record_of(actor=person.actor, notebook_id=turn.notebook_id, turn_id=turn.id)
