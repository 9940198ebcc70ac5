"""What people do with the assistant. Each is one transaction; the work itself is done by a worker."""

from apps.assistant.commands.cancel_turn import cancel_turn
from apps.assistant.commands.configure_conversation import configure_conversation
from apps.assistant.commands.decide_proposal import accept_proposal, reject_proposal
from apps.assistant.commands.decide_tool_call import decide_tool_call
from apps.assistant.commands.retry_turn import retry_turn
from apps.assistant.commands.send_message import send_message
from apps.assistant.commands.undo_turn import undo_turn

__all__ = [
    "accept_proposal",
    "cancel_turn",
    "configure_conversation",
    "decide_tool_call",
    "reject_proposal",
    "retry_turn",
    "send_message",
    "undo_turn",
]
