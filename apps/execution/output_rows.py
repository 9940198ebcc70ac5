"""Writing output rows and offsets, of many cells at once: the ORM takes several times as long for a statement."""

from collections.abc import Iterable, Sequence

from django.db import connection

from apps.base.wire import dumps
from apps.execution.sinks import OutputSink
from apps.notebooks.models import Output

_INSERT = """
INSERT INTO notebooks_output (cell_id, position, body, text, display_id, files)
SELECT cell_id, position, body::jsonb, text, display_id, string_to_array(files, ',')
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[])
  AS new (cell_id, position, body, text, display_id, files)
RETURNING id, cell_id, position
"""

# A cell that was asked for again meanwhile has another run, and an offset that counts that one's output.
_SET_OFFSETS = """
UPDATE notebooks_cell cell SET output_offset = sink.output_offset, output_state = sink.output_state::jsonb
FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[])
  AS sink (cell_id, cell_run_id, output_offset, output_state)
WHERE cell.id = sink.cell_id AND cell.cell_run_id IS NOT DISTINCT FROM sink.cell_run_id
"""


def store_outputs(sinks: Sequence[OutputSink]) -> None:
    """Write what is pending in the sinks, and their offsets with it, in the caller's transaction."""
    rows = [row for sink in sinks for row in sink.rows_to_store()]
    if rows:
        _insert(rows)
        last_rows = {row.cell_id: row for row in rows}
        for sink in sinks:
            if sink.cell_id in last_rows:
                sink.stored(last_rows[sink.cell_id])
    columns = zip(
        *((sink.cell_id, sink.cell_run_id, sink.offset, dumps(sink.state)) for sink in sinks), strict=True
    )
    with connection.cursor() as cursor:
        cursor.execute(_SET_OFFSETS, [list(column) for column in columns])


def _insert(rows: Iterable[Output]) -> None:
    """Insert the rows, which then have ids."""
    by_place = {(row.cell_id, row.position): row for row in rows}
    columns = zip(
        *(
            (row.cell_id, row.position, dumps(row.body), row.text, row.display_id, ",".join(row.files))
            for row in by_place.values()
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [list(column) for column in columns])
        for row_id, cell_id, position in cursor:
            by_place[cell_id, position].id = row_id
