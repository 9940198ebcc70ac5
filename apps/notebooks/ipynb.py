"""Reading a .ipynb file: from bytes to a node of nbformat 4 that nbformat calls valid, or a sentence why not.

Formats 2 to 4.5 and later minors of 4. Pure: nothing here knows our rows. Every value comes from a stranger,
so types are checked before nbformat touches them, and no file ends in another error than a DomainError.
"""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import nbformat
from django.conf import settings
from nbformat.v4.rwbase import strip_transient
from nbformat.validator import ValidationError, get_validator, iter_validate

from apps.base.errors import Invalid, TooLarge
from apps.base.text import storable
from apps.base.wire import JsonObject

MAJOR = 4
LAST_KNOWN_MINOR = 5  # later ones are read with their unknown fields kept, as nbformat does
FIRST_MINOR_WITH_IDS = 5
MAX_MINOR = 32_767  # what the column holds
MAX_DEPTH = 100  # nbformat, orjson (254) and PostgreSQL recurse; real files stay below 20
MAX_HEADING_LEVEL = 6
MAX_COMPLAINT_CHARS = 200  # jsonschema quotes what it complains about, be it megabytes

# What nbformat's readers raise when a file is not shaped as its version says.
MISSHAPEN = (AttributeError, KeyError, TypeError, ValueError, IndexError, ValidationError)

# nbformat says it is typed, but its functions are not.
_node_of_4: Callable[..., Any] = nbformat.v4.to_notebook_json
_strip_transient: Callable[..., Any] = strip_transient
_convert: Callable[..., Any] = nbformat.convert
_iter_validate: Callable[..., Iterator[Any]] = iter_validate
_validator: Callable[..., Any] = get_validator


def read_file(content: bytes) -> JsonObject:
    """The file as a valid node of nbformat 4, multi-line strings joined, transient values gone.

    The minor of a format 4 file stays, older formats become 4.5. Cells whose id is missing, is taken by a
    cell above or was made up by the upgrade have no `id`. Raises Invalid, with the place, or TooLarge.
    """
    file = _parsed(content)
    major, minor = _version(file)
    node = _read_4(file, minor) if major == MAJOR else _upgraded(file, major, minor)
    _check_size(node["cells"])
    return node


