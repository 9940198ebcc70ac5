"""The analysis answers on any text, and its answers make sense."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.dataflow.names import Names, names_of, sql_names_of

WORDS = r"""
a b _c f(a) = == := ( ) [ ] { } : , . ; * ** @ -> ... ! !! !ls % %% %%time %time %%capture %timeit %store ? ?? / # \
' " ''' {a} $a $$ f'{a}' def class if else: elif for in while try: except* as finally: with match case _: lambda async
await yield return break continue global nonlocal import from del raise assert pass True 1 0 1e9 é
select from with df {df} {df.x[0]} /* */ -- $$ (select values)
"""
FRAGMENTS = [
    *WORDS.split(),
    "def f():",
    "\n",
    "\n    ",
    "\t",
    "\r\n",
    "\x0c",
    " ",
    "\x00",
    "\ud800",
    "\u2028",
]

ANY_TEXT = (
    st.text() | st.text(st.characters()) | st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)
)
SPACED_TEXT = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(" ".join)

# Of the compiler about such code, and of IPython about such lines.
pytestmark = pytest.mark.filterwarnings("ignore")


@given(ANY_TEXT | SPACED_TEXT)
@settings(max_examples=2000, deadline=None)
def test_python(source: str) -> None:
    _check(names_of(source))


@given(ANY_TEXT | SPACED_TEXT, st.frozensets(st.sampled_from(["df", "a", "x", "_c"])))
@settings(max_examples=500, deadline=None)
def test_sql(source: str, dataframes: frozenset[str]) -> None:
    names = sql_names_of(source, "df_1", dataframes)
    _check(names)
    assert names.writes == {"df_1"}


def test_ten_megabytes() -> None:
    assert names_of("x = 1\n" * 1_700_000).error
    assert names_of("(" * 10_000_000).error
    assert sql_names_of("select * from df, " * 600_000, "r", frozenset({"df"})).reads == {"df"}


def test_answers_are_remembered() -> None:
    short, long = "x = 1", f"x = '{'a' * 50_000}'"
    assert names_of(short) is names_of(short)
    assert names_of(long) is names_of(long)


def _check(names: Names) -> None:
    assert names.conditional <= names.writes | names.deletes
    assert names.mutates <= names.reads
    assert names.imports <= names.writes
    assert names.deferred.keys() <= names.writes
    assert all(names.deferred.values())
    listed = names.reads.union(names.writes, names.deletes, *names.deferred.values())
    assert all(name.isidentifier() and not name.startswith("_") for name in listed)
    if names.error is not None:
        assert names == Names(error=names.error)
