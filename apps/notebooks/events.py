"""The events of a notebook's document; docs/protocol.md says what a client does with each."""

from dataclasses import dataclass
from typing import Any, ClassVar

from apps.journal.events import Event
from apps.notebooks.models import Cell


@dataclass(frozen=True, kw_only=True)
class NotebookCreated(Event):
    type: ClassVar = "notebook_created"
    title: str


@dataclass(frozen=True, kw_only=True)
class NotebookRenamed(Event):
    type: ClassVar = "notebook_renamed"
    title: str


@dataclass(frozen=True, kw_only=True)
class NotebookConfigured(Event):
    type: ClassVar = "notebook_configured"
    mode: str
    language: str


@dataclass(frozen=True, kw_only=True)
class NotebookDeleted(Event):
    type: ClassVar = "notebook_deleted"


@dataclass(frozen=True, kw_only=True)
class NotebookRestored(Event):
    """Of one that was deleted: nobody can have watched it meanwhile."""

    type: ClassVar = "notebook_restored"
    title: str


@dataclass(frozen=True, kw_only=True)
class NotebookTagged(Event):
    type: ClassVar = "notebook_tagged"
    tags: list[str]


@dataclass(frozen=True, kw_only=True)
class CellCreated(Event):
    type: ClassVar = "cell_created"
    cell: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CellUpdated(Event):
    """`updates` are `{client_id, changes}`; `version` is the cell's after all of them."""

    type: ClassVar = "cell_updated"
    cell_id: str
    version: int
    updates: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class CellMoved(Event):
    type: ClassVar = "cell_moved"
    cell_id: str
    order_key: str


@dataclass(frozen=True, kw_only=True)
class CellDeleted(Event):
    type: ClassVar = "cell_deleted"
    cell_id: str


@dataclass(frozen=True, kw_only=True)
class CellRestored(Event):
    """`cell` is as in the snapshot, but without its outputs: they can be large, and clients ask for them."""

    type: ClassVar = "cell_restored"
    cell: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CellConfigured(Event):
    type: ClassVar = "cell_configured"
    cell_id: str
    kind: str
    is_disabled: bool
    result_name: str
    connection_id: str | None
    cache_seconds: int
    metadata: dict[str, Any]

    @classmethod
    def of(cls, cell: Cell) -> "CellConfigured":
        return cls(
            cell_id=str(cell.id),
            kind=cell.kind,
            is_disabled=cell.is_disabled,
            result_name=cell.result_name,
            connection_id=str(cell.connection_id) if cell.connection_id else None,
            cache_seconds=cell.cache_seconds,
            metadata=cell.metadata,
        )


@dataclass(frozen=True, kw_only=True)
class OutputsCleared(Event):
    type: ClassVar = "outputs_cleared"
    cell_ids: list[str]


@dataclass(frozen=True, kw_only=True)
class CheckpointCreated(Event):
    type: ClassVar = "checkpoint_created"
    checkpoint: dict[str, Any]
