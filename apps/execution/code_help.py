"""Help for whoever types code: how it may go on, and what a name is.

The live kernel knows best and is asked first. Where it is busy, off or slow, the text of the notebook answers.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, TooLarge
from apps.editing.utf16 import cut, unit_count
from apps.execution.kernel_questions import ask_kernel
from apps.execution.source_help import source_help
from apps.notebooks.models import Cell, CellKind
from apps.notebooks.queries import get_cell_for

# After that somebody who types has gone on.
KERNEL_TIMEOUT_S = 0.3
MAX_SOURCE_CHARS = 200_000
MAX_MATCHES = 300
MAX_TEXT_CHARS = 50_000

_WORD_END = re.compile(r"\w*\Z")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Lines in IPython's own syntax, and cells of a magic, are no Python.
_OWN_LINES = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)

Json = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """In a cell's text as somebody sees it, which the server may not have yet. `position` counts characters."""

    actor: Actor
    notebook_id: UUID
    cell_id: UUID
    source: str
    position: int

    @classmethod
    def of(cls, actor: Actor, notebook_id: UUID, cell_id: UUID, source: str, position: int) -> "Place":
        """From a position in UTF-16 units, for editors. TooLarge, or Invalid for a position outside of the text."""
        require_role(actor, notebook_id, Role.EDITOR)
        if len(source) > MAX_SOURCE_CHARS:
            raise TooLarge(f"Only texts of at most {MAX_SOURCE_CHARS:,} characters are completed.")
        if not 0 <= position <= unit_count(source):
            raise Invalid("position is not within the text.", field="position")
        return cls(actor, notebook_id, cell_id, source, len(cut(source, 0, position)))


def completions(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, source: str, position: int
) -> dict[str, Any]:
    """`{start, end, matches: [text], origin}` as in docs/protocol.md ("Help with code")."""
    place = Place.of(actor, notebook_id, cell_id, source, position)
    return _of_kernel(place) or _of_source(place)


def inspection(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, source: str, position: int
) -> dict[str, Any]:
    """`{text, origin}`; the text is empty if nothing is known of what is there."""
    place = Place.of(actor, notebook_id, cell_id, source, position)
    reply = _ask(place, "inspect", detail_level=0)
    if reply and reply.get("found"):
        text = str((reply.get("data") or {}).get("text/plain", ""))
        return {"text": _COLOURS.sub("", text)[:MAX_TEXT_CHARS], "origin": "kernel"}
    found = _ask_source(place, "inspect")
    return {"text": found.get("text", ""), "origin": "source"}


def _ask(place: Place, request: str, **content: Any) -> Json | None:
    content |= {"code": place.source, "cursor_pos": place.position}
    reply = ask_kernel(place.notebook_id, request, content, timeout_s=KERNEL_TIMEOUT_S)
    return reply if reply and reply.get("status") == "ok" else None


def _of_kernel(place: Place) -> Json | None:
    """None if the kernel does not answer, or in a way that fits no text: code in a cell can change its kernel."""
    reply = _ask(place, "complete")
    if reply is None:
        return None
    start, end, matches = reply.get("cursor_start"), reply.get("cursor_end"), reply.get("matches")
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(matches, list)):
        return None
    if not 0 <= start <= place.position <= end <= len(place.source):
        return None
    # An attribute comes with its dot, so that a name does not have to be known for what is below it.
    if place.source[start : start + 1] == "." and all(str(match).startswith(".") for match in matches):
        start, matches = start + 1, [str(match)[1:] for match in matches]
    return _completions(place, start, end, matches, "kernel")


def _of_source(place: Place) -> Json:
    word = _WORD_END.search(place.source, 0, place.position)
    start = word.start() if word else place.position
    matches = _ask_source(place, "complete").get("matches", [])
    return _completions(place, start, place.position, matches, "source")


def _completions(place: Place, start: int, end: int, matches: list[Any], origin: str) -> Json:
    """In UTF-16 units. What does not go on as was typed, like a magic without its sign, is left out."""
    typed = place.source[start : place.position].lower()
    fitting = dict.fromkeys(str(match) for match in matches if str(match).lower().startswith(typed))
    return {
        "start": unit_count(place.source[:start]),
        "end": unit_count(place.source[:end]),
        "matches": [*fitting][:MAX_MATCHES],
        "origin": origin,
    }


def _ask_source(place: Place, request: str) -> Json:
    above = _source_above(place)
    source = _OWN_LINES.sub("", above)
    answer = source_help.ask(request, source + place.source, len(source) + place.position)
    return answer or {}


def _source_above(place: Place) -> str:
    """The Python cells above, in order, each with a line feed."""
    cell = get_cell_for(actor=place.actor, notebook_id=place.notebook_id, cell_id=place.cell_id)
    above = Cell.objects.filter(
        notebook_id=place.notebook_id, deleted_at=None, kind=CellKind.PYTHON, order_key__lt=cell.order_key
    )
    sources = above.order_by("order_key").values_list("source", flat=True)
    return "".join(f"{source}\n" for source in sources if not source.startswith("%%"))
