"""Which cells of plans have begun in a kernel, and which may still begin. Imported by kernel_main.py alone, and imports
nothing of the server. What the messages mean is said there.
"""

import threading
import time

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
