"""How the pages look and feel to a person, on every machine they use: read by pages and sockets, changed here alone.

No audit row and no event: it concerns nobody else.
"""

from typing import Any, TypedDict, cast

from django.db.models import TextChoices

from apps.accounts.actors import Actor
from apps.accounts.models import CodeSize, KeyMap, Theme, User
from apps.base.errors import Forbidden, Invalid


class Preferences(TypedDict):
    theme: str
    code_size: str
    key_map: str
    has_line_numbers: bool


NAMES = tuple(Preferences.__annotations__)
CHOICES: dict[str, type[TextChoices]] = {"theme": Theme, "code_size": CodeSize, "key_map": KeyMap}


def preferences_of(actor: Actor) -> Preferences:
    return cast(Preferences, User.objects.values(*NAMES).get(pk=_person(actor)))


def set_preferences(*, actor: Actor, **changes: Any) -> Preferences:
    """Change those that are named. Raises Invalid for what is no preference, or no value of it."""
    for name, value in changes.items():
        _check(name, value)
    if changes:
        User.objects.filter(pk=_person(actor)).update(**changes)
    return preferences_of(actor)


def _check(name: str, value: object) -> None:
    if name not in NAMES:
        raise Invalid(f"There is no setting “{name}”; there is {', '.join(NAMES)}.")
    allowed: tuple[object, ...] = tuple(CHOICES[name]) if name in CHOICES else (True, False)
    if not any(value is each or (isinstance(value, str) and value == each) for each in allowed):
        raise Invalid(f"“{name}” is one of: {', '.join(str(each).lower() for each in allowed)}.")


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise Forbidden("Only people have settings.")
    return actor.user_id
