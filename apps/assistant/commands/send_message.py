from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role, User
from apps.assistant.attached_files import store_files
from apps.assistant.conversations import checked_mode, checked_model, get_conversation, get_turn, problem_of
from apps.assistant.events import ConversationCreated, ConversationUpdated, TurnCreated, TurnUpdated
from apps.assistant.limits import LimitReached, check_day, seconds_left_today
from apps.assistant.models import UNFINISHED, Conversation, Turn
from apps.assistant.prompt import (
    Attachment,
    checked_attachments,
    checked_mentions,
    checked_message,
    prompt_blocks,
)
from apps.assistant.shown import conversation_json, turn_json, turn_state
from apps.assistant.wake import kick_on_commit
from apps.base.errors import Conflict, TooLarge, TooMany, Unavailable
from apps.journal.record import append_events, audit
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook

# A bound on the queue of one notebook.
MAX_QUEUED = 50
MAX_TITLE_CHARS = 80


def send_message(
    *,
    actor: Actor,
    notebook_id: UUID,
    message: str,
    conversation_id: UUID | None = None,
    mode: str | None = None,
    model: str | None = None,
    mentions: object = (),
    attachments: object = (),
    instead_of: UUID | None = None,
) -> Turn:
    """Queue a turn, in a new conversation without an id. Whoever may see the notebook may ask.

    `instead_of`: that turn of the conversation, and those after it, are left out from now on.
    Events: conversation_created or, if it changed, conversation_updated; turn_updated of each that is left out;
    turn_created.
    """
    require_role(actor, notebook_id, Role.VIEWER)
    _check_can_ask(actor, notebook_id)
    attached = checked_attachments(list(attachments) if isinstance(attachments, tuple) else attachments)
    mentioned = checked_mentions(list(mentions) if isinstance(mentions, tuple) else mentions)
    text = checked_message(message, attached)
    if any(each.kind == "file" for each in attached):
        require_role(actor, notebook_id, Role.EDITOR)
        attached = store_files(notebook_id, attached)  # no lock is held across it
    wanted = {"mode": checked_mode(mode) if mode else None, "model": checked_model(model) if model else None}
    return _queue(actor, notebook_id, conversation_id, wanted, text, mentioned, attached, instead_of)


@transaction.atomic
def _queue(
    actor: Actor,
    notebook_id: UUID,
    conversation_id: UUID | None,
    wanted: dict[str, Any],
    message: str,
    mentions: list[dict[str, Any]],
    attachments: Sequence[Attachment],
    instead_of: UUID | None,
) -> Turn:
    notebook = lock_notebook_for(actor, notebook_id, Role.VIEWER)
    _check_room(notebook)
    user = User.objects.get(pk=actor.user_id or 0)
    conversation = _conversation(notebook, actor, user, conversation_id, wanted, message)
    if instead_of is not None:
        _leave_out(notebook, actor, conversation, get_turn(notebook_id, instead_of))
    newest = Turn.objects.filter(notebook=notebook).aggregate(number=Max("number"))["number"] or 0
    turn = Turn.objects.create(
        conversation=conversation,
        notebook=notebook,
        number=newest + 1,
        asked_by=user,
        asked_by_label=user.get_username(),
        message=message,
        mentions=mentions,
        attachments=[each.as_json() for each in attachments],
        prompt=prompt_blocks(notebook_id, message, mentions, attachments),
        mode=conversation.mode,
        model=conversation.model,
        budget_from=timezone.now(),
    )
    append_events(notebook, actor, TurnCreated(turn=turn_json(turn)))
    audit(actor, "ask_assistant", notebook.id, turn_id=str(turn.id), mode=turn.mode, model=turn.model)
    kick_on_commit(notebook.id)
    return turn


def _check_can_ask(actor: Actor, notebook_id: UUID) -> None:
    if problem := problem_of(notebook_id):
        raise Unavailable(problem)
    try:
        check_day(actor.user_id)
    except LimitReached as reached:
        raise TooMany(str(reached), retry_after_s=seconds_left_today()) from None


def _check_room(notebook: Notebook) -> None:
    queued = Turn.objects.filter(notebook=notebook, status__in=UNFINISHED).count()
    if queued >= MAX_QUEUED:
        raise TooLarge(f"{queued} turns of this notebook have not ended. Wait for them, or stop some.")


def _conversation(
    notebook: Notebook,
    actor: Actor,
    user: User,
    conversation_id: UUID | None,
    wanted: dict[str, Any],
    message: str,
) -> Conversation:
    """The conversation, made or as wanted, and told of if that is news."""
    changes = {name: value for name, value in wanted.items() if value is not None}
    if conversation_id is None:
        title = " ".join(message.split())[:MAX_TITLE_CHARS] or "An image"
        defaults = {"model": settings.ASSISTANT_MODELS[0]} | changes
        made = Conversation.objects.create(notebook=notebook, title=title, created_by=user, **defaults)
        made.refresh_from_db()
        append_events(notebook, actor, ConversationCreated(conversation=conversation_json(made)))
        return made
    conversation = get_conversation(notebook.id, conversation_id)
    changes = {name: value for name, value in changes.items() if getattr(conversation, name) != value}
    for name, value in changes.items():
        setattr(conversation, name, value)
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["mode", "model", "updated_at"])
    if changes:
        append_events(notebook, actor, ConversationUpdated(conversation=conversation_json(conversation)))
    return conversation


def _leave_out(notebook: Notebook, actor: Actor, conversation: Conversation, turn: Turn) -> None:
    if turn.conversation_id != conversation.id:
        raise Conflict("That turn is of another conversation.")
    replaced = conversation.turns.filter(number__gte=turn.number)
    if replaced.filter(status__in=UNFINISHED).exists():
        raise Conflict("That turn, or one after it, has not ended. Stop it first.")
    for each in replaced.filter(is_left_out=False).order_by("number"):
        each.is_left_out = True
        each.save(update_fields=["is_left_out"])
        append_events(notebook, actor, TurnUpdated(turn=turn_state(each)))
