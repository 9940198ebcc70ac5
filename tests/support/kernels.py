"""The processes of kernels, as the system sees them."""

from pathlib import Path
from typing import Any

import psutil

from apps.kernels.connection import KernelConnection
from apps.kernels.models import Kernel
from apps.kernels.processes import KernelProcess
from apps.notebooks.models import Notebook
from tests.support.processes import wait_until

EMPTY_PLAN: dict[str, Any] = {"plan_id": "1", "fence": 1, "keeps": [], "clears": [], "restores": []}


def kernel_process(notebook: Notebook) -> psutil.Process:
    """The Python of the notebook's kernel, which runs in a sandbox."""
    pid, _ = Kernel.objects.get(pk=notebook.id).provisioner_info["kernel"]
    return psutil.Process(pid)


def runtime_name(notebook: Notebook) -> str:
    """Of the folder with the sockets of the notebook's kernel."""
    return Path(Kernel.objects.get(pk=notebook.id).connection_info["ip"]).parent.name


def planned_cell(cell_id: str, code: str, **fields: Any) -> dict[str, Any]:
    """A cell of an `execute_plan_request` (kernel_main.py)."""
    return {
        "id": cell_id,
        "code": code,
        "needs": [],
        "clears": [],
        "restores": [],
        "blocked_by": None,
        "may_fail": False,
        **fields,
    }


def printed_by(process: KernelProcess, code: str) -> str:
    """What the code printed, in a kernel of no notebook's lane. An empty text if the kernel ended with it."""
    kernel = KernelConnection(process.connection_info)
    assert kernel.wait_until_ready(20, keep_waiting=lambda: True)
    kernel.execute_plan(EMPTY_PLAN | {"cells": [planned_cell("1", code)]})
    printed: list[str] = []

    def is_over() -> bool:
        messages = list(kernel.published())
        printed.extend(m["content"]["text"] for m in messages if m["header"]["msg_type"] == "stream")
        is_done = any(message["header"]["msg_type"] == "plan_reply" for message in messages)
        return is_done or process.exit_code() is not None

    wait_until(is_over, "the plan has run")
    kernel.close()
    return "".join(printed)
