"""A kernel: ipykernel with Tandem's settings, which also runs whole plans.

Started by kernel_start.py, in the notebook's workspace and with nothing of the server's environment; it imports nothing
of the server. The messages that Jupyter does not have:

`execute_plan_request` (shell) runs cells one after another. Each puts out under a parent header of its own, whose
`msg_id` is the cell's id, so one request does for all: ipykernel needs 3 to 4 ms for each.

    {plan_id, fence, stored, keeps: [name], clears: [name], restores: [name], cells: [
        {id, code, needs: [id], clears: [name], restores: [name], blocked_by: key or null, may_fail, asks_nobody}]}

Before a cell runs, the names of `restores` get back the values that they had when the plan began (`keeps` are all such
names), and those of `clears` are removed. If a cell of `needs` failed, or `blocked_by` is set, it does not run. The
`clears` of the plan come before the first cell, its `restores` at the end.

`cell_reply` (IOPub, parent: the cell) ends each turn: {status: ok or error, execution_count, elapsed_ms, is_interrupt,
next}, where `next` is the cell that runs now, or null; or {status: blocked, blocked_by}. `plan_reply` (IOPub, parent:
the request) says that nothing more comes of the plan but what threads put out late, under the cell that was the last.

`withdraw_request` (control) is {fence, ids}: none of these cells will begin any more. The reply is {begun: [id]},
those of `ids` that began before.

`take_over_request` (control) is {fence, ids, stored}, of a new owner of the lane, where `ids` are the cells that an
earlier one has sent, and that have not ended as far as anybody knows. The kernel obeys nobody with a lower fence any
more. If none of the cells has begun, none will, and the plan's kept values stay for the one that sends them again;
otherwise the plan goes on. `taken_over` (IOPub, parent: the request) is {begun: {id: time in s since 1970}, request_id,
last}: which of them have begun, and by which request, the parent of its `plan_reply`. After it comes again all that was
published and is not stored, up to number `last`, and then what is new.

`comm_msg` (shell) is Jupyter's, to a widget. `comm_handled` (IOPub, parent: the message) says that all that it caused
is out; of one that was heard before nothing else comes (kernel_comms.py).

Messages on IOPub are numbered (kernel_journal.py). `stored`, also of `stored_request` (control), is the number up to
which the server has everything in rows.

How code asks for input is in kernel_input.py, how SQL cells ask databases in kernel_query.py, how people look at
variables in kernel_variables.py, at dataframes in kernel_tables.py and at what is in database files in
kernel_file_schemas.py, and how much text of a cell is published in kernel_text_limit.py.
"""

import asyncio
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# Beside this file, which is where sys.path begins while it is loaded.
import kernel_javascript  # noqa: F401  (what JavaScript cells call, as below)
import kernel_query  # and kernel_sql: what SQL cells call, when their folder is not in sys.path any more
import kernel_sheet  # noqa: F401  (what sheet cells call, likewise)
import kernel_variables
import zmq
from ipykernel import kernelapp
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from jupyter_client.session import Session
from kernel_comms import HeardComms
from kernel_file_schemas import FileSchemas
from kernel_input import Questions
from kernel_interrupts import Interrupts
from kernel_journal import Journal, PublishingThread
from kernel_table_display import show_tables
from kernel_tables import Tables
from kernel_text_limit import TextLimits, in_pieces
from kernel_turns import PlanWalk, Turns
from traitlets import DottedObjectName, Int, Type

Json = dict[str, Any]


