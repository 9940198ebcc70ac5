"""What the templates need of a cell beyond its snapshot: prompt, kind in words, Markdown as HTML.

`src/cells/wording.ts` says the same in the browser.
"""

from typing import Any
from uuid import UUID

from apps.notebooks.markdown import render_markdown
from apps.notebooks.models import CellKind, CellStatus
from apps.notebooks.queries import attachments_by_cell

INSERTABLE_KINDS = [
    (kind.value, kind.label)
    for kind in (CellKind.PYTHON, CellKind.MARKDOWN, CellKind.SQL, CellKind.SHEET, CellKind.JAVASCRIPT)
]

BLANK_CELL = {
    "id": "",
    "kind": "",
    "status": CellStatus.IDLE,
    "source": "",
    "version": "",
    "prompt": "",
    "html": None,
}


def shown_cells(notebook: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """The first cells, at most so many."""
    notebook_id = UUID(notebook["id"])
    attachments = attachments_by_cell(notebook_id)
    return [_shown(cell, attachments.get(UUID(cell["id"])), notebook_id) for cell in notebook["cells"][:most]]


def prompt_of(cell: dict[str, Any]) -> str:
    if cell["kind"] in (CellKind.MARKDOWN, CellKind.RAW):
        return ""
    if cell["status"] in (CellStatus.RUNNING, CellStatus.QUEUED):
        return "In [*]:"
    return f"In [{cell['execution_count'] or ' '}]:"


def _shown(cell: dict[str, Any], attachments: dict[str, Any] | None, notebook_id: UUID) -> dict[str, Any]:
    is_markdown = cell["kind"] == CellKind.MARKDOWN
    return {
        "id": cell["id"],
        "kind": cell["kind"],
        "kind_name": CellKind(cell["kind"]).label,
        "status": cell["status"],
        "source": cell["source"],
        "version": cell["version"],
        "prompt": prompt_of(cell),
        "html": render_markdown(cell["source"], attachments, notebook_id) if is_markdown else None,
    }
