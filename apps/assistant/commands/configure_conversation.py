from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.conversations import (
    checked_mode,
    checked_model,
    get_conversation,
    require_owner_or_editor,
)
from apps.assistant.events import ConversationUpdated
from apps.assistant.models import MAX_TITLE_CHARS, Conversation
from apps.assistant.shown import conversation_json
from apps.base.errors import Invalid
from apps.base.text import check_storable
from apps.journal.record import append_events, audit
from apps.notebooks.locking import lock_notebook_for


@transaction.atomic
def configure_conversation(
    *,
    actor: Actor,
    notebook_id: UUID,
    conversation_id: UUID,
    title: str | None = None,
    mode: str | None = None,
    model: str | None = None,
) -> Conversation:
    """Give it another title, mode or model, which count from its next turn on. Event: conversation_updated.

    Editors, and whoever began it.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.VIEWER)
    conversation = get_conversation(notebook_id, conversation_id)
    require_owner_or_editor(actor, notebook_id, conversation.created_by_id)
    wanted = {
        "title": _checked_title(title) if title is not None else None,
        "mode": checked_mode(mode) if mode is not None else None,
        "model": checked_model(model) if model is not None else None,
    }
    changes = {
        name: value
        for name, value in wanted.items()
        if value is not None and getattr(conversation, name) != value
    }
    if not changes:
        return conversation
    for name, value in changes.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=list(changes))
    append_events(notebook, actor, ConversationUpdated(conversation=conversation_json(conversation)))
    audit(actor, "configure_conversation", notebook.id, conversation_id=str(conversation.id), **changes)
    return conversation


def _checked_title(title: str) -> str:
    check_storable(title, field="title")
    words = " ".join(title.split())
    if not words or len(words) > MAX_TITLE_CHARS:
        raise Invalid(f"A title has 1 to {MAX_TITLE_CHARS} characters.", field="title")
    return words