class PromptStream(OutStream):
    """Standard output and error, whose text can be sent from the thread that runs cells, in order with all else."""

    # ipykernel gathers printed text for 200 ms; a person should see it at once.
    flush_interval = 0.01

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Two threads flush. Without it one could have taken text out of the buffer, and not sent it, when the other
        # says that all is sent.
        self._flushing = threading.RLock()
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]

    def flush(self) -> None:
        """Waits until all is out, unless it is enough that it goes out before what this thread sends next."""
        if getattr(_thread, "flushes_in_order", False) and self.pub_thread is not None:
            self._flush()
        else:
            super().flush()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Code in a cell may do it; what was printed before is not lost then."""
        if not self.closed:
            self.flush()
        super().close()  # type: ignore[no-untyped-call]

    def _flush(self) -> None:
        with self._flushing:
            super()._flush()  # type: ignore[no-untyped-call]

    def _flush_buffers(self) -> Iterator[tuple[Json, str]]:
        """What has been printed since the last time, by parent header, as far as it is to be sent."""
        for parent, text in super()._flush_buffers():  # type: ignore[no-untyped-call]
            for piece in _texts.take(parent.get("msg_id", ""), self.name, text):
                yield parent, piece


_texts = TextLimits()
_thread = threading.local()


@contextmanager
def flushing_in_order() -> Iterator[None]:
    """Inside, this thread does not wait when it flushes a PromptStream: that takes longer than most cells."""
    _thread.flushes_in_order = True
    try:
        yield
    finally:
        _thread.flushes_in_order = False


class DisplayHook(ZMQShellDisplayHook):
    """Of values that a cell shows with its last line. ipykernel's waits for the thread that sends, twice for each."""

    def finish_displayhook(self) -> None:
        with flushing_in_order():
            super().finish_displayhook()  # type: ignore[no-untyped-call]


class DisplayPublisher(ZMQDisplayPublisher):
    """Of `display(...)`, likewise."""

    def clear_output(self, wait: bool = False) -> None:
        super().clear_output(wait)  # type: ignore[no-untyped-call]
        _texts.clear(self.parent_header.get("msg_id", ""))

    def _flush_streams(self) -> None:
        with flushing_in_order():
            super()._flush_streams()  # type: ignore[no-untyped-call]


class Shell(ZMQInteractiveShell):
    displayhook_class = Type(DisplayHook)
    display_pub_class = Type(DisplayPublisher)

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        """An error comes after all that was printed, also after what was kept for the end."""
        kernel = self.kernel
        assert isinstance(kernel, TandemKernel)
        kernel.end_text()
        super()._showtraceback(etype, evalue, stb)  # type: ignore[no-untyped-call]
        kernel.error_is_shown = True


