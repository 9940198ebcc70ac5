"""The rows of widget models. A lane is the only one that writes them, in its fenced transactions."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import transaction

from apps.execution.widget_model import Widget
from apps.journal.publish import publish
from apps.notebooks.models import WidgetModel
from apps.notebooks.widgets import shown_models


def alive_widgets(notebook_id: UUID) -> dict[str, Widget]:
    rows = WidgetModel.objects.filter(notebook_id=notebook_id, is_alive=True)
    return {row.comm_id: Widget.stored(row.state, row.buffers) for row in rows}


def store_widgets(notebook_id: UUID, changed: dict[str, Widget], closed: Iterable[str]) -> None:
    """In the caller's transaction."""
    rows = [
        WidgetModel(
            notebook_id=notebook_id,
            comm_id=comm_id,
            state=widget.state,
            buffers=widget.buffers,
            is_alive=True,
        )
        for comm_id, widget in changed.items()
    ]
    WidgetModel.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("notebook", "comm_id"),
        update_fields=("state", "buffers", "is_alive"),
    )
    if closed := list(closed):
        WidgetModel.objects.filter(notebook_id=notebook_id, comm_id__in=closed).delete()


def forget_widgets(notebook_id: UUID) -> None:
    """In a lane's transaction: the kernel is gone. What outputs show stays to be looked at, the rest goes."""
    models = WidgetModel.objects.filter(notebook_id=notebook_id)
    if not models.exists():
        return
    models.exclude(comm_id__in=shown_models(notebook_id)).delete()
    models.update(is_alive=False)
    gone = {"type": "widgets", "number": 0, "items": [{"kind": "gone"}]}
    transaction.on_commit(partial(publish, notebook_id, gone), robust=True)
