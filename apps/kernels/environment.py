"""The Python that kernels run: the server's own, with the packages that are installed beside it."""

import platform
from functools import cache
from importlib import metadata

PYTHON_VERSION = platform.python_version()


@cache
def packages() -> list[tuple[str, str]]:
    """`[(name, version)]` by name. Read once: it takes a tenth of a second, and changes with the server alone."""
    found = {each.name: each.version for each in metadata.distributions() if each.name}
    return sorted(found.items(), key=lambda package: package[0].lower())
