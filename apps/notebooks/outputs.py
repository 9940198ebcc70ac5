"""Output rows as nbformat outputs, and back. How a stream is spread over rows is known here alone."""

import itertools
from collections.abc import Iterable
from typing import Any

from apps.notebooks.models import Output

NbOutput = dict[str, Any]


def coalesced(rows: Iterable[tuple[NbOutput, str]]) -> list[NbOutput]:
    """The outputs of a cell from its rows' `(body, text)` in order: neighbouring rows of one stream are one."""
    outputs: list[NbOutput] = []
    for key, run in itertools.groupby(rows, key=_stream_name):
        if key is None:
            outputs.extend(body for body, _ in run)
        else:
            outputs.append({"output_type": "stream", "name": key, "text": "".join(text for _, text in run)})
    return outputs


def output_row(cell_id: Any, position: int, output: NbOutput) -> Output:
    """The unsaved row of one nbformat output."""
    if output["output_type"] == "stream":
        head = {"output_type": "stream", "name": output["name"]}
        return Output(cell_id=cell_id, position=position, body=head, text=output["text"])
    return Output(cell_id=cell_id, position=position, body=output, display_id=display_id_of(output))


def display_id_of(output: NbOutput) -> str:
    return str(output.get("transient", {}).get("display_id", ""))


def _stream_name(row: tuple[NbOutput, str]) -> str | None:
    name: str | None = row[0].get("name") if row[0]["output_type"] == "stream" else None
    return name
