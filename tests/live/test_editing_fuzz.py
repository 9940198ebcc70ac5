"""People edit together over real sockets while lines and servers break (`fuzz/sockets`); bin/fuzz does it longer."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from fuzz.sockets import run
from fuzz.sockets.faults import Fault, Site
from tests.support.cast import Person
from tests.support.processes import Database, WebProcess


@pytest.fixture
def second_server(database: Database) -> Iterator[WebProcess]:
    process = WebProcess(database.data_dir, database.url)
    process.start()
    yield process
    process.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_and_all_see_the_same(
    database: Database, server: WebProcess, second_server: WebProcess, owner: Person, seed: int
) -> None:
    site = Site([server, second_server], settings.REDIS_URL, database.url, owner.token)
    faults: list[Fault] = ["kill_web", "flush_redis", "drop_subscriptions"]
    assert run(site, seed=seed, operations=200, tabs=4, kinds=faults) == []
