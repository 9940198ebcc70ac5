"""The answer of execute/ as server-sent events, while the code runs.

Output comes from the notebook's group, as pages get it: a frame can get lost there, so the last event has all of it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import connection

from apps.accounts.actors import Actor
from apps.api.callers import MAX_CALLERS, admitted, awaited_result
from apps.base.errors import DomainError
from apps.base.wire import dumps
from apps.execution.code_sessions import outputs_so_far
from apps.execution.commands.execute_code import Call
from apps.journal.publish import group_of

EVENT_STREAM = "text/event-stream"

_threads = ThreadPoolExecutor(MAX_CALLERS, thread_name_prefix="execute")


async def execution_stream(actor: Actor, wanted: dict[str, Any]) -> AsyncIterator[bytes]:
    """`output` events `{outputs: [operation]}`, then `done` with the result, or `error` with that of any call."""
    admission = admitted(actor, wanted)
    try:
        call = await _in_thread(admission.__enter__)
    except DomainError as error:
        yield _event("error", error.as_json())
        return
    try:
        async with contextlib.aclosing(_events(call)) as events:
            async for event in events:
                yield event
    except DomainError as error:
        yield _event("error", error.as_json())
    finally:
        admission.__exit__(None, None, None)


async def _events(call: Call) -> AsyncGenerator[bytes, None]:
    layer, group = get_channel_layer(), group_of(call.notebook_id)
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    result = asyncio.ensure_future(_in_thread(awaited_result, call))
    message = asyncio.ensure_future(layer.receive(channel))
    try:
        # What was said before we listened.
        shown, outputs = await _in_thread(outputs_so_far, call)
        if outputs:
            yield _event("output", {"outputs": outputs})
        while not result.done():
            await asyncio.wait({result, message}, return_when=asyncio.FIRST_COMPLETED)
            if message.done():
                for frame in map(orjson.loads, message.result().get("texts", ())):
                    news, shown = _news(frame, call, shown)
                    if news:
                        yield _event("output", {"outputs": news})
                message = asyncio.ensure_future(layer.receive(channel))
        yield _event("done", await result)
    finally:
        message.cancel()
        result.cancel()
        await layer.group_discard(group, channel)


def _news(frame: dict[str, Any], call: Call, shown: int) -> tuple[list[Any], int]:
    """What the frame has of the call's output that was not shown yet, and how much is shown then."""
    if frame.get("type") != "output" or frame["cell_id"] != str(call.cell_id):
        return [], shown
    news = frame["outputs"][max(0, shown - frame["offset"]) :]
    return news, max(shown, frame["offset"] + len(frame["outputs"]))


def _event(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {dumps(data)}\n\n".encode()


async def _in_thread(function: Any, *arguments: Any) -> Any:
    """Its database connection goes back to the pool."""

    def run() -> Any:
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await sync_to_async(run, thread_sensitive=False, executor=_threads)()
