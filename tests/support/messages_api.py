"""A Messages API for tests: a real HTTP server on the loopback, scripted, and as strict as the real one.

Each conversation (told by a word in its first message, or the only one) has a list of replies, one for each request;
a reply is a list of acts (messages_api_replies.py). What the real API would refuse is answered with its error and kept
in `faults`, and so is what it would take at a price: a transcript that does not go on from the one before.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.support.messages_api_replies import Act, Json, Status, says
from tests.support.messages_api_rules import Rules

Reply = Sequence[Act]
Script = list[Reply | Callable[[Json], Reply]]

CAPABILITIES = {
    "image_input": {"supported": True},
    "thinking": {
        "supported": True,
        "types": {
            "adaptive": {"supported": True},
            "enabled": {"supported": False},
            "disabled": {"supported": False},
            "between_tools": {"supported": False},
        },
    },
}


class MessagesApi:
    """`requests` are those that got a reply, in order. `script` says what it replies.

    `requested_at` and `replied_at` are the monotonic times at which those that were told to their end came and ended.
    """

    def __init__(self) -> None:
        self.reset()
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """For another test."""
        self.requests: list[Json] = []
        self.requested_at: list[float] = []
        self.replied_at: list[float] = []
        self.faults: list[str] = []
        self.capabilities: Json | None = CAPABILITIES
        self.context_tokens = 200_000
        self.rules = Rules()
        self._scripts: dict[str, Script] = defaultdict(list)
        self._always: Callable[[Json], Reply] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """For processes of their own that are to ask here."""
        return {"ANTHROPIC_API_KEY": "a-key-for-tests", "ANTHROPIC_BASE_URL": self.url}

    def script(self, *replies: Reply | Callable[[Json], Reply], of: str = "") -> None:
        """What it says next, in the conversation whose first message has the word."""
        with self._lock:
            self._scripts[of] += replies

    def always(self, reply: Callable[[Json], Reply]) -> None:
        """What it says to every request for which nothing is scripted."""
        self._always = reply

    def wait_for_requests(self, count: int, deadline_s: float = 30) -> None:
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: len(self.requests) >= count, deadline_s)
        assert arrived, f"{len(self.requests)} requests came, not {count}"

    @property
    def unsaid(self) -> int:
        """How many replies nobody has asked for."""
        return sum(len(script) for script in self._scripts.values())

    def answer(self, request: Json, headers: Any) -> Reply:
        with self._arrived:
            if fault := self.rules.fault_of(request, headers):
                self.faults.append(fault)
                return [Status(400, "invalid_request_error", fault)]
            self.requests.append(request)
            self._arrived.notify_all()
            script = self._script_of(request)
            if not script and self._always:
                reply: Any = self._always
            elif not script:
                self.faults.append("a request came that nobody expected")
                return says("(nothing was scripted)")
            else:
                reply = script.pop(0)
        answer: Reply = reply(request) if callable(reply) else reply
        return answer

    def _script_of(self, request: Json) -> Script:
        first = json.dumps(request["messages"][0])
        for word, script in self._scripts.items():
            if word and word in first:
                return script
        return self._scripts[""]

    def _model(self, model: str) -> Json:
        return {
            "type": "model",
            "id": model,
            "display_name": model,
            "created_at": "2026-01-01T00:00:00Z",
            "lifecycle": "active",
            "capabilities": self.capabilities,
            "max_input_tokens": self.context_tokens,
            "max_tokens": 64_000,
        }

    def _handler(api) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # the handler below has the `self`
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # As servers do that stream; otherwise the end of a reply waits 40 ms for an acknowledgement.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                body = json.dumps(api._model(self.path.rsplit("/", 1)[-1])).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                arrived_at = time.monotonic()
                self.is_streaming = False
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                usage = api.rules.usage_of(request)
                try:
                    for act in api.answer(request, self.headers):
                        act.play(self, request, usage)
                    if not self.close_connection and self.is_streaming:
                        self.wfile.write(b"0\r\n\r\n")
                    api.requested_at.append(arrived_at)
                    api.replied_at.append(time.monotonic())
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
