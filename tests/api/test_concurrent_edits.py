"""Many programs edit one cell at the same time, on two web servers: no update is lost, whoever is killed meanwhile."""

import http.client
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pytest
from django.db import connection, transaction

from apps.editing.changes import ChangeSet
from apps.notebooks.models import Cell, CellEdit, Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import Database, ManagedProcess, WebProcess, WorkerProcess, wait_until
from tests.support.races import at_once

PROGRAMS = 10
EDITS_EACH = 10
FIRST = "first\n"


@dataclass(frozen=True)
class Attempt:
    """One PATCH. `status` and `answer` are None if no answer came."""

    expected_version: int
    source: str
    status: int | None
    answer: tuple[int, str] | None
    """The version and text that the answer tells of: those made, or those that the edit conflicts with."""


class Program:
    """Edits the cell over and over, at one server until that does not answer, then at the next.

    So there are always some at each, however slow one is: who takes turns is found at the slower one.
    """

    def __init__(self, servers: list[WebProcess], person: Person, cell: Cell, first: int) -> None:
        self._servers = servers[first % len(servers) :] + servers[: first % len(servers)]
        self._headers = person.bearer | {"Content-Type": "application/json"}
        self._path = f"/api/v1/notebooks/{cell.notebook_id}/cells/{cell.id}/"
        self.asks: WebProcess | None = None
        """The server that owes an answer."""
        self.attempts: list[Attempt] = []

    def edit(self, version: int, source: str) -> Attempt:
        body = json.dumps({"source": source, "expected_version": version})
        self.asks = self._servers[0]
        connection = http.client.HTTPConnection("127.0.0.1", self.asks.port, timeout=30)
        try:
            connection.request("PATCH", self._path, body, self._headers)
            response = connection.getresponse()
            said = json.load(response)
            told = said if response.status == 200 else said["details"]
            attempt = Attempt(version, source, response.status, (told["version"], told["source"]))
        except (OSError, http.client.HTTPException):
            attempt = Attempt(version, source, None, None)
            self._servers.append(self._servers.pop(0))
        finally:
            self.asks = None
            connection.close()
        self.attempts.append(attempt)
        return attempt

    def append_line(self, line: str, seen: tuple[int, str]) -> tuple[int, str]:
        """Try until it is accepted, or until no answer comes; what the cell was last seen to be."""
        while True:
            version, text = seen
            attempt = self.edit(version, text + line)
            if attempt.answer is None:
                return seen
            seen = attempt.answer
            if attempt.status == 200:
                return seen


@pytest.fixture
def second_server(database: Database) -> Iterator[WebProcess]:
    process = WebProcess(database.data_dir, database.url)
    process.start()
    yield process
    process.close()


@pytest.fixture
def cell(owner: Person, notebook: Notebook) -> Cell:
    return add_cell(owner, notebook, FIRST)


def test_of_a_hundred_at_once_one_is_accepted(
    server: WebProcess, second_server: WebProcess, owner: Person, cell: Cell
) -> None:
    programs = [Program([server, second_server], owner, cell, number) for number in range(100)]
    before = [FIRST, "second", "third"]
    for version, source in enumerate(before[1:]):
        programs[0].edit(version, source)

    def edit(number: int) -> Attempt:
        return programs[number].edit(number % len(before), f"edit {number}")

    attempts = [attempt for attempt in at_once(100, edit) if isinstance(attempt, Attempt)]
    assert Counter(attempt.status for attempt in attempts) == {200: 1, 409: 99}
    [accepted] = [attempt for attempt in attempts if attempt.status == 200]
    assert (accepted.expected_version, accepted.answer) == (2, (3, accepted.source))
    assert texts_of(cell) == [*before, accepted.source]


def test_a_hundred_edits_that_try_again_are_all_there(
    server: WebProcess, second_server: WebProcess, owner: Person, cell: Cell
) -> None:
    programs = [Program([server, second_server], owner, cell, number) for number in range(PROGRAMS)]
    work_at_once(programs)
    attempts = [attempt for program in programs for attempt in program.attempts]
    assert {attempt.status for attempt in attempts} == {200, 409}
    accepted = accepted_among(attempts)
    assert sorted(accepted) == list(range(1, PROGRAMS * EDITS_EACH + 1))
    assert texts_of(cell) == [FIRST, *(accepted[version] for version in sorted(accepted))]
    lines = texts_of(cell)[-1].splitlines()
    assert sorted(lines) == sorted([FIRST.strip(), *all_lines()])


