"""How many runs a person may start in an hour."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.actors import Actor, ActorKind
from apps.base.errors import Invalid, TooMany
from apps.execution.commands import request_run
from apps.execution.models import Run, RunAllowance
from apps.notebooks.models import Cell, Notebook
from tests.api.caller import Caller
from tests.support.cast import Person
from tests.support.races import at_once


@pytest.fixture(autouse=True)
def three_an_hour(settings: Settings) -> None:
    settings.RUNS_PER_HOUR = 3


def run_all(actor: Actor, notebook: Notebook) -> Run:
    return request_run(actor=actor, notebook_id=notebook.id, scope="all")


def test_an_hour_after_the_first_one_may_go_on(owner: Person, notebook: Notebook, cell: Cell) -> None:
    for _ in range(3):
        run_all(owner.actor, notebook)
    with pytest.raises(TooMany, match=r"3 runs an hour\. Try again in 60 minutes") as refused:
        run_all(owner.actor, notebook)
    assert 3590 <= refused.value.details["retry_after_s"] <= 3600
    RunAllowance.objects.filter(user=owner.user).update(
        began_at=timezone.now() - timedelta(minutes=59, seconds=50)
    )
    with pytest.raises(TooMany, match="in a minute"):
        run_all(owner.actor, notebook)
    RunAllowance.objects.filter(user=owner.user).update(began_at=timezone.now() - timedelta(minutes=60))
    for _ in range(3):
        run_all(owner.actor, notebook)
    with pytest.raises(TooMany):
        run_all(owner.actor, notebook)


def test_everybody_has_an_hour_of_their_own(
    owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    for person in (owner, editor):
        for _ in range(3):
            run_all(person.actor, notebook)
    assert Run.objects.filter(notebook=notebook).count() == 6


def test_whoever_works_for_a_person_counts_for_them(owner: Person, notebook: Notebook, cell: Cell) -> None:
    for kind in (ActorKind.USER, ActorKind.TOKEN, ActorKind.ASSISTANT):
        run_all(Actor(kind, "by any name", owner.user.pk), notebook)
    with pytest.raises(TooMany):
        run_all(owner.actor, notebook)


def test_what_is_refused_does_not_count(owner: Person, notebook: Notebook, cell: Cell) -> None:
    for _ in range(9):
        with pytest.raises(Invalid):
            request_run(actor=owner.actor, notebook_id=notebook.id, scope="nothing")
    run_all(owner.actor, notebook)
    assert RunAllowance.objects.get(user=owner.user).runs == 1


def test_of_many_at_once_no_more_than_allowed_begin(owner: Person, notebook: Notebook, cell: Cell) -> None:
    results = at_once(12, lambda _: run_all(owner.actor, notebook))
    assert [type(result) for result in results].count(Run) == 3
    assert [type(result) for result in results].count(TooMany) == 9
    assert Run.objects.filter(notebook=notebook).count() == 3


def test_a_program_hears_when_to_come_again(owner: Person, notebook: Notebook, cell: Cell) -> None:
    path = f"notebooks/{notebook.id}/runs/"
    for _ in range(3):
        assert Caller(owner).post(path, {"scope": "all"}).status == 202
    answer = Caller(owner).post(path, {"scope": "all"})
    answer.refused(429, "too_many_requests")
    assert 3590 <= int(answer.headers["Retry-After"]) <= 3600


def test_without_a_limit_nothing_is_counted(
    owner: Person, notebook: Notebook, cell: Cell, settings: Settings
) -> None:
    settings.RUNS_PER_HOUR = 0
    for _ in range(5):
        run_all(owner.actor, notebook)
    assert not RunAllowance.objects.filter(user=owner.user).exists()
