"""People typing together in one notebook, and a cell with a long past."""

import asyncio
from contextlib import AsyncExitStack

from websockets.asyncio.client import connect

from bench.client import new_notebook, opened
from bench.long_past import EDITS, LINES, notebook_with_a_long_past
from bench.measure import print_table, shown
from bench.raw_relay import raw_relay
from bench.server import TOKEN, Server
from bench.typist import PUSH_DELAY_S, Clock, Typist

TYPISTS = 20
KEYS_A_SECOND = 5
SECONDS = 10
DEADLINE_S = 30
ROUNDS = 20


def typing_together(server: Server) -> None:
    """Twenty people type: two in each cell; then half of them in one cell, each of the others in one of their own."""
    half = TYPISTS // 2
    _type_in(server, "two in each cell", [number // 2 for number in range(TYPISTS)])
    _type_in(server, "half of them in one cell", [0] * half + list(range(1, TYPISTS - half + 1)))
    print(
        f"\nKeys are timed from when they are due to be pushed, {PUSH_DELAY_S * 1000:.0f} ms after they are pressed."
    )


def _type_in(server: Server, where: str, places: list[int]) -> None:
    """`places`: the cell of each person."""
    notebook_id = new_notebook(server, *[""] * (1 + max(places)))
    with opened(server, notebook_id) as (notebook, *_):
        cell_ids = [notebook.cells[place]["id"] for place in places]
        # Its kernel starts with the first who opens it, and takes a core for a moment.
        server.wait_until_calm()
    url = f"ws://127.0.0.1:{server.port}/ws/notebooks/{notebook_id}/"
    ours = asyncio.run(_type_at_once(url, cell_ids))
    with raw_relay() as relay_url:
        raw = asyncio.run(_type_at_once(relay_url, cell_ids))
    columns = [ours, raw]
    print_table(
        f"{TYPISTS} people type {KEYS_A_SECOND} keys a second for {SECONDS} s, {where}",
        ["Tandem", "raw relay"],
        [
            ("push acknowledged, ms", [shown(clock.pushes) for clock in columns]),
            ("key acknowledged, ms", [shown(clock.acknowledged) for clock in columns]),
            ("key in another tab, ms", [shown(clock.seen) for clock in columns]),
            ("conflicts a push", [f"{clock.conflicts / len(clock.pushes):.2f}" for clock in columns]),
        ],
    )


def a_long_past(server: Server) -> None:
    """The notebook of a cell with very many lines and edits."""
    notebook_id, cell_id = notebook_with_a_long_past(server)
    opening = []
    for _ in range(ROUNDS):
        with opened(server, notebook_id) as (_, opened_ms, _):
            opening.append(opened_ms)
    with opened(server, notebook_id) as (notebook, *_):

        def times(type: str, **fields: int) -> list[float]:
            return [notebook.call(type, cell_id=cell_id, **fields)[1] for _ in range(ROUNDS)]

        rows = [
            ("open the notebook, ms", [shown(opening)]),
            ("the last 100 updates, ms", [shown(times("cell_updates", since_version=EDITS - 100))]),
            ("the first 10,000 updates, ms", [shown(times("cell_updates", since_version=0))]),
            ("the newest page of the history, ms", [shown(times("cell_history"))]),
            ("a page in the middle, ms", [shown(times("cell_history", before_version=EDITS // 2))]),
            ("the version in the middle, ms", [shown(times("cell_version", version=EDITS // 2))]),
            # As far from the text that is kept for it as can be.
            ("a version far from a keyframe, ms", [shown(times("cell_version", version=EDITS // 2 - 1))]),
        ]
    print_table(f"A cell of {LINES:,} lines and {EDITS:,} past edits, {ROUNDS} times each", ["Tandem"], rows)


async def _type_at_once(url: str, cell_ids: list[str]) -> Clock:
    """One typist a cell id. That all keys are seen in all tabs is also the check that none got lost."""
    keys = KEYS_A_SECOND * SECONDS
    clock = Clock(sightings=len(cell_ids) * keys * (len(cell_ids) - 1))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        asyncio.timeout(SECONDS + DEADLINE_S),
        asyncio.TaskGroup() as listening,
        AsyncExitStack() as sockets,
    ):
        typists = []
        for seed, cell_id in enumerate(cell_ids):
            connecting = connect(url, additional_headers=headers, compression=None, max_size=None)
            socket = await sockets.enter_async_context(connecting)
            typists.append(Typist(socket, cell_id, clock, seed))
            listening.create_task(typists[-1].listen())
        await asyncio.gather(*(typist.open() for typist in typists))
        await asyncio.gather(*(typist.type(keys, 1 / KEYS_A_SECOND) for typist in typists))
        await clock.complete.wait()
    return clock
