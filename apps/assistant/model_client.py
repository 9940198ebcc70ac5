"""Calls of the model's API: the one place that talks to it.

All calls of a process run in one event loop in a thread of its own, so that they share connections, cost no thread
each, and can be given up at any moment. Events reach the turn that asked through a queue.
"""

import asyncio
import functools
import json
import queue
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Self, TypeVar

import anthropic
import httpx2
from anthropic import AsyncAnthropic, AsyncStream, DefaultAioHttpClient
from django.conf import settings

from apps.assistant.model_errors import trouble_of
from apps.assistant.model_setup import LEAST_CONTEXT_TOKENS, LEAST_OUTPUT_TOKENS, Features
from apps.assistant.reply import BrokenReply, Json

CONNECT_TIMEOUT_S = 10.0
FEATURES_TIMEOUT_S = 5.0
# What the API says of a model is asked for again after this; if it could not be asked, sooner.
FEATURES_TTL_S = 3600.0
FEATURES_RETRY_S = 60.0

Result = TypeVar("Result")


class ModelStream:
    """The reply to one request, as it arrives. Closing it gives the call up."""

    def __init__(self, request: Json) -> None:
        self._model = str(request["model"])
        self._arrived: queue.SimpleQueue[Json | Exception | None] = queue.SimpleQueue()
        self._pump = _start(self._read(request))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pump.cancel()

    def events(self, timeout_s: float) -> tuple[list[Json], bool]:
        """What has arrived within the time, and whether the stream has ended. ModelTrouble if it cannot go on."""
        events: list[Json] = []
        try:
            arrived = self._arrived.get(timeout=timeout_s)
            while True:
                match arrived:
                    case None:
                        return events, True
                    case Exception():
                        raise _known(arrived, self._model)
                    case _:
                        events.append(arrived)
                arrived = self._arrived.get_nowait()
        except queue.Empty:
            return events, False

    async def _read(self, request: Json) -> None:
        """Into the queue, each event as it comes; None at the end."""
        try:
            create = _client().messages.with_streaming_response.create
            async with create(**request, stream=True) as response:
                async for sent in AsyncStream.raw_events(response.http_response):
                    if sent.data:
                        self._arrived.put(_event(sent, response.http_response))
        except Exception as error:
            self._arrived.put(error)
        else:
            self._arrived.put(None)


def prepare() -> None:
    """What the first call would have to wait for: certificates are read, the thread is started."""
    _client()
    _loop()


def features_of(model: str) -> Features:
    """As the API says; what every model can do if it does not, or not in time."""
    known = _features.get(model)
    if known and time.monotonic() < known[1]:
        return known[0]
    with _asking:
        return _asked_features(model)


def _asked_features(model: str) -> Features:
    """Asked once, however many turns want to know."""
    known = _features.get(model)
    if known and time.monotonic() < known[1]:
        return known[0]
    try:
        asked = _start(_client().models.retrieve(model, timeout=FEATURES_TIMEOUT_S))
        features, ttl_s = _features_in(asked.result(FEATURES_TIMEOUT_S + 1)), FEATURES_TTL_S
    except (anthropic.AnthropicError, httpx2.HTTPError, TimeoutError, ValueError):
        features, ttl_s = known[0] if known else Features(), FEATURES_RETRY_S
    _features[model] = (features, time.monotonic() + ttl_s)
    return features


_asking = threading.Lock()
# By model, with the time until which it holds.
_features: dict[str, tuple[Features, float]] = {}


def _features_in(info: Any) -> Features:
    """Servers that only resemble the API leave out what they like."""
    can = info.capabilities

    def supports(*path: str) -> bool:
        value: Any = can
        for name in path:
            value = getattr(value, name, None)
        return bool(getattr(value, "supported", False))

    return Features(
        context_tokens=info.max_input_tokens or LEAST_CONTEXT_TOKENS,
        output_tokens=info.max_tokens or LEAST_OUTPUT_TOKENS,
        thinks=supports("thinking", "types", "adaptive"),
        sees=can is None or supports("image_input"),
    )


def _event(sent: Any, response: httpx2.Response) -> Json:
    if sent.event == "error":
        raise _error_in_stream(sent.data, response)
    return _parsed(sent.data)


def _error_in_stream(data: str, response: httpx2.Response) -> Exception:
    try:
        body = json.loads(data)
    except ValueError:
        body = data
    return anthropic.APIStatusError(str(data)[:500], response=response, body=body)


def _parsed(data: str) -> Json:
    """With Python's parser: others refuse the lone surrogates that a model may write."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenReply(f"an event is not JSON: {error}") from error
    if not isinstance(event, dict):
        raise BrokenReply("an event is not an object")
    return event


def _known(error: Exception, model: str) -> Exception:
    trouble = trouble_of(error, model)
    if trouble is None:
        return error
    trouble.__cause__ = error
    return trouble


def _client() -> AsyncAnthropic:
    with _making:
        return _client_of(settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL)


@functools.cache
def _client_of(key: str, base_url: str) -> AsyncAnthropic:
    """Without the SDK's own retries: it waits for as long as a server asks, and tells nobody.

    aiohttp reads a hundred streams with two thirds of the time that the SDK's usual client needs: its parser is not
    written in Python.
    """
    return AsyncAnthropic(
        api_key=key or "none",
        base_url=base_url or None,
        max_retries=0,
        timeout=httpx2.Timeout(settings.ASSISTANT_READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        http_client=DefaultAioHttpClient(),
    )


def _start(work: Coroutine[Any, Any, Result]) -> Future[Result]:
    return asyncio.run_coroutine_threadsafe(work, _loop())


def _loop() -> asyncio.AbstractEventLoop:
    with _making:
        return _started_loop()


# Of the client and its loop there is one: turns that begin at the same moment must not each make their own.
_making = threading.Lock()


@functools.cache
def _started_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model", daemon=True).start()
    return loop
