"""Asking: what a message may hold, who may ask, and what is told of it."""

import base64
import itertools
from typing import Any

import pytest

from apps.assistant.commands import configure_conversation, send_message
from apps.assistant.conversations import assistant_state, conversation, conversations
from apps.assistant.models import AssistantPolicy, Conversation, Turn
from apps.assistant.prompt import MAX_MESSAGE_CHARS
from apps.assistant.turn_worker import do_turns
from apps.base.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooLarge, Unavailable
from apps.journal.models import NotebookEvent
from apps.kernels.processes import workspace_of
from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import says
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.turns import ask

PIXEL = base64.b64encode(b"\x89PNG not really").decode()


def send(person: Person, notebook: Notebook, message: str = "Hi", **options: Any) -> Turn:
    return send_message(actor=person.actor, notebook_id=notebook.id, message=message, **options)


def test_a_new_conversation(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=2):
        turn = send(owner, notebook, "  Plot the\nrevenue by month, please.  ")
    assert turn.conversation.title == "Plot the revenue by month, please."
    assert (turn.mode, turn.model, turn.status) == ("agent", "claude-sonnet-5-5", "queued")
    kinds = (
        NotebookEvent.objects.filter(notebook=notebook)
        .order_by("-seq")
        .values_list("payload__type", flat=True)
    )
    assert list(kinds[:2]) == ["turn_created", "conversation_created"]


