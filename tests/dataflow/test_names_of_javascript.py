"""What JavaScript cells read: names that they use and do not declare themselves."""

import pytest

from apps.dataflow.javascript_names import javascript_reads
from apps.dataflow.javascript_program import javascript_program
from apps.dataflow.names import Names, javascript_names_of

# Each name of one letter, or with two `f`, is one that cells of the notebook bind.
VARIABLES = frozenset("abcdefghijklmnopqrstuvwxyz") | {"df", "größe", "Math", "display", "console", "eval"}


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("", ""),
        ("1 + 2", ""),
        ("a + b", "a b"),
        ("größe", "größe"),
        ("f(a)[b]", "f a b"),
        ("new k(a)", "k a"),
        # Names of properties are none.
        ("a.b.c", "a"),
        ("a?.b?.[c]", "a c"),
        ("({a: b})", "b"),
        ("({a})", "a"),
        ("({...a, [b]: c, 'd': 1, e() { return f }, get g() { return h }})", "a b c f h"),
        ("df.map(d => d.a)", "df"),
        # Texts and comments say nothing; what stands in a template does.
        ("'a' + \"b\" // c\n/* d */", ""),
        ("`a ${b} ${`c ${d}`}`", "b d"),
        ("f`a ${b}`", "f b"),
        ("/a/g.test(b)", "b"),
        # Declarations.
        ("const a = b", "b"),
        ("let a, b = a, c = d", "d"),
        ("var a; b", "b"),
        ("a; const a = 1", ""),
        ("const {a, b: c, d = e, ...f} = g", "e g"),
        ("const {[a]: b} = c", "a c"),
        ("const [a, , [b = c], ...d] = e", "c e"),
        ("function a(b, c = d, {e}, ...f) { return a + b + e + g }", "d g"),
        ("function* a() { yield b }", "b"),
        ("async function a() { await b }", "b"),
        ("const a = function b() { return b }; b", "b"),
        ("class a extends b { static c = d; #e = f; [g](h) { return h + i } static { j } }", "b d f g i j"),
        ("const a = class b extends c { d() { return b } }; b", "b c"),
        ("class a { static { var b } } b", "b"),
        ("a => a + b", "b"),
        ("async a => a", ""),
        ("(a, {b}, [c], d = e, ...f) => a + b + c + d + f", "e"),
        ("(a = b, b) => a", ""),
        # Blocks.
        ("{ let a } a", "a"),
        ("{ var a } a", ""),
        ("if (a) { const b = 1 } else b", "a b"),
        ("for (let a = 0; a < b; a++) c(a)", "b c"),
        ("for (let a = 0; ;) ; a", "a"),
        ("for (var a = 0; ;) ; a", ""),
        ("for (const a of b) a", "b"),
        ("for (const [a, {b}] of c) a + b", "c"),
        ("for (var a in b) ; a", "b"),
        ("for (a of b) c", "a b c"),
        ("try { a } catch ({b}) { b } finally { c }", "a c"),
        ("try {} catch { a }", "a"),
        ("switch (a) { case b: let c; default: c }", "a b"),
        ("function a() { if (b) { var c = 1 } return c }", "b"),
        ("(() => { var a })(); a", "a"),
        ("a: for (;;) break a", ""),
        # Assignments declare nothing.
        ("a = 1; b += 2; c++", "a b c"),
        ("({a, b: c, d = e} = f)", "a c d e f"),
        ("[a, b.c] = d", "a b d"),
        # JavaScript's own are names like others, if cells bind them.
        ("Math.max(a)", "Math a"),
        ("display(a); console.log(b); eval(c); arguments", "a b c"),
        ("undefined; this; null; new.target", ""),
        ("import a from 'b'", ""),
        # What cannot be parsed.
        ("df.map(d => d.a", "df"),
        ("const a = ; b", "b"),
        ("} a", "a"),
        ("`${a", "a"),
        ("\udcff a", "a"),
        ("(" * 20_000 + "a", "a"),
    ],
)
def test_reads(source: str, reads: str) -> None:
    assert javascript_names_of(source, VARIABLES) == Names(reads=frozenset(reads.split()))


def test_only_what_the_notebook_binds() -> None:
    assert javascript_names_of("document.body; Math.max(...df)", frozenset({"df", "other"})).reads == {"df"}


def test_names_of_the_cells_own_are_not_read() -> None:
    assert javascript_names_of("_df", frozenset({"_df"})).reads == frozenset()


@pytest.mark.timeout(60)
def test_deep_and_long_code_is_read_in_time() -> None:
    names = {f"name{number}" for number in range(4_000)}
    assert javascript_reads("{" * 20_000 + "; ".join(sorted(names)) + "}" * 20_000) == names
    assert javascript_reads("const a = 1; b + a;" * 10_000) == {
        "const",
        "a",
        "1",
        "b",
    }  # too long to be understood


def test_the_program_is_one_call() -> None:
    program = javascript_program("'\"\n\\", {"b", "a"})
    assert program == (
        "__import__(\"kernel_javascript\").show_javascript(globals(), '\\'\"\\n\\\\', ['a', 'b'])"
    )
