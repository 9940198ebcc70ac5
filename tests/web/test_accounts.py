"""Getting in: by password, and by a link that works once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import LoginLink
from tests.support.cast import Person


def link_of(person: Person) -> str:
    return f"/login/link/{LoginLink.objects.issue(person.user)}/"


def is_logged_in(client: Client) -> bool:
    return client.get("/").status_code == 200


@pytest.fixture
def password(owner: Person) -> str:
    owner.user.set_password("a good password")
    owner.user.save()
    return "a good password"


def test_password(owner: Person, password: str) -> None:
    client = Client()
    username = owner.user.get_username()
    refused = client.post("/login/", {"username": username, "password": "wrong"})
    assert "do not fit together" in refused.text
    answer = client.post("/login/", {"username": username, "password": password})
    assert answer.headers["Location"] == "/"
    assert is_logged_in(client)


def test_after_login_to_the_page_asked_for(owner: Person, password: str) -> None:
    client = Client()
    asked = client.get("/?q=x")
    assert asked.headers["Location"] == "/login/?next=/%3Fq%3Dx"
    form = {"username": owner.user.get_username(), "password": password, "next": "/?q=x"}
    assert client.post("/login/", form).headers["Location"] == "/?q=x"


def test_logout(owner: Person) -> None:
    client = Client()
    client.force_login(owner.user)
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert not is_logged_in(client)


def test_link_logs_in_once(owner: Person) -> None:
    link, client, other = link_of(owner), Client(), Client()
    assert client.post(link).headers["Location"] == "/"
    assert is_logged_in(client)
    assert other.post(link).status_code == 410
    assert not is_logged_in(other)


def test_looking_at_the_link_does_not_use_it_up(owner: Person) -> None:
    link, client = link_of(owner), Client()
    for _ in range(2):
        answer = client.get(link)
        assert answer.status_code == 200
        assert "Log in" in answer.text
    assert not is_logged_in(client)
    client.post(link)
    assert is_logged_in(client)


def test_link_that_is_too_old_says_what_to_do(owner: Person) -> None:
    link, client = link_of(owner), Client()
    LoginLink.objects.filter(user=owner.user).update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = client.post(link)
    assert answer.status_code == 410
    assert "prints a new one" in answer.text
    assert not is_logged_in(client)


def test_link_needs_our_form(owner: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(link_of(owner))
    assert answer.status_code == 403
    assert "You may not do this" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/notebooks/5b0b9f0e-3f0f-4f57-9f7e-0a4c9d1f0001/", "/notebooks/create/"]
)
def test_everything_needs_a_login(database: object, path: str) -> None:
    client = Client()
    answer = client.post(path) if path.endswith("create/") else client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")
