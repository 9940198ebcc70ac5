"""Cells of a .ipynb file and ours: what becomes of what, both ways. Pure; each step is beside its inverse.

A file has code, markdown and raw. A cell of another kind of ours, such as sql, is a code cell whose metadata says
`{"tandem": {"kind": "sql", "result_name": "df_1", "cache_seconds": 60, "connection": "shop"}}`; that of a
disabled cell says `{"tandem": {"disabled": true}}`.
Cells, fields and outputs of minors that nbformat does not know yet are kept: a cell of an unknown type is a
raw cell here, and unknown fields travel in its metadata.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeGuard

from apps.base.wire import JsonObject
from apps.dataflow.sql_program import is_result_name
from apps.notebooks.checks import is_cache_time
from apps.notebooks.connection_names import MAX_NAME_CHARS
from apps.notebooks.ipynb import LAST_KNOWN_MINOR
from apps.notebooks.models import NAMED_KINDS, CellKind
from apps.notebooks.outputs import NbOutput

UNKNOWN = "tandem:unknown"  # the key in metadata of fields that only a later minor knows

NOTEBOOK_FIELDS = frozenset({"nbformat", "nbformat_minor", "metadata", "cells"})
CELL_FIELDS = {
    "code": frozenset({"cell_type", "id", "metadata", "source", "outputs", "execution_count"}),
    "markdown": frozenset({"cell_type", "id", "metadata", "source", "attachments"}),
    "raw": frozenset({"cell_type", "id", "metadata", "source", "attachments"}),
}
FIELDS_OF_EVERY_CELL = frozenset({"id", "metadata"})
KIND_OF_TYPE = {"code": CellKind.PYTHON, "markdown": CellKind.MARKDOWN, "raw": CellKind.RAW}
TYPE_OF_KIND = {
    CellKind.PYTHON: "code",
    CellKind.SQL: "code",
    CellKind.SHEET: "code",
    CellKind.JAVASCRIPT: "code",
    CellKind.MARKDOWN: "markdown",
    CellKind.RAW: "raw",
}
# Those that the metadata has to tell from Python.
TOLD_KINDS = tuple(
    kind for kind, type_ in TYPE_OF_KIND.items() if type_ == "code" and kind is not CellKind.PYTHON
)


@dataclass(frozen=True)
class ParsedCell:
    """A cell as we store it. `nbformat_id` is empty where the file has none of its own."""

    kind: CellKind
    source: str
    metadata: JsonObject = field(default_factory=dict)
    is_disabled: bool = False
    result_name: str = ""
    cache_seconds: int = 0
    connection_name: str = ""
    """Of the database that an SQL cell asks."""
    attachments: JsonObject | None = None
    nbformat_id: str = ""
    execution_count: int | None = None
    outputs: tuple[NbOutput, ...] = ()


def parsed_cell(node: JsonObject, minor: int) -> ParsedCell:
    """Our form of a valid cell of a file."""
    cell_type = node["cell_type"]
    if not isinstance(cell_type, str):  # a later minor may use anything
        cell_type = ""
    kind = KIND_OF_TYPE.get(cell_type, CellKind.RAW)
    metadata = metadata_with_unknown(node, CELL_FIELDS.get(cell_type, FIELDS_OF_EVERY_CELL), minor)
    source = node.get("source")
    if kind is CellKind.PYTHON and (claimed := _claimed_kind(metadata)):
        kind, metadata = claimed, _without(metadata, "kind")
    result_name = _ours(metadata).get("result_name")
    if kind in NAMED_KINDS and isinstance(result_name, str) and is_result_name(result_name):
        metadata = _without(metadata, "result_name")
    else:
        result_name = ""
    cache_seconds = _ours(metadata).get("cache_seconds")
    if kind is CellKind.SQL and isinstance(cache_seconds, int) and is_cache_time(cache_seconds):
        metadata = _without(metadata, "cache_seconds")
    else:
        cache_seconds = 0
    connection_name = _ours(metadata).get("connection")
    if kind is CellKind.SQL and _is_connection_name(connection_name):
        metadata = _without(metadata, "connection")
    else:
        connection_name = ""
    is_disabled = _ours(metadata).get("disabled") is True
    return ParsedCell(
        kind=kind,
        source=source if isinstance(source, str) else "",
        metadata=_without(metadata, "disabled") if is_disabled else metadata,
        is_disabled=is_disabled,
        result_name=result_name,
        cache_seconds=cache_seconds,
        connection_name=connection_name,
        attachments=node.get("attachments") if cell_type in ("markdown", "raw") else None,
        nbformat_id=node.get("id", ""),
        execution_count=node.get("execution_count") if cell_type == "code" else None,
        outputs=tuple(node["outputs"]) if cell_type == "code" else (),
    )


def cell_node(cell: ParsedCell, minor: int) -> JsonObject:
    """The inverse of `parsed_cell`, without the id."""
    metadata, unknown = split_unknown(cell.metadata, minor)
    node: JsonObject = {
        "cell_type": TYPE_OF_KIND[cell.kind],
        "metadata": _metadata_of(cell, metadata),
        "source": cell.source,
    }
    if node["cell_type"] == "code":
        node |= {"execution_count": cell.execution_count, "outputs": list(cell.outputs)}
    elif cell.attachments is not None:
        node["attachments"] = cell.attachments
    if "cell_type" in unknown and not isinstance(unknown.get("source"), str):
        del node["source"]
    elif "cell_type" in unknown:
        unknown = unknown | {"source": cell.source}
    return node | unknown


def with_connection_name(metadata: JsonObject, name: str) -> JsonObject:
    """The metadata of an SQL cell whose connection is not known here, for the next file."""
    return metadata | {"tandem": _ours(metadata) | {"connection": name}}


def metadata_with_unknown(node: JsonObject, known: Iterable[str], minor: int) -> JsonObject:
    """The metadata to store for a notebook or a cell: the fields of later minors are in it too."""
    if minor <= LAST_KNOWN_MINOR:
        return dict(node["metadata"])
    unknown = {key: value for key, value in node.items() if key not in set(known)}
    metadata = {key: value for key, value in node["metadata"].items() if key != UNKNOWN}
    return metadata | ({UNKNOWN: unknown} if unknown else {})


def split_unknown(metadata: JsonObject, minor: int) -> tuple[JsonObject, JsonObject]:
    """The inverse of `metadata_with_unknown`: the metadata, and the fields beside it."""
    if minor <= LAST_KNOWN_MINOR:
        return metadata, {}
    return {key: value for key, value in metadata.items() if key != UNKNOWN}, metadata.get(UNKNOWN, {})


def _ours(metadata: JsonObject) -> JsonObject:
    """What we say about the cell; a stranger may have put anything there."""
    ours = metadata.get("tandem")
    return ours if isinstance(ours, dict) else {}


def _is_connection_name(said: object) -> TypeGuard[str]:
    return isinstance(said, str) and 0 < len(said) <= MAX_NAME_CHARS


def _claimed_kind(metadata: JsonObject) -> CellKind | None:
    """What a code cell is here, if not Python."""
    claimed = _ours(metadata).get("kind")
    return next((kind for kind in TOLD_KINDS if kind == claimed), None)


def _without(metadata: JsonObject, key: str) -> JsonObject:
    ours = {name: value for name, value in _ours(metadata).items() if name != key}
    rest = {name: value for name, value in metadata.items() if name != "tandem"}
    return rest | ({"tandem": ours} if ours else {})


def _metadata_of(cell: ParsedCell, metadata: JsonObject) -> JsonObject:
    if cell.kind is CellKind.PYTHON and _claimed_kind(
        metadata
    ):  # it was of another kind when it was imported
        metadata = _without(metadata, "kind")
    said: JsonObject = {"kind": cell.kind.value} if cell.kind in TOLD_KINDS else {}
    if cell.kind in NAMED_KINDS and cell.result_name:
        said["result_name"] = cell.result_name
    if cell.kind is CellKind.SQL and cell.cache_seconds:
        said["cache_seconds"] = cell.cache_seconds
    if cell.kind is CellKind.SQL and cell.connection_name:
        said["connection"] = cell.connection_name
    if cell.is_disabled:
        said["disabled"] = True
    return metadata | ({"tandem": _ours(metadata) | said} if said else {})


def numbers_as_read(value: Any) -> Any:
    """JSON from PostgreSQL, which writes 1e+30 as 1 and thirty zeros: where a float prints so, it was one."""
    match value:
        case dict():
            return {key: numbers_as_read(item) for key, item in value.items()}
        case list():
            return [numbers_as_read(item) for item in value]
        case int() if abs(value) >= 2**63 and value.bit_length() <= 1023:
            return float(value) if Decimal(repr(float(value))) == value else value
        case _:
            return value
