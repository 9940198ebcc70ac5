"""How much of a cell is shown, as Jupyter keeps it in the cell's metadata. Pure."""

from collections.abc import Mapping
from typing import Any

from apps.base.wire import JsonObject


def display_of(metadata: JsonObject) -> dict[str, bool]:
    """`collapsed` is what older notebooks say; a stranger may have put anything into metadata."""
    jupyter = _jupyter(metadata)
    return {
        "is_source_hidden": jupyter.get("source_hidden") is True,
        "are_outputs_hidden": (jupyter.get("outputs_hidden") is True or metadata.get("collapsed") is True),
        "is_scrolled": metadata.get("scrolled") is True,
    }


def with_display(metadata: JsonObject, changes: Mapping[str, bool]) -> JsonObject:
    """The metadata that says so; what is not so is not mentioned, as JupyterLab leaves it."""
    new: dict[str, Any] = dict(metadata)
    jupyter = _jupyter(metadata)
    for key, value in changes.items():
        match key:
            case "is_source_hidden":
                jupyter = _said(jupyter, "source_hidden", value)
            case "are_outputs_hidden":
                jupyter = _said(jupyter, "outputs_hidden", value)
                new = _said(new, "collapsed", False)
            case "is_scrolled":
                new = _said(new, "scrolled", value)
    if jupyter or isinstance(new.get("jupyter"), dict):
        new = {name: value for name, value in new.items() if name != "jupyter"}
        new |= {"jupyter": jupyter} if jupyter else {}
    return new


def _jupyter(metadata: JsonObject) -> dict[str, Any]:
    said = metadata.get("jupyter")
    return dict(said) if isinstance(said, dict) else {}


def _said(where: dict[str, Any], name: str, value: bool) -> dict[str, Any]:
    rest = {key: each for key, each in where.items() if key != name}
    return rest | ({name: True} if value else {})