def _parsed(content: bytes) -> JsonObject:
    if len(content) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
        raise TooLarge(f"A notebook file may have at most {limit} MiB.")
    if not content.strip():
        raise Invalid("The file is empty.")
    try:
        file = json.loads(content, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Invalid(f"The file is not a notebook: it is not JSON ({_shortened(str(error))}).") from None
    if not isinstance(file, dict):
        raise Invalid("The file is not a notebook: its JSON is not an object.")
    _check_depth(file)
    stored: JsonObject = storable(file)
    return stored


def _no_number(_constant: str) -> None:
    """NaN and the infinities are not JSON, and PostgreSQL refuses them: null, as JavaScript writes them."""


def _finite(text: str) -> float | None:
    number = float(text)
    return number if number - number == 0 else None  # 1e999 is infinite


def _check_depth(file: JsonObject) -> None:
    level: list[Any] = [file]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise _too_deep()


def _children(value: Any) -> Iterator[Any]:
    children = value.values() if isinstance(value, dict) else value
    return (child for child in children if isinstance(child, dict | list))


def _too_deep() -> Invalid:
    return Invalid(f"The file nests lists and objects more than {MAX_DEPTH} deep.")


def _version(file: JsonObject) -> tuple[int, int]:
    """`(major, minor)` of a format we read."""
    major: Any = file.get("nbformat")
    if not _is_count(major):
        raise Invalid("The file is not a notebook: it has no nbformat number.", field="nbformat")
    if not 2 <= major <= MAJOR:
        raise Invalid(f"Tandem reads the formats 2 to 4; this is {str(major)[:20]}.", field="nbformat")
    minor: Any = file.get("nbformat_minor", None if major == MAJOR else 0)
    if not _is_count(minor) or minor > MAX_MINOR:
        raise Invalid("The notebook's nbformat_minor is missing or not a number.", field="nbformat_minor")
    return major, minor


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _read_4(file: JsonObject, minor: int) -> JsonObject:
    unnamed = _unnamed_cells(file) if minor >= FIRST_MINOR_WITH_IDS else []
    for index in unnamed:  # nbformat repairs these too, but at random, which nobody can compare
        file["cells"][index]["id"] = f"unnamed-{index}"
    try:
        node = _node_of_4(file)
    except MISSHAPEN:
        _check_schema(file, minor)  # says what is wrong better than the exception
        raise Invalid("The notebook is not valid: a part of it has not the type it should have.") from None
    _check_schema(node, minor)
    for index in unnamed:
        del node["cells"][index]["id"]
    return dict(node)


def _unnamed_cells(file: JsonObject) -> list[int]:
    """The indices of cells without an id, and of those with an id that a cell above has."""
    cells = file.get("cells")
    seen: set[str] = set()
    unnamed = []
    for index, cell in enumerate(cells if isinstance(cells, list) else []):
        if not isinstance(cell, dict):
            continue
        name = cell.get("id")
        if "id" not in cell or (isinstance(name, str) and name in seen):
            unnamed.append(index)
        elif isinstance(name, str):
            seen.add(name)
    return unnamed


def _upgraded(file: JsonObject, major: int, minor: int) -> JsonObject:
    try:
        node = nbformat.versions[major].to_notebook_json(file, minor=minor)
        _check_headings(node)
        node = _strip_transient(_convert(node, MAJOR))
    except MISSHAPEN as error:
        raise Invalid(
            f"The notebook is not valid for its format {major}: {_shortened(_sentence(error))}"
        ) from None
    _check_schema(node, node["nbformat_minor"])
    for cell in node["cells"]:
        del cell["id"]
    return dict(node)


def _check_headings(node: Any) -> None:
    """nbformat writes a heading of level n with n hashes: billions, if a file says so."""
    for worksheet in node["worksheets"]:
        for cell in worksheet["cells"]:
            if not (_is_count(cell.get("level", 1)) and cell.get("level", 1) <= MAX_HEADING_LEVEL):
                raise Invalid("The notebook is not valid: it has a heading of an impossible level.")


def _check_schema(node: JsonObject, minor: int) -> None:
    # All later minors share one relaxed schema; nbformat would compile and keep one for each number.
    error = _first_error(node, min(minor, LAST_KNOWN_MINOR + 1))
    if error is None:
        return
    path = list(error.relative_path)
    complaint = _shortened(_sentence(error))
    raise Invalid(f"The notebook is not valid{_place(path)}: {complaint}", **_details(path))


def _first_error(node: JsonObject, minor: int) -> Any:
    try:
        return next(_iter_validate(node, version=MAJOR, version_minor=minor), None)
    except MISSHAPEN:  # it trips over a cell_type that is no string while it words the error
        return next(_validator(MAJOR, minor, name="jsonschema").iter_errors(node), None)


def _sentence(error: Exception) -> str:
    """What the error says, made a sentence."""
    match error:
        case ValidationError():
            text = str(error.message)
        case AttributeError() | KeyError():
            text = f"it has no {error}"
        case _:
            text = str(error)
    return text.rstrip(".") + "."


def _place(path: list[str | int]) -> str:
    """` (cell 3, output 1, metadata.tags)`, counted from 1 as people do."""
    steps: list[str] = []
    fields: list[str] = []
    for part, after in pairwise([*path, None]):
        if part in ("cells", "outputs") and isinstance(after, int):
            steps.append(f"{'cell' if part == 'cells' else 'output'} {after + 1}")
        elif isinstance(part, str):
            fields.append(part)
    steps += [".".join(fields)] if fields else []
    return f" ({_shortened(', '.join(steps))})" if steps else ""


def _details(path: list[str | int]) -> dict[str, int]:
    match path:
        case ["cells", int(index), *_]:
            return {"cell": index + 1}
        case _:
            return {}


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_COMPLAINT_CHARS else text[: MAX_COMPLAINT_CHARS - 1] + "…"


def _check_size(cells: list[JsonObject]) -> None:
    if len(cells) > settings.MAX_CELLS:
        raise TooLarge(f"A notebook holds at most {settings.MAX_CELLS:,} cells; this one has {len(cells):,}.")
    for number, cell in enumerate(cells, start=1):
        source = cell.get("source", "")
        if isinstance(source, str) and len(source) > settings.MAX_SOURCE_CHARS:
            raise TooLarge(f"A cell holds at most {settings.MAX_SOURCE_CHARS:,} characters.", cell=number)
        count = cell.get("execution_count")
        if isinstance(count, int | float) and count > 2**31 - 1:
            raise Invalid(f"The execution count of cell {number} is too large.", cell=number)
