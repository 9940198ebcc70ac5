"""An SQL cell as the Python that the kernel runs for it: so it is planned, run and kept track of like any other. Pure.

What stands in braces is taken out of the statement here and is bound to it as a parameter, by `kernels/kernel_sql.py`
or, of a database elsewhere, by the worker; it is never text of the statement, and never code: a name, or a way from a
name by attributes and fixed indexes.
"""

import ast
import keyword
import re
from dataclasses import dataclass
from functools import lru_cache

from apps.dataflow.sql_text import OPAQUE, PLACEHOLDER

# What an SQL cell is bound to that was never given a name.
UNNAMED = "df"
MAX_NAME_CHARS = 100

# (.attribute) or [index]
Step = tuple[str, str | int]
Placeholder = tuple[str, list[Step], str, str]
"""A name, the way from there, how a list stands there as its values (`BESIDE_IN`, `IN_PARENTHESES`; empty: as one), and
the whole as it is written in the cell."""

# After IN, where a list is as many values, without or with parentheses of its own.
BESIDE_IN = "beside in"
IN_PARENTHESES = "in parentheses"

_PIECE = re.compile(rf"{OPAQUE} | (?P<braces>\{{[^{{}}]*\}}) | (?P<open>[{{}}])", re.VERBOSE | re.DOTALL)
_PLACEHOLDER = re.compile(PLACEHOLDER, re.VERBOSE)
_STEP = re.compile(r"\.(?P<attribute>\w+)|\[(?P<index>[^\]]*)\]")
# DuckDB's own use of braces: {'a': 1} is a struct.
_STRUCT = re.compile(r"""\{\s*(?:\w+|'(?:[^']|'')*'|"(?:[^"]|"")*")\s*:|\{\s*\}""")
_AFTER_IN = re.compile(r"\bIN\s*(\()?\s*\Z", re.IGNORECASE)
_CLOSED = re.compile(r"\s*\)")

_ASKS = re.compile(
    r'\w+ = __import__\("kernel_query"\)\.run_sql\(globals\(\), (?P<arguments>.*)\)\n\w+\Z', re.DOTALL
)

_PROBLEM = (
    "only a name can stand in braces, or a way from one by attributes and fixed indexes, such as {limit}, "
    "{config.limit} or {limits['low']}. Compute anything else in a Python cell first."
)


@dataclass(frozen=True)
class OutsideQuery:
    """What an SQL cell asks a database: the statement in pieces, and the id of the connection."""

    connection_id: str
    pieces: list[str | Placeholder]


@lru_cache(maxsize=1000)
def sql_program(source: str, result_name: str, connection_id: str = "") -> str:
    """Never raises: what is wrong with the text is an error of the cell when it runs.

    With a connection the kernel only asks for the answer: see kernels/kernel_query.py.
    """
    name = result_name if is_result_name(result_name) else UNNAMED
    pieces, problem = _pieces(source)
    told = f", problem={problem!r}" if problem else ""
    module, asked = ("kernel_query", f", {connection_id!r}") if connection_id else ("kernel_sql", "")
    return f'{name} = __import__("{module}").run_sql(globals(), {pieces!r}{asked}{told})\n{name}'


def outside_query(program: str) -> OutsideQuery | None:
    """What the program of an SQL cell asks a database elsewhere; None if it asks none.

    Also of programs that people wrote: then they ask for no more than their own SQL cell could.
    """
    found = _ASKS.match(program)
    if found is None:
        return None
    try:
        pieces, connection_id = ast.literal_eval(f"[{found['arguments']}]")
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    if not isinstance(connection_id, str) or not isinstance(pieces, list) or not all(map(_is_piece, pieces)):
        return None
    return OutsideQuery(connection_id, pieces)


def is_result_name(name: str) -> bool:
    """Whether a dataframe can be called so. Names that begin with `_` are a cell's own, and no other could read it."""
    is_name = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    return is_name and len(name) <= MAX_NAME_CHARS


def _pieces(source: str) -> tuple[list[str | Placeholder], str]:
    """Texts and the placeholders between them, and what is wrong."""
    pieces: list[str | Placeholder] = []
    start = place = 0
    while match := _PIECE.search(source, place):
        place = match.end()
        if match["open"]:
            # Those around others can only be of structs.
            continue
        if not match["braces"] or _STRUCT.match(match["braces"]):
            continue
        found = _PLACEHOLDER.fullmatch(match["braces"])
        if found is None or keyword.iskeyword(found["name"]):
            line = source.count("\n", 0, match.start()) + 1
            return [source], f"Line {line}: {match['braces'][:100]}: {_PROBLEM}"
        before = source[start : match.start()]
        after_in = _AFTER_IN.search(source, 0, match.start())
        lists = ""
        if after_in and not after_in[1]:
            lists = BESIDE_IN
        elif after_in and _CLOSED.match(source, place):
            lists = IN_PARENTHESES
        pieces += [before, (found["name"], _steps(found["steps"]), lists, match["braces"])]
        start = place
    return [*pieces, source[start:]], ""


def _steps(text: str) -> list[Step]:
    return [
        (".", match["attribute"]) if match["attribute"] else ("[]", ast.literal_eval(match["index"]))
        for match in _STEP.finditer(text)
    ]


def _is_piece(piece: object) -> bool:
    match piece:
        case str() | (str(), list(), str(), str()):
            return True
        case _:
            return False