class TandemKernel(IPythonKernel):
    shell_class = Type(Shell)
    max_text_chars = Int(0, help="Of the text of a cell, head and tail together; 0: no limit.").tag(
        config=True
    )
    max_message_bytes = Int(0, help="Of a message on IOPub; 0: no limit.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        _texts.max_chars = self.max_text_chars
        self.iopub_thread.max_message_bytes = self.max_message_bytes
        self.shell_handlers["execute_plan_request"] = self.execute_plan_request
        self.shell_handlers["variables_request"] = self.variables_request
        self.shell_handlers["variable_request"] = self.variable_request
        self.shell_handlers["table_request"] = self.table_request
        self.shell_handlers["schema_request"] = self.schema_request
        self.shell_handlers["comm_msg"] = self.comm_message
        self.control_handlers["withdraw_request"] = self.withdraw_request
        self.control_handlers["input_reply"] = self.input_reply
        self.control_handlers["query_reply"] = self.query_reply
        self.control_handlers["take_over_request"] = self.take_over_request
        self.control_handlers["stored_request"] = self.stored_request
        self._pid = os.getpid()
        self.error_is_shown = False
        """Of the cell that runs."""
        self._questions = Questions(self._publish_of_cell)
        self._turns = Turns()
        self._queries = kernel_query.Queries(self._publish_of_cell, lambda: self._turns.fence)
        kernel_query.asked = self._queries
        self._heard_comms = HeardComms()
        self._interrupts = Interrupts()
        self._loop_runner = self._shell.loop_runner  # asyncio's; a cell may choose another library
        self._plan_id = ""
        self._kept: Json = {}  # the values that the plan restores
        self._tables = Tables()
        self._file_schemas = FileSchemas(self._queries.workspace)
        show_tables(self._shell.display_formatter, self._tables)
        self._answering: set[asyncio.Task[None]] = set()  # asyncio itself would let go of them
        self._own = dict(self._names)  # what a new kernel has, like `exit`
        # Cells may put something else in their place.
        self._streams = [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, PromptStream)]

    # Messages

    async def execute_plan_request(self, stream: Any, ident: Any, parent: Json) -> None:
        plan = parent["content"]
        self._file_schemas.end()
        self._forward_input(True)  # type: ignore[no-untyped-call]
        try:
            # What an owner of the lane sends that has lost it meanwhile, touches nothing.
            if self._turns.enter(plan["fence"], parent["header"]["msg_id"]):
                self._journal.stored = plan["stored"]
                self._begin_plan(plan)
                walk = PlanWalk(plan, self._turns)
                await self._run_cells(walk)
                if not self._turns.is_fenced():
                    self._end_plan(plan, walk.due)
        finally:
            self._restore_input()  # type: ignore[no-untyped-call]
            self._publish("plan_reply", {}, parent)

    def withdraw_request(self, stream: Any, ident: Any, parent: Json) -> None:
        content = parent["content"]
        begun = self._turns.withdraw(content["fence"], content["ids"])
        self._session.send(stream, "withdraw_reply", {"status": "ok", "begun": begun}, parent, ident=ident)

    def input_reply(self, stream: Any, ident: Any, parent: Json) -> None:
        self._questions.answer(parent["content"]["id"], parent["content"]["value"])

    def query_reply(self, stream: Any, ident: Any, parent: Json) -> None:
        self._queries.answer(parent["content"])

    def take_over_request(self, stream: Any, ident: Any, parent: Json) -> None:
        content = parent["content"]
        begun, request_id = self._turns.take_over(content["fence"], content["ids"])
        self._journal.stored = content["stored"]
        self.iopub_thread.publish_again("taken_over", {"begun": begun, "request_id": request_id}, parent)
        self._queries.ask_again()

    def stored_request(self, stream: Any, ident: Any, parent: Json) -> None:
        self._journal.stored = parent["content"]["stored"]

    def variables_request(self, stream: Any, ident: Any, parent: Json) -> None:
        untouched = (name for name, value in self._own.items() if self._names.get(name) is value)
        content = kernel_variables.variables(self._names, untouched, parent["content"]["after"])
        self._session.send(stream, "variables_reply", content, parent, ident=ident)

    def variable_request(self, stream: Any, ident: Any, parent: Json) -> None:
        content = kernel_variables.variable(self._names, parent["content"]["name"])
        self._session.send(stream, "variable_reply", content, parent, ident=ident)

    def table_request(self, stream: Any, ident: Any, parent: Json) -> None:
        self._answer_later(self._tables.answer(parent["content"]), "table_reply", stream, ident, parent)

    def schema_request(self, stream: Any, ident: Any, parent: Json) -> None:
        answer = self._file_schemas.answer(parent["content"])
        self._answer_later(answer, "schema_reply", stream, ident, parent)

    def comm_message(self, stream: Any, ident: Any, parent: Json) -> None:
        """What somebody did to a widget, and the code that this calls. Errors in it are shown, and end nothing."""
        try:
            if self._heard_comms.is_new(parent):
                with self._interrupts.of_call():
                    self.comm_manager.comm_msg(stream, ident, parent)
        except KeyboardInterrupt:
            self._shell.showtraceback()
        finally:
            self.end_text()
            self._publish("comm_handled", {}, parent)

    def _answer_later(
        self, answer: Awaitable[Json], msg_type: str, stream: Any, ident: Any, parent: Json
    ) -> None:
        """In a while, so that what comes next does not wait."""

        async def reply() -> None:
            self._session.send(stream, msg_type, await answer, parent, ident=ident)

        task = asyncio.ensure_future(reply())
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    # Plans

    def _begin_plan(self, plan: Json) -> None:
        """Keep what will be restored, unless this goes on with a plan that was cut off."""
        self._remove(plan["clears"])
        if plan["plan_id"] != self._plan_id:
            self._plan_id = plan["plan_id"]
            self._kept = {name: self._names[name] for name in plan["keeps"] if name in self._names}

    def _end_plan(self, plan: Json, due: Iterable[str]) -> None:
        """Also of a plan that was cut short: then what was to be restored later is."""
        self._restore([*due, *plan["restores"]])
        self._plan_id, self._kept = "", {}

    async def _run_cells(self, walk: PlanWalk) -> None:
        cell = self._advance(walk)
        while cell is not None:
            reply = await self._run(cell)
            walk.take_reply(cell, reply)
            cell = self._advance(walk, ended=(cell, reply))

    def _advance(self, walk: PlanWalk, ended: tuple[Json, Json] | None = None) -> Json | None:
        """The next cell that runs, which has begun then. Tells how the one before it ended, and which are blocked."""
        self._interrupts.expect()
        blocked = []
        following = None
        for cell, blocked_by in walk.begun():
            self._restore(cell["restores"])
            self._remove(cell["clears"])
            if not blocked_by:
                following = cell
                break
            blocked.append((cell, {"status": "blocked", "blocked_by": blocked_by}))
        if ended:
            cell, reply = ended
            self._publish_end(cell, reply | {"next": following and following["id"]})
        for cell, reply in blocked:
            self._publish_end(cell, reply)
        return following

    async def _run(self, cell: Json) -> Json:
        """Run the cell; how that ended. What it puts out carries its id."""
        header = {"msg_id": cell["id"], "msg_type": "execute_request", "session": self._session.session}
        self.set_parent([], {"header": header}, channel="shell")  # type: ignore[no-untyped-call]
        started = time.perf_counter()
        task = asyncio.current_task()
        assert task is not None
        self._queries.begin(cell["id"])
        if not cell.get("asks_nobody"):
            self._questions.begin(cell["id"])
        self.error_is_shown = False
        try:
            self._interrupts.begin(task)
            error = await self._execute(cell["code"])
        except (KeyboardInterrupt, asyncio.CancelledError):
            error = "KeyboardInterrupt"  # between the code of the cell and the end of IPython's own
        finally:
            self._interrupts.running = None
            if os.getpid() != self._pid:
                os._exit(1)  # a fork that went on to the end of the cell: it is no second kernel
            self._questions.end()
        while task.cancelling():
            task.uncancel()
        is_interrupt = error in ("KeyboardInterrupt", "CancelledError")
        if is_interrupt and not self.error_is_shown:
            # Interrupted again, while IPython was about to show that it was.
            self.end_text()
            self._publish_of_cell("error", {"ename": error, "evalue": "", "traceback": [error]}, cell["id"])
        return {
            "status": "error" if error else "ok",
            "execution_count": self._shell.execution_count - 1,
            "elapsed_ms": (time.perf_counter() - started) * 1000,
            "is_interrupt": is_interrupt,
        }

    async def _execute(self, code: str) -> str:
        """The name of the exception that ended it; empty if none did.

        What IPython's `run_cell` and ipykernel's `do_execute` do around `run_cell_async`, they do for one cell in a
        millisecond: they transform the text twice and compile it once more to see whether it awaits something.
        """
        shell = self._shell
        preprocessing_error = None
        try:
            transformed = shell.transform_cell(code)  # type: ignore[no-untyped-call]
        except Exception:
            transformed, preprocessing_error = code, sys.exc_info()
        if shell.loop_runner is not self._loop_runner:
            reply = await self.do_execute(code, silent=False, allow_stdin=True)
            return str(reply.get("ename", ""))
        shell._last_traceback_during_displayhook = False
        result = await shell.run_cell_async(
            code,
            store_history=True,
            transformed_cell=transformed,
            preprocessing_exc_tuple=preprocessing_error,
        )
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
        assert shell.payload_manager is not None
        shell.payload_manager.clear_payload()
        error = result.error_before_exec or result.error_in_exec
        if error is None and shell._last_traceback_during_displayhook:
            return "DisplayError"
        return "" if error is None else type(error).__name__

    async def do_execute(self, *args: Any, **kwargs: Any) -> Any:
        """Of a plain `execute_request` too."""
        try:
            return await super().do_execute(*args, **kwargs)  # type: ignore[no-untyped-call]
        finally:
            self.end_text()

    def end_text(self) -> None:
        """Publish what was kept of the text of the cell that runs. What it prints after that counts for less."""
        self._flush_streams()
        parent = self.get_parent("shell")  # type: ignore[no-untyped-call]
        for name, text in _texts.end(parent.get("header", {}).get("msg_id", "")):
            for piece in in_pieces(text):
                self._publish(
                    "stream", {"name": name, "text": piece}, parent, topic=f"stream.{name}".encode()
                )

    def _publish_end(self, cell: Json, reply: Json) -> None:
        """After everything that the cell printed."""
        self.end_text()
        self._publish_of_cell("cell_reply", reply, cell["id"])

    def _flush_streams(self) -> None:
        with flushing_in_order():
            for stream in self._streams:
                stream.flush()

    def _publish_of_cell(self, msg_type: str, content: Json, cell_id: str) -> None:
        self._publish(msg_type, content, {"header": {"msg_id": cell_id}})

    def _publish(self, msg_type: str, content: Json, parent: Json, *, topic: bytes = b"") -> None:
        topic = topic or self._topic(msg_type)  # type: ignore[no-untyped-call]
        self._session.send(self.iopub_socket, msg_type, content, parent, ident=topic)

    # Input

    def _input_request(self, prompt: str, ident: Any, parent: Json, password: bool = False) -> str:
        """What ipykernel's `input` and `getpass` end in."""
        self._flush_streams()
        cell_id = str((parent.get("header") or {}).get("msg_id", ""))
        answer: str = self._questions.ask(cell_id, prompt, is_password=password)
        return answer

    # Names

    @property
    def _journal(self) -> Journal:
        journal: Journal = self.iopub_thread.journal
        return journal

    @property
    def _session(self) -> Session:
        assert self.session is not None
        return self.session

    @property
    def _shell(self) -> ZMQInteractiveShell:
        assert isinstance(self.shell, ZMQInteractiveShell)
        return self.shell

    @property
    def _names(self) -> Json:
        names: Json = self._shell.user_ns
        return names

    def _restore(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._kept:
                self._names[name] = self._kept[name]
            else:
                self._remove([name])

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._names.pop(name, None)
            if name in self._own:
                self._names[name] = self._own[name]

    # Interrupts

    def pre_handler_hook(self) -> None:
        """Before each message. Python's own handler, which is ipykernel's choice here, could raise at any moment: an
        interrupt before, between or after the cells of a plan would end it, or the kernel, without a word.
        """
        signal.signal(signal.SIGINT, self._interrupts.handle)

    def post_handler_hook(self) -> None:
        """An interrupt that comes late finds no cell, and does nothing."""


class KernelApp(IPKernelApp):
    outstream_class = DottedObjectName(f"{__name__}.PromptStream")

    def init_iopub(self, context: "zmq.Context[Any]") -> None:
        # Publishing never drops a message because the server reads slowly: an end that is not heard of would
        # leave the cell running for ever. What waits counts against the kernel's own memory.
        context.setsockopt(zmq.SNDHWM, 0)
        vars(kernelapp)["IOPubThread"] = PublishingThread  # it has no setting for that
        super().init_iopub(context)  # type: ignore[no-untyped-call]

    def start(self) -> None:
        # What kernel_start.py switched off; what there is by now will stay.
        gc.freeze()
        gc.enable()
        super().start()  # type: ignore[no-untyped-call]


def launch(arguments: Sequence[str]) -> None:
    """Run until the process is ended."""
    # No history on disk: the rows of cell runs are the history, and its thread costs every cell a millisecond.
    settings = ["--HistoryManager.enabled=False", "--HistoryManager.hist_file=:memory:"]
    # With jedi a completion takes 20 to 500 ms, and 1 to 20 ms without. The server has one for texts that did not run.
    settings.append("--IPCompleter.use_jedi=False")
    KernelApp.launch_instance([*settings, *arguments], kernel_class=TandemKernel)
