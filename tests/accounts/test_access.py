"""Who may what in a notebook."""

from uuid import uuid4

import pytest

from apps.accounts.access import require_role, role_of
from apps.accounts.actors import SYSTEM, Actor, ActorKind, token_actor
from apps.accounts.models import ApiToken, Membership, Role
from apps.base.errors import Forbidden, NotFound
from apps.notebooks.commands import delete_notebook
from apps.notebooks.models import Notebook
from tests.support.administration import new_administrator
from tests.support.cast import Person, new_person

VIEWER, EDITOR, OWNER = Role.VIEWER, Role.EDITOR, Role.OWNER


def new_member(notebook: Notebook, role: Role) -> Person:
    person = new_person(role)
    Membership.objects.create(notebook=notebook, user=person.user, role=role)
    return person


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (VIEWER, [VIEWER], [EDITOR, OWNER]),
        (EDITOR, [VIEWER, EDITOR], [OWNER]),
        (OWNER, [VIEWER, EDITOR, OWNER], []),
    ],
)
def test_each_role_may_what_those_before_it_may(
    notebook: Notebook, role: Role, may: list[Role], may_not: list[Role]
) -> None:
    actor = new_member(notebook, role).actor
    assert role_of(actor, notebook.id) == role
    for needed in may:
        assert require_role(actor, notebook.id, needed) == role
    for needed in may_not:
        with pytest.raises(Forbidden, match=f"You are a {role}.*make you {needed}"):
            require_role(actor, notebook.id, needed)


@pytest.mark.parametrize("needed", list(Role))
def test_a_stranger_may_not_know_of_it(notebook: Notebook, stranger: Person, needed: Role) -> None:
    assert role_of(stranger.actor, notebook.id) is None
    with pytest.raises(NotFound) as of_a_stranger:
        require_role(stranger.actor, notebook.id, needed)
    with pytest.raises(NotFound) as of_nothing:
        require_role(stranger.actor, uuid4(), needed)
    assert of_a_stranger.value.as_json() == of_nothing.value.as_json()


def test_a_deleted_notebook_is_gone_for_its_owner_too(notebook: Notebook, owner: Person) -> None:
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    with pytest.raises(NotFound):
        require_role(owner.actor, notebook.id, VIEWER)


def test_an_inactive_user_has_no_role(notebook: Notebook, owner: Person) -> None:
    owner.user.is_active = False
    owner.user.save()
    with pytest.raises(NotFound):
        require_role(owner.actor, notebook.id, VIEWER)


def test_an_administrator_has_no_role(notebook: Notebook) -> None:
    assert role_of(new_administrator().actor, notebook.id) is None


def test_the_system_has_no_role(notebook: Notebook) -> None:
    assert role_of(SYSTEM, notebook.id) is None


def test_a_role_counts_in_its_own_notebook_alone(notebook: Notebook, owner: Person, stranger: Person) -> None:
    other = Notebook.objects.create(title="Other")
    Membership.objects.create(notebook=other, user=stranger.user, role=OWNER)
    assert role_of(owner.actor, other.id) is None
    assert role_of(stranger.actor, notebook.id) is None


def test_whoever_acts_for_a_user_has_the_rights_of_that_user(notebook: Notebook, owner: Person) -> None:
    token = ApiToken.objects.get(user=owner.user)
    assert role_of(token_actor(token), notebook.id) == OWNER
    assistant = Actor(ActorKind.ASSISTANT, f"Assistant of {owner.user.username}", owner.user.pk)
    assert role_of(assistant, notebook.id) == OWNER


def test_a_token_is_named_after_its_user_and_itself(owner: Person) -> None:
    actor = token_actor(ApiToken.objects.get(user=owner.user))
    assert actor.as_json() == {"kind": "token", "label": f"{owner.user.username} (tests)"}
