"""Many at the same time, with a real worker and a real site: conversations on a hundred notebooks, and on one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psutil
import pytest

from apps.assistant.commands import send_message
from apps.assistant.models import ToolCall, Turn, TurnStatus
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.messages_api import MessagesApi, Reply
from tests.support.messages_api_replies import START, Act, Json, Pause, body, calls, ends, says, text_block
from tests.support.processes import Database, WebProcess, WorkerProcess, wait_until
from tests.support.running import cells_of
from tests.support.socket import Frame, NotebookSocket
from tests.support.turns import said_by

CROWD, STEPS = 100, 3
FIRST_TOKEN_S, TOKEN_S = 0.3, 0.025
WORDS = [f"word{number} " for number in range(20)]
# What a hundred turns may keep, with their threads and connections.
MOST_GROWN_MB = 200
PATIENCE_S = 90


@dataclass
class Seen:
    """What a page saw of its turn: texts of blocks, and tools that have ended, by block."""

    texts: dict[int, str] = field(default_factory=dict)
    tools: dict[int, Json] = field(default_factory=dict)
    offsets: list[int] = field(default_factory=list)
    status: str = ""


@pytest.fixture
def crowd_worker(database: Database, api: MessagesApi) -> Iterator[WorkerProcess]:
    """It has a thread for each of them."""
    worker = WorkerProcess(
        database.data_dir, database.url, threads=CROWD, queue="assistant", **api.environment
    )
    worker.start()
    yield worker
    worker.stop()


@pytest.mark.crowd
def test_a_hundred_conversations_at_once(
    chat_server: WebProcess, crowd_worker: WorkerProcess, api: MessagesApi, owner: Person
) -> None:
    """Each turn comes to its end, each tool happens once, each page sees every word in order; memory is bounded."""
    api.always(speak)
    notebooks = [create_notebook(actor=owner.actor, title=f"Notebook {number}") for number in range(CROWD)]
    process = psutil.Process(crowd_worker.pid)
    before_bytes = process.memory_info().rss
    with ThreadPoolExecutor(CROWD) as pool:
        seen = list(pool.map(lambda notebook: converse(chat_server, notebook, owner), notebooks))
    grown_mb = (process.memory_info().rss - before_bytes) / 2**20
    assert grown_mb < MOST_GROWN_MB
    assert [each.status for each in seen] == ["done"] * CROWD
    assert {tuple(each.texts.values()) for each in seen} == {("".join(WORDS),)}
    assert all(each.offsets == list(range(each.offsets[0], each.offsets[-1] + 1)) for each in seen)
    assert all([tool["is_error"] for tool in each.tools.values()] == [False] * STEPS for each in seen)
    turns = list(Turn.objects.filter(notebook__in=notebooks))
    assert [(turn.status, turn.error) for turn in turns] == [(TurnStatus.DONE, None)] * CROWD
    assert {said_by(turn) for turn in turns} == {"".join(WORDS)}
    assert ToolCall.objects.filter(turn__in=turns).count() == CROWD * STEPS
    wanted = [f"x{step} = {step}" for step in range(STEPS)]
    assert all([cell.source for cell in cells_of(notebook)] == wanted for notebook in notebooks)
    assert len(api.requests) == CROWD * (STEPS + 1)  # none was asked for twice


def test_ten_conversations_on_one_notebook(
    turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """They queue up, and each tool of each of them happens."""

    def reply(request: Json) -> Reply:
        if step_of(request):
            return says("Done.")
        number = request["messages"][0]["content"][-1]["text"].split()[-1]
        return calls(("create_cell", {"kind": "python", "source": f"x = {number}", "after": "end"}))

    api.always(reply)
    turns = [
        send_message(actor=owner.actor, notebook_id=notebook.id, message=f"Write {number}")
        for number in range(10)
    ]
    mine = Turn.objects.filter(id__in=[turn.id for turn in turns])
    wait_until(
        lambda: not mine.exclude(status__in=(TurnStatus.DONE, TurnStatus.FAILED)).exists(),
        "all turns have ended",
        deadline_s=PATIENCE_S,
    )
    assert {turn.status for turn in mine} == {TurnStatus.DONE}
    assert [cell.source for cell in cells_of(notebook)] == [f"x = {number}" for number in range(10)]
    assert not ToolCall.objects.filter(turn__in=turns, is_error=True).exists()


def converse(server: WebProcess, notebook: Notebook, person: Person) -> Seen:
    """Ask, and watch to the end."""
    seen = Seen()
    with NotebookSocket(server, notebook.id, person) as socket:
        turn_id = socket.result("chat_send", message=f"Go, {notebook.id}.")["turn"]["id"]
        while not seen.status:
            take(seen, socket.wait_for(lambda frame: is_of(frame, turn_id), PATIENCE_S))
    return seen


def is_of(frame: Frame, turn_id: str) -> bool:
    return bool(frame["type"] == "chat" and frame["turn_id"] == turn_id)


def take(seen: Seen, frame: Frame) -> None:
    seen.offsets.append(frame["offset"])
    match frame["event"]:
        case {"type": "text_delta", "block": block, "text": text}:
            seen.texts[block] = seen.texts.get(block, "") + text
        case {"type": "tool_result", "block": block, "tool": tool}:
            seen.tools[block] = tool
        case {"type": "done", "status": status}:
            seen.status = status


def speak(request: Json) -> Reply:
    step = step_of(request)
    if step < STEPS:
        cell = {"kind": "python", "source": f"x{step} = {step}", "after": "end"}
        return [Pause(FIRST_TOKEN_S), *calls(("create_cell", cell))]
    words: list[Act] = []
    start, *deltas, stop = body([text_block(*WORDS)])
    for delta in deltas:
        words += [Pause(TOKEN_S), delta]
    return [Pause(FIRST_TOKEN_S), START, start, *words, stop, *ends("end_turn")]


def step_of(request: Json) -> int:
    return sum(1 for message in request["messages"] if message["role"] == "assistant")
