"""Which cells of plans have begun in a kernel, which may still begin, and which are blocked. Imported by kernel_main.py
and kernel_bridge.py, and imports nothing of the server. What the messages mean is said in the former.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# Of how many cells a kernel knows that they have begun: more than one plan can have.
MAX_REMEMBERED = 50_000


class Turns:
    """Two threads ask: the one that runs cells and the control's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fence = 0
        self._plan_fence = 0  # of the plan that runs, or ran last
        self._request_id = ""  # likewise
        self._begun: dict[str, float] = {}  # when, in seconds since 1970
        self._withdrawn: set[str] = set()

    @property
    def fence(self) -> int:
        """Of the lane's owner that is obeyed."""
        with self._lock:
            return self._fence

    def enter(self, fence: int, request_id: str) -> bool:
        """A plan arrived from the owner of the lane that has this fence. Whether it may run."""
        with self._lock:
            if fence < self._fence:
                return False
            self._fence = self._plan_fence = fence
            self._request_id = request_id
            return True

    def begin(self, cell_id: str) -> bool:
        """Whether the cell may begin; then it has begun."""
        with self._lock:
            if self._plan_fence < self._fence:
                return False
            if cell_id in self._withdrawn:
                self._withdrawn.discard(cell_id)
                return False
            self._begun[cell_id] = time.time()
            if len(self._begun) > MAX_REMEMBERED:
                del self._begun[next(iter(self._begun))]
            return True

    def is_fenced(self) -> bool:
        """Whether a later owner of the lane has stopped the plan, to send it again."""
        with self._lock:
            return self._plan_fence < self._fence

    def withdraw(self, fence: int, cell_ids: list[str]) -> list[str]:
        """Those of the cells that have begun. The others will not. An owner that has lost the lane gets none back."""
        with self._lock:
            if fence < self._fence:
                return cell_ids
            self._withdrawn.update(cell_id for cell_id in cell_ids if cell_id not in self._begun)
            return [cell_id for cell_id in cell_ids if cell_id in self._begun]

    def take_over(self, fence: int, cell_ids: list[str]) -> tuple[dict[str, float], str]:
        """The cells that have begun, and when; and the request that the plan came with, if that goes on."""
        with self._lock:
            if fence < self._fence:
                return {}, ""
            self._fence = fence
            begun = {cell_id: self._begun[cell_id] for cell_id in cell_ids if cell_id in self._begun}
            if not begun:
                self._withdrawn.clear()
                return {}, ""
            self._plan_fence = fence
            return begun, self._request_id


class PlanWalk:
    """A plan, from cell to cell, for the one who runs it."""

    def __init__(self, plan: Json, turns: Turns) -> None:
        self.due: set[str] = {name for cell in plan["cells"] for name in cell["restores"]}
        """What cells still restore."""
        self._cells = iter(plan["cells"])
        self._turns = turns
        self._failures: dict[str, str] = {}  # by cell, which failure stops what needs it

    def take_reply(self, cell: Json, reply: Json) -> None:
        """How a cell that ran has ended."""
        if reply["status"] != "ok" and not cell["may_fail"]:
            self._failures[cell["id"]] = cell["id"]

    def begun(self) -> Iterator[tuple[Json, str]]:
        """The next cells, each of which has begun then, with the failed one that blocks it; empty: none does.

        For each, restore and clear what it says. The first that nothing blocks runs before any other is asked for.
        """
        for cell in self._cells:
            if not self._turns.begin(cell["id"]):
                continue
            self.due.difference_update(cell["restores"])
            failed = (self._failures[need] for need in cell["needs"] if need in self._failures)
            blocked_by = cell["blocked_by"] or next(failed, "")
            if blocked_by:
                self._failures[cell["id"]] = blocked_by
            yield cell, blocked_by