def test_a_killed_web_server_takes_no_acknowledged_edit_with_it(
    server: WebProcess, second_server: WebProcess, owner: Person, cell: Cell
) -> None:
    programs = [Program([server, second_server], owner, cell, number) for number in range(PROGRAMS)]
    work_at_once(programs, meanwhile=partial(kill_in_the_middle, programs, cell, second_server))
    assert unanswered_among(programs), "nothing was under way when it was killed"
    check_against_the_log(programs, cell)


def test_a_killed_worker_takes_no_acknowledged_edit_with_it(
    server: WebProcess, second_server: WebProcess, worker: WorkerProcess, owner: Person, cell: Cell
) -> None:
    programs = [Program([server, second_server], owner, cell, number) for number in range(PROGRAMS)]
    work_at_once(programs, meanwhile=partial(kill_in_the_middle, programs, cell, worker))
    assert not unanswered_among(programs)
    check_against_the_log(programs, cell)


def work_at_once(programs: list[Program], *, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Each program appends its lines, each on what it saw last. `meanwhile` is done here, in the main thread."""

    def work(number: int) -> None:
        seen = (0, FIRST)
        for line in lines_of(number):
            seen = programs[number].append_line(f"{line}\n", seen)

    with ThreadPoolExecutor(1) as background:
        working = background.submit(at_once, len(programs), work)
        meanwhile()
    assert working.result() == [None] * len(programs)


def kill_in_the_middle(programs: list[Program], cell: Cell, process: ManagedProcess) -> None:
    def accepted() -> int:
        return sum(attempt.status == 200 for program in programs for attempt in program.attempts)

    wait_until(lambda: accepted() >= PROGRAMS * EDITS_EACH // 3, "a third of the edits is accepted")
    with transaction.atomic():
        # So that each server has one under way when it is killed.
        Notebook.objects.select_for_update().get(id=cell.notebook_id)
        wait_until(
            lambda: waiting_for_locks() >= 2 and len({program.asks for program in programs} - {None}) >= 2,
            "both servers are asked while the notebook is locked",
        )
        process.kill()
    process.start()


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        (count,) = cursor.fetchone()
    return int(count)


def check_against_the_log(programs: list[Program], cell: Cell) -> None:
    """Every acknowledged edit is there, and of the unanswered ones each is there as a whole or not at all."""
    texts = texts_of(cell)
    attempts = [attempt for program in programs for attempt in program.attempts]
    assert {attempt.status for attempt in attempts} <= {200, 409, None}
    done = accepted_among(attempts)
    unanswered = unanswered_among(programs)
    for version in range(1, len(texts)):
        if version not in done:
            assert Attempt(version - 1, texts[version], None, None) in unanswered
            done[version] = texts[version]
    assert [done[version] for version in sorted(done)] == texts[1:]


def accepted_among(attempts: list[Attempt]) -> dict[int, str]:
    """The text of each version that was acknowledged; each was, once."""
    answers = [attempt.answer for attempt in attempts if attempt.status == 200 and attempt.answer]
    accepted = dict(answers)
    assert len(accepted) == len(answers)
    return accepted


def unanswered_among(programs: list[Program]) -> list[Attempt]:
    return [attempt for program in programs for attempt in program.attempts if attempt.status is None]


def texts_of(cell: Cell) -> list[str]:
    """The cell's text at each version, by its log, which has no gaps and ends with what the row holds."""
    edits = CellEdit.objects.filter(cell=cell).order_by("version").values_list("version", "changes")
    texts = [FIRST]
    for version, changes in edits:
        assert version == len(texts)
        texts.append(ChangeSet.from_json(changes).apply(texts[-1]))
    cell.refresh_from_db()
    assert (cell.version, cell.source) == (len(texts) - 1, texts[-1])
    return texts


def lines_of(number: int) -> list[str]:
    return [f"program {number} line {line}" for line in range(EDITS_EACH)]


def all_lines() -> list[str]:
    return [line for number in range(PROGRAMS) for line in lines_of(number)]
