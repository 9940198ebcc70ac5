"""A browser without scripts for each of the cast."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.support.cast import Person

Browse = Callable[[Person], Client]


@pytest.fixture
def browse() -> Browse:
    """`browse(person)` is logged in as that person."""

    def browse(person: Person) -> Client:
        client = Client()
        client.force_login(person.user)
        return client

    return browse
