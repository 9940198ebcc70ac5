"""Finding notebooks by words of their cells' texts, with PostgreSQL's full text search (index notebooks_cell_words).

Words are runs of letters and digits, so `read_csv` is found by `read`, by `csv` and by itself; each may be the
beginning of a longer one. Nothing here asks who may see what: callers say which notebooks to look in.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

MAX_WORDS = 10
MAX_LINE_CHARS = 160

# Of each notebook the first cell that fits. The words are taken out of a text exactly as in the migration 0008, or the
# index is not used.
_SEARCH = """
SELECT DISTINCT ON (notebook_id) notebook_id, id, left(source, 100000) FROM notebooks_cell
WHERE notebook_id = ANY(%s) AND deleted_at IS NULL
  AND to_tsvector('simple', regexp_replace(left(source, 100000), '[^[:alnum:]]+', ' ', 'g'))
    @@ to_tsquery('simple', %s)
ORDER BY notebook_id, order_key
"""


@dataclass(frozen=True)
class FoundCell:
    """A cell that has all words, and its first line that has one of them."""

    cell_id: UUID
    line: str


def find_in_cells(notebook_ids: Collection[UUID], search: str) -> dict[UUID, FoundCell]:
    """By notebook; empty if there are no words in `search`."""
    words = words_of(search)
    if not words or not notebook_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, [list(notebook_ids), " & ".join(f"{word}:*" for word in words)])
        return {row[0]: FoundCell(row[1], _line_with(words, row[2])) for row in cursor.fetchall()}


def words_of(search: str) -> list[str]:
    """At most 10, in lower case."""
    return re.findall(r"[^\W_]+", search.lower())[:MAX_WORDS]


def _line_with(words: list[str], source: str) -> str:
    lines = [line.strip() for line in source.split("\n")]
    line = next((line for line in lines if any(word in line.lower() for word in words)), lines[0])
    return line if len(line) <= MAX_LINE_CHARS else line[: MAX_LINE_CHARS - 1] + "…"
