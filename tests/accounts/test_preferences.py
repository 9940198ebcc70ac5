"""How the pages look to a person."""

from typing import Any

import pytest

from apps.accounts.actors import SYSTEM
from apps.accounts.preferences import preferences_of, set_preferences
from apps.base.errors import Forbidden, Invalid
from tests.support.cast import Person

AT_FIRST = {"theme": "system", "code_size": "medium", "key_map": "jupyter", "has_line_numbers": False}


def test_what_is_named_changes_and_the_rest_stays(owner: Person, stranger: Person) -> None:
    assert preferences_of(owner.actor) == AT_FIRST
    changed = set_preferences(actor=owner.actor, theme="dark", has_line_numbers=True)
    assert changed == AT_FIRST | {"theme": "dark", "has_line_numbers": True}
    assert set_preferences(actor=owner.actor, key_map="vim") == changed | {"key_map": "vim"}
    assert set_preferences(actor=owner.actor) == preferences_of(owner.actor) == changed | {"key_map": "vim"}
    assert preferences_of(stranger.actor) == AT_FIRST


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", None),
        ("theme", True),
        ("code_size", 12),
        ("key_map", ["vim"]),
        ("has_line_numbers", "true"),
        ("has_line_numbers", 1),
        ("is_superuser", True),
    ],
)
def test_what_is_none_is_refused_whole(owner: Person, name: str, value: Any) -> None:
    with pytest.raises(Invalid):
        set_preferences(actor=owner.actor, **{"theme": "dark", name: value})
    assert preferences_of(owner.actor) == AT_FIRST


def test_they_are_of_people() -> None:
    with pytest.raises(Forbidden):
        set_preferences(actor=SYSTEM, theme="dark")
