"""How a bridge (kernel_bridge.py) reaches the kernel behind it: one of another make beside it, or one on a gateway.

It imports nothing of the server. Both speak Jupyter's protocol; `channel` is "shell", "control", "stdin" or "iopub".
"""

import asyncio
import contextlib
import json
import os
import signal
import struct
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

Json = dict[str, Any]

CHANNELS = ("shell", "control", "stdin", "iopub")

# A shell's way to say that a signal ended a program.
SIGNALLED = 128

# What a bridge exits with, besides the exit codes of kernels.
EXIT_GATEWAY_LOST = 91
EXIT_GATEWAY_ENDED_IT = 92

# A gateway that is restarted comes back within seconds, and so does its network.
LOST_AFTER_S = 15
RECONNECT_S = 1.0
HTTP_TIMEOUT_S = 5
END_TIMEOUT_S = 0.7
PING_S = 5


class RemoteEndedError(Exception):
    """The kernel is gone; `code` is what the bridge exits with."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the kernel ended ({code})")
        self.code = code


class Remote(Protocol):
    session: Session

    async def start(self) -> None: ...

    async def send(self, channel: str, message: Json) -> None: ...

    def messages(self) -> AsyncIterator[tuple[str, Json]]:
        """All that it sends. RemoteEndedError when there will be no more."""
        ...

    async def interrupt(self) -> None: ...

    async def end(self) -> None: ...


class LocalRemote:
    """A kernel of another make, started here as its specification says: `{argv, env, interrupt_mode}`."""

    def __init__(self, spec: Json) -> None:
        self._spec = spec
        self._received: asyncio.Queue[tuple[str, Json] | int] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        # For its sockets; in a sandbox it goes with that.
        folder = Path(tempfile.mkdtemp(prefix="k"))
        file, info = write_connection_file(str(folder / "c"), transport="ipc", ip=str(folder / "k"))
        argv = [
            sys.executable if part in ("python", "python3") else part.replace("{connection_file}", file)
            for part in self._spec["argv"]
        ]
        self._process = await asyncio.create_subprocess_exec(
            *argv, env={**os.environ, **self._spec.get("env", {})}, stdin=asyncio.subprocess.DEVNULL
        )
        self._client = AsyncKernelClient()
        self._client.load_connection_info(info)
        self._client.start_channels(hb=False)
        self.session = self._client.session
        self._tasks = [asyncio.create_task(self._receive(channel)) for channel in CHANNELS]
        self._tasks.append(asyncio.create_task(self._await_end()))

    async def send(self, channel: str, message: Json) -> None:
        self._channel(channel).send(message)

    async def messages(self) -> AsyncIterator[tuple[str, Json]]:
        while True:
            received = await self._received.get()
            if isinstance(received, int):
                raise RemoteEndedError(received)
            yield received

    async def interrupt(self) -> None:
        if self._spec.get("interrupt_mode") == "message":
            await self.send("control", self.session.msg("interrupt_request", {}))
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def _channel(self, name: str) -> Any:
        return getattr(self._client, f"{name}_channel")

    async def _receive(self, name: str) -> None:
        while True:
            await self._received.put((name, await self._channel(name).get_msg()))

    async def _await_end(self) -> None:
        code = await self._process.wait()
        await self._received.put(code if code >= 0 else SIGNALLED - code)


class GatewayRemote:
    """A kernel that runs on a Jupyter Kernel Gateway or Enterprise Gateway: `{url, token, kernel_id}`."""

    def __init__(self, gateway: Json) -> None:
        self._url = f"{gateway['url']}/api/kernels/{gateway['kernel_id']}"
        self._headers = {"Authorization": f"token {gateway['token']}"} if gateway["token"] else {}
        # The gateway keeps for a session what it published while the connection was broken.
        self.session = Session(key=b"")
        self._socket: WebSocketClientConnection | None = None

    async def start(self) -> None:
        await self._connect()

    async def send(self, channel: str, message: Json) -> None:
        body = {key: message[key] for key in ("header", "parent_header", "metadata", "content")}
        text = json.dumps(body | {"channel": channel, "buffers": []}, default=_as_text)
        if self._socket is not None:
            await self._socket.write_message(text)

    async def messages(self) -> AsyncIterator[tuple[str, Json]]:
        while True:
            text = await self._socket.read_message() if self._socket else None
            if text is None:
                await self._connect()
                continue
            message = _parsed(text)
            state = message["content"].get("execution_state")
            if message["header"]["msg_type"] == "status" and state in ("restarting", "dead"):
                raise RemoteEndedError(EXIT_GATEWAY_ENDED_IT)
            yield message["channel"], message

    async def interrupt(self) -> None:
        with contextlib.suppress(OSError, HTTPClientError):
            await self._fetch("/interrupt", method="POST", body="{}")

    async def end(self) -> None:
        """Whoever stops the bridge does not wait for long, and the gateway need not have finished."""
        with contextlib.suppress(OSError, HTTPClientError):
            await self._fetch("", method="DELETE", request_timeout=END_TIMEOUT_S)

    async def _connect(self) -> None:
        """RemoteEndedError if the gateway does not know the kernel any more, or does not answer for long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LOST_AFTER_S
        while True:
            try:
                await self._fetch("")
                url = self._url.replace("http", "ws", 1) + f"/channels?session_id={self.session.session}"
                request = HTTPRequest(url, headers=self._headers, connect_timeout=HTTP_TIMEOUT_S)
                self._socket = await websocket_connect(
                    request, ping_interval=PING_S, ping_timeout=PING_S, max_message_size=2**30
                )
            except HTTPClientError as error:
                if error.code == 404:
                    raise RemoteEndedError(EXIT_GATEWAY_ENDED_IT) from error
            except OSError:
                pass
            else:
                return
            if loop.time() > deadline:
                raise RemoteEndedError(EXIT_GATEWAY_LOST)
            await asyncio.sleep(RECONNECT_S)

    async def _fetch(self, path: str, **options: Any) -> None:
        request = HTTPRequest(
            self._url + path,
            headers=self._headers,
            **{"connect_timeout": HTTP_TIMEOUT_S, "request_timeout": HTTP_TIMEOUT_S, **options},
        )
        await AsyncHTTPClient().fetch(request)


def _parsed(data: str | bytes) -> Json:
    """A message of the gateway's; one with buffers, which nobody here uses, begins with where its parts are."""
    if isinstance(data, bytes):
        count = struct.unpack("!I", data[:4])[0]
        offsets = [*struct.unpack(f"!{count}I", data[4 : 4 * (count + 1)]), len(data)]
        data = data[offsets[0] : offsets[1]].decode()
    message: Json = json.loads(data)
    return message


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
