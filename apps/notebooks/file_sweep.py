"""Removes the files that no output refers to any more.

What is unused is noted first and removed an hour later at the earliest: an output that is shown already may be on its
way into a row, and a notebook on its way into another.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from apps.notebooks.file_store import lock_file, name_of, storage
from apps.notebooks.models import OutputFile

GRACE = timedelta(hours=1)
# In one sweep; the rest waits for the next.
MAX_LOOKED_AT = 5000

_IS_USED = """
EXISTS (
  SELECT 1 FROM notebooks_output output JOIN notebooks_cell cell ON cell.id = output.cell_id
  WHERE output.files @> ARRAY[file.sha256]::varchar[] AND output.files <> '{}'
    AND cell.notebook_id = file.notebook_id
)
"""
_LOOK = f"""
WITH looked AS (
  SELECT id, {_IS_USED} AS is_used FROM notebooks_outputfile file
  WHERE looked_at < %(before)s ORDER BY looked_at LIMIT %(most)s
)
UPDATE notebooks_outputfile file
SET looked_at = %(now)s, unused_since = CASE WHEN is_used THEN NULL ELSE coalesce(unused_since, %(now)s) END
FROM looked WHERE looked.id = file.id
RETURNING file.id, sha256, unused_since
"""  # noqa: S608 (nothing in it comes from outside)
_FORGET = f"""
DELETE FROM notebooks_outputfile file WHERE id = %s AND unused_since IS NOT NULL AND NOT {_IS_USED}
"""  # noqa: S608


def sweep_files(now: datetime | None = None) -> int:
    """How many files were forgotten. Looks at each file of each notebook once an hour, at 5,000 of them at most."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"before": now - GRACE, "now": now, "most": MAX_LOOKED_AT})
        looked: list[tuple[int, str, datetime | None]] = cursor.fetchall()
    unused = [(id, sha256) for id, sha256, since in looked if since and since <= now - GRACE]
    for id, sha256 in unused:
        _forget(id, sha256)
    return len(unused)


@transaction.atomic
def _forget(id: int, sha256: str) -> None:
    lock_file(sha256)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [id])
    if not OutputFile.objects.filter(sha256=sha256).exists():
        storage().delete(name_of(sha256))
