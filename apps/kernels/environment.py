"""What kernels run in: the server's own Python with the packages beside it, and little of the server's environment."""

import os
import platform
from functools import cache
from importlib import metadata

PYTHON_VERSION = platform.python_version()

# What a kernel inherits of the server's environment; everything else (addresses, keys, tokens) stays out.
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "SSL_CERT_FILE")


def environment_of(home: str) -> dict[str, str]:
    """Of any kernel with this home folder."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "PYTHONUNBUFFERED": "1",
        # Else a figure brings all of plotly along as HTML: it knows Jupyter's own kernel only.
        "PLOTLY_RENDERER": "plotly_mimetype",
    }


@cache
def packages() -> list[tuple[str, str]]:
    """`[(name, version)]` by name. Read once: it takes a tenth of a second, and changes with the server alone."""
    found = {each.name: each.version for each in metadata.distributions() if each.name}
    return sorted(found.items(), key=lambda package: package[0].lower())
