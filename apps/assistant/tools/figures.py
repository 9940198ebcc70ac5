"""A plotly figure in a sentence of under 100 tokens: its kinds of traces, how many points, its axes. Pure."""

from collections.abc import Mapping
from typing import Any

from apps.assistant.tools.clipping import beginning

PLOTLY = "application/vnd.plotly.v1+json"

# Some three characters a token, where names are not words.
MAX_CHARS = 280
MAX_TRACES = 4
MAX_NAME_CHARS = 24

# What holds a trace's points, whichever comes first. https://plotly.com/javascript/reference/
_POINTS = ("x", "y", "values", "z", "lat", "lon", "locations", "r", "labels", "value", "open")
# Bytes of an item of plotly's typed arrays, {dtype, bdata}.
_ITEM_BYTES = {"1": 1, "2": 2, "4": 4, "8": 8}


def figure_preview(figure: Any) -> str:
    if not isinstance(figure, Mapping):
        return "[a broken plotly figure]"
    traces = figure.get("data")
    traces = [each for each in traces if isinstance(each, Mapping)] if isinstance(traces, list) else []
    layout = figure.get("layout")
    layout = layout if isinstance(layout, Mapping) else {}
    title = _title(layout)
    head = f"plotly figure{f' “{title}”' if title else ''}: "
    told = ", ".join(_trace(trace) for trace in traces[:MAX_TRACES])
    if len(traces) > MAX_TRACES:
        told += f" and {len(traces) - MAX_TRACES:,} more traces"
    axes = "; ".join(_axes(layout))
    return beginning(f"[{head}{told or 'no traces'}{f'; {axes}' if axes else ''}]", MAX_CHARS)


def _trace(trace: Mapping[str, Any]) -> str:
    name = trace.get("name")
    shown = f" “{beginning(name, MAX_NAME_CHARS)}”" if isinstance(name, str) and name else ""
    return (
        f"{beginning(str(trace.get('type') or 'scatter'), MAX_NAME_CHARS)}{shown} ({_points(trace):,} points)"
    )


def _points(trace: Mapping[str, Any]) -> int:
    return max((_length(trace[field]) for field in _POINTS if field in trace), default=0)


def _length(values: Any) -> int:
    if isinstance(values, list):
        return len(values)
    if isinstance(values, Mapping) and isinstance(data := values.get("bdata"), str):
        size = len(data) * 3 // 4 - data[-2:].count("=")
        return size // _ITEM_BYTES.get(str(values.get("dtype"))[-1:], 8)
    return 0


def _axes(layout: Mapping[str, Any]) -> list[str]:
    axes = []
    for name in ("xaxis", "yaxis"):
        axis = layout.get(name)
        if isinstance(axis, Mapping) and (title := _title(axis)):
            kind = axis.get("type")
            axes.append(f"{name[0]}: {title}{f' ({kind})' if isinstance(kind, str) else ''}")
    return axes


def _title(holder: Mapping[str, Any]) -> str:
    title = holder.get("title")
    text = title.get("text") if isinstance(title, Mapping) else title
    return beginning(text, 2 * MAX_NAME_CHARS) if isinstance(text, str) else ""
