"""A kernel to the server, with one of another make, or on a gateway, behind it.

Run by path like kernel_start.py; it imports nothing of the server. It does what kernel_main.py says of plans: each cell
is one `execute_request`, whose `msg_id` is the cell's id, so that what comes of it has the right parent. It also keeps
the journal, so a worker may end here too without anything being lost. Names are cleared, kept and restored by code in
Python, which is not shown; in other languages cells do not depend on each other.

The environment says what is behind it, because arguments are seen by everybody on a machine: `TANDEM_REMOTE` is a
specification (LocalRemote) or a gateway's kernel (GatewayRemote), with `language`.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import zmq
import zmq.asyncio
from jupyter_client.session import Session
from kernel_journal import DELIMITER, NO_NUMBER, Journal, within_limit
from kernel_remote import SIGNALLED, GatewayRemote, LocalRemote, Remote, RemoteEndedError
from kernel_text_limit import TextLimits
from kernel_turns import PlanWalk, Turns

Json = dict[str, Any]

# What a kernel publishes that is output, or ends in some.
SHOWN = ("stream", "display_data", "execute_result", "update_display_data", "clear_output", "error")

# A kernel says that it is idle when all output of a cell is out. One that does not say so has ended the cell anyway.
IDLE_AFTER_REPLY_S = 5.0

ASK_AGAIN_S = 0.5

# How long whoever listens has to take the last words.
LAST_WORDS_S = 2.0

# What the server asks on the shell channel and the kernel knows how to answer.
PASSED_ON = ("complete_request", "inspect_request")
NO_VARIABLES: Json = {
    "variables_request": {"variables": [], "next": None},
    "variable_request": {"found": False},
    "table_request": {"state": "gone"},
    "schema_request": {"state": "refused", "message": "Only kernels of this server open database files."},
}


class Bridge:
    def __init__(self, info: Json, remote: Remote, language: str, *, max_text: int, max_message: int) -> None:
        self._session = Session(key=info["key"].encode(), signature_scheme=info["signature_scheme"])
        self._context = context = zmq.asyncio.Context()
        # Nothing is dropped because the server reads slowly.
        context.setsockopt(zmq.SNDHWM, 0)
        self._shell = _bound(context, zmq.ROUTER, info, "shell")
        self._control = _bound(context, zmq.ROUTER, info, "control")
        self._iopub = _bound(context, zmq.PUB, info, "iopub")
        self._remote = remote
        self._is_python = language == "python"
        self._max_message = max_message
        self._journal = Journal()
        self._turns = Turns()
        self._texts = TextLimits()
        self._texts.max_chars = max_text
        self._kernel_info: Json = {}
        self._replies: dict[str, asyncio.Future[Json]] = {}  # of the kernel, by the id of the request
        self._idle: dict[str, asyncio.Event] = {}
        self._asked: Json | None = None  # the kernel's `input_request` that nobody has answered
        self._question = ""
        self._running = ""
        self._is_interrupted = False
        self._plans: asyncio.Queue[Json] = asyncio.Queue()
        self._plan_id = ""

    async def run(self) -> int:
        """Until the kernel behind it ends; what to exit with."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        stops = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stops.set)
        await self._remote.start()
        tasks = [
            asyncio.create_task(task)
            for task in (
                self._hear_remote(),
                self._hear(self._shell),
                self._hear(self._control),
                self._run_plans(),
                self._get_ready(),
                self._end_when(stops),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        except RemoteEndedError as end:
            code: int = end.code
            return code
        finally:
            # Else a server that does not listen any more would keep the bridge from its end.
            self._context.destroy(linger=int(LAST_WORDS_S * 1000))
        return 1

    async def _end_when(self, stops: asyncio.Event) -> None:
        """The server stops, with all its kernels."""
        await stops.wait()
        await self._remote.end()
        raise RemoteEndedError(SIGNALLED + signal.SIGTERM)

    # The server

    async def _hear(self, socket: zmq.asyncio.Socket) -> None:
        while True:
            idents, frames = self._session.feed_identities(await socket.recv_multipart())
            try:
                message = self._session.deserialize(frames)
            except (ValueError, TypeError):
                continue
            await self._obey(socket, idents, message)

    async def _obey(self, socket: zmq.asyncio.Socket, idents: list[bytes], message: Json) -> None:
        content, kind = message["content"], message["header"]["msg_type"]

        def reply(body: Json) -> None:
            reply_kind = kind.replace("_request", "_reply")
            self._session.send(socket, reply_kind, body, message, ident=idents)

        match kind:
            case "kernel_info_request" if self._kernel_info:
                self._publish("status", {"execution_state": "busy"}, message)
                reply(self._kernel_info)
                self._publish("status", {"execution_state": "idle"}, message)
            case "execute_plan_request":
                self._plans.put_nowait(message)
            case "withdraw_request":
                begun = self._turns.withdraw(content["fence"], content["ids"])
                reply({"status": "ok", "begun": begun})
            case "take_over_request":
                begun_at, request_id = self._turns.take_over(content["fence"], content["ids"])
                self._journal.stored = content["stored"]
                self._publish_again({"begun": begun_at, "request_id": request_id}, message)
            case "stored_request":
                self._journal.stored = content["stored"]
            case "input_reply":
                await self._answer(content["id"], content["value"])
            case _ if kind in NO_VARIABLES:
                reply(NO_VARIABLES[kind])
            case _ if kind in PASSED_ON:
                asked = asyncio.create_task(self._ask(kind, content))
                asked.add_done_callback(lambda task: reply(task.result()))

    def _publish(self, kind: str, content: Json, parent: Json) -> None:
        message = self._session.msg(kind, content, parent)
        frames = [f"kernel.{kind}".encode(), *self._session.serialize(message)]
        self._send(self._journal.add(within_limit(frames, self._session, self._max_message)))

    def _publish_again(self, content: Json, parent: Json) -> None:
        first = self._session.msg("taken_over", content | {"last": self._journal.number}, parent)
        self._send([NO_NUMBER, *self._session.serialize(first)])
        for frames in list(self._journal.unstored()):
            self._send(frames)

    def _send(self, frames: Any) -> None:
        assert DELIMITER in frames
        self._iopub.send_multipart(frames)

    # Plans

    async def _run_plans(self) -> None:
        while True:
            request = await self._plans.get()
            plan = request["content"]
            if self._turns.enter(plan["fence"], request["header"]["msg_id"]):
                self._journal.stored = plan["stored"]
                await self._run_plan(plan)
            self._publish("plan_reply", {}, request)

    async def _run_plan(self, plan: Json) -> None:
        walk = PlanWalk(plan, self._turns)
        is_new = plan["plan_id"] != self._plan_id
        self._plan_id = plan["plan_id"]
        await self._arrange(clears=plan["clears"], keeps=plan["keeps"] if is_new else ())
        cell = await self._advance(walk)
        while cell is not None:
            reply = await self._run_cell(cell)
            walk.take_reply(cell, reply)
            cell = await self._advance(walk, ended=(cell, reply))
        if not self._turns.is_fenced():
            await self._arrange(restores=[*walk.due, *plan["restores"]])
            self._plan_id = ""

    async def _advance(self, walk: PlanWalk, ended: tuple[Json, Json] | None = None) -> Json | None:
        """As in kernel_main.py: the next cell that runs, told with how the one before it ended."""
        blocked = []
        following = None
        for cell, blocked_by in walk.begun():
            await self._arrange(clears=cell["clears"], restores=cell["restores"])
            if not blocked_by:
                following = cell
                break
            blocked.append((cell, {"status": "blocked", "blocked_by": blocked_by}))
        if ended:
            cell, reply = ended
            self._publish("cell_reply", reply | {"next": following and following["id"]}, _parent(cell["id"]))
        for cell, reply in blocked:
            self._publish("cell_reply", reply, _parent(cell["id"]))
        return following

    async def _run_cell(self, cell: Json) -> Json:
        self._running, self._is_interrupted = cell["id"], False
        idle = self._idle[cell["id"]] = asyncio.Event()
        started = time.perf_counter()
        content = {"code": cell["code"], "silent": False, "store_history": True, "allow_stdin": True}
        reply = await self._ask(
            "execute_request", content | {"user_expressions": {}, "stop_on_error": False}, cell["id"]
        )
        elapsed_ms = (time.perf_counter() - started) * 1000
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(idle.wait(), IDLE_AFTER_REPLY_S)
        del self._idle[cell["id"]]
        self._running = ""
        self._withdraw_question(cell["id"])
        self._end_text(cell["id"])
        is_ok = reply.get("status") == "ok"
        return {
            "status": "ok" if is_ok else "error",
            "execution_count": reply.get("execution_count"),
            "elapsed_ms": elapsed_ms,
            "is_interrupt": self._is_interrupted and not is_ok,
        }

    async def _arrange(self, clears: Any = (), keeps: Any = (), restores: Any = ()) -> None:
        """Names of Python: keep values for later, put them back, and remove what is to be gone."""
        if not (self._is_python and (clears or keeps or restores)):
            return
        code = (
            f"import builtins as _tandem\n"
            f"for _tandem_name in {sorted(clears)!r}: globals().pop(_tandem_name, None)\n"
            f"if {bool(keeps)!r}: _tandem.tandem_kept = "
            f"{{name: globals()[name] for name in {sorted(keeps)!r} if name in globals()}}\n"
            f"for _tandem_name in {sorted(restores)!r}:\n"
            f"    if _tandem_name in getattr(_tandem, 'tandem_kept', {{}}):"
            f" globals()[_tandem_name] = _tandem.tandem_kept[_tandem_name]\n"
            f"    else: globals().pop(_tandem_name, None)\n"
            f"globals().pop('_tandem_name', None)\n"
            f"del _tandem\n"
        )
        content = {"code": code, "silent": True, "store_history": False, "allow_stdin": False}
        await self._ask("execute_request", content | {"user_expressions": {}, "stop_on_error": False})

    # The kernel behind it

    async def _get_ready(self) -> None:
        """Until it answers: what is sent before it listens may be lost. Any answer will do, however late it is."""
        asked: set[asyncio.Task[Json]] = set()
        while not self._kernel_info:
            asked.add(asyncio.create_task(self._ask("kernel_info_request", {})))
            done, _ = await asyncio.wait(asked, timeout=ASK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
            for answered in done:
                self._kernel_info = answered.result()
        for unanswered in asked:
            unanswered.cancel()
        await asyncio.Event().wait()

    async def _ask(self, kind: str, content: Json, request_id: str = "") -> Json:
        message = self._remote.session.msg(kind, content)
        request_id = request_id or str(uuid4())
        message["header"]["msg_id"] = message["msg_id"] = request_id
        reply = self._replies[request_id] = asyncio.get_running_loop().create_future()
        try:
            await self._remote.send("shell", message)
            content_of_reply: Json = await reply
            return content_of_reply
        finally:
            self._replies.pop(request_id, None)

    async def _hear_remote(self) -> None:
        async for channel, message in self._remote.messages():
            parent = message.get("parent_header") or {}
            request_id = str(parent.get("msg_id", ""))
            kind = message["header"]["msg_type"]
            if channel == "shell" and (waiting := self._replies.get(request_id)) and not waiting.done():
                waiting.set_result(message["content"])
            elif channel == "stdin" and kind == "input_request":
                self._ask_people(message, request_id)
            elif channel == "iopub" and kind == "status" and request_id in self._idle:
                if message["content"].get("execution_state") == "idle":
                    self._idle[request_id].set()
            elif channel == "iopub" and kind in SHOWN:
                self._show(kind, message["content"], request_id)

    def _show(self, kind: str, content: Json, request_id: str) -> None:
        if kind == "stream":
            for piece in self._texts.take(request_id, str(content.get("name")), str(content.get("text"))):
                self._publish(kind, content | {"text": piece}, _parent(request_id))
            return
        if kind == "clear_output":
            self._texts.clear(request_id)
        elif kind == "error":
            self._end_text(request_id)
        self._publish(kind, content, _parent(request_id))

    def _end_text(self, request_id: str) -> None:
        for name, text in self._texts.end(request_id):
            self._publish("stream", {"name": name, "text": text}, _parent(request_id))

    # Input

    def _ask_people(self, message: Json, request_id: str) -> None:
        self._asked, self._question = message, str(uuid4())
        content = message["content"]
        prompt, is_password = str(content.get("prompt", "")), bool(content.get("password"))
        question = {"id": self._question, "prompt": prompt, "is_password": is_password}
        self._publish("input_request", question, _parent(request_id))

    async def _answer(self, question_id: str, value: str) -> None:
        asked = self._asked
        if asked is None or question_id != self._question:
            return
        self._asked = None
        reply = self._remote.session.msg("input_reply", {"value": value, "status": "ok"}, asked)
        await self._remote.send("stdin", reply)

    def _withdraw_question(self, cell_id: str) -> None:
        if self._asked is not None:
            self._asked = None
            self._publish("input_withdrawn", {"id": self._question}, _parent(cell_id))

    def _interrupt(self) -> None:
        """One that comes between cells finds none."""
        if self._running:
            self._is_interrupted = True
            self._interrupting = asyncio.create_task(self._remote.interrupt())


def _bound(context: zmq.asyncio.Context, kind: int, info: Json, channel: str) -> zmq.asyncio.Socket:
    socket = context.socket(kind)
    socket.bind(f"ipc://{info['ip']}-{info[f'{channel}_port']}")
    return socket


def _parent(cell_id: str) -> Json:
    return {"header": {"msg_id": cell_id, "msg_type": "execute_request"}}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("-f", dest="connection_file", type=Path)
    parser.add_argument("--max-text-chars", type=int)
    parser.add_argument("--max-message-bytes", type=int)
    arguments = parser.parse_args()
    behind: Json = json.loads(os.environ.pop("TANDEM_REMOTE"))
    remote: Remote = LocalRemote(behind) if "argv" in behind else GatewayRemote(behind)
    info = json.loads(arguments.connection_file.read_text())

    async def bridge() -> int:
        return await Bridge(
            info,
            remote,
            behind["language"],
            max_text=arguments.max_text_chars,
            max_message=arguments.max_message_bytes,
        ).run()

    return asyncio.run(bridge())


if __name__ == "__main__":
    sys.exit(main())
