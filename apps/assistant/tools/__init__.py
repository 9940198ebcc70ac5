"""The assistant's tools, one file each, and which of them a conversation's mode offers.

To add one: a class in a file of its own, and its place in `_TOOLS`. Its docstring is what the model reads.
"""

from collections.abc import Sequence

from apps.assistant.models import ConversationMode
from apps.assistant.tools.ask_user import AskUser
from apps.assistant.tools.base import Effect, Tool
from apps.assistant.tools.create_cell import CreateCell
from apps.assistant.tools.delete_cell import DeleteCell
from apps.assistant.tools.describe_table import DescribeTable
from apps.assistant.tools.edit_cell import EditCell
from apps.assistant.tools.edits import EditTool
from apps.assistant.tools.get_notebook_state import GetNotebookState
from apps.assistant.tools.get_variables import GetVariables
from apps.assistant.tools.interrupt import Interrupt
from apps.assistant.tools.list_files import ListFiles
from apps.assistant.tools.list_tables import ListTables
from apps.assistant.tools.move_cell import MoveCell
from apps.assistant.tools.proposing import Proposing
from apps.assistant.tools.read_cell import ReadCell
from apps.assistant.tools.read_file import ReadFile
from apps.assistant.tools.run_cell import RunCell
from apps.assistant.tools.run_sql import RunSql
from apps.assistant.tools.run_stale import RunStale
from apps.assistant.tools.suggest_edit import SuggestEdit
from apps.assistant.tools.update_cell import UpdateCell
from apps.base.errors import NotFound

# In this order they are told to the model; it is part of what is cached of a request.
_TOOLS: Sequence[Tool] = (
    GetNotebookState(),
    ReadCell(),
    CreateCell(),
    UpdateCell(),
    EditCell(),
    MoveCell(),
    DeleteCell(),
    SuggestEdit(),
    RunCell(),
    RunStale(),
    Interrupt(),
    GetVariables(),
    ListFiles(),
    ReadFile(),
    ListTables(),
    DescribeTable(),
    RunSql(),
    AskUser(),
)

_OFFERED = {
    ConversationMode.ASK: {Effect.READS, Effect.ASKS},
    ConversationMode.PROPOSE: {Effect.READS, Effect.ASKS, Effect.PROPOSES},
    ConversationMode.AGENT: set(Effect),
}
_IN_PROPOSE = [Proposing(tool) if isinstance(tool, EditTool) else tool for tool in _TOOLS]


def tools_of(mode: ConversationMode) -> Sequence[Tool]:
    """What the mode offers: reading in `ask`, edits as proposals in `propose`, everything in `agent`."""
    tools = _IN_PROPOSE if mode == ConversationMode.PROPOSE else _TOOLS
    return [tool for tool in tools if tool.effect in _OFFERED[mode]]


def tool_named(name: str, mode: ConversationMode) -> Tool:
    """NotFound, with the names there are, for any other."""
    tools = {tool.name: tool for tool in tools_of(mode)}
    if name not in tools:
        raise NotFound(f"There is no tool {name[:100]!r} here. There are: {', '.join(tools)}.")
    return tools[name]
