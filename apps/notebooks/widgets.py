"""The widget models of a notebook: those of its kernels, in rows, and those that came with its file.

Execution writes the rows; here they are read, for pages and for files. The shapes are those of Jupyter's
`application/vnd.jupyter.widget-state+json` (ipywidgets, "Jupyter widgets Schema").
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.notebooks.models import Notebook, Output, WidgetModel

VIEW_TYPE = "application/vnd.jupyter.widget-view+json"
STATE_TYPE = "application/vnd.jupyter.widget-state+json"

# Of what one view needs. A view of more is cut short, and its page says what is missing.
MAX_MODELS = 2000

# What `jslink` and `jsdlink` make. No view shows them: they tie fields of models that are in one.
LINKS = ("LinkModel", "DirectionalLinkModel")

REFERENCE = "IPY_MODEL_"
# Widgets refer to others from few levels down; a file could nest any number.
MAX_DEPTH = 50

Json = dict[str, Any]


def widget_models(*, actor: Actor, notebook_id: UUID, comm_ids: Iterable[str]) -> Json:
    """`{comm_id: {state, buffers, is_alive}}` of these models, all that they refer to, and what links any of them to
    others; unknown ones are left out.

    Viewers too.
    """
    require_role(actor, notebook_id, Role.VIEWER)
    found = _closure(notebook_id, comm_ids)
    return {
        comm_id: {key: value for key, value in model.items() if key != "is_row"}
        for comm_id, model in found.items()
    }


def metadata_with_widgets(notebook: Notebook) -> Json:
    """The notebook's metadata for a file, with the state of the widgets that its outputs show."""
    found = _closure(notebook.id, _views(notebook.id, cell__deleted_at=None))
    from_kernels: Json = {comm_id: model for comm_id, model in found.items() if model["is_row"]}
    metadata: Json = notebook.metadata
    if not from_kernels:
        return metadata
    states = _file_states(metadata) | {comm_id: _file_state(model) for comm_id, model in from_kernels.items()}
    kept = notebook.metadata.get("widgets")
    widgets: Json = (kept if isinstance(kept, dict) else {}) | {
        STATE_TYPE: {"version_major": 2, "version_minor": 0, "state": states}
    }
    return {**metadata, "widgets": widgets}


def shown_models(notebook_id: UUID) -> set[str]:
    """The ids of those that outputs show, also of deleted cells, which may come back."""
    return set(_closure(notebook_id, _views(notebook_id)))


def references_in(value: Any, depth: int = 0) -> Iterator[str]:
    """The ids of the models that a state refers to, in its fields or in outputs that it holds."""
    if depth > MAX_DEPTH:
        return
    match value:
        case str() if value.startswith(REFERENCE):
            yield value.removeprefix(REFERENCE)
        case list():
            for item in value:
                yield from references_in(item, depth + 1)
        case dict():
            yield from _ids_of_views([value.get(VIEW_TYPE)])
            for item in value.values():
                yield from references_in(item, depth + 1)


def _closure(notebook_id: UUID, comm_ids: Iterable[str]) -> Json:
    """As `widget_models`, with `is_row`."""
    found: Json = {}
    wanted = set(comm_ids)
    stored: Json | None = None
    links = _link_ends(
        WidgetModel.objects.filter(notebook_id=notebook_id, state___model_name__in=LINKS).values_list(
            "comm_id", "state"
        )
    )
    while wanted and len(found) < MAX_MODELS:
        rows = WidgetModel.objects.filter(notebook_id=notebook_id, comm_id__in=wanted)
        level = {
            row.comm_id: {
                "state": row.state,
                "buffers": row.buffers,
                "is_alive": row.is_alive,
                "is_row": True,
            }
            for row in rows
        }
        if wanted - level.keys():
            if stored is None:
                stored = _file_states(Notebook.objects.get(id=notebook_id).metadata)
                models = ((comm_id, _model_of_file(model)) for comm_id, model in stored.items())
                links |= _link_ends((comm_id, model["state"]) for comm_id, model in models if model)
            for comm_id in wanted - level.keys():
                if model := _model_of_file(stored.get(comm_id)):
                    level[comm_id] = model
        found |= level
        wanted = {each for model in level.values() for each in references_in(model["state"])}
        wanted |= {link for link, ends in links.items() if not ends.isdisjoint(level)}
        wanted -= found.keys()
    return found


def _link_ends(states: Iterable[tuple[str, Json]]) -> dict[str, set[str]]:
    """`{link: the models that it links}` of those that are links."""
    return {
        comm_id: set(references_in(state)) for comm_id, state in states if state.get("_model_name") in LINKS
    }


def _views(notebook_id: UUID, **wanted: Any) -> list[str]:
    rows = Output.objects.filter(cell__notebook_id=notebook_id, body__data__has_key=VIEW_TYPE, **wanted)
    return list(_ids_of_views(body["data"][VIEW_TYPE] for body in rows.values_list("body", flat=True)))


def _ids_of_views(views: Iterable[Any]) -> Iterator[str]:
    for view in views:
        if isinstance(view, dict) and isinstance(view.get("model_id"), str):
            yield view["model_id"]


def _file_states(metadata: Json) -> Json:
    """`{model_id: state}` as in the file; any file may come from anywhere."""
    value: Any = metadata
    for key in ("widgets", STATE_TYPE, "state"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _model_of_file(model: Any) -> Json | None:
    if not isinstance(model, dict) or not isinstance(model.get("state"), dict):
        return None
    named = {
        f"_{field}": str(model.get(field, ""))
        for field in ("model_name", "model_module", "model_module_version")
    }
    buffers = model.get("buffers")
    kept = buffers if isinstance(buffers, list) else []
    return {"state": named | model["state"], "buffers": kept, "is_alive": False, "is_row": False}


def _file_state(model: Json) -> Json:
    state = model["state"]
    written = {
        "model_name": state.get("_model_name", ""),
        "model_module": state.get("_model_module", ""),
        "model_module_version": state.get("_model_module_version", ""),
        "state": state,
    }
    return written | ({"buffers": model["buffers"]} if model["buffers"] else {})
