"""A cell of 5,000 lines that was typed in 50,000 edits, by five people over some days."""

import psycopg

from bench.client import new_notebook, opened
from bench.server import Server

LINES = 5_000
EDITS = 50_000
PEOPLE = 5

_EDITS_A_LINE = EDITS // LINES
_EDITS_A_PUSH = 1_000
_WORD = "word "

# Turns of twenty edits, five seconds after each other.
_SPREAD = """
UPDATE notebooks_celledit
SET created_at = now() - (%(edits)s - version) * interval '5 seconds',
    actor_label = 'person ' || (version / 20) %% %(people)s
WHERE cell_id = %(cell)s
"""


def notebook_with_a_long_past(server: Server) -> tuple[str, str]:
    """The notebook's id and the cell's. The edits are pushed as an editor does it, then told to be older."""
    notebook_id = new_notebook(server, "")
    with opened(server, notebook_id) as (notebook, *_):
        client_id = notebook.call("open")[0]["client_id"]
        cell_id: str = notebook.cells[0]["id"]
        for version in range(0, EDITS, _EDITS_A_PUSH):
            updates = [_change_set(number) for number in range(version, version + _EDITS_A_PUSH)]
            place = {"cell_id": cell_id, "client_id": client_id, "version": version}
            notebook.call("cell_push", **place, updates=updates)
    with psycopg.connect(server.database_url) as connection:
        connection.execute(_SPREAD, {"edits": EDITS, "people": PEOPLE, "cell": cell_id})
    return notebook_id, cell_id


def _change_set(number: int) -> list[object]:
    """A word more at the end of the text, or a line."""
    length = number // _EDITS_A_LINE * (len(_WORD) * (_EDITS_A_LINE - 1) + 1) + number % _EDITS_A_LINE * len(
        _WORD
    )
    inserted = ["", ""] if number % _EDITS_A_LINE == _EDITS_A_LINE - 1 else [_WORD]
    return [*([length] if length else []), [0, *inserted]]
