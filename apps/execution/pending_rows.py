"""Output operations on their way into rows. Pure: the rows are made, not saved.

The rules are those of JupyterLab's output area: `update_display_data` replaces data and metadata of every display
with its id.
"""

from collections.abc import Iterable
from typing import Any

from apps.notebooks.models import Output
from apps.notebooks.output_files import files_of
from apps.notebooks.outputs import output_row


class PendingRows:
    def __init__(self) -> None:
        self.rows: list[Output] = []
        self.cleared = False  # stored rows go first
        self.display_updates: dict[str, dict[str, Any]] = {}  # for stored rows, by display id
        self._touched = False

    def __bool__(self) -> bool:
        return self._touched

    def extend(self, operations: Iterable[dict[str, Any]]) -> None:
        for operation in operations:
            self._touched = True
            self._add(operation)

    def _add(self, operation: dict[str, Any]) -> None:
        match operation["output_type"]:
            case "clear_output":
                self._clear()
            case "update_display_data":
                self._update_display(operation)
            case _:
                self._append(output_row(operation))

    def _clear(self) -> None:
        self.rows.clear()
        self.display_updates.clear()
        self.cleared = True

    def _append(self, row: Output) -> None:
        last = self.rows[-1] if self.rows else None
        if last and row.body["output_type"] == "stream" and last.body == row.body:
            last.text += row.text
        else:
            self.rows.append(row)

    def _update_display(self, operation: dict[str, Any]) -> None:
        display_id = operation["transient"]["display_id"]
        bundle = {"data": operation["data"], "metadata": operation["metadata"]}
        self.display_updates[display_id] = bundle
        for row in self.rows:
            if row.display_id == display_id:
                row.body = row.body | bundle
                row.files = files_of(row.body)
