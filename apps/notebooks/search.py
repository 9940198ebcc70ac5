"""Finding notebooks by words of their cells' texts, with PostgreSQL's full text search.

Words are runs of letters and digits, so `read_csv` is found by `read`, by `csv` and by itself; each may be the
beginning of a longer one. Nothing here asks who may see what: callers say which notebooks to look in.

The words of a text that somebody types are not worth the 20 ms that they take of a long one at each key. They are
written down once a minute (`index_words`); a text that is newer is read when somebody searches.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

MAX_WORDS = 10
MAX_LINE_CHARS = 160

# A tsvector holds at most a megabyte, hence `left`.
_WORDS = "to_tsvector('simple', regexp_replace(left(cell.source, 100000), '[^[:alnum:]]+', ' ', 'g'))"

# Of each notebook the first cell that fits.
_SEARCH = f"""
WITH fitting AS (
  SELECT cell.id FROM notebooks_cellwords known
  JOIN notebooks_cell cell ON cell.id = known.cell_id AND cell.version = known.version
  WHERE known.words @@ to_tsquery('simple', %(words)s)
  UNION ALL
  SELECT cell.id FROM notebooks_cell cell
  LEFT JOIN notebooks_cellwords known ON known.cell_id = cell.id AND known.version = cell.version
  WHERE cell.notebook_id = ANY(%(notebook_ids)s) AND cell.deleted_at IS NULL AND known.cell_id IS NULL
    AND {_WORDS} @@ to_tsquery('simple', %(words)s)
)
SELECT DISTINCT ON (notebook_id) notebook_id, id, left(source, 100000) FROM notebooks_cell
WHERE id IN (SELECT id FROM fitting) AND notebook_id = ANY(%(notebook_ids)s) AND deleted_at IS NULL
ORDER BY notebook_id, order_key
"""  # noqa: S608 (nothing in it comes from outside)

_INDEX = f"""
INSERT INTO notebooks_cellwords (cell_id, version, words)
SELECT cell.id, cell.version, {_WORDS} FROM notebooks_cell cell
LEFT JOIN notebooks_cellwords known ON known.cell_id = cell.id AND known.version = cell.version
WHERE known.cell_id IS NULL LIMIT %s
ON CONFLICT (cell_id) DO UPDATE SET version = excluded.version, words = excluded.words
"""  # noqa: S608
# In one transaction.
MAX_INDEXED = 500


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
        wanted = " & ".join(f"{word}:*" for word in words)
        cursor.execute(_SEARCH, {"notebook_ids": list(notebook_ids), "words": wanted})
        return {row[0]: FoundCell(row[1], _line_with(words, row[2])) for row in cursor.fetchall()}


def index_words() -> int:
    """Write down the words of texts that have changed, of 500 cells at most; of how many."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, [MAX_INDEXED])
        return int(cursor.rowcount)


def words_of(search: str) -> list[str]:
    """At most 10, in lower case."""
    return re.findall(r"[^\W_]+", search.lower())[:MAX_WORDS]


def _line_with(words: list[str], source: str) -> str:
    lines = [line.strip() for line in source.split("\n")]
    line = next((line for line in lines if any(word in line.lower() for word in words)), lines[0])
    return line if len(line) <= MAX_LINE_CHARS else line[: MAX_LINE_CHARS - 1] + "…"
