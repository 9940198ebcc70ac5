"""Formulas in Markdown, as Jupyter knows them: `$…$`, `$$…$$`, and LaTeX's environments on lines of their own.

They become code with a class: the page typesets it, and where nothing does, the formula can still be read. Without
this, Markdown would take the underscores and backslashes of a formula for its own.
"""

import html
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin

INLINE, DISPLAY = "language-math", "language-math-display"
BEGIN = re.compile(
    r"\\begin\{((?:equation|align|alignat|gather|multline|eqnarray|split|cases|[pbBvV]?matrix)\*?)\}"
)
# A text full of beginnings without an end must not be searched to its end for each of them.
MAX_LINES = 100


def add_formulas(parser: MarkdownIt) -> None:
    # Without digits around the dollars: "$5 and $6" are prices.
    dollarmath_plugin(parser, allow_labels=False, allow_digits=False, double_inline=True)
    parser.block.ruler.before(
        "paragraph", "environment", _environment, {"alt": ["paragraph", "blockquote", "list"]}
    )
    parser.add_render_rule("math_inline", _inline)
    parser.add_render_rule("math_inline_double", _double)
    parser.add_render_rule("math_block", _block)
    parser.add_render_rule("environment", _block)


def _environment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: from `\\begin{…}` at the begin of a line to the line with its end."""
    if state.is_code_block(start):
        return False
    begin = BEGIN.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start])
    if begin is None:
        return False
    closing = f"\\end{{{begin[1]}}}"
    for line in range(start, min(end, start + MAX_LINES)):
        if closing in state.src[state.bMarks[line] : state.eMarks[line]]:
            break
    else:
        return False
    if not silent:
        state.line = line + 1
        token = state.push("environment", "pre", 0)
        token.content = state.getLines(start, state.line, state.blkIndent, False)
        token.map = [start, state.line]
    return True


def _inline(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return _code(tokens[index], INLINE)


def _double(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return _code(tokens[index], DISPLAY)


def _block(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f"<pre>{_code(tokens[index], DISPLAY)}</pre>\n"


def _code(token: Token, language: str) -> str:
    return f'<code class="{language}">{html.escape(token.content.strip())}</code>'
