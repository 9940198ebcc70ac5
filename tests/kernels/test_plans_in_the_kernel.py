"""Plans as the kernel runs them (apps/kernels/kernel_main.py), heard on its own sockets: no lane, no rows."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.actors import ActorKind
from apps.execution.lease import Claim
from apps.execution.models import CellRunStatus
from apps.execution.plan_in_flight import PlanInFlight
from apps.execution.planned_step import PlannedStep
from apps.execution.turn import Turn
from apps.kernels.connection import KernelConnection
from apps.kernels.messages import Message, request_id_of
from apps.kernels.processes import KernelProcess, workspace_of
from apps.kernels.taken_over import TakenOver
from tests.support.kernels import planned_cell as cell

DEADLINE_S = 20.0

Json = dict[str, Any]

# Sends any message as the kernel would.
FORGE = """
kernel = get_ipython().kernel
def forge(cell_id, content):
    kernel.session.send(kernel.iopub_socket, 'cell_reply', content, {'header': {'msg_id': cell_id}}, ident=b'x')
"""


class Kernel:
    """A process of its own. `heard` is all that it has published, in order."""

    def __init__(self) -> None:
        notebook_id = uuid4()
        self.workspace = workspace_of(notebook_id)
        self.process = KernelProcess.launch(notebook_id)
        self.connection = KernelConnection(self.process.connection_info)
        self.heard: list[Message] = []

    def begin(self, *cells: Json, **plan: Any) -> str:
        """Send a plan; the request's id."""
        bare: Json = {"plan_id": "plan", "fence": 1, "keeps": [], "clears": [], "restores": []}
        return self.connection.execute_plan(bare | plan | {"cells": list(cells)})

    def run(self, *cells: Json, **plan: Any) -> list[Message]:
        """What a plan publishes until it is over."""
        before = len(self.heard)
        self.wait_for_end(self.begin(*cells, **plan))
        return self.heard[before:]

    def wait_for_end(self, request_id: str) -> None:
        self.wait_for(
            lambda message: kind_of(message) == "plan_reply" and request_id_of(message) == request_id
        )

    def wait_for_text(self, cell_id: str) -> None:
        """Until the cell has printed something."""
        self.wait_for(lambda message: kind_of(message) == "stream" and request_id_of(message) == cell_id)

    def wait_for(self, matches: Callable[[Message], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        seen = 0
        while not any(matches(message) for message in self.heard[seen:]):
            seen = len(self.heard)
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"not published in time; heard {[*map(brief, self.heard)]}"
            self.connection.iopub.poll(int(left_s * 1000) + 1)
            self.heard += self.connection.receive(self.connection.iopub)

    def take_over(self, fence: int, cell_ids: list[str], stored: int = 0) -> TakenOver:
        """As a new owner of the lane, on sockets of its own, which hears again what is not stored."""
        self.connection.close()
        self.heard.clear()
        self.connection = KernelConnection(self.process.connection_info)
        deadline = time.monotonic() + DEADLINE_S
        taken_over = self.connection.take_over(
            fence, cell_ids, stored, keep_waiting=lambda: time.monotonic() < deadline
        )
        assert taken_over
        return taken_over

    def published_until(self, request_id: str) -> Iterator[Message]:
        """What a lane takes in, up to the end of the plan."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            self.connection.iopub.poll(100)
            for message in self.connection.published():
                yield message
                if kind_of(message) == "plan_reply" and request_id_of(message) == request_id:
                    return
        pytest.fail("the plan did not end in time")

    def value(self, expression: str, *, fence: int = 1) -> str:
        """What a cell of a plan of its own says that this is."""
        messages = self.run(cell("value", f"print(({expression}), end='')"), plan_id="value", fence=fence)
        return text_of(messages, "value")

    def close(self) -> None:
        self.connection.close()
        self.process.end()


@contextmanager
def running_kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    try:
        alive = lambda: kernel.process.exit_code() is None  # noqa: E731
        assert kernel.connection.wait_until_ready(DEADLINE_S, keep_waiting=alive)
        yield kernel
    finally:
        kernel.close()


@pytest.fixture(scope="module")
def shared_kernel() -> Iterator[Kernel]:
    with running_kernel() as kernel:
        yield kernel


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Kernel:
    """One for all tests that leave it as good as they found it, but for names."""
    shared_kernel.heard.clear()
    return shared_kernel


@pytest.fixture
def new_kernel() -> Iterator[Kernel]:
    with running_kernel() as kernel:
        yield kernel


@pytest.fixture
def gate(new_kernel: Kernel) -> Path:
    """Who reads it waits until somebody opens it for writing, and the other way round."""
    path = new_kernel.workspace / "gate"
    os.mkfifo(path)
    return path


def waiting_cell(cell_id: str, gate: Path, code: str = "") -> Json:
    """Says that it has begun, does `code`, and waits at the gate."""
    return cell(cell_id, f"{code}\nprint('began', flush=True)\nopen({gate.name!r}).read()")


def kind_of(message: Message) -> str:
    kind: str = message["header"]["msg_type"]
    return kind


def brief(message: Message) -> tuple[str, str]:
    return request_id_of(message), kind_of(message)


def replies(messages: list[Message]) -> Json:
    """`{cell: content}` of the ends of cells, each of which is told once."""
    ends = [message for message in messages if kind_of(message) == "cell_reply"]
    told = {request_id_of(message): message["content"] for message in ends}
    assert len(told) == len(ends)
    return told


def statuses(messages: list[Message]) -> dict[str, str]:
    return {cell_id: content["status"] for cell_id, content in replies(messages).items()}


def text_of(messages: list[Message], cell_id: str) -> str:
    return "".join(
        message["content"]["text"]
        for message in messages
        if kind_of(message) == "stream" and request_id_of(message) == cell_id
    )


def of_cells(messages: list[Message], *cell_ids: str) -> list[tuple[str, str]]:
    """Without what Jupyter publishes about itself, and of these cells alone if there are any."""
    briefs = [brief(message) for message in messages if kind_of(message) not in ("status", "execute_input")]
    return [pair for pair in briefs if not cell_ids or pair[0] in cell_ids]


# Order


def test_outputs_come_in_order_and_name_their_cell(kernel: Kernel) -> None:
    source = "print('printed')\ndisplay('shown')\n'value'"
    request_id = kernel.begin(cell("a", source), cell("b", "1 / 0"), cell("c", source))
    kernel.wait_for_end(request_id)
    shown = ["stream", "display_data", "execute_result", "cell_reply"]
    assert of_cells(kernel.heard)[-11:] == [
        *(("a", kind) for kind in shown),
        ("b", "error"),
        ("b", "cell_reply"),
        *(("c", kind) for kind in shown),
        (request_id, "plan_reply"),
    ]
    ends = replies(kernel.heard)
    assert [end["next"] for end in ends.values()] == ["b", "c", None]
    counts = [end["execution_count"] for end in ends.values()]
    assert counts == list(range(counts[0], counts[0] + 3))
    assert all(end["elapsed_ms"] >= 0 and end["is_interrupt"] is False for end in ends.values())


@pytest.mark.parametrize("before", ["", "import asyncio\nawait asyncio.sleep(0)\n"], ids=["plain", "await"])
def test_what_a_cell_printed_comes_before_its_end(kernel: Kernel, before: str) -> None:
    source = f"{before}import sys\nprint('out', end='')\nprint('err', end='', file=sys.stderr)"
    messages = kernel.run(*(cell(str(number), source) for number in range(50)))
    for number in map(str, range(50)):
        assert sorted(of_cells(messages, number)[:-1]) == [(number, "stream")] * 2
        assert of_cells(messages, number)[-1] == (number, "cell_reply")
        assert sorted(text_of(messages, number)) == sorted("outerr")
    assert list(replies(messages)) == [str(number) for number in range(50)]


def test_a_cell_that_cannot_be_read_ends_too(kernel: Kernel) -> None:
    messages = kernel.run(cell("a", "print("), cell("b", ""), cell("c", "%nonsense"), cell("d", "print(1)"))
    assert statuses(messages) == {"a": "error", "b": "ok", "c": "error", "d": "ok"}


# Failures


def test_a_failure_blocks_what_needs_it_and_nothing_else(kernel: Kernel) -> None:
    messages = kernel.run(
        cell("failing", "1 / 0"),
        cell("needs it", "print('never')", needs=["failing"]),
        cell("needs that", "print('never')", needs=["needs it"]),
        cell("needs neither", "print('ran')"),
    )
    ends = replies(messages)
    assert [ends[name]["blocked_by"] for name in ("needs it", "needs that")] == ["failing", "failing"]
    assert statuses(messages) == {
        "failing": "error",
        "needs it": "blocked",
        "needs that": "blocked",
        "needs neither": "ok",
    }
    assert ends["failing"]["next"] == "needs neither"
    assert "never" not in str(messages)


def test_a_cell_that_may_fail_blocks_nothing(kernel: Kernel) -> None:
    messages = kernel.run(
        cell("failing", "x = 1\n1 / 0", may_fail=True), cell("after", "print(x)", needs=["failing"])
    )
    assert statuses(messages) == {"failing": "error", "after": "ok"}
    assert text_of(messages, "after") == "1\n"


def test_what_a_cell_of_another_plan_blocks_does_not_run(kernel: Kernel) -> None:
    messages = kernel.run(
        cell("a", "print('never')", blocked_by="elsewhere"),
        cell("b", "print('never')", needs=["a"]),
        cell("c", "print('ran')"),
    )
    ends = replies(messages)
    assert ends["a"] == ends["b"] == {"status": "blocked", "blocked_by": "elsewhere"}
    assert "never" not in str(messages)
    assert text_of(messages, "c") == "ran\n"


def test_a_failure_is_forgotten_with_its_plan(kernel: Kernel) -> None:
    kernel.run(cell("failing", "1 / 0"))
    assert statuses(kernel.run(cell("after", "1", needs=["failing"]))) == {"after": "ok"}


# Names


def test_names_are_cleared_before_the_plan_and_before_a_cell(kernel: Kernel) -> None:
    kernel.run(cell("a", "x, y, z = 1, 2, 3"))
    messages = kernel.run(
        cell("b", "print('x' in globals(), y)"),
        cell("c", "print('y' in globals(), z)", clears=["y", "never bound"]),
        clears=["x"],
    )
    assert [text_of(messages, name) for name in "bc"] == ["False 2\n", "False 3\n"]


def test_values_come_back_before_a_cell_and_at_the_end(kernel: Kernel) -> None:
    kernel.run(cell("before", "x, y = 'x of before', 'y of before'"))
    messages = kernel.run(
        cell("a", "x = y = new = 'of the plan'"),
        cell("b", "print(x, y)", restores=["x"]),
        cell("c", "x = 'again'"),
        keeps=["x", "y", "new"],
        restores=["x", "y", "new"],
    )
    assert text_of(messages, "b") == "x of before of the plan\n"
    assert kernel.value("x, y, 'new' in globals()") == "('x of before', 'y of before', False)"


def test_a_blocked_cell_still_restores_and_clears(kernel: Kernel) -> None:
    kernel.run(cell("before", "x, y = 1, 2"))
    kernel.run(
        cell("a", "x = 10\n1 / 0"), cell("b", "1", needs=["a"], restores=["x"], clears=["y"]), keeps=["x"]
    )
    assert kernel.value("x, 'y' in globals()") == "(1, False)"


def test_a_plan_that_is_interrupted_restores(new_kernel: Kernel, gate: Path) -> None:
    new_kernel.run(cell("before", "x, y = 1, 2"))
    request_id = new_kernel.begin(
        waiting_cell("a", gate, "x = y = 10"),
        cell("b", "print(x)", restores=["x"]),
        keeps=["x", "y"],
        restores=["y"],
    )
    new_kernel.wait_for_text("a")
    assert new_kernel.connection.withdraw(1, ["b"]) == set()
    new_kernel.process.interrupt()
    new_kernel.wait_for_end(request_id)
    assert new_kernel.value("x, y") == "(1, 2)"


def test_names_of_a_new_kernel_come_back(kernel: Kernel) -> None:
    own = kernel.value("type(exit).__name__")
    kernel.run(cell("a", "quit = 5\nexit = 5"))
    assert kernel.value("exit, quit") == "(5, 5)"
    kernel.run(cell("b", "1", clears=["exit"]), clears=["quit"])
    assert kernel.value("type(exit).__name__") == kernel.value("type(quit).__name__") == own
    assert "5" not in own


# Interrupts

# It goes when its name is cleared: after the next cell has begun, before its first line, in the kernel's main thread.
INTERRUPTS_WHEN_IT_GOES = """
import os, signal
class Interrupts:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
bomb = Interrupts()
"""


def test_an_interrupt_before_the_first_line_of_a_cell_that_has_begun(new_kernel: Kernel) -> None:
    messages = new_kernel.run(
        cell("a", INTERRUPTS_WHEN_IT_GOES), cell("b", "print('ran')", clears=["bomb"]), cell("c", "1")
    )
    assert new_kernel.value("'bomb' in globals()") == "False"
    assert statuses(messages) == {"a": "ok", "b": "error", "c": "ok"}
    assert [end["is_interrupt"] for end in replies(messages).values()] == [False, True, False]
    assert text_of(messages, "b") == ""


@pytest.mark.parametrize(
    "source",
    [
        "print('began', flush=True)\nopen({gate!r}).read()",
        # Once this has printed, nothing of the cell is on the stack, and the loop waits for events.
        "import asyncio\nasyncio.get_running_loop().call_soon(print, 'began')\nawait asyncio.sleep(600)",
        "import asyncio\nawait asyncio.sleep(0)\nprint('began', flush=True)\nopen({gate!r}).read()",
    ],
    ids=["plain", "await", "after an await"],
)
def test_an_interrupt_ends_the_cell_that_runs(new_kernel: Kernel, gate: Path, source: str) -> None:
    source = source.format(gate=gate.name)
    request_id = new_kernel.begin(cell("a", source), cell("b", "1", needs=["a"]), cell("c", "print('ran')"))
    new_kernel.wait_for_text("a")
    new_kernel.process.interrupt()
    new_kernel.wait_for_end(request_id)
    assert statuses(new_kernel.heard) == {"a": "error", "b": "blocked", "c": "ok"}
    assert [end.get("is_interrupt") for end in replies(new_kernel.heard).values()] == [True, None, False]
    assert text_of(new_kernel.heard, "c") == "ran\n"


@pytest.mark.parametrize("after_s", [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1])
def test_an_interrupt_ends_a_query_at_any_moment(new_kernel: Kernel, after_s: float) -> None:
    """While DuckDB is imported, while it is opened, and while its own threads do all the work."""
    endless = "SELECT count(*) FROM range(10000000000) a, range(1000) b WHERE a.range % 7 = b.range"
    request_id = new_kernel.begin(
        cell("a", f"print('began', flush=True)\nimport kernel_sql\nkernel_sql.run_sql({{}}, [{endless!r}])"),
        cell("b", "import kernel_sql\nprint(kernel_sql.run_sql({}, ['SELECT 40 + 2 AS n'])['n'][0])"),
    )
    new_kernel.wait_for_text("a")
    time.sleep(after_s)
    new_kernel.process.interrupt()
    new_kernel.wait_for_end(request_id)
    assert statuses(new_kernel.heard) == {"a": "error", "b": "ok"}
    assert replies(new_kernel.heard)["a"]["is_interrupt"]
    assert text_of(new_kernel.heard, "b") == "42\n"


@pytest.mark.parametrize(
    "source", ["for _ in range(2000): pass", "import asyncio\nawait asyncio.sleep(0)"], ids=["plain", "await"]
)
def test_interrupts_at_any_moment_cost_no_cell_its_end(new_kernel: Kernel, source: str) -> None:
    plans = [[cell(f"{plan}-{number}", source) for number in range(10)] for plan in range(40)]
    for cells in plans:
        request_id = new_kernel.begin(*cells)
        while (request_id, "plan_reply") not in map(brief, new_kernel.heard):
            new_kernel.process.interrupt()
            assert new_kernel.process.exit_code() is None
            new_kernel.connection.iopub.poll(3)
            new_kernel.heard += new_kernel.connection.receive(new_kernel.connection.iopub)
    ends = replies(new_kernel.heard)
    assert list(ends) == [cell["id"] for cells in plans for cell in cells]
    assert {(end["status"], end["is_interrupt"]) for end in ends.values()} == {("ok", False), ("error", True)}


def test_an_interrupt_that_comes_while_one_is_shown(new_kernel: Kernel) -> None:
    """IPython gives up showing the error then, and it would look as if the cell had ended without one."""
    again = (
        "import os, signal\nfrom IPython.core.ultratb import VerboseTB\n"
        "def again(*args, **kwargs): os.kill(os.getpid(), signal.SIGINT)\n"
        "VerboseTB.structured_traceback = again\nraise KeyboardInterrupt"
    )
    messages = new_kernel.run(cell("a", again), cell("b", "1"))
    assert statuses(messages) == {"a": "error", "b": "ok"}
    assert replies(messages)["a"]["is_interrupt"]
    errors = [message for message in messages if message["header"]["msg_type"] == "error"]
    assert [(request_id_of(error), error["content"]["ename"]) for error in errors] == [
        ("a", "KeyboardInterrupt")
    ]


# Withdrawal and fences


def test_withdrawn_cells_do_not_begin(new_kernel: Kernel, gate: Path) -> None:
    request_id = new_kernel.begin(
        cell("over", "1"),
        waiting_cell("running", gate),
        cell("withdrawn", "print('never')"),
        cell("needs it", "print('ran')", needs=["withdrawn"]),
    )
    new_kernel.wait_for_text("running")
    assert new_kernel.connection.withdraw(1, ["over", "running", "withdrawn"]) == {"over", "running"}
    gate.write_text("")
    new_kernel.wait_for_end(request_id)
    assert statuses(new_kernel.heard) == {"over": "ok", "running": "ok", "needs it": "ok"}
    assert replies(new_kernel.heard)["running"]["next"] == "needs it"


def test_a_new_owner_sends_again_what_has_not_begun(new_kernel: Kernel, gate: Path) -> None:
    new_kernel.run(cell("before", "x = 1"))
    sent = [cell("a", "x = 2"), cell("b", "print(x)")]
    first = new_kernel.begin(waiting_cell("running", gate), plan_id="first")
    queued = new_kernel.begin(*sent, keeps=["x"], restores=["x"])
    new_kernel.wait_for_text("running")
    assert not new_kernel.take_over(2, ["a", "b"]).begun
    gate.write_text("")
    new_kernel.wait_for_end(first)
    new_kernel.wait_for_end(queued)
    assert list(replies(new_kernel.heard)) == ["before", "running"]
    messages = new_kernel.run(*sent, fence=2, keeps=["x"], restores=["x"])
    assert text_of(messages, "b") == "2\n"
    assert new_kernel.value("x", fence=2) == "1"


def test_what_an_earlier_owner_sends_late_does_nothing(new_kernel: Kernel, gate: Path) -> None:
    new_kernel.run(cell("before", "x = y = 1"))
    new_kernel.take_over(2, [])
    messages = new_kernel.run(
        cell("late", "x = 2"), fence=1, plan_id="late", keeps=["y"], clears=["x"], restores=["y"]
    )
    assert list(replies(messages)) == ["before"]
    assert new_kernel.value("x, y", fence=2) == "(1, 1)"
    request_id = new_kernel.begin(waiting_cell("running", gate), cell("next", "1"), fence=2)
    new_kernel.wait_for_text("running")
    assert new_kernel.connection.withdraw(1, ["next"]) == {"next"}
    gate.write_text("")
    new_kernel.wait_for_end(request_id)
    assert replies(new_kernel.heard)["next"]["status"] == "ok"


def test_a_new_owner_takes_over_the_plan_that_runs(new_kernel: Kernel, gate: Path) -> None:
    new_kernel.run(cell("before", "x = 'x of before'"))
    before = datetime.now(UTC)
    request_id = new_kernel.begin(
        cell("over", "print('over')"),
        waiting_cell("running", gate, "x = 'of running'"),
        cell("next", "print(x)"),
        cell("withdrawn", "print('never')"),
        cell("last", "print(x)", restores=["x"]),
        keeps=["x"],
    )
    new_kernel.wait_for_text("running")
    taken_over = new_kernel.take_over(2, ["over", "running", "next", "withdrawn", "last"])
    assert list(taken_over.begun) == ["over", "running"]
    assert before <= taken_over.begun["over"] <= taken_over.begun["running"] <= datetime.now(UTC)
    assert taken_over.request_id == request_id
    assert new_kernel.connection.withdraw(2, ["withdrawn"]) == set()
    gate.write_text("")
    new_kernel.wait_for_end(request_id)
    assert statuses(new_kernel.heard) == dict.fromkeys(("before", "over", "running", "next", "last"), "ok")
    assert [text_of(new_kernel.heard, name) for name in ("next", "last")] == ["of running\n", "x of before\n"]


def test_a_new_owner_hears_what_is_not_stored_and_nothing_twice(new_kernel: Kernel, gate: Path) -> None:
    request_id = new_kernel.begin(*(cell(str(number), f"print({number})") for number in range(5)))
    earlier = list(new_kernel.published_until(request_id))
    assert [text_of(earlier, str(number)) for number in range(5)] == [f"{number}\n" for number in range(5)]
    stored = new_kernel.connection.heard
    request_id = new_kernel.begin(cell("unstored", "print('said')"), waiting_cell("running", gate))
    new_kernel.wait_for_text("running")
    for fence in (2, 3):
        assert new_kernel.take_over(fence, ["running"], stored).last >= stored + 3
    gate.write_text("")
    later = list(new_kernel.published_until(request_id))
    # A line may come in two pieces.
    assert [brief for brief, _ in groupby(of_cells(later))] == [
        ("unstored", "stream"),
        ("unstored", "cell_reply"),
        ("running", "stream"),
        ("running", "execute_result"),
        ("running", "cell_reply"),
        (request_id, "plan_reply"),
    ]
    assert text_of(later, "unstored") == "said\n"
    assert not any(message["is_after_gap"] for message in later)


def test_what_is_stored_is_not_kept(new_kernel: Kernel) -> None:
    journal = "get_ipython().kernel.iopub_thread.journal"
    new_kernel.value(f"[*{journal}.unstored()]")
    kept = f"len([*{journal}.unstored()])"
    assert int(new_kernel.value(kept)) > 0
    new_kernel.connection.stored = 10**6
    assert new_kernel.value(kept) == "0"


def test_forked_processes_are_heard_too(new_kernel: Kernel) -> None:
    source = (
        "import os\nif os.fork() == 0:\n    print('from the child', flush=True)\n    os._exit(0)\nos.wait()"
    )
    request_id = new_kernel.begin(cell("a", source))
    new_kernel.wait_for_text("a")
    new_kernel.take_over(2, ["a"])
    later = list(new_kernel.published_until(request_id))
    assert text_of(later, "a") == "from the child\n"


def test_a_cell_that_computes_is_taken_over_when_it_lets_go(new_kernel: Kernel) -> None:
    # In C, without letting go of Python's lock.
    source = "print('began', flush=True)\nx = sum(range(5 * 10**7))"
    request_id = new_kernel.begin(cell("a", source))
    new_kernel.wait_for_text("a")
    assert list(new_kernel.take_over(2, ["a"]).begun) == ["a"]
    assert statuses(list(new_kernel.published_until(request_id))) == {"a": "ok"}


# Odd code


@pytest.mark.parametrize(
    "source",
    [
        "sys.stdout = io.StringIO()",
        "sys.stdout = sys.stderr = None",
        "sys.stdout.close()",
        "sys.stdout = object()",
    ],
)
def test_cells_end_whatever_becomes_of_standard_output(new_kernel: Kernel, source: str) -> None:
    messages = new_kernel.run(
        cell("a", f"import io, sys\nprint('said', end='')\n{source}"), cell("b", "x = 1")
    )
    assert statuses(messages) == {"a": "ok", "b": "ok"}
    assert text_of(messages, "a") == "said"
    assert [brief(message) for message in messages if request_id_of(message) == "a"][-1] == (
        "a",
        "cell_reply",
    )


@pytest.mark.parametrize(
    "source", ["import sys\nsys.exit()", "raise SystemExit(3)", "raise KeyboardInterrupt"]
)
def test_code_that_wants_to_end_everything_ends_its_cell(kernel: Kernel, source: str) -> None:
    messages = kernel.run(cell("a", source), cell("b", "1", needs=["a"]), cell("c", "print('ran')"))
    assert statuses(messages) == {"a": "error", "b": "blocked", "c": "ok"}
    assert text_of(messages, "c") == "ran\n"


@pytest.mark.parametrize(
    "forged",
    [
        "forge(this, {'status': 'ok', 'next': None})",
        "forge(this, {'status': 'ok', 'next': {}})",
        "forge(this, {'status': [], 'next': after, 'elapsed_ms': float('inf'), 'execution_count': 'x'})",
        "forge(after, {'status': 'ok', 'next': None})",
        "forge(after, {'status': 'blocked', 'blocked_by': {}})",
        "forge(before, {'status': 'error', 'next': after})",
        "forge(this, b'[]')",
        'forge(this, b\'{"status": "ok", "elapsed_ms": NaN}\')',
        "forge('', {})",
    ],
)
def test_forged_ends_do_no_harm_to_others(kernel: Kernel, forged: str) -> None:
    """A lane raises nothing, ends nothing twice, and what has ended stays as it is."""
    turns = [_turn(source) for source in ("1", forged, "print('ran')")]
    keys = tuple(turn.key for turn in turns)
    kernel.run(cell("forge", f"{FORGE}\nbefore, this, after = {keys!r}"))
    plan = PlanInFlight(Claim(turns, [], {}, is_begun=False))
    request = plan.request(1)
    plan.begin(keys[0], datetime.now(UTC))
    kernel.wait_for_end(kernel.connection.execute_plan(request))
    for message in kernel.heard:
        if kind_of(message) == "cell_reply":
            plan.take(message)
    ends = plan.take_ended()
    assert (ends[0].turn, ends[0].status) == (turns[0], CellRunStatus.OK)
    ended = [end.turn.key for end in ends]
    assert len(ended) == len(set(ended))
    assert text_of(kernel.heard, keys[1]) == ""
    assert text_of(kernel.heard, keys[2]) == "ran\n"


def _turn(source: str) -> Turn:
    return Turn(
        id=0,
        key=str(uuid4()),
        run_id=uuid4(),
        cell_id=uuid4(),
        source=source,
        step=PlannedStep(),
        cell_is_deleted=False,
        may_fail=False,
        actor_kind=ActorKind.USER,
        actor_label="ada",
    )
