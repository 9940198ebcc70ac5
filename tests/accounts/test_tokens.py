"""API tokens: found by their secret, of which only a hash is stored."""

from django.core import serializers
from django.utils import timezone

from apps.accounts.models import ApiToken, digest
from tests.support.cast import Person


def test_issue_and_find(owner: Person) -> None:
    token, secret = ApiToken.objects.issue(owner.user, "a script")
    found = ApiToken.objects.find(secret)
    assert found == token
    assert found.user == owner.user


def test_only_the_hash_and_the_beginning_are_stored(owner: Person) -> None:
    token, secret = ApiToken.objects.issue(owner.user, "a script")
    row = serializers.serialize("json", ApiToken.objects.filter(pk=token.pk))
    assert secret not in row
    assert secret[len(token.prefix) :] not in row
    assert digest(secret) in row
    assert len(secret) - len(token.prefix) > 32  # what is not known of it cannot be guessed


def test_secrets_differ(owner: Person) -> None:
    secrets = {ApiToken.objects.issue(owner.user, "a script")[1] for _ in range(20)}
    assert len(secrets) == 20


def test_a_given_secret(owner: Person) -> None:
    secret = f"of the environment, {owner.user.username}"
    token, same = ApiToken.objects.issue(owner.user, "environment", secret)
    assert same == secret
    assert ApiToken.objects.find(secret) == token


def test_not_found(owner: Person) -> None:
    token, secret = ApiToken.objects.issue(owner.user, "a script")
    for wrong in ("", secret[:-1], secret.upper(), f"{secret} ", token.digest, token.prefix, "\x00", "é"):
        assert ApiToken.objects.find(wrong) is None


def test_revoked(owner: Person) -> None:
    token, secret = ApiToken.objects.issue(owner.user, "a script")
    token.revoked_at = timezone.now()
    token.save()
    assert ApiToken.objects.find(secret) is None


def test_of_an_inactive_user(owner: Person) -> None:
    owner.user.is_active = False
    owner.user.save()
    assert ApiToken.objects.find(owner.token) is None
