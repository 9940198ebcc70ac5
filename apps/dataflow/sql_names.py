"""The names that the statements of an SQL cell read: placeholders, and dataframes that are used as tables."""

import logging
import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from apps.dataflow.sql_text import OPAQUE, PLACEHOLDER

_PLACEHOLDER = re.compile(f"{OPAQUE} | {PLACEHOLDER}", re.VERBOSE | re.DOTALL)

# It takes about 2 s for as much.
_MAX_PARSED_CHARACTERS = 200_000

# It warns of statements that it does not know, which people write and databases understand.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def sql_reads(source: str, dataframes: frozenset[str]) -> set[str]:
    """Never raises: of statements that cannot be parsed, every word that is the name of a dataframe counts."""
    matches = _PLACEHOLDER.finditer(source)
    placeholders = {name for match in matches if (name := match["name"]) and name.isidentifier()}
    if not dataframes:
        return placeholders
    without = _PLACEHOLDER.sub(lambda match: "?" if match["name"] else match[0], source)
    return placeholders | dataframes.intersection(_tables(without))


def _tables(source: str) -> Iterator[str]:
    if len(source) > _MAX_PARSED_CHARACTERS:
        return _words(source)
    try:
        statements = sqlglot.parse(source, read="duckdb")
    except Exception:  # a parser this large trips over more than it says
        return _words(source)
    return (name for statement in statements if statement for name in _tables_of(statement))


def _words(text: str) -> Iterator[str]:
    return (match[0] for match in re.finditer(r"\w+", text))


def _tables_of(statement: exp.Expr) -> Iterator[str]:
    for node in statement.walk():
        if isinstance(node, exp.Command):
            yield from _words(node.sql())
        elif isinstance(node, exp.Table) and not node.db and not _is_common_table_expression(node):
            yield node.name


def _is_common_table_expression(table: exp.Table) -> bool:
    node: exp.Expr = table
    while parent := node.parent:
        is_one_of_them = isinstance(parent, exp.With)
        with_ = parent if is_one_of_them else parent.args.get("with_")
        if isinstance(with_, exp.With):
            # One of them sees those before it, and itself if they are recursive; their statement sees all.
            visible = with_.expressions
            if is_one_of_them and not with_.recursive:
                visible = visible[: node.index]
            if any(each.alias.lower() == table.name.lower() for each in visible):
                return True
        node = (is_one_of_them and parent.parent) or parent  # beyond the statement that has seen them all
    return False
