"""Kernels of other makes, to be installed for a test: a folder for JUPYTER_PATH."""

import json
import sys
from pathlib import Path

BASH = {
    "argv": [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"],
    "display_name": "Bash",
    "language": "bash",
    "env": {"PS1": "$"},
}
PLAIN = {
    "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Plain Python",
    "language": "python",
}


def install_kernels(folder: Path) -> None:
    for name, spec in {"bash": BASH, "plain": PLAIN}.items():
        (folder / "kernels" / name).mkdir(parents=True)
        (folder / "kernels" / name / "kernel.json").write_text(json.dumps(spec))
