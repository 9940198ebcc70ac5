"""What SQL cells read and write."""

import pytest

from apps.dataflow.names import Names, sql_names_of

DATAFRAMES = frozenset({"df", "other", "Sales"})


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("", ""),
        ("select 1", ""),
        # Placeholders.
        ("select {x}", "x"),
        ("select * from t where a = {x} and b < { y }", "x y"),
        ("select * from t where a in {ids} limit {n}", "ids n"),
        ("select {a.b}, {c[0]}, {d[-1].e['f']}, {g[\"h\"]}", "a c d g"),
        ("select {größe}", "größe"),
        ("select {_x}", ""),
        ("select {x + 1}, {f(x)}, {}, {1}", ""),
        ("select '{x}', \"{y}\", 'it''s {z}'", ""),
        ("select 1 -- {x}\n, {y}", "y"),
        ("select 1 /* {x}\n */, {y}", "y"),
        ("select $$ {x} $$, $tag$ {y} $$ $tag$, {z}", "z"),
        ("select $1, {x}", "x"),
        ("select '{x}", ""),
        ("select {'a': 1}, {a: 1}, {'a': {x}}", "x"),
        ("select * from {x}, df", "df x"),
        # Dataframes.
        ("select * from df", "df"),
        ("SELECT * FROM df AS d JOIN other o ON d.a = o.a", "df other"),
        ("from df", "df"),
        ("from df select a where a > {x}", "df x"),
        ('select * from "df"', "df"),
        ("select * from Sales", "Sales"),
        ("select * from sales", ""),
        ("select df, other.a from t as other", ""),
        ("select * from main.df", ""),
        ("select * from 'df'", "df"),
        ("select * from 'df.csv'", ""),
        ("select * from read_csv('df')", ""),
        ("select * from t where a in (select b from df)", "df"),
        ("select * from t where exists (from df)", "df"),
        ("select * from df union all select * from other", "df other"),
        ("create table t as select * from df", "df"),
        ("insert into t select * from df", "df"),
        ("copy df to 'a.parquet'", "df"),
        ("pivot df on a using sum(b)", "df"),
        ("summarize df", "df"),
        ("describe df", "df"),
        ("explain select * from df", "df"),
        ("select 1; select * from df; select * from other", "df other"),
        # Common table expressions hide them.
        ("with df as (select 1) select * from df", ""),
        ("with DF as (select 1) select * from df", ""),
        ("with a as (select * from df) select * from a", "df"),
        ("with df as (select * from df) select * from df", "df"),
        ("with df as (select 1), b as (select * from df) select * from b", ""),
        ("with b as (select * from df), df as (select 1) select * from b", "df"),
        ("with recursive df as (select 1 union all select * from df) select * from df", ""),
        ("with df as (select 1) select * from (select * from df)", ""),
        ("select * from df where a in (with df as (select 1) select * from df)", "df"),
        ("with a as (with df as (select 1) select * from df) select * from a, other", "other"),
        ("insert into t with df as (select 1) select * from df", ""),
        # What the parser does not understand.
        ("select from from df where", "df"),
        ("frobnicate the df", "df"),
        ("(" * 5_000 + "select * from df", "df"),
    ],
)
def test_reads(source: str, reads: str) -> None:
    expected = Names(reads=frozenset(reads.split()), writes=frozenset({"df_1"}))
    assert sql_names_of(source, "df_1", DATAFRAMES) == expected


def test_the_result_may_be_the_cell_s_own() -> None:
    assert sql_names_of("select 1", "_df", DATAFRAMES).writes == frozenset()


def test_tables_of_a_database_are_no_dataframes() -> None:
    assert sql_names_of("select {x} from df", "df_1", frozenset()).reads == {"x"}
