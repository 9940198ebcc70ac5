"""The names of real code agree with the symbol table of CPython, and with the code that it compiles."""

import ast
import json
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from apps.dataflow.names import names_of
from tests.dataflow.snippets_compiled import compiled_names
from tests.support.real_notebooks import REAL_NOTEBOOKS

MODULES = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
PARTS = 8

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")


@pytest.mark.parametrize("part", range(PARTS))
def test_standard_library(part: int) -> None:
    checked = sum(_check(cell) for module in MODULES[part::PARTS] for cell in _cells_of_module(module))
    assert checked > 200


def test_real_notebooks() -> None:
    assert sum(_check(cell) for cell in _real_cells()) > 400


def test_real_magics_hide_nothing_of_the_code_around_them() -> None:
    cells = [cell for cell in _real_cells() if not _is_python(cell) and _is_python(_in_plain_python(cell))]
    assert len(cells) > 10
    for cell in cells:
        names, compiled = names_of(cell), compiled_names(_in_plain_python(cell))
        assert names.error is None
        assert compiled.stored <= names.writes | names.deletes
        used = names.reads.union(*names.deferred.values())
        assert compiled.loaded - compiled.stored - {"get_ipython"} <= used


def test_what_is_python_is_nothing_else() -> None:
    """IPython's transformer, which is not asked then, would change nothing."""
    plain = [cell for cell in _real_cells() if _is_python(cell)]
    assert len(plain) > 400
    for cell in plain:
        assert ast.dump(ast.parse(_in_plain_python(cell))) == ast.dump(ast.parse(cell))


def _check(cell: str) -> bool:
    """Compares the names of a cell; False if it is no cell by itself, like `return`."""
    if not _is_python(cell):
        return False
    names, compiled = names_of(cell), compiled_names(cell)
    assert names.error is None
    assert names.writes | names.deletes == compiled.stored
    used = names.reads.union(*names.deferred.values())
    assert used <= compiled.mentioned
    assert compiled.loaded - compiled.stored - compiled.class_names <= used
    return True


def _is_python(cell: str) -> bool:
    try:
        compile(cell, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _cells_of_module(path: Path) -> Iterator[str]:
    """The module as a cell, and each of its statements."""
    # With public names only: of private functions that nobody calls, nothing is told.
    source = re.sub(r"(?<!\w)_(?!_future__|_debug__)", "own_", path.read_text("utf-8"))
    lines = source.splitlines(keepends=True)
    yield source
    for statement in ast.parse(source).body:
        decorators = getattr(statement, "decorator_list", [])
        first = min(node.lineno for node in (statement, *decorators))
        yield "".join(lines[first - 1 : statement.end_lineno])


def _real_cells() -> Iterator[str]:
    for path in sorted(REAL_NOTEBOOKS.glob("*.ipynb")):
        notebook = json.loads(path.read_text("utf-8"))
        for cell in notebook.get("cells", []):
            if cell["cell_type"] == "code":
                yield "".join(cell["source"])


def _in_plain_python(cell: str) -> str:
    return TransformerManager().transform_cell(cell)
