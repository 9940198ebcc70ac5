"""`input()` and `getpass()` in cells, and `answer_input`."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.base.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from apps.execution.commands import answer_input, interrupt, request_run, restart_kernel
from apps.execution.commands.answer_input import MAX_ANSWER_CHARS
from apps.execution.models import InputAnswer, Run
from apps.journal.models import AuditEntry
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import outputs_of, stream_text, wait_for_output, wait_for_run, wait_for_status
from tests.support.socket import NotebookSocket

ASK = "print('before')\nname = input('Name? ')\nprint('hello', name)"
ASK_PASSWORD = "from getpass import getpass\nprint(len(getpass('Password: ')))"
# Goes on after an interrupt, until it is allowed to end.
STUBBORN = """
try:
    input('First? ')
except KeyboardInterrupt:
    print('not answered', flush=True)
name = input('Second? ')
"""


def test_an_answer_reaches_the_code(
    worker: WorkerProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, ASK)
    with verified_replay(owner, notebook):
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        request = asked(cell)
        assert request["prompt"] == "Name? "
        assert request["is_password"] is False
        wait_for_output(cell, lambda text: text == "before\n")
        answer(editor, cell, "Ada")
        wait_for_run(run)
    assert stream_text(cell) == "before\nName? Ada\nhello Ada\n"
    assert_nothing_is_left(cell)


def test_a_password_is_told_nowhere(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, ASK_PASSWORD)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    assert asked(cell)["is_password"] is True
    answer(owner, cell, "open sesame")
    wait_for_run(run)
    assert stream_text(cell) == "Password: ········\n11\n"
    assert_nothing_is_left(cell)
    told = [event.payload for event in notebook.events.all()]
    told += [entry.details for entry in AuditEntry.objects.filter(notebook_id=notebook.id)]
    assert "sesame" not in json.dumps(told)
    audited = AuditEntry.objects.get(notebook_id=notebook.id, action="answer_input")
    assert audited.details == {"cell_id": str(cell.id)}


def test_a_page_that_opens_sees_the_prompt_and_answers(
    server: WebProcess, worker: WorkerProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, ASK)
    request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    request = asked(cell)
    with (
        NotebookSocket(server, notebook.id, owner) as page,
        NotebookSocket(server, notebook.id, viewer) as watching,
    ):
        (shown,) = watching.open()["notebook"]["cells"]
        assert shown["input_request"] == request
        fields = {"cell_id": str(cell.id), "request_id": request["id"], "value": "Ada"}
        assert watching.call("input_answer", **fields)["error"]["code"] == "forbidden"
        page.open()
        assert page.result("input_answer", **fields) == {}
        watching.event("input_closed", cell_id=str(cell.id), request_id=request["id"])
        assert page.call("input_answer", **fields)["error"]["code"] == "conflict"
        watching.cell_status(cell_id=str(cell.id), status="ok")


def test_one_answer_counts(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, ASK)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    request = asked(cell)
    results = at_once(4, lambda number: answer(owner, cell, f"number {number}", request["id"]))
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 3 + ["NoneType"]
    wait_for_run(run)
    assert f"hello number {results.index(None)}\n" in stream_text(cell)


def test_a_cell_asks_again_and_in_threads(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    source = "import asyncio\nfirst = input('1 ')\nsecond = await asyncio.to_thread(input, '2 ')\nprint(first, second)"
    cell = add_cell(owner, notebook, source)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    first = asked(cell)
    answer(owner, cell, "one")
    second = asked(cell, other_than=first["id"])
    assert second["prompt"] == "2 "
    answer(owner, cell, "two")
    wait_for_run(run)
    assert stream_text(cell) == "1 one\n2 two\none two\n"


def test_an_interrupt_withdraws_the_prompt(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, ASK)
    with verified_replay(owner, notebook):
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        request = asked(cell)
        interrupt(actor=owner.actor, notebook_id=notebook.id)
        wait_for_run(run)
    assert outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["ename"] == "KeyboardInterrupt"
    assert_nothing_is_left(cell)
    with pytest.raises(Conflict):
        answer(owner, cell, "too late", request["id"])


def test_code_may_go_on_after_an_interrupt(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, STUBBORN)
    with verified_replay(owner, notebook):
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        first = asked(cell)
        interrupt(actor=owner.actor, notebook_id=notebook.id)
        second = asked(cell, other_than=first["id"])
        with pytest.raises(Conflict):
            answer(owner, cell, "to the first", first["id"])
        answer(owner, cell, "to the second", second["id"])
        wait_for_run(run)
    assert stream_text(cell) == "not answered\nSecond? to the second\n"


def test_a_restart_withdraws_the_prompt(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, ASK)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    asked(cell)
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    assert_nothing_is_left(cell)


def test_a_thread_that_is_left_behind_asks_nobody(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = """
import threading
said = []
def ask():
    try: input('Anybody? ')
    except EOFError as error: said.append(str(error))
thread = threading.Thread(target=ask)
thread.start()
"""
    first = add_cell(owner, notebook, source)
    second = add_cell(owner, notebook, "thread.join(20)\nprint(said or thread.is_alive())")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_run(run)
    # Whether it asked before its cell ended depends on the moment; it never keeps waiting.
    assert stream_text(second) in ("['The cell ended before anybody answered.']\n", "False\n")
    assert_nothing_is_left(first)


def test_refusals(owner: Person, editor: Person, viewer: Person, stranger: Person, cell: Cell) -> None:
    for person, error in ((viewer, Forbidden), (stranger, NotFound), (owner, Conflict), (editor, Conflict)):
        with pytest.raises(error):
            answer(person, cell, "x", str(uuid4()))
    with pytest.raises(TooLarge):
        answer(owner, cell, "x" * (MAX_ANSWER_CHARS + 1), str(uuid4()))
    with pytest.raises(Invalid):
        answer(owner, cell, "\x00", str(uuid4()))
    with pytest.raises(NotFound):
        answer_input(
            actor=owner.actor,
            notebook_id=cell.notebook_id,
            cell_id=uuid4(),
            request_id=uuid4(),
            value="x",
        )


def asked(cell: Cell, *, other_than: str = "") -> dict[str, Any]:
    """What the cell asks, once it does."""

    def request() -> dict[str, Any] | None:
        cell.refresh_from_db()
        found: dict[str, Any] | None = cell.input_request
        return found if found and found["id"] != other_than else None

    found: dict[str, Any] = wait_until(request, "the cell asks", deadline_s=60)
    return found


def answer(person: Person, cell: Cell, value: str, request_id: str = "") -> None:
    answer_input(
        actor=person.actor,
        notebook_id=cell.notebook_id,
        cell_id=cell.id,
        request_id=UUID(request_id or asked(cell)["id"]),
        value=value,
    )


def assert_nothing_is_left(cell: Cell) -> None:
    cell.refresh_from_db()
    assert cell.input_request is None
    assert not InputAnswer.objects.filter(notebook_id=cell.notebook_id).exists()
    assert not Run.objects.filter(notebook_id=cell.notebook_id, finished_at=None).exists()
