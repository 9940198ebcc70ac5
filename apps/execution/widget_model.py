"""One ipywidgets model as the server knows it, and what messages of the kernel do to it. Pure.

Source of the shapes: ipywidgets, "Jupyter widget messaging protocol", version 2.1.
"""

import base64
from dataclasses import dataclass, field
from typing import Any, Self

from apps.base.text import storable
from apps.base.wire import dumps

Json = dict[str, Any]

# A model with all its buffers. Of one that is larger, a sentence is kept; the frames and rows stay small.
MAX_WIDGET_BYTES = 8 * 2**20

PROBLEM = "_tandem_problem"
"""The field of a state that says in place of all others why there is nothing to show."""

TOO_LARGE = {
    PROBLEM: f"This widget is too large to be shown: it has more than {MAX_WIDGET_BYTES // 2**20} MiB."
}
TOO_MANY = {
    PROBLEM: "This notebook has too many widgets, or too large ones. Restart the kernel to begin anew."
}


@dataclass(frozen=True)
class Update:
    """Fields of a state, and the binary parts of them: `[{path, encoding, data}]`."""

    state: Json
    buffers: list[Json]

    @classmethod
    def of(cls, data: Any, buffers: Any) -> "Update | None":
        """Of the data of a comm message; None if it is not shaped as it should be. Code in a cell can send anything."""
        state = data.get("state") if isinstance(data, dict) else None
        paths = data.get("buffer_paths") or [] if isinstance(data, dict) else None
        if not isinstance(state, dict) or not isinstance(paths, list):
            return None
        try:
            kept = [_buffer(path, content) for path, content in zip(paths, buffers, strict=False)]
            return cls(storable(state), [each for each in kept if each])
        except RecursionError:
            return None

    @property
    def size(self) -> int:
        return sum(_size_of(value) for value in self.state.values()) + sum(
            len(each["data"]) for each in self.buffers
        )

    def then(self, later: "Update") -> "Update":
        kept = [each for each in self.buffers if each["path"][0] not in later.state]
        return Update(self.state | later.state, [*kept, *later.buffers])


@dataclass
class Widget:
    state: Json = field(default_factory=dict)
    buffers: list[Json] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    """Of each field, without its buffers."""

    @classmethod
    def stored(cls, state: Json, buffers: list[Json]) -> Self:
        return cls(state, buffers, {key: _size_of(value) for key, value in state.items()})

    @property
    def size(self) -> int:
        return sum(self.sizes.values()) + sum(len(each["data"]) for each in self.buffers)

    @property
    def is_left_out(self) -> bool:
        return PROBLEM in self.state

    def take(self, update: Update) -> None:
        whole = Update(self.state, self.buffers).then(update)
        self.state, self.buffers = whole.state, whole.buffers
        self.sizes |= {key: _size_of(value) for key, value in update.state.items()}

    def leave_out(self, state: Json) -> None:
        self.state, self.buffers, self.sizes = dict(state), [], {}

    def as_json(self) -> Json:
        return {"state": self.state, "buffers": self.buffers, "is_alive": True}


def encoded(content: Any) -> str:
    """A buffer as it is kept and told."""
    return base64.b64encode(content).decode()


def _buffer(path: Any, content: Any) -> Json | None:
    is_path = isinstance(path, list) and path and all(isinstance(step, str | int) for step in path)
    return {"path": path, "encoding": "base64", "data": encoded(content)} if is_path else None


def _size_of(value: Any) -> int:
    return len(dumps(value))
