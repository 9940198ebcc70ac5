"""Why a cell is stale, and why it runs, as values; what people read is worded where it is shown."""

from dataclasses import dataclass

from apps.dataflow.cell import CellId


@dataclass(frozen=True, slots=True)
class NeverRan:
    """Not in this kernel."""


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """It was edited since it ran."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Nobody knows how far it came."""


@dataclass(frozen=True, slots=True)
class InputChanged:
    """The name is from another cell than when it ran, or from a later run, or from none."""

    name: str


@dataclass(frozen=True, slots=True)
class BindingLost:
    """The cell has the last word on the name, but the kernel does not hold the value that it gave it."""

    name: str


@dataclass(frozen=True, slots=True)
class ProducerStale:
    """It reads the name from a stale cell."""

    name: str
    cell_id: CellId


StaleReason = NeverRan | SourceChanged | Interrupted | InputChanged | BindingLost | ProducerStale


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for it."""


@dataclass(frozen=True, slots=True)
class ReadsFrom:
    """It reads the name from a cell that runs before it."""

    name: str
    cell_id: CellId


@dataclass(frozen=True, slots=True)
class StaleAncestor:
    """It is stale, or would be then, and the cell `of` needs it."""

    of: CellId


@dataclass(frozen=True, slots=True)
class InputOverwritten:
    """The cell `reader` needs the value that it gave the name; `by` overwrote that (None: a cell that is gone)."""

    name: str
    by: CellId | None
    reader: CellId


RunReason = Asked | ReadsFrom | StaleAncestor | InputOverwritten
