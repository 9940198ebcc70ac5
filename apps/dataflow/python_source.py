"""From the text of a cell to its syntax tree, IPython's own syntax included."""

import ast
import re
import warnings

from IPython.core.inputtransformer2 import TransformerManager

from apps.dataflow.python_unreadable import Unreadable

_FILE = "<cell>"

# A tree takes up to 600 times the memory of its text, and a few seconds for as much.
_MAX_CHARACTERS = 1_000_000

# IPython's transformer goes through the whole text again for every line that it transforms, at 0.4 MB/s.
_MAX_TRANSFORMED_CHARACTERS = 1_000_000

# The beginnings and ends of lines, and of what is assigned, in IPython's own syntax; found in strings too.
_OWN_SYNTAX = re.compile(r"^[ \t]*[%!?,;/]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
_BLANK_LINES = re.compile(r"(?:[ \t\f\r]*\n)*")
_PROMPT = re.compile(r"\s*(?:In \[|>>>)")

# Line magics that people call without `%`, which IPython allows where the line is the whole cell.
_AUTOMAGIC = re.compile(
    r"\s*(?:cat|cd|conda|cp|env|load_ext|ls|mamba|man|matplotlib|micromamba|mkdir|mv|pip|prun|pwd|reset|rm|rmdir|run"
    r"|time|timeit|uv|who|whos)\b[^\n]*\s*"
)

_transformer = TransformerManager()

# They are about the code of cells; the kernel shows them to the person who runs it.
warnings.filterwarnings("ignore", module=re.escape(_FILE))


def parse(source: str) -> ast.Module:
    """Raises `Unreadable`, and nothing else, on any text."""
    if len(source) > _MAX_CHARACTERS:
        raise Unreadable(f"Too long to analyse: more than {_MAX_CHARACTERS:,} characters")
    try:
        tree = _tree(source)
        _check(tree)
    except SyntaxError as error:
        raise Unreadable(error.msg, error.lineno) from error
    except ValueError as error:  # NUL, surrogates
        raise Unreadable(str(error)) from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable("Nested too deeply to analyse") from error
    return tree


def _tree(source: str) -> ast.Module:
    # What is Python is nothing else, so most cells need no transformer: it takes ten times as long as the parser.
    if _PROMPT.match(source):  # but `In [1]: x` is an annotation
        return ast.parse(_transformed(source), _FILE)
    try:
        return ast.parse(source, _FILE)
    except SyntaxError:
        if _AUTOMAGIC.fullmatch(source):
            source = "%" + source.lstrip()
        elif not _OWN_SYNTAX.search(source) and not _is_indented(source):
            raise
    return ast.parse(_transformed(source), _FILE)


def _is_indented(source: str) -> bool:
    return source[_blank_lines_end(source) :][:1] in (" ", "\t")


def _transformed(source: str) -> str:
    """Lines keep their numbers, unless commands go over several."""
    end = _blank_lines_end(source)
    blank_lines, cell = source[:end].count("\n"), source[end:]
    passes = 1 if cell.startswith("%%") else len(_OWN_SYNTAX.findall(cell))
    if passes * len(cell) > _MAX_TRANSFORMED_CHARACTERS:
        raise Unreadable("Too many lines of magics and shell commands to analyse")
    try:
        return "\n" * blank_lines + _transformer.transform_cell(cell)
    except (RuntimeError, IndexError, AssertionError):  # what it trips over is not Python either
        return source


def _blank_lines_end(source: str) -> int:
    blank_lines = _BLANK_LINES.match(source)
    return blank_lines.end() if blank_lines else 0


def _check(tree: ast.Module) -> None:
    """Finds what only the compiler does: `return` outside a function, ..."""
    for statement in tree.body:  # one by one, like IPython: imports from `__future__` may follow a magic
        module = ast.Module(body=[statement], type_ignores=[])
        compile(module, _FILE, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
