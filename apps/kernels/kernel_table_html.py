"""A table as HTML, for who reads that and no grid. Imported by kernel_tables.py alone."""

import html
from collections.abc import Sequence

from kernel_table_cells import Cell
from kernel_table_frames import Frame

HTML_ROWS, HTML_COLUMNS = 20, 30


def as_html(frame: Frame, rows: Sequence[Sequence[Cell]]) -> str:
    """As pandas does it, for who reads that."""
    names = [column.name for column in frame.columns[:HTML_COLUMNS]]
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    lines = [
        "<tr>" + "".join(f"<td>{html.escape(_told(cell))}</td>" for cell in row[:HTML_COLUMNS]) + "</tr>"
        for row in rows[:HTML_ROWS]
    ]
    table = f'<table class="dataframe"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    return f"<div>{table}<p>{frame.row_count} rows × {frame.column_count} columns</p></div>"


def _told(cell: Cell) -> str:
    return "null" if cell is None else cell
