"""What magics and shell commands do to names: the ones that run Python code, bind or show names.

The documentation of IPython's magics says what each does. Of one that is not known here only `$name` and
`{expression}` in its line count, which IPython replaces before it runs it.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True, slots=True)
class Magic:
    """In order: it evaluates expressions, runs code, binds and unbinds names."""

    expressions: tuple[ast.expr, ...] = ()
    code: str = ""
    has_own_scope: bool = False
    """The code runs like the body of a function: what it binds is its own."""
    writes: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class _Runner:
    """A magic that runs the Python code behind its options, and that of the cell below it."""

    options_with_value: str = ""
    has_own_scope: bool = False


_RUNNERS = {
    "debug": _Runner("b"),
    "prun": _Runner("DlsT"),
    "time": _Runner(),
    "timeit": _Runner("nrpv", has_own_scope=True),
    # Of line_profiler, memory_profiler, pyinstrument and snakeviz.
    "lprun": _Runner("fmDTu"),
    "mprun": _Runner("fT"),
    "memit": _Runner("rt"),
    "pyinstrument": _Runner(),
    "snakeviz": _Runner("f"),
}

_HELP = frozenset({"pdef", "pdoc", "pfile", "pinfo", "pinfo2", "psearch", "psource"})

_FIRST_OPTION = re.compile(r"\s*-(?:-[\w-]+|(\w)(\S*))(?:\s+|$)")
_SAVED_RESULT = re.compile(r"(?:^|\s)-v\s*(\w+)")
_SCRIPT_RESULT = re.compile(r"--?(?:out|err|proc)[ =](\w+)")
_EXPANSION = re.compile(r"\$(\$?[\w.]+)")


def shell_command(command: str) -> Magic:
    return Magic(expressions=_expansions(command))


def line_magic(name: str, line: str) -> Magic:
    if runner := _RUNNERS.get(name):
        return _run(runner, line)
    if name in _HELP:
        return Magic(expressions=_names(_identifiers(re.findall(r"^\w+", line))))
    words = _identifiers(line.partition(">")[0].split())
    match name:
        case "store" if "-r" not in line.split():
            return Magic(expressions=_names(words))
        case "store" if words:
            return Magic(writes=words)
        case "macro":
            return Magic(writes=words[:1])
        case "xdel":
            return Magic(expressions=_names(words), deletes=words)
        case "pylab" | "run" | "store":
            return Magic(expressions=_expansions(line), warning=f"What names `%{name}` binds is not known.")
        case "reset" | "reset_selective":
            return Magic(warning=f"What names `%{name}` unbinds is not known.")
    return shell_command(line)


def cell_magic(name: str, line: str, body: str) -> Magic:
    if runner := _RUNNERS.get(name):
        return _run(runner, line, body)
    expressions = _expansions(line)
    if name == "capture":
        return Magic(expressions, code=f"\n{body}", writes=_identifiers(line.split())[:1])
    if name in ("!", "sx", "system"):
        expressions += _expansions(body)
    return Magic(expressions, writes=_identifiers(_SCRIPT_RESULT.findall(line)))


def _run(runner: _Runner, line: str, body: str = "") -> Magic:
    # In a cell, code on the first line runs before the code below it, so lines keep their numbers.
    code = _behind_options(line, runner)
    options = line.removesuffix(code)
    saved = _SAVED_RESULT.findall(options) if "v" in runner.options_with_value else ()
    return Magic(code=f"{code}\n{body}", has_own_scope=runner.has_own_scope, writes=_identifiers(saved))


def _behind_options(line: str, runner: _Runner) -> str:
    while option := _FIRST_OPTION.match(line):
        line = line[option.end() :]
        letter, value = option.groups()
        if letter and not value and letter in runner.options_with_value:
            line = line.partition(" ")[2]
    return line


def _expansions(command: str) -> tuple[ast.expr, ...]:
    """The expressions that IPython replaces by their values; none at all if it cannot evaluate one of them."""
    try:
        return tuple(ast.parse(text.strip(), mode="eval").body for text in _expanded_texts(command))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _expanded_texts(command: str) -> Iterable[str]:
    for literal, field, format_spec, _ in Formatter().parse(command):
        yield from _dollar_names(literal)
        if field is not None:
            yield f"{field}:{format_spec}" if format_spec else field


def _dollar_names(text: str) -> Iterable[str]:
    """`$name` and `$name.attribute`, but not `$$name`, nor between single quotes, which it leaves to `awk`."""
    position, quotes_behind = 0, text.count("'")
    for match in _EXPANSION.finditer(text):
        quotes_behind -= text.count("'", position, match.end())
        position = match.end()
        if quotes_behind % 2 == 0 and not match[1].startswith("$"):
            yield match[1]


def _identifiers(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word.isidentifier())


def _names(words: Iterable[str]) -> tuple[ast.expr, ...]:
    return tuple(ast.Name(word, ast.Load()) for word in words)
