"""The notebook's title, its runs and its kernel."""

from apps.execution import commands as execution
from apps.execution.queries import run_json
from apps.live.commands.frames import Client, Frame, Result, cell_id_of, text_of
from apps.notebooks import commands as notebooks


def notebook_rename(client: Client, frame: Frame) -> Result:
    notebooks.rename_notebook(**client.place, title=text_of(frame, "title"))
    return {}


def run(client: Client, frame: Frame) -> Result:
    cell_id = cell_id_of(frame) if frame.get("cell_id") is not None else None
    requested = execution.request_run(**client.place, scope=text_of(frame, "scope"), cell_id=cell_id)
    return {"run": run_json(requested)}


def interrupt(client: Client, frame: Frame) -> Result:
    execution.interrupt(**client.place)
    return {}


def restart(client: Client, frame: Frame) -> Result:
    execution.restart_kernel(**client.place)
    return {}
