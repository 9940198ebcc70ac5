"""The notebooks of other projects that lie beside the repository."""

from pathlib import Path

REAL_NOTEBOOKS = Path(__file__).resolve().parents[3] / "shared" / "notebooks"


def real_notebook(name: str) -> Path:
    return REAL_NOTEBOOKS / f"{name}.ipynb"
