"""Tokens and sessions."""

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiToken
from tests.api.caller import BASE, Answer, Caller
from tests.support.cast import Person


def answer_to(authorization: str) -> Answer:
    return Answer(Client().get(BASE + "notebooks/", headers={"Authorization": authorization}))


def test_a_token(owner: Person) -> None:
    assert answer_to(f"Bearer {owner.token}").status == 200
    assert answer_to(f"bearer   {owner.token} ").status == 200


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer x", "Bearer x y", "Bearer \xff", "Basic eDp5", "", "x" * 5000],
)
def test_what_is_no_token_is_401(database: object, authorization: str) -> None:
    answer = answer_to(authorization)
    answer.refused(401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Tandem"'


def test_a_revoked_token_is_401(owner: Person) -> None:
    ApiToken.objects.filter(user=owner.user).update(revoked_at=timezone.now())
    Caller(owner).get("notebooks/").refused(401, "unauthenticated")


def test_the_token_of_a_user_who_left_is_401(owner: Person) -> None:
    owner.user.is_active = False
    owner.user.save()
    Caller(owner).get("notebooks/").refused(401, "unauthenticated")


def test_a_wrong_token_is_not_saved_by_a_session(owner: Person) -> None:
    client = Client(headers={"Authorization": "Bearer wrong"})
    client.force_login(owner.user)
    Answer(client.get(BASE + "notebooks/")).refused(401, "unauthenticated")


def test_a_session_writes_only_with_its_csrf_token(owner: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.user)
    assert client.get(BASE + "notebooks/").status_code == 200
    body, json = {"title": "x"}, "application/json"
    Answer(client.post(BASE + "notebooks/", body, json)).refused(403, "forbidden")
    client.cookies["csrftoken"] = token = "a" * 32
    headers = {"X-CSRFToken": token}
    answer = Answer(client.post(BASE + "notebooks/", body, json, headers=headers))
    assert answer.status == 201
    audited = owner.user.audit_entries.get(action="create_notebook")
    assert audited.actor_kind == "user"


def test_a_token_needs_no_csrf_token(owner: Person) -> None:
    client = Client(enforce_csrf_checks=True, headers=owner.bearer)
    assert client.post(BASE + "notebooks/", {"title": "x"}, "application/json").status_code == 201
