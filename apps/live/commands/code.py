"""Help for whoever types code."""

from typing import Any

from apps.assistant.inline_completion import suggestion
from apps.execution.code_help import completions, inspection
from apps.live.commands.frames import Client, Frame, Result, cell_id_of, number_of, text_of
from apps.notebooks.code_style import formatted, problems


def code_complete(client: Client, frame: Frame) -> Result:
    return completions(**client.place, **_place(frame))


def code_inspect(client: Client, frame: Frame) -> Result:
    return inspection(**client.place, **_place(frame))


def code_suggest(client: Client, frame: Frame) -> Result:
    return suggestion(**client.place, **_place(frame))


def code_format(client: Client, frame: Frame) -> Result:
    return {"source": formatted(**client.place, source=text_of(frame, "source"))}


def code_lint(client: Client, frame: Frame) -> Result:
    return {"problems": problems(**client.place, cell_id=cell_id_of(frame), source=text_of(frame, "source"))}


def _place(frame: Frame) -> dict[str, Any]:
    return {
        "cell_id": cell_id_of(frame),
        "source": text_of(frame, "source"),
        "position": number_of(frame, "position"),
    }
