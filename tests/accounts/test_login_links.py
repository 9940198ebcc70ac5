"""A login link works once, for a while, for a user who is active. Their page is in tests/web/test_accounts.py."""

from datetime import timedelta

from django.core import serializers
from django.utils import timezone

from apps.accounts.models import LoginLink, User
from tests.support.cast import Person
from tests.support.races import at_once


def test_works_once(owner: Person) -> None:
    secret = LoginLink.objects.issue(owner.user)
    assert LoginLink.objects.redeem(secret) == owner.user
    assert LoginLink.objects.redeem(secret) is None


def test_another_link_stays_good(owner: Person) -> None:
    first, second = LoginLink.objects.issue(owner.user), LoginLink.objects.issue(owner.user)
    assert LoginLink.objects.redeem(first) == owner.user
    assert LoginLink.objects.redeem(second) == owner.user


def test_only_the_hash_is_stored(owner: Person) -> None:
    secret = LoginLink.objects.issue(owner.user)
    assert secret not in serializers.serialize("json", LoginLink.objects.filter(user=owner.user))


def test_unknown(owner: Person) -> None:
    secret = LoginLink.objects.issue(owner.user)
    for wrong in ("", secret[:-1], f"{secret}x", LoginLink.objects.get(user=owner.user).digest):
        assert LoginLink.objects.redeem(wrong) is None


def test_expired(owner: Person) -> None:
    secret = LoginLink.objects.issue(owner.user)
    LoginLink.objects.filter(user=owner.user).update(expires_at=timezone.now())
    assert LoginLink.objects.redeem(secret) is None


def test_expires_after_the_time_set(owner: Person) -> None:
    before = timezone.now()
    LoginLink.objects.issue(owner.user)
    lifetime = LoginLink.objects.get(user=owner.user).expires_at - before
    assert timedelta(hours=1) <= lifetime < timedelta(hours=1, minutes=1)


def test_of_an_inactive_user_until_active_again(owner: Person) -> None:
    secret = LoginLink.objects.issue(owner.user)
    User.objects.filter(pk=owner.user.pk).update(is_active=False)
    assert LoginLink.objects.redeem(secret) is None
    User.objects.filter(pk=owner.user.pk).update(is_active=True)
    assert LoginLink.objects.redeem(secret) == owner.user


def test_of_many_at_once_one_wins(owner: Person) -> None:
    for _ in range(5):
        users = redeemed_at_once(owner)
        assert users.count(owner.user) == 1
        assert users.count(None) == 7


def redeemed_at_once(person: Person) -> list[User | Exception | None]:
    secret = LoginLink.objects.issue(person.user)
    return at_once(8, lambda _: LoginLink.objects.redeem(secret))
