"""The variables of a notebook's kernel, for those who may run code in it.

The kernel is asked a slice of a few milliseconds at a time, so that a run comes in between (kernel_variables.py). What
it replies is text to be shown and nothing else: code in a cell can change its kernel.
"""

import time
from typing import Any
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, NotFound, Unavailable
from apps.execution.kernel_questions import ask_kernel
from apps.execution.models import Binding, CellRun, Run

# Of one slice, and of all.
SLICE_TIMEOUT_S = 0.5
TIMEOUT_S = 3.0
MAX_VARIABLES = 2000
MAX_NAME_CHARS = 200
MAX_TEXT_CHARS = 5000
MAX_ROWS = 50
MAX_COLUMNS = 21

BUSY = "The kernel is busy or off. Its variables are shown when it is idle."

Json = dict[str, Any]


def variables(*, actor: Actor, notebook_id: UUID) -> Json:
    """`{variables: [{name, type, shape, size_bytes, preview, cell_id, is_changed}], is_complete}` by name; see
    docs/protocol.md ("Variables"). Unavailable while the kernel is busy or off."""
    require_role(actor, notebook_id, Role.EDITOR)
    deadline = time.monotonic() + TIMEOUT_S
    found: list[Json] = []
    after: object = ""
    while isinstance(after, str) and len(found) < MAX_VARIABLES and time.monotonic() < deadline:
        reply = ask_kernel(notebook_id, "variables", {"after": after}, timeout_s=SLICE_TIMEOUT_S)
        if reply is None:
            break
        found += [_variable_json(each) for each in _list(reply.get("variables"))]
        after = reply.get("next")
    if not found and after is not None:
        raise Unavailable(BUSY)
    return {"variables": _with_origins(notebook_id, found), "is_complete": after is None}


def variable(*, actor: Actor, notebook_id: UUID, name: str) -> Json:
    """`{type, columns, rows, text, more}` of one of them. NotFound if it is gone; else as above."""
    require_role(actor, notebook_id, Role.EDITOR)
    if len(name) > MAX_NAME_CHARS:
        raise Invalid("There is no name as long as that.", field="name")
    reply = ask_kernel(notebook_id, "variable", {"name": name}, timeout_s=SLICE_TIMEOUT_S)
    if reply is None:
        raise Unavailable(BUSY)
    if reply.get("found") is not True:
        raise NotFound(f"There is no variable {name} any more.")
    more = reply.get("more")
    return {
        "type": _text(reply.get("type")),
        "columns": [_text(column) for column in _list(reply.get("columns"))[:MAX_COLUMNS]],
        "rows": [
            [_text(cell) for cell in _list(row)[:MAX_COLUMNS]] for row in _list(reply.get("rows"))[:MAX_ROWS]
        ],
        "text": _text(reply.get("text")),
        "more": more if isinstance(more, int) else 0,
    }


def _with_origins(notebook_id: UUID, found: list[Json]) -> list[Json]:
    """With the cell that bound each last, and whether that was in the last run. Null and false if nobody knows."""
    runs = dict(Binding.objects.filter(notebook_id=notebook_id).values_list("name", "key"))
    cells = dict(CellRun.objects.filter(key__in=set(runs.values())).values_list("key", "cell_id"))
    ended = Run.objects.filter(notebook_id=notebook_id, finished_at__isnull=False, cell_runs__isnull=False)
    last = ended.order_by("-finished_at").first()
    fresh = set(last.cell_runs.values_list("key", flat=True)) if last else set()
    return [
        variable
        | {
            "cell_id": str(cells[key]) if (key := runs.get(variable["name"])) in cells else None,
            "is_changed": key in fresh,
        }
        for variable in found
    ]


def _variable_json(variable: Any) -> Json:
    told = variable if isinstance(variable, dict) else {}
    size = told.get("size_bytes")
    texts = {field: _text(told.get(field)) for field in ("name", "type", "shape", "preview")}
    return texts | {"size_bytes": size if isinstance(size, int) and not isinstance(size, bool) else None}


def _text(value: Any) -> str:
    return value[:MAX_TEXT_CHARS] if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
