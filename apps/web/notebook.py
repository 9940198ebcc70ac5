"""The notebook page and its download."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from apps.accounts.models import Role
from apps.execution.commands import prepare_kernel
from apps.execution.queries import snapshot
from apps.kernels.sandbox import sandbox_state
from apps.notebooks.commands import mark_opened
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.models import CellKind
from apps.notebooks.queries import get_notebook_for
from apps.web.cells import BLANK_CELL, INSERTABLE_KINDS, shown_cells
from apps.web.embedding import embedded_json
from apps.web.pages import actor_of, page

# What is seen first. The page makes the others itself (static/src/cells/cell_list.ts).
FIRST_CELLS = 60


@require_safe
@page
def show(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    opened = snapshot(actor=actor, notebook_id=notebook_id)
    mark_opened(actor=actor, notebook_id=notebook_id)
    prepare_kernel(actor=actor, notebook_id=notebook_id)
    context: dict[str, Any] = {
        "snapshot": embedded_json(opened),
        "notebook": opened["notebook"],
        "cells": shown_cells(opened["notebook"], FIRST_CELLS),
        "blank_cell": BLANK_CELL,
        "kinds": CellKind.choices,
        "insertable_kinds": INSERTABLE_KINDS,
        "role": opened["role"],
        "sandbox": sandbox_state(),
        "max_file_bytes": settings.UPLOAD_MAX_BYTES,
        "can_edit": Role(opened["role"]).allows(Role.EDITOR),
    }
    return render(request, "notebook/page.html", context)


@require_safe
@page
def export(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    notebook = get_notebook_for(actor=actor_of(request), notebook_id=notebook_id)
    response = HttpResponse(export_ipynb(notebook_id=notebook_id), content_type="application/x-ipynb+json")
    filename = slugify(notebook.title) or "notebook"
    response["Content-Disposition"] = f'attachment; filename="{filename}.ipynb"'
    return response
