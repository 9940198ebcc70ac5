"""How much the assistant may use: in a turn, and for a person in a day. From the settings; zero is no limit."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.assistant.models import ModelCall, Turn

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


@dataclass(frozen=True)
class Used:
    """`cost_usd` counts only models with a price."""

    steps: int
    tokens: int
    cost_usd: Decimal


class LimitReached(Exception):
    """The message says which, and what to do."""


def used(calls: QuerySet[ModelCall]) -> Used:
    sums: dict[str, Any] = {name: Coalesce(Sum(name), 0) for name in _TOKENS}
    found = calls.aggregate(steps=Count("id"), cost=Coalesce(Sum("cost_usd"), Decimal()), **sums)
    return Used(found["steps"], sum(found[name] for name in _TOKENS), found["cost"])


def used_today(user_id: int | None) -> Used:
    """By a person, since midnight UTC."""
    return used(ModelCall.objects.filter(asked_by=user_id, created_at__gte=_midnight()))


def check_turn(turn: Turn, active_ms: int) -> None:
    """LimitReached if the turn may not ask the model again."""
    since = turn.budget_from or turn.created_at
    spent = used(turn.model_calls.filter(created_at__gte=since))
    go_on = "What it did stays; retry to go on from there."
    if spent.steps >= settings.ASSISTANT_TURN_STEPS:
        raise LimitReached(f"The turn reached its limit of {settings.ASSISTANT_TURN_STEPS:,} steps. {go_on}")
    if spent.tokens >= settings.ASSISTANT_TURN_TOKENS:
        raise LimitReached(
            f"The turn reached its limit of {settings.ASSISTANT_TURN_TOKENS:,} tokens. {go_on}"
        )
    if active_ms >= settings.ASSISTANT_TURN_S * 1000:
        raise LimitReached(f"The turn reached its limit of {settings.ASSISTANT_TURN_S:,} seconds. {go_on}")
    if 0 < settings.ASSISTANT_TURN_USD <= spent.cost_usd:
        raise LimitReached(f"The turn reached its limit of ${settings.ASSISTANT_TURN_USD:g}. {go_on}")
    check_day(turn.asked_by_id)


def check_day(user_id: int | None) -> None:
    """LimitReached if the person has used up their day."""
    tokens, cost_usd = settings.ASSISTANT_DAY_TOKENS, settings.ASSISTANT_DAY_USD
    if not tokens and not cost_usd:
        return
    spent = used_today(user_id)
    later = "Go on tomorrow (the day ends at midnight UTC), or ask your administrator for more."
    if 0 < tokens <= spent.tokens:
        raise LimitReached(f"You have used your {tokens:,} tokens of today. {later}")
    if 0 < cost_usd <= spent.cost_usd:
        raise LimitReached(f"You have used your ${cost_usd:g} of today. {later}")


def seconds_left_today() -> int:
    """At least 1."""
    return math.ceil((_midnight() + timedelta(days=1) - timezone.now()).total_seconds())


def _midnight() -> datetime:
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
