"""The notebook's title, its runs and its kernel."""

from typing import Any

from apps.base.ids import parse_id
from apps.execution import commands as execution
from apps.execution.kernel_report import kernel_packages, kernel_report
from apps.execution.planned_run import planned_run
from apps.execution.queries import run_json
from apps.kernels.specs import offered_kernels
from apps.live.commands.frames import Client, Frame, Result, cell_id_of, flag_of, text_of
from apps.notebooks import commands as notebooks


def notebook_rename(client: Client, frame: Frame) -> Result:
    notebooks.rename_notebook(**client.place, title=text_of(frame, "title"))
    return {}


def notebook_configure(client: Client, frame: Frame) -> Result:
    notebooks.configure_notebook(**client.place, mode=text_of(frame, "mode"))
    return {}


def plan(client: Client, frame: Frame) -> Result:
    return planned_run(**client.place, **_wanted(frame))


def run(client: Client, frame: Frame) -> Result:
    is_refresh = "is_refresh" in frame and flag_of(frame, "is_refresh")
    run = execution.request_run(**client.place, **_wanted(frame), is_refresh=is_refresh)
    return {"run": run_json(run)}


def input_answer(client: Client, frame: Frame) -> Result:
    request_id = parse_id(frame.get("request_id"), "request_id")
    value = text_of(frame, "value")
    execution.answer_input(**client.place, cell_id=cell_id_of(frame), request_id=request_id, value=value)
    return {}


def interrupt(client: Client, frame: Frame) -> Result:
    execution.interrupt(**client.place)
    return {}


def restart(client: Client, frame: Frame) -> Result:
    execution.restart_kernel(**client.place)
    return {}


def shutdown(client: Client, frame: Frame) -> Result:
    execution.shutdown_kernel(**client.place)
    return {}


def kernel(client: Client, frame: Frame) -> Result:
    return kernel_report(**client.place)


def kernelspecs(client: Client, frame: Frame) -> Result:
    return offered_kernels()


def kernel_choose(client: Client, frame: Frame) -> Result:
    execution.choose_kernel(**client.place, name=text_of(frame, "name"))
    return {}


def packages(client: Client, frame: Frame) -> Result:
    return kernel_packages(**client.place)


def _wanted(frame: Frame) -> dict[str, Any]:
    cell_id = cell_id_of(frame) if frame.get("cell_id") is not None else None
    return {"scope": text_of(frame, "scope"), "cell_id": cell_id}
