"""What a kernel says of itself to a new owner of its lane: the message `taken_over` (kernel_main.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class TakenOver:
    begun: Mapping[str, datetime]
    """Those of the cell runs in question that have begun, and when. If there are none, none will."""
    request_id: str = ""
    """Of the plan that they belong to."""
    last: int = 0
    """The number of the last message that it has published."""

    @classmethod
    def of(cls, content: Any) -> "TakenOver":
        """Code in a cell can publish such a message too; what is not shaped as it should be is left out."""
        said = content if isinstance(content, dict) else {}
        begun = said.get("begun")
        return cls(
            begun={key: _time(at) for key, at in begun.items()} if isinstance(begun, dict) else {},
            request_id=str(said.get("request_id", "")),
            last=last if isinstance(last := said.get("last"), int) else 0,
        )


def _time(seconds: object) -> datetime:
    """Not later than now."""
    now = datetime.now(UTC)
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= now.timestamp():
        return now
    return datetime.fromtimestamp(seconds, UTC)
