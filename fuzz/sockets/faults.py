"""What goes wrong with the servers while people type."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import redis

from tests.support.processes import WebProcess

Fault = Literal["kill_web", "restart_web", "kill_all_webs", "flush_redis", "drop_subscriptions"]

OPERATIONS_A_FAULT = 80


@dataclass(frozen=True)
class Site:
    """A Tandem whose parts can be broken."""

    webs: Sequence[WebProcess]
    redis_url: str
    database_url: str
    token: str


def planned(seed: int, operations: int, kinds: Sequence[Fault] = ()) -> list[tuple[int, Fault]]:
    """`(after how many operations, fault)` in that order: the given kinds, or as many as there is time for."""
    chance = random.Random(f"faults {seed}")
    if not kinds:
        all_kinds: list[Fault] = list(get_args(Fault))
        kinds = [chance.choice(all_kinds) for _ in range(max(1, operations // OPERATIONS_A_FAULT))]
    times = sorted(chance.randint(operations // 10, operations * 8 // 10) for _ in kinds)
    return list(zip(times, kinds, strict=True))


def due(plan: list[tuple[int, Fault]], operations: int) -> Iterator[Fault]:
    """Those that are due after so many operations; they are taken from the plan."""
    while plan and plan[0][0] <= operations:
        yield plan.pop(0)[1]


def commit(fault: Fault, site: Site, chance: random.Random) -> None:
    """Do it, and have everything up again when this returns."""
    match fault:
        case "kill_web" | "restart_web":
            web = chance.choice(site.webs)
            web.kill() if fault == "kill_web" else web.stop()
            web.start()
        case "kill_all_webs":
            for web in site.webs:
                web.kill()
            for web in site.webs:
                web.start()
        case "flush_redis":
            with redis.Redis.from_url(site.redis_url) as client:
                client.flushall()
        case "drop_subscriptions":
            with redis.Redis.from_url(site.redis_url) as client:
                client.client_kill_filter(_type="pubsub")
