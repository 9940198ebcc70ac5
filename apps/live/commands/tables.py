"""More of the dataframes that outputs show."""

from typing import Any

from apps.base.errors import Invalid
from apps.execution import tables
from apps.execution.table_view import TableView
from apps.live.commands.frames import Client, Frame, Result, number_of, text_of


def table_page(client: Client, frame: Frame) -> Result:
    return tables.table_page(
        **_table(client, frame),
        view=TableView.of(frame.get("view")),
        offset=number_of(frame, "offset"),
        limit=number_of(frame, "limit"),
        columns=_columns(frame) if "columns" in frame else (0, tables.MAX_COLUMNS),
    )


def table_cell(client: Client, frame: Frame) -> Result:
    row, column = number_of(frame, "row"), number_of(frame, "column")
    return tables.table_cell(**_table(client, frame), row=row, column=column)


def table_summary(client: Client, frame: Frame) -> Result:
    return tables.table_summary(**_table(client, frame), columns=_columns(frame))


def table_file(client: Client, frame: Frame) -> Result:
    view = TableView.of(frame.get("view"))
    return tables.table_file(**_table(client, frame), view=view, file_format=text_of(frame, "format"))


def _table(client: Client, frame: Frame) -> dict[str, Any]:
    return {**client.place, "table_id": text_of(frame, "table_id")}


def _columns(frame: Frame) -> tuple[int, int]:
    columns = frame.get("columns")
    is_pair = isinstance(columns, list) and len(columns) == 2 and all(type(each) is int for each in columns)
    if not is_pair or columns is None:
        raise Invalid("columns must be [from, to].", field="columns")
    return columns[0], columns[1]
