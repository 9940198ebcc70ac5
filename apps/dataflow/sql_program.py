"""An SQL cell as the Python that the kernel runs for it: so it is planned, run and kept track of like any other. Pure.

What stands in braces is taken out of the statement here and is bound to it as a parameter by `kernels/kernel_sql.py`;
it is never text of the statement, and never code: a name, or a way from a name by attributes and fixed indexes.
"""

import ast
import keyword
import re
from functools import lru_cache

from apps.dataflow.sql_text import OPAQUE, PLACEHOLDER

# What an SQL cell is bound to that was never given a name.
UNNAMED = "df"
MAX_NAME_CHARS = 100

# (.attribute) or [index]
Step = tuple[str, str | int]
Placeholder = tuple[str, list[Step], bool]
"""A name, the way from there, and whether it stands after IN, where a list is as many values."""

_PIECE = re.compile(rf"{OPAQUE} | (?P<braces>\{{[^{{}}]*\}}) | (?P<open>[{{}}])", re.VERBOSE | re.DOTALL)
_PLACEHOLDER = re.compile(PLACEHOLDER, re.VERBOSE)
_STEP = re.compile(r"\.(?P<attribute>\w+)|\[(?P<index>[^\]]*)\]")
# DuckDB's own use of braces: {'a': 1} is a struct.
_STRUCT = re.compile(r"""\{\s*(?:\w+|'(?:[^']|'')*'|"(?:[^"]|"")*")\s*:|\{\s*\}""")
_AFTER_IN = re.compile(r"\bIN\s*(\()?\s*\Z", re.IGNORECASE)
_CLOSED = re.compile(r"\s*\)")

_PROBLEM = (
    "only a name can stand in braces, or a way from one by attributes and fixed indexes, such as {limit}, "
    "{config.limit} or {limits['low']}. Compute anything else in a Python cell first."
)


@lru_cache(maxsize=1000)
def sql_program(source: str, result_name: str) -> str:
    """Never raises: what is wrong with the text is an error of the cell when it runs."""
    name = result_name if is_result_name(result_name) else UNNAMED
    pieces, problem = _pieces(source)
    told = f", problem={problem!r}" if problem else ""
    return f'{name} = __import__("kernel_sql").run_sql(globals(), {pieces!r}{told})\n{name}'


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
        is_list = after_in is not None and (not after_in[1] or _CLOSED.match(source, place) is not None)
        bare = is_list and after_in is not None and not after_in[1]
        pieces += [f"{before}(" if bare else before, (found["name"], _steps(found["steps"]), is_list)]
        if bare:
            pieces.append(")")
        start = place
    return [*pieces, source[start:]], ""


def _steps(text: str) -> list[Step]:
    return [
        (".", match["attribute"]) if match["attribute"] else ("[]", ast.literal_eval(match["index"]))
        for match in _STEP.finditer(text)
    ]