def test_the_conversation_goes_on(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    first = send(owner, notebook)
    with verified_replay(owner, notebook, events=1):
        second = send(owner, notebook, conversation_id=first.conversation_id)
    assert (first.number, second.number) == (1, 2)
    with verified_replay(owner, notebook, events=2):
        third = send(
            owner, notebook, conversation_id=first.conversation_id, mode="ask", model="claude-opus-5-5"
        )
    assert (third.mode, third.model) == ("ask", "claude-opus-5-5")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"message": "  "}, Invalid),
        ({"message": "x" * (MAX_MESSAGE_CHARS + 1)}, TooLarge),
        ({"message": "\x00"}, Invalid),
        ({"mode": "god"}, Invalid),
        ({"model": "another"}, Invalid),
        ({"mentions": [{"kind": "planet"}]}, Invalid),
        ({"mentions": "cell"}, Invalid),
        ({"attachments": [{"kind": "image", "media_type": "image/svg+xml", "data": PIXEL}]}, Invalid),
        ({"attachments": [{"kind": "image", "media_type": "image/png", "data": "not base64!"}]}, Invalid),
        ({"attachments": [{"kind": "image", "media_type": "image/png", "data": "A" * 8_000_000}]}, TooLarge),
        ({"attachments": [{"kind": "file", "name": "../up.csv", "data": PIXEL}]}, Invalid),
        ({"attachments": [{"kind": "file", "name": ".bashrc", "data": PIXEL}]}, Invalid),
        ({"attachments": [{"kind": "file", "name": "a", "data": PIXEL}] * 11}, Invalid),
    ],
)
def test_what_is_refused(
    api: MessagesApi, owner: Person, notebook: Notebook, options: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        send(owner, notebook, **{"message": "Hi", **options})
    assert not Turn.objects.filter(notebook=notebook).exists()


def test_who_may_ask(api: MessagesApi, viewer: Person, stranger: Person, notebook: Notebook) -> None:
    send(viewer, notebook)
    with pytest.raises(NotFound):
        send(stranger, notebook)
    file = [{"kind": "file", "name": "a.csv", "data": PIXEL}]
    with pytest.raises(Forbidden):
        send(viewer, notebook, attachments=file)


def test_without_a_key(settings: Any, owner: Person, notebook: Notebook) -> None:
    settings.ANTHROPIC_API_KEY = settings.ANTHROPIC_BASE_URL = ""
    state = assistant_state(actor=owner.actor, notebook_id=notebook.id)
    assert not state["is_available"]
    assert "set ANTHROPIC_API_KEY" in state["problem"]
    with pytest.raises(Unavailable, match="ANTHROPIC_API_KEY"):
        send(owner, notebook)


def test_switched_off_for_the_notebook(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    AssistantPolicy.objects.create(notebook=notebook, is_enabled=False)
    with pytest.raises(Unavailable, match="administrator"):
        send(owner, notebook)


def test_mentions_and_attachments(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "sales = 1")
    api.script(says("I see."))
    ask(
        owner,
        notebook,
        "What is this?",
        mentions=[
            {"kind": "cell", "cell_id": str(cell.id)},
            {"kind": "variable", "name": "sales"},
            {"kind": "file", "path": "sales.csv"},
        ],
        attachments=[
            {"kind": "image", "media_type": "image/png", "data": PIXEL},
            {"kind": "file", "name": "a.csv", "data": base64.b64encode(b"a,b").decode()},
        ],
    )
    image, text = api.requests[0]["messages"][0]["content"]
    assert image["source"]["data"] == PIXEL
    for told in ("sales = 1", str(cell.id), "variable 'sales'", "'sales.csv'", "'a.csv'"):
        assert told in text["text"]
    assert (workspace_of(notebook.id) / "a.csv").read_bytes() == b"a,b"


def test_a_file_replaces_none_and_follows_no_link(
    api: MessagesApi, owner: Person, notebook: Notebook, tmp_path: Any
) -> None:
    folder = workspace_of(notebook.id)
    (folder / "a.csv").write_bytes(b"mine")
    (folder / "a-2.csv").symlink_to(tmp_path / "elsewhere")
    turn = send(owner, notebook, attachments=[{"kind": "file", "name": "a.csv", "data": PIXEL}])
    assert turn.attachments[0]["name"] == "a-3.csv"
    assert (folder / "a.csv").read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere").exists()


def test_in_place_of_an_earlier_turn(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(says("One."), says("Two."), says("Instead."))
    first = ask(owner, notebook, "First")
    second = ask(owner, notebook, "Secnod", conversation_id=first.conversation_id)
    with pytest.raises(Conflict):
        send(owner, notebook, instead_of=second.id)  # of another conversation
    api.rules.allows_changed_prefix = True
    with verified_replay(owner, notebook):
        ask(owner, notebook, "Second", conversation_id=first.conversation_id, instead_of=second.id)
    told = notebook.events.filter(payload__type="turn_updated", payload__turn__is_left_out=True)
    assert [event.payload["turn"]["id"] for event in told] == [str(second.id)]
    said = [block["text"] for each in api.requests[2]["messages"] for block in each["content"]]
    assert said == ["First", "One.", "Second"]


def test_many_at_once_are_numbered_without_a_gap(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    sent = at_once(6, lambda number: send(owner, notebook, f"Message {number}"))
    assert sorted(turn.number for turn in sent if isinstance(turn, Turn)) == [1, 2, 3, 4, 5, 6]


def test_turns_are_done_in_order_one_at_a_time(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    for number in range(3):
        send(owner, notebook, f"Message {number}")
        api.script(says(f"Answer {number}."), of=f"Message {number}")

    at_once(4, lambda _: do_turns(notebook.id))
    turns = list(Turn.objects.filter(notebook=notebook).order_by("number"))
    assert [turn.status for turn in turns] == ["done"] * 3
    for before, after in itertools.pairwise(turns):
        assert before.finished_at
        assert after.started_at
        assert before.finished_at <= after.started_at


def test_conversations_are_found_by_what_was_said(
    api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    api.script(says("The answer is a zebra."), says("A giraffe."))
    ask(owner, notebook, "Stripes?")
    ask(owner, notebook, "Necks?")

    def found(words: str) -> list[str]:
        return [
            each["title"] for each in conversations(actor=owner.actor, notebook_id=notebook.id, search=words)
        ]

    assert found("") == ["Necks?", "Stripes?"]
    assert found("zebra") == found("stripes") == ["Stripes?"]
    assert found("lion") == []


def test_a_conversation_can_be_renamed(
    api: MessagesApi, owner: Person, viewer: Person, stranger: Person, notebook: Notebook
) -> None:
    made = send(owner, notebook).conversation
    place: dict[str, Any] = {"notebook_id": notebook.id, "conversation_id": made.id}
    with verified_replay(owner, notebook, events=1):
        configure_conversation(actor=owner.actor, **place, title=" Plots ", mode="ask")
    with verified_replay(owner, notebook, events=0):
        configure_conversation(actor=owner.actor, **place, title="Plots")
    read = conversation(actor=viewer.actor, **place)
    assert (read["conversation"]["title"], read["conversation"]["mode"]) == ("Plots", "ask")
    assert [turn["message"] for turn in read["turns"]] == ["Hi"]
    with pytest.raises(Forbidden):
        configure_conversation(actor=viewer.actor, **place, title="Mine")
    with pytest.raises(NotFound):
        conversation(actor=stranger.actor, **place)
    with pytest.raises(Invalid):
        configure_conversation(actor=owner.actor, **place, title=" ")
    assert Conversation.objects.get(id=made.id).title == "Plots"
