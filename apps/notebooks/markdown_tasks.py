"""Task lists in Markdown, as GitHub and JupyterLab know them: `- [ ] open`, `- [x] done`.

The boxes are characters: a form's field would look as if it could be ticked, and would have to get past the sanitiser.
"""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

TASK_CLASS = "task"
BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


def add_tasks(parser: MarkdownIt) -> None:
    parser.core.ruler.after("inline", "tasks", _tasks)


def _tasks(state: StateCore) -> None:
    for place in range(2, len(state.tokens)):
        if _begins_item(state.tokens, place):
            _put_box(state.tokens[place - 2], state.tokens[place])


def _begins_item(tokens: Sequence[Token], place: int) -> bool:
    item, paragraph, text = tokens[place - 2 : place + 1]
    return (item.type, paragraph.type, text.type) == ("list_item_open", "paragraph_open", "inline")


def _put_box(item: Token, text: Token) -> None:
    first = text.children[0] if text.children else None
    if first is None or first.type != "text" or (box := BOXES.get(first.content[:4])) is None:
        return
    first.content = box + first.content[4:]
    item.attrSet("class", TASK_CLASS)
