"""The processes of kernels, as the system sees them."""

from pathlib import Path
from typing import Any

import psutil

from apps.kernels.models import Kernel
from apps.notebooks.models import Notebook


def kernel_process(notebook: Notebook) -> psutil.Process:
    """The Python of the notebook's kernel, which runs in a sandbox."""
    first_inside = psutil.Process(Kernel.objects.get(pk=notebook.id).provisioner_info["pid"])
    kernel: psutil.Process = min(first_inside.children(), key=psutil.Process.create_time)
    return kernel


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
