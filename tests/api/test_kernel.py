"""notebooks/{id}/kernel/…; tests/api/test_runs.py has a kernel that runs."""

import platform
from importlib.metadata import version

import pytest

from apps.api import responses
from apps.journal.models import AuditEntry
from apps.kernels.models import KernelPolicy
from apps.notebooks.models import Notebook
from tests.api.caller import Caller
from tests.support.cast import Person

COMMANDS = ("interrupt", "restart", "shutdown")


def test_a_notebook_that_never_ran_has_no_kernel(viewer: Person, notebook: Notebook) -> None:
    state = Caller(viewer).get(f"notebooks/{notebook.id}/kernel/").shaped(responses.KernelReport)
    assert state["limits"].items() >= {"memory_bytes": 2 * 2**30, "cell_timeout_s": 86400}.items()
    assert state["environment"]["python_version"] == platform.python_version()
    assert state["kernelspec"] == {"name": "python3", "display_name": "Python 3", "language": "python"}
    del state["limits"], state["environment"], state["kernelspec"]
    assert state == {
        "status": "off",
        "message": "",
        "started_at": None,
        "sandbox": "bwrap",
        "sandbox_problem": "",
        "has_network": False,
        "execution_count": 0,
        "usage": None,
    }


def test_what_an_administrator_allows_is_said(viewer: Person, notebook: Notebook) -> None:
    KernelPolicy.objects.create(notebook=notebook, has_network=True, cell_timeout_s=5)
    state = Caller(viewer).get(f"notebooks/{notebook.id}/kernel/").json
    assert (state["has_network"], state["limits"]["cell_timeout_s"]) == (True, 5)


def test_packages(viewer: Person, stranger: Person, notebook: Notebook) -> None:
    path = f"notebooks/{notebook.id}/kernel/packages/"
    packages = Caller(viewer).get(path).shaped(responses.KernelPackages)["packages"]
    assert {"name": "ipykernel", "version": version("ipykernel")} in packages
    assert (
        len(packages)
        == Caller(viewer).get(f"notebooks/{notebook.id}/kernel/").json["environment"]["package_count"]
    )
    Caller(stranger).get(path).refused(404, "not_found")


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_accepted(editor: Person, notebook: Notebook, command: str) -> None:
    path = f"notebooks/{notebook.id}/kernel/{command}/"
    Caller(editor).post(path).shaped(responses.KernelState, 202)
    Caller(editor).post(path, {}).shaped(responses.KernelState, 202)
    assert AuditEntry.objects.filter(notebook_id=notebook.id, action__startswith=command).count() == 2
    Caller(editor).post(path, {"force": True}).refused(400, "invalid")
    Caller(editor).get(path).refused(405, "method_not_allowed")


@pytest.mark.parametrize("command", COMMANDS)
def test_roles(notebook: Notebook, viewer: Person, stranger: Person, command: str) -> None:
    path = f"notebooks/{notebook.id}/kernel/"
    Caller(viewer).post(f"{path}{command}/").refused(403, "forbidden")
    Caller(stranger).post(f"{path}{command}/").refused(404, "not_found")
    Caller(stranger).get(path).refused(404, "not_found")
    Caller().post(f"{path}{command}/").refused(401, "unauthenticated")
    Caller().get(path).refused(401, "unauthenticated")


def test_there_is_no_other_command(editor: Person, notebook: Notebook) -> None:
    Caller(editor).post(f"notebooks/{notebook.id}/kernel/explode/").refused(404, "not_found")
