"""Which kernels there are: ours, those of other makes that are installed here, or those of the gateways.

A notebook names its own in the metadata that Jupyter gives it too (`kernelspec`), so it keeps it in a file.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from jupyter_client.kernelspec import KernelSpecManager

from apps.kernels.gateways import GatewayError, gateways

logger = logging.getLogger(__name__)

# What Jupyter calls the Python it is installed in. Here it is our own kernel.
OURS = "python3"


@dataclass(frozen=True)
class KernelSpec:
    name: str
    display_name: str
    language: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    """Jupyter's `argv`, `env` and `interrupt_mode`; empty for our own."""

    @classmethod
    def of(cls, name: str, definition: Mapping[str, Any]) -> "KernelSpec":
        name = str(definition.get("name") or name)  # a notebook's has one
        language = str(definition.get("language") or "python").lower()
        return cls(name, str(definition.get("display_name") or name), language, definition)


NO_KERNEL = (
    "This notebook is written in {language}, and there is no kernel for that here. Choose another kernel for it, or "
    "have an administrator install one."
)

PYTHON = KernelSpec(OURS, "Python 3", "python")


def kernel_specs() -> dict[str, KernelSpec]:
    """By name, the default first. With gateways, what those have that answer: no kernel runs here then."""
    if settings.KERNEL_GATEWAYS:
        return _of_gateways()
    found = KernelSpecManager().get_all_specs()
    others = {name: KernelSpec.of(name, found[name]["spec"]) for name in sorted(found) if name != OURS}
    return {OURS: PYTHON} | others


def offered_kernels() -> dict[str, Any]:
    """`{default, kernelspecs: [{name, display_name, language}]}`: what notebooks can have, and have unasked."""
    specs = [
        {"name": spec.name, "display_name": spec.display_name, "language": spec.language}
        for spec in kernel_specs().values()
    ]
    return {"default": OURS, "kernelspecs": specs}


def spec_of(metadata: Mapping[str, Any], language: str) -> KernelSpec | None:
    """What runs the cells of a notebook with this metadata; None if there is nothing for it."""
    named = metadata.get("kernelspec")
    name = str(named.get("name", "")) if isinstance(named, dict) else ""
    if language == "python" and name in ("", OURS):
        return PYTHON
    chosen = kernel_specs().get(name)
    if chosen:
        return chosen
    # The file may come from a machine where Python has another name.
    return PYTHON if language == "python" else None


def _of_gateways() -> dict[str, KernelSpec]:
    found: dict[str, KernelSpec] = {}
    for gateway in gateways():
        try:
            specs = gateway.specs()
        except GatewayError as error:
            logger.warning("A kernel gateway is skipped: %s", error)
            continue
        found |= {name: KernelSpec.of(name, spec) for name, spec in sorted(specs.items())}
    return found
