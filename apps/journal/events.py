"""The base of all event types. Each app declares its own in `events.py`; docs/protocol.md lists them."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact about a notebook, in the past tense. Its fields are JSON values and go out as they are."""

    type: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        return {"type": self.type} | {field.name: getattr(self, field.name) for field in fields(self)}
