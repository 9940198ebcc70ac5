"""What a cell does to the notebook's global names. Pure: from its text alone, nothing is run."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from apps.dataflow.javascript_names import javascript_reads
from apps.dataflow.python_flow import BEFORE, GONE, OWN
from apps.dataflow.python_statements import CellWalk, walk_through
from apps.dataflow.python_unreadable import Unreadable
from apps.dataflow.sql_names import sql_reads


@dataclass(frozen=True, slots=True)
class Names:
    """What a cell does to the notebook's global names.

    Names that begin with `_` are the cell's own and never listed. Builtins are listed like any other name: whether
    `print` is one is for the notebook to say.
    """

    reads: frozenset[str] = frozenset()
    """May be used before the cell itself has bound them."""
    writes: frozenset[str] = frozenset()
    """Bound when the cell ends."""
    conditional: frozenset[str] = frozenset()
    """Of `writes` and `deletes`: on some paths only, so that the old value may stay."""
    mutates: frozenset[str] = frozenset()
    """Of `reads`: changed in place, by `df["a"] = 1` and the like."""
    deletes: frozenset[str] = frozenset()
    """Unbound when the cell ends: by `del`, or by the end of `except … as name`, which reads nothing."""
    imports: frozenset[str] = frozenset()
    """Of `writes`: bound by an import."""
    deferred: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """`{function or class of writes: names it reads only when it is called}`."""
    error: str | None = None
    """Why the cell cannot be read, with the line if there is one; all else is empty then."""
    warnings: tuple[str, ...] = ()


def names_of(source: str) -> Names:
    """Never raises. Answers are remembered, so that one edit of a notebook costs the analysis of one cell."""
    return _names_of_long(source) if len(source) > _LONG else _names_of_short(source)


def sql_names_of(source: str, result_name: str, dataframes: frozenset[str]) -> Names:
    """Of an SQL cell whose result is bound to a name. `dataframes` are what it may use as tables. Never raises."""
    return _names_of_sql(source, result_name, dataframes.intersection(_WORD.findall(source)))


def sheet_names_of(result_name: str) -> Names:
    """Of a sheet cell: it reads nothing, whatever is in it."""
    return Names(writes=_public([result_name]))


@lru_cache(maxsize=1000)
def _names_of_sql(source: str, result_name: str, dataframes: frozenset[str]) -> Names:
    return Names(reads=_public(sql_reads(source, dataframes)), writes=_public([result_name]))


def javascript_names_of(source: str, variables: frozenset[str]) -> Names:
    """Of a JavaScript cell, which binds nothing. `variables` are what the notebook's cells bind. Never raises."""
    return Names(reads=_public(variables & _javascript_reads(source)))


@lru_cache(maxsize=1000)
def _javascript_reads(source: str) -> set[str]:
    return javascript_reads(source)


def _names_of(source: str) -> Names:
    try:
        return _told_by(walk_through(source))
    except Unreadable as unreadable:
        where = f" (line {unreadable.line})" if unreadable.line else ""
        return Names(error=f"{unreadable.message}{where}")


def _told_by(walk: CellWalk) -> Names:
    origins = walk.flow.end()
    writes = _public(name for name, origin in origins.items() if origin & OWN)
    deferred = {name: _public(walk.module.deferred_reads(name)) for name in writes}
    return Names(
        reads=_public(walk.module.reads),
        writes=writes,
        conditional=_public(name for name, origin in origins.items() if origin & BEFORE),
        mutates=_public(walk.module.mutates),
        deletes=_public(name for name, origin in origins.items() if origin & GONE),
        imports=writes & walk.imports,
        deferred={name: reads for name, reads in deferred.items() if reads},
        warnings=tuple(dict.fromkeys(walk.warnings)),
    )


def _public(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if not name.startswith("_"))


_WORD = re.compile(r"\w+")

# Enough for the notebooks that are open in a process. Texts and answers stay in memory, so few of the long ones.
_LONG = 20_000
_names_of_short = lru_cache(maxsize=10_000)(_names_of)
_names_of_long = lru_cache(maxsize=50)(_names_of)
