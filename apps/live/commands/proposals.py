"""What the assistant has proposed and done: people accept, reject, look, undo."""

from apps.assistant import commands as assistant
from apps.assistant import proposals as assistant_proposals
from apps.assistant.marks import cell_marks
from apps.assistant.turn_changes import turn_changes
from apps.base.ids import parse_id
from apps.live.commands.frames import Client, Frame, Result


def proposals(client: Client, frame: Frame) -> Result:
    turn_id = None if frame.get("turn_id") is None else parse_id(frame["turn_id"], "turn_id")
    return {"proposals": assistant_proposals.proposals(**client.place, turn_id=turn_id)}


def proposal_accept(client: Client, frame: Frame) -> Result:
    proposal_id = parse_id(frame.get("proposal_id"), "proposal_id")
    accepted = assistant.accept_proposal(**client.place, proposal_id=proposal_id)
    return {"proposal": assistant_proposals.proposal_json(accepted)}


def proposal_reject(client: Client, frame: Frame) -> Result:
    proposal_id = parse_id(frame.get("proposal_id"), "proposal_id")
    rejected = assistant.reject_proposal(**client.place, proposal_id=proposal_id)
    return {"proposal": assistant_proposals.proposal_json(rejected)}


def chat_changes(client: Client, frame: Frame) -> Result:
    return turn_changes(**client.place, turn_id=parse_id(frame.get("turn_id"), "turn_id"))


def chat_undo(client: Client, frame: Frame) -> Result:
    return assistant.undo_turn(**client.place, turn_id=parse_id(frame.get("turn_id"), "turn_id"))


def chat_marks(client: Client, frame: Frame) -> Result:
    return {"marks": cell_marks(**client.place)}
