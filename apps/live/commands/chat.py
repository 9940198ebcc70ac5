"""The assistant: conversations, their turns, and what people decide in them."""

from typing import Any

from apps.assistant import commands as assistant
from apps.assistant.conversations import (
    assistant_state,
    conversation,
    conversations,
    record_of,
    turn_for,
    unfinished_turns,
)
from apps.assistant.models import Turn
from apps.assistant.shown import conversation_json, turn_json
from apps.base.ids import parse_id
from apps.live.commands.frames import Client, Frame, Result, flag_of, number_of, text_of


def chat_state(client: Client, frame: Frame) -> Result:
    return assistant_state(**client.place)


def chat_send(client: Client, frame: Frame) -> Result:
    turn = assistant.send_message(
        **client.place,
        message=text_of(frame, "message", default=""),
        conversation_id=_id_of(frame, "conversation_id"),
        mode=_text_or_none(frame, "mode"),
        model=_text_or_none(frame, "model"),
        mentions=frame.get("mentions") or [],
        attachments=frame.get("attachments") or [],
        instead_of=_id_of(frame, "instead_of"),
    )
    return {"conversation": conversation_json(turn.conversation), "turn": turn_json(turn)}


def chat_cancel(client: Client, frame: Frame) -> Result:
    interrupt = frame.get("interrupt") is not None and flag_of(frame, "interrupt")
    return _told(assistant.cancel_turn(**client.place, turn_id=_turn_id_of(frame), interrupt=interrupt))


def chat_retry(client: Client, frame: Frame) -> Result:
    return _told(assistant.retry_turn(**client.place, turn_id=_turn_id_of(frame)))


def chat_decide(client: Client, frame: Frame) -> Result:
    return _told(
        assistant.decide_tool_call(
            **client.place,
            tool_call_id=parse_id(frame.get("tool_call_id"), "tool_call_id"),
            decision=text_of(frame, "decision"),
            answer=text_of(frame, "answer", default=""),
        )
    )


def chat_turn(client: Client, frame: Frame) -> Result:
    return {"turn": turn_for(**client.place, turn_id=_turn_id_of(frame))}


def chat_unfinished(client: Client, frame: Frame) -> Result:
    return {"turns": unfinished_turns(**client.place)}


def chat_record(client: Client, frame: Frame) -> Result:
    return {"calls": record_of(**client.place, turn_id=_turn_id_of(frame))}


def chat_conversations(client: Client, frame: Frame) -> Result:
    return {"conversations": conversations(**client.place, search=text_of(frame, "search", default=""))}


def chat_conversation(client: Client, frame: Frame) -> Result:
    before = None if frame.get("before_number") is None else number_of(frame, "before_number")
    conversation_id = parse_id(frame.get("conversation_id"), "conversation_id")
    return conversation(**client.place, conversation_id=conversation_id, before_number=before)


def chat_configure(client: Client, frame: Frame) -> Result:
    changed = assistant.configure_conversation(
        **client.place,
        conversation_id=parse_id(frame.get("conversation_id"), "conversation_id"),
        title=_text_or_none(frame, "title"),
        mode=_text_or_none(frame, "mode"),
        model=_text_or_none(frame, "model"),
    )
    return {"conversation": conversation_json(changed)}


def _told(turn: Turn) -> Result:
    return {"turn": turn_json(turn)}


def _turn_id_of(frame: Frame) -> Any:
    return parse_id(frame.get("turn_id"), "turn_id")


def _id_of(frame: Frame, field: str) -> Any:
    return None if frame.get(field) is None else parse_id(frame[field], field)


def _text_or_none(frame: Frame, field: str) -> str | None:
    return None if frame.get(field) is None else text_of(frame, field)
