"""An SQL cell as Python: what stands in braces is data of the program, never code, and never text of the statement."""

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.dataflow.names import names_of
from apps.dataflow.sql_program import is_result_name, sql_program


def parts(source: str, result_name: str = "df_1") -> tuple[list[Any], str]:
    """The pieces that the program gives to the kernel, and the problem."""
    binding, shown = ast.parse(sql_program(source, result_name)).body
    assert isinstance(binding, ast.Assign)
    assert isinstance(shown, ast.Expr)
    call = binding.value
    assert isinstance(call, ast.Call)
    problem = ast.literal_eval(call.keywords[0].value) if call.keywords else ""
    return ast.literal_eval(call.args[1]), problem


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("a > {lo}", ["a > ", ("lo", [], "", "{lo}"), ""]),
        ("{ c.x['k'][0] }!", ["", ("c", [(".", "x"), ("[]", "k"), ("[]", 0)], "", "{ c.x['k'][0] }"), "!"]),
        ("a IN ({ids})", ["a IN (", ("ids", [], "in parentheses", "{ids}"), ")"]),
        ("a not in {ids} b", ["a not in ", ("ids", [], "beside in", "{ids}"), " b"]),
        ("a IN ({x}, {y})", ["a IN (", ("x", [], "", "{x}"), ", ", ("y", [], "", "{y}"), ")"]),
        ("f({ids})", ["f(", ("ids", [], "", "{ids}"), ")"]),
        ("'{a}' \"{b}\" -- {c}\n/* {d} */ $x${e}$x$", ["'{a}' \"{b}\" -- {c}\n/* {d} */ $x${e}$x$"]),
        ("{'a': 1}, {a: 2}, {}", ["{'a': 1}, {a: 2}, {}"]),
        ("{'a': {x}}", ["{'a': ", ("x", [], "", "{x}"), "}"]),
    ],
)
def test_what_is_a_placeholder(source: str, pieces: list[Any]) -> None:
    assert parts(source) == (pieces, "")


@pytest.mark.parametrize(
    "braces",
    [
        "{a + 1}",
        "{f()}",
        "{a.b()}",
        "{a[i]}",
        "{a[1:2]}",
        "{1}",
        "{'x'}",
        "{__import__('os')}",
        "{a; b}",
        "{if}",
        "{a b}",
    ],
)
def test_anything_else_is_a_problem(braces: str) -> None:
    pieces, problem = parts(f"SELECT 1,\n {braces}")
    assert pieces == [f"SELECT 1,\n {braces}"]
    assert problem.startswith(f"Line 2: {braces}: only a name")


@given(st.text() | st.text(alphabet="{}ab.['\"]\\\n$-:( IN)"), st.text(max_size=5))
def test_no_text_becomes_code(source: str, name: str) -> None:
    pieces, _ = parts(source, name)
    assert "".join(piece for piece in pieces if isinstance(piece, str)).count("\x00") <= source.count("\x00")
    assert "".join(piece if isinstance(piece, str) else piece[3] for piece in pieces) == source
    names = names_of(sql_program(source, name))
    assert names.error is None
    assert names.writes == {name if is_result_name(name) else "df"}


@pytest.mark.parametrize("name", ["", "1a", "a b", "_private", "class", "a.b", "a=1", "a" * 101])
def test_names_that_no_result_can_have(name: str) -> None:
    assert not is_result_name(name)
    assert sql_program("SELECT 1", name).startswith("df = ")
