"""Output rows as nbformat outputs, and back. How a stream is spread over rows is known here alone."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from apps.notebooks.models import Output
from apps.notebooks.output_files import files_of

NbOutput = dict[str, Any]
Piece = tuple[NbOutput, str]  # a row's `(body, text)`

# In the head of a stream's row: a number that differs from the row before, because the two are not one output.
APART = "apart"


def coalesced(rows: Iterable[Piece]) -> list[NbOutput]:
    """The outputs of a cell from its rows in order: neighbouring rows with one stream head are one output."""
    outputs: list[NbOutput] = []
    for _, run in groupby(rows, key=_identity):
        pieces = list(run)
        body = pieces[0][0]
        if body["output_type"] == "stream":
            head = {key: value for key, value in body.items() if key != APART}
            outputs.append(head | {"text": "".join(text for _, text in pieces)})
        else:
            outputs.append(body)
    return outputs


def output_row(output: NbOutput) -> Output:
    """The unsaved row of one nbformat output, without its cell and position."""
    if output["output_type"] == "stream":
        head = {key: value for key, value in output.items() if key != "text"}
        return Output(body=head, text=output["text"])
    display_id = output.get("transient", {}).get("display_id", "")
    return Output(body=output, display_id=display_id, files=files_of(output))


def rows_of_file(cell_id: UUID, outputs: Iterable[NbOutput]) -> list[Output]:
    """The unsaved rows of the outputs in a file, where two neighbouring streams of one name stay two."""
    rows: list[Output] = []
    for position, output in enumerate(outputs):
        row = output_row(in_file(output))
        row.cell_id, row.position = cell_id, position
        if rows and row.body["output_type"] == "stream" and row.body.get("name") == rows[-1].body.get("name"):
            row.body[APART] = position
        rows.append(row)
    return rows


def in_file(output: NbOutput) -> NbOutput:
    """The output without what belongs to a running kernel."""
    return {key: value for key, value in output.items() if key != "transient"}


def _identity(piece: Piece) -> object:
    """Equal for neighbouring pieces of one output only."""
    body, _ = piece
    return body if body["output_type"] == "stream" else object()
