"""Finding conversations and turns, with permission, and what can be chosen for them. Nothing here writes."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from apps.accounts.access import require_role, role_of
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.limits import used_today
from apps.assistant.model_request import sent_request
from apps.assistant.model_setup import NO_KEY, is_configured
from apps.assistant.models import (
    UNFINISHED,
    AssistantPolicy,
    Conversation,
    ConversationMode,
    ModelCall,
    ToolCall,
    ToolCallStatus,
    Turn,
)
from apps.assistant.shown import conversation_json, tool_json, turn_json, turn_state, turns_json
from apps.base.errors import Forbidden, Invalid, NotFound

Json = dict[str, Any]

MAX_CONVERSATIONS = 100
MAX_TURNS = 30
MAX_UNFINISHED = 100

OFF_HERE = "An administrator has switched the assistant off for this notebook."


def assistant_state(*, actor: Actor, notebook_id: UUID) -> Json:
    """`{is_available, problem, models, model, modes, today}` as in docs/protocol.md."""
    require_role(actor, notebook_id, Role.VIEWER)
    problem = problem_of(notebook_id)
    spent = used_today(actor.user_id)
    return {
        "is_available": not problem,
        "problem": problem,
        "models": [{"id": model, "name": model} for model in settings.ASSISTANT_MODELS],
        "model": settings.ASSISTANT_MODELS[0],
        "modes": list(ConversationMode.values),
        "today": {
            "tokens": spent.tokens,
            "cost_usd": float(spent.cost_usd),
            "max_tokens": settings.ASSISTANT_DAY_TOKENS or None,
            "max_cost_usd": settings.ASSISTANT_DAY_USD or None,
        },
    }


def problem_of(notebook_id: UUID) -> str:
    """Why nobody can ask here, and what to do; empty if one can."""
    if not is_configured():
        return NO_KEY
    if AssistantPolicy.objects.filter(pk=notebook_id, is_enabled=False).exists():
        return OFF_HERE
    return ""


def conversations(*, actor: Actor, notebook_id: UUID, search: str = "") -> list[Json]:
    """Newest first, at most 100; `search` is a part of a title, of a message, or of what the assistant said."""
    require_role(actor, notebook_id, Role.VIEWER)
    found = Conversation.objects.filter(notebook=notebook_id)
    if words := search.replace("\x00", "").strip():
        said = Turn.objects.filter(notebook=notebook_id, model_calls__shown__icontains=words)
        asked = Turn.objects.filter(notebook=notebook_id, message__icontains=words)
        found = found.filter(
            Q(title__icontains=words)
            | Q(id__in=said.values("conversation_id"))
            | Q(id__in=asked.values("conversation_id"))
        )
    newest = found.select_related("created_by").order_by("-updated_at")[:MAX_CONVERSATIONS]
    return [conversation_json(each) for each in newest]


def conversation(
    *, actor: Actor, notebook_id: UUID, conversation_id: UUID, before_number: int | None = None
) -> Json:
    """`{conversation, turns}`: the newest 30 turns (before that number), oldest first."""
    require_role(actor, notebook_id, Role.VIEWER)
    found = get_conversation(notebook_id, conversation_id)
    turns = found.turns.order_by("-number")
    if before_number is not None:
        turns = turns.filter(number__lt=before_number)
    return {"conversation": conversation_json(found), "turns": turns_json(list(turns[:MAX_TURNS])[::-1])}


def turn_for(*, actor: Actor, notebook_id: UUID, turn_id: UUID) -> Json:
    require_role(actor, notebook_id, Role.VIEWER)
    return turn_json(get_turn(notebook_id, turn_id))


def unfinished_turns(*, actor: Actor, notebook_id: UUID) -> list[Json]:
    """What has not ended, in the order in which it is done, at most 100: the state of each turn and, as `tool`, the
    call that it came to last; null: none yet. For pages that show where the assistant is, and no conversation."""
    require_role(actor, notebook_id, Role.VIEWER)
    turns = Turn.objects.filter(notebook=notebook_id, status__in=UNFINISHED).order_by("number")
    told = [(turn, _last_tool(turn)) for turn in turns[:MAX_UNFINISHED]]
    return [turn_state(turn) | {"tool": tool and tool_json(tool)} for turn, tool in told]


def record_of(*, actor: Actor, notebook_id: UUID, turn_id: UUID) -> list[Json]:
    """What was sent to the model in a turn and what came back, call by call, with the tools that it called."""
    require_role(actor, notebook_id, Role.VIEWER)
    turn = get_turn(notebook_id, turn_id)
    calls = turn.model_calls.order_by("id").prefetch_related("tool_calls")
    return [_call_json(call) for call in calls]


def get_conversation(notebook_id: UUID, conversation_id: UUID) -> Conversation:
    found = Conversation.objects.filter(notebook=notebook_id, id=conversation_id).first()
    if found is None:
        raise NotFound("There is no such conversation in this notebook.")
    return found


def get_turn(notebook_id: UUID, turn_id: UUID) -> Turn:
    turn = Turn.objects.filter(notebook=notebook_id, id=turn_id).select_related("conversation").first()
    if turn is None:
        raise NotFound("There is no such turn in this notebook.")
    return turn


def get_tool_call(notebook_id: UUID, tool_call_id: UUID) -> ToolCall:
    calls = ToolCall.objects.filter(turn__notebook=notebook_id, id=tool_call_id)
    call = calls.select_related("turn__conversation").first()
    if call is None:
        raise NotFound("There is no such call of a tool in this notebook.")
    return call


def require_say(actor: Actor, turn: Turn) -> None:
    """Forbidden to anybody but editors and whoever asked."""
    require_owner_or_editor(actor, turn.notebook_id, turn.asked_by_id)


def require_owner_or_editor(actor: Actor, notebook_id: UUID, owner_id: int | None) -> None:
    role = role_of(actor, notebook_id)
    if owner_id != actor.user_id and not (role and role.allows(Role.EDITOR)):
        raise Forbidden("Only editors of the notebook, and whoever began it, can do this.")


def checked_mode(mode: str) -> ConversationMode:
    if mode not in ConversationMode.values:
        raise Invalid(f"mode must be one of {', '.join(ConversationMode.values)}.", field="mode")
    return ConversationMode(mode)


def checked_model(model: str) -> str:
    if model not in settings.ASSISTANT_MODELS:
        raise Invalid(f"model must be one of {', '.join(settings.ASSISTANT_MODELS)}.", field="model")
    return model


def _last_tool(turn: Turn) -> ToolCall | None:
    begun = turn.tool_calls.exclude(status=ToolCallStatus.PENDING)
    return begun.order_by("-model_call_id", "-position").first()


def _call_json(call: ModelCall) -> Json:
    return {
        "id": call.pk,
        "model": call.model,
        "status": call.status,
        "request": sent_request(call),
        "reply": call.reply,
        "error": call.error,
        "stop_reason": call.stop_reason,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "cache_read_tokens": call.cache_read_tokens,
        "cache_write_tokens": call.cache_write_tokens,
        "cost_usd": None if call.cost_usd is None else float(call.cost_usd),
        "created_at": call.created_at.isoformat(),
        "first_event_ms": call.first_event_ms,
        "elapsed_ms": call.elapsed_ms,
        "tool_calls": [
            tool_json(each)
            | {
                "tool_use_id": each.tool_use_id,
                "full_result": each.result,
                "first_seq": each.first_seq,
                "last_seq": each.last_seq,
            }
            for each in call.tool_calls.all()
        ],
    }
