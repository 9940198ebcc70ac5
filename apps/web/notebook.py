"""The notebook page and its download.

Of a long notebook the page comes in two parts: first what is seen, then the snapshot, which takes longer to read, to
send and to parse than all else. What changes between the two, the page sees in the snapshot like any change.
"""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import DomainError
from apps.execution.commands import prepare_kernel
from apps.execution.queries import opening, snapshot
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
# In place of the snapshot that is still to come. No text of people can have it: theirs has no `<`.
SNAPSHOT = mark_safe("<!--snapshot-->")


@require_safe
@page
def show(request: HttpRequest, notebook_id: UUID) -> HttpResponseBase:
    actor = actor_of(request)
    first = opening(actor=actor, notebook_id=notebook_id, most=FIRST_CELLS)
    opened = first or snapshot(actor=actor, notebook_id=notebook_id)
    mark_opened(actor=actor, notebook_id=notebook_id)
    prepare_kernel(actor=actor, notebook_id=notebook_id)
    context: dict[str, Any] = {
        "snapshot": embedded_json(opened) if first is None else SNAPSHOT,
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
    whole = render(request, "notebook/page.html", context)
    if first is None:
        return whole
    return StreamingHttpResponse(
        _in_two(whole.content, actor, notebook_id), content_type=whole["Content-Type"]
    )


async def _in_two(page: bytes, actor: Actor, notebook_id: UUID) -> AsyncIterator[bytes]:
    before, _, after = page.rpartition(SNAPSHOT.encode())
    yield before
    yield await database_sync_to_async(_embedded_snapshot, thread_sensitive=False)(actor, notebook_id)
    yield after


def _embedded_snapshot(actor: Actor, notebook_id: UUID) -> bytes:
    try:
        return embedded_json(snapshot(actor=actor, notebook_id=notebook_id)).encode()
    except DomainError:
        # Deleted in this very moment, or no longer shared: the page loads again, and then says so.
        return b"null"


@require_safe
@page
def export(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    notebook = get_notebook_for(actor=actor_of(request), notebook_id=notebook_id)
    response = HttpResponse(export_ipynb(notebook_id=notebook_id), content_type="application/x-ipynb+json")
    filename = slugify(notebook.title) or "notebook"
    response["Content-Disposition"] = f'attachment; filename="{filename}.ipynb"'
    return response
