"""People who type in one notebook over real sockets to two web servers, while lines and servers break.

A case is what some people do, one thing after the other, and what breaks meanwhile. Its number and the seed say all
of that again; when exactly it happens is not the same.
"""

import json
import random
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from fuzz.sockets import faults
from fuzz.sockets.check import divergences
from fuzz.sockets.faults import Fault, Site
from fuzz.sockets.rows import stored
from fuzz.sockets.site import running_site
from fuzz.sockets.tabs_process import TabsStuck, running_tabs

OPERATIONS = 500
FEWEST_TABS, MOST_TABS = 2, 8

WORK_S = 120.0
# The longest waits of the product follow each other: ten seconds to the next heartbeat, ten to the next try.
SETTLE_S = 60.0


def diverging(seed: int, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The numbers of the cases that diverge, each with a report."""
    with running_site() as site:
        for number in numbers:
            chance = random.Random(f"{seed} {number}")
            tabs = chance.randint(FEWEST_TABS, MOST_TABS)
            try:
                found = run(site, seed=chance.randrange(2**20), operations=OPERATIONS, tabs=tabs)
            except TabsStuck as stuck:
                found = [f"They did not come to rest: {stuck}."]
            if found:
                yield number, "\n".join(found)


def run(site: Site, *, seed: int, operations: int, tabs: int, kinds: Sequence[Fault] = ()) -> list[str]:
    """What diverged in the end, if anything. `kinds`: the faults to commit, else a choice of all."""
    notebook_id = _new_notebook(site)
    plan = {
        "seed": seed,
        "operations": operations,
        "tabs": tabs,
        "servers": [web.socket_url for web in site.webs],
        "token": site.token,
        "notebook_id": notebook_id,
    }
    chance = random.Random(seed)
    to_come = faults.planned(seed, operations, kinds)
    with running_tabs(plan) as process:
        for line in process.lines_until("done", within_s=WORK_S):
            for fault in faults.due(to_come, line.get("operations", operations)):
                faults.commit(fault, site, chance)
        report = process.settle(within_s=SETTLE_S)
    _tell_what_happened(report)
    return list(divergences(stored(site.database_url, notebook_id), report))


def _tell_what_happened(report: dict[str, Any]) -> None:
    outcomes: Counter[str] = sum((Counter(each) for each in report["outcomes"]), Counter())
    what = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"  {len(report['outcomes'])} people: {what}", flush=True)


def _new_notebook(site: Site) -> str:
    notebook_id: str = _post(site, "notebooks/", {"title": "Fuzz"})["id"]
    for source in ("", "first line\nsecond line\n", "😀"):
        _post(site, f"notebooks/{notebook_id}/cells/", {"kind": "python", "source": source})
    return notebook_id


def _post(site: Site, path: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {site.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{site.webs[0].url}/api/v1/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)
