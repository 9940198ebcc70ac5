"""A cell as the graph sees it."""

from dataclasses import dataclass

from apps.dataflow.names import Names

CellId = str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that can be run."""

    cell_id: CellId
    source: str
    """What a run of it depends on besides names: if this is another than when it ran, the cell is stale."""
    names: Names
    """What `source` does, or an older one, while this one cannot be parsed."""
    is_disabled: bool = False
