"""How Python code is laid out, and what is likely wrong with it, by ruff in a process of its own for each question.

Nothing here runs the code, reads a file or a configuration, or changes a row: who asked decides what to do about it.
"""

import re
import subprocess
import sysconfig
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, TooLarge, Unavailable
from apps.base.wire import JsonObject
from apps.editing.utf16 import cut, unit_count
from apps.notebooks.models import NAMED_KINDS, Cell, CellKind

RUFF = Path(sysconfig.get_path("scripts")) / "ruff"
MAX_SOURCE_CHARS = 200_000
# Names that other cells bind are no mistake; of a notebook with more text than this they are not looked for.
MAX_NOTEBOOK_CHARS = 2_000_000
MAX_PROBLEMS = 100
TIMEOUT_S = 5
# Each takes a core for a moment; who waits longer than a moment has typed on.
_room = threading.BoundedSemaphore(2)
WAIT_S = 2

# What is wrong whatever one's taste: syntax, format strings, comparisons, names that nothing binds.
_RULES = "E9,F50,F63,F7"
_NAMES = "F82"
_BUILTINS = 'builtins=["display","get_ipython","In","Out","exit","quit"]'

Json = dict[str, Any]


def formatted(*, actor: Actor, notebook_id: UUID, source: str) -> str:
    """The source as ruff lays it out. Invalid if it cannot be parsed."""
    _check(actor, notebook_id, source)
    written = _ruff("format", notebook=_file([source]))
    if written is None:
        raise Invalid("The code cannot be formatted, because it has a syntax error. Mend it first.")
    text: Any = orjson.loads(written)["cells"][0]["source"]
    return text if isinstance(text, str) else "".join(text)


def problems(*, actor: Actor, notebook_id: UUID, cell_id: UUID, source: str) -> list[Json]:
    """`[{from, to, message}]` in the cell's text as it is in an editor, in UTF-16 units; at most 100."""
    _check(actor, notebook_id, source)
    cells = Cell.objects.filter(notebook_id=notebook_id, deleted_at=None).exclude(id=cell_id)
    others = list(cells.filter(kind=CellKind.PYTHON).values_list("source", flat=True))
    # What an SQL or sheet cell gives is a name like others.
    results = cells.filter(kind__in=NAMED_KINDS).exclude(result_name="").values_list("result_name", flat=True)
    others += [f"{name} = None" for name in results]
    knows_all = sum(map(len, others)) <= MAX_NOTEBOOK_CHARS
    told, unread = _told([*others, source]) if knows_all else _told([source], rules=_RULES)
    lines = source.split("\n")
    found = [_problem(each, lines) for each in told]
    # What cells that cannot be read say is not known: they may bind any name that is in them.
    return [each for each in found if not _is_name_in(each, source, unread)][:MAX_PROBLEMS]


def _told(sources: list[str], *, rules: str = f"{_RULES},{_NAMES}") -> tuple[list[Json], str]:
    """What ruff says of the last source, and all the others that have syntax errors: it reads all or none.

    The cell comes last, so that a name may be from any other: order is for the kernel to say.
    """
    options = (
        "--no-cache",
        "--exit-zero",
        "--output-format",
        "json",
        "--select",
        rules,
        "--config",
        _BUILTINS,
    )
    told = orjson.loads(_ruff("check", *options, notebook=_file(sources)) or b"[]")
    last = len(sources)
    broken = {each["cell"] for each in told if each.get("name") == "invalid-syntax"} - {last, None}
    if not broken:
        return [each for each in told if each.get("cell") == last], ""
    rest = [source for number, source in enumerate(sources, start=1) if number not in broken]
    again, _ = _told(rest, rules=rules)
    return again, "\n".join(sources[number - 1] for number in sorted(broken))


def _is_name_in(problem: Json, source: str, unread: str) -> bool:
    if not unread or "F821" not in problem["message"]:
        return False
    name = cut(source, problem["from"], problem["to"])
    return re.search(rf"\b{re.escape(name)}\b", unread) is not None


def _check(actor: Actor, notebook_id: UUID, source: str) -> None:
    require_role(actor, notebook_id, Role.EDITOR)
    if len(source) > MAX_SOURCE_CHARS:
        raise TooLarge(f"Only texts of at most {MAX_SOURCE_CHARS:,} characters are looked at.")


def _file(sources: Iterable[str]) -> bytes:
    """As a notebook file, because ruff knows what is IPython's in it."""
    cell: JsonObject = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [cell | {"id": str(number), "source": source} for number, source in enumerate(sources)]
    return orjson.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def _ruff(command: str, *options: str, notebook: bytes) -> bytes | None:
    """What it writes; None if it cannot read the code. Unavailable if it is busy, slow or missing."""
    if not _room.acquire(timeout=WAIT_S):
        raise Unavailable("Too much code is being looked at. Try again in a moment.")
    try:
        done = subprocess.run(
            [RUFF, command, "--isolated", *options, "--stdin-filename", "cell.ipynb", "-"],
            input=notebook,
            capture_output=True,
            timeout=TIMEOUT_S,
            cwd="/",
            env={},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Unavailable("The code could not be looked at in time. Try again.") from None
    finally:
        _room.release()
    return done.stdout if done.returncode == 0 else None


def _problem(told: Json, lines: list[str]) -> Json:
    start, end = (_units(told[place], lines) for place in ("location", "end_location"))
    code = f" ({told['code']})" if told["code"] else ""
    return {"from": start, "to": max(end, start), "message": f"{told['message']}{code}"}


def _units(place: Json, lines: list[str]) -> int:
    """Rows and columns count from 1, columns in characters."""
    row, column = place["row"] - 1, place["column"] - 1
    before = sum(unit_count(line) + 1 for line in lines[:row])
    return before + unit_count(lines[row][:column] if row < len(lines) else "")
