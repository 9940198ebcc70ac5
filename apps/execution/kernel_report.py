"""All there is to say of a notebook's kernel: state, what it takes of the machine, limits and environment."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.execution.kernel_questions import USAGE, ask_kernel
from apps.execution.models import LastTurn
from apps.execution.queries import kernel_state
from apps.kernels.environment import PYTHON_VERSION, packages
from apps.kernels.limits import Limits
from apps.kernels.models import KernelPolicy, KernelStatus
from apps.kernels.specs import PYTHON, KernelSpec, spec_of
from apps.notebooks.models import Notebook
from apps.notebooks.queries import language_of

# A lane looks up within half a second, whatever it does, unless its kernel starts.
USAGE_TIMEOUT_S = 1.0

Json = dict[str, Any]


def kernel_report(*, actor: Actor, notebook_id: UUID) -> Json:
    """`kernel_state` with what it takes, what it may take and what it is; see docs/protocol.md ("Kernel")."""
    state = kernel_state(actor=actor, notebook_id=notebook_id)
    policy = KernelPolicy.objects.filter(pk=notebook_id).first()
    return state | {
        "execution_count": _execution_count(notebook_id),
        "usage": _usage(notebook_id) if state["status"] in (KernelStatus.IDLE, "busy") else None,
        "limits": _limits(policy),
        "has_network": bool(policy and policy.has_network),
        **_environment(Notebook.objects.get(id=notebook_id)),
    }


def kernel_packages(*, actor: Actor, notebook_id: UUID) -> Json:
    """`{packages: [{name, version}]}` by name."""
    require_role(actor, notebook_id, Role.VIEWER)
    return {"packages": [{"name": name, "version": version} for name, version in packages()]}


def _environment(notebook: Notebook) -> Json:
    """`kernelspec`, and of our own kernel `environment`: what others have, they alone know."""
    language = language_of(notebook)
    # Gateways are not asked each time that somebody looks.
    spec = None if settings.KERNEL_GATEWAYS else spec_of(notebook.metadata, language)
    named = notebook.metadata.get("kernelspec")
    spec = spec or KernelSpec.of(PYTHON.name, named if isinstance(named, dict) else {})
    has_our_packages = spec is PYTHON
    return {
        "kernelspec": {"name": spec.name, "display_name": spec.display_name, "language": language},
        "environment": {"python_version": PYTHON_VERSION, "package_count": len(packages())}
        if has_our_packages
        else None,
    }


def _execution_count(notebook_id: UUID) -> int:
    """Of the cells in this kernel, not in an earlier one."""
    counts = LastTurn.objects.filter(notebook_id=notebook_id).aggregate(newest=Max("cell__execution_count"))
    return counts["newest"] or 0


def _usage(notebook_id: UUID) -> Json | None:
    return ask_kernel(notebook_id, USAGE, {}, timeout_s=USAGE_TIMEOUT_S)


def _limits(policy: KernelPolicy | None) -> Json:
    limits = Limits.from_settings()
    return {
        "memory_bytes": limits.memory_bytes,
        "processes": limits.processes,
        "disk_bytes": limits.disk_bytes,
        "cell_timeout_s": (policy and policy.cell_timeout_s) or settings.CELL_TIMEOUT_S,
        "idle_s": settings.KERNEL_IDLE_S,
        "text_chars": settings.MAX_CELL_TEXT_CHARS,
    }
