"""The socket's commands: each parses its frame, calls one command or query, and gives the reply's `result`.

Written for threads: the consumer calls them off the event loop. docs/protocol.md is the reference. `cell_push` is not
among them, because a room takes the pushes of all its sockets together (`live/push_queue.py`).
"""

from collections.abc import Callable

from apps.live.commands import cells, chat, code, files, history, kernel_variables, proposals, running, tables
from apps.live.commands.frames import Client, Frame, Result

COMMANDS: dict[str, Callable[[Client, Frame], Result]] = {
    "cell_create": cells.cell_create,
    "cell_move": cells.cell_move,
    "cell_delete": cells.cell_delete,
    "cell_split": cells.cell_split,
    "cell_merge": cells.cell_merge,
    "cell_restore": cells.cell_restore,
    "cell_configure": cells.cell_configure,
    "outputs_clear": cells.outputs_clear,
    "cell_updates": cells.cell_updates,
    "outputs": cells.outputs,
    "render_markdown": cells.render_markdown_cell,
    "code_complete": code.code_complete,
    "code_inspect": code.code_inspect,
    "code_format": code.code_format,
    "code_lint": code.code_lint,
    "code_suggest": code.code_suggest,
    "variables": kernel_variables.variables,
    "variable": kernel_variables.variable,
    "table_page": tables.table_page,
    "table_cell": tables.table_cell,
    "table_summary": tables.table_summary,
    "table_file": tables.table_file,
    "files": files.files,
    "cell_history": history.cell_history,
    "cell_version": history.cell_version,
    "cell_restore_version": history.cell_restore_version,
    "undo": history.undo,
    "deleted_cells": history.deleted_cells,
    "checkpoint_create": history.checkpoint_create,
    "checkpoints": history.checkpoints,
    "checkpoint_diff": history.checkpoint_diff,
    "checkpoint_restore": history.checkpoint_restore,
    "notebook_rename": running.notebook_rename,
    "notebook_configure": running.notebook_configure,
    "plan": running.plan,
    "run": running.run,
    "input_answer": running.input_answer,
    "interrupt": running.interrupt,
    "restart": running.restart,
    "shutdown": running.shutdown,
    "kernel": running.kernel,
    "kernelspecs": running.kernelspecs,
    "kernel_choose": running.kernel_choose,
    "packages": running.packages,
    "chat_state": chat.chat_state,
    "chat_send": chat.chat_send,
    "chat_cancel": chat.chat_cancel,
    "chat_retry": chat.chat_retry,
    "chat_decide": chat.chat_decide,
    "chat_turn": chat.chat_turn,
    "chat_record": chat.chat_record,
    "chat_conversations": chat.chat_conversations,
    "chat_conversation": chat.chat_conversation,
    "chat_configure": chat.chat_configure,
    "chat_changes": proposals.chat_changes,
    "chat_undo": proposals.chat_undo,
    "chat_marks": proposals.chat_marks,
    "proposals": proposals.proposals,
    "proposal_accept": proposals.proposal_accept,
    "proposal_reject": proposals.proposal_reject,
}

__all__ = ["COMMANDS", "Client", "Frame", "Result"]
