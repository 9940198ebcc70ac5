"""Which calls of tools wait for a person: rules of the server, or those of the notebook's policy instead.

A rule is the name of a tool, or `edits` or `runs` for all that do so; with `>60` behind it, only a call that is
estimated to run for more than so many seconds. `none` is no rule.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.assistant.models import AssistantPolicy
from apps.assistant.tools.base import Effect, Tool
from apps.base.errors import Invalid

_RULE = re.compile(r"([a-z_]+)\s*(?:>\s*(\d+))?")


@dataclass(frozen=True)
class Rule:
    name: str
    above_s: int | None = None

    def covers(self, tool: Tool) -> bool:
        return self.name in (tool.name, tool.effect)


def rules_of(text: str) -> list[Rule]:
    """Invalid if it is no list of rules."""
    rules = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _RULE.fullmatch(part)
        if match is None:
            raise Invalid(f"{part!r} is no rule: write the name of a tool, edits or runs, and perhaps >60.")
        if match[1] != "none":
            rules.append(Rule(match[1], int(match[2]) if match[2] else None))
    return rules


def rules_for(notebook_id: UUID) -> list[Rule]:
    own = AssistantPolicy.objects.filter(pk=notebook_id).values_list("approvals", flat=True).first()
    return rules_of(own or settings.ASSISTANT_APPROVALS)


def may_need_approval(tool: Tool, rules: list[Rule]) -> bool:
    if tool.effect is Effect.PROPOSES:  # whoever accepts the proposal approves
        return False
    return any(rule.covers(tool) for rule in rules)


def reason_to_ask(tool: Tool, preview: dict[str, Any], rules: list[Rule]) -> str:
    """Why a person has to decide, for the person; empty if none has to."""
    estimated_s = (preview.get("plan") or {}).get("estimated_s") or 0
    for rule in rules:
        if not rule.covers(tool):
            continue
        if rule.above_s is None:
            return f"“{tool.name.replace('_', ' ')}” needs somebody's approval in this notebook."
        if estimated_s > rule.above_s:
            estimate = f"This is estimated to run for {estimated_s:,.0f} s"
            return f"{estimate}, and above {rule.above_s:,} s somebody has to approve it."
    return ""
