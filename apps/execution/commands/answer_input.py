from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict, TooLarge
from apps.base.text import check_storable
from apps.execution.events import InputClosed
from apps.execution.models import InputAnswer
from apps.execution.wake import wake_on_commit
from apps.journal.record import append_events, audit
from apps.notebooks.locking import get_cell, lock_notebook_for

# A line that somebody types; whole files go into the notebook's folder.
MAX_ANSWER_CHARS = 10_000


@transaction.atomic
def answer_input(*, actor: Actor, notebook_id: UUID, cell_id: UUID, request_id: UUID, value: str) -> None:
    """Answer what the running cell asks with `input()`. Editors. Event: input_closed.

    Conflict if it is not asked any more: the first answer counts. No event and no audit row says what was answered.
    """
    if len(value) > MAX_ANSWER_CHARS:
        raise TooLarge(f"An answer may have at most {MAX_ANSWER_CHARS:,} characters.")
    check_storable(value, field="value")
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    request = cell.input_request
    if request is None or request["id"] != str(request_id):
        raise Conflict("This is not asked any more: somebody has answered, or the cell has gone on.")
    InputAnswer.objects.update_or_create(
        notebook=notebook, defaults={"cell": cell, "request": request, "value": value}
    )
    cell.input_request = None
    cell.save(update_fields=["input_request"])
    append_events(notebook, actor, InputClosed(cell_id=str(cell.id), request_id=str(request_id)))
    audit(actor, "answer_input", notebook.id, cell_id=str(cell.id))
    wake_on_commit(notebook.id)
