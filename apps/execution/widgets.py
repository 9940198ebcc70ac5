"""The widgets of a lane's kernel: what it says of them is kept, told and stored; what people do to them is passed on.

Part of a lane, in its thread. A slider that moves sixty times a second is told some thirty times, and stored four.
"""

import base64
import logging
import time
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.db import transaction

from apps.base.text import storable
from apps.execution.comm_queue import CommMessage, CommQueue
from apps.execution.output_router import OutputRouter
from apps.execution.widget_model import MAX_WIDGET_BYTES, TOO_LARGE, TOO_MANY, Update, Widget, encoded
from apps.execution.widget_news import WidgetNews
from apps.execution.widget_outputs import CapturedOutputs
from apps.execution.widget_rows import alive_widgets, store_widgets
from apps.journal.publish import publish
from apps.kernels.connection import KernelConnection
from apps.kernels.messages import Message, operation_of, request_id_of
from apps.notebooks.models import MAX_COMM_ID_CHARS

logger = logging.getLogger(__name__)

TARGET = "jupyter.widget"
OUTPUT_MODEL = "OutputModel"

# Of one kernel. Each widget that people see is three models or more.
MAX_WIDGETS = 5000
MAX_BYTES = 48 * 2**20

SHOW_EVERY_S = 0.03

# Of what the lane itself tells the kernel.
OWN = "lane-"


class LaneWidgets:
    def __init__(self, notebook_id: UUID, outputs: OutputRouter) -> None:
        self._notebook_id = notebook_id
        self._outputs = outputs
        self._queue = CommQueue()
        self._news = WidgetNews()
        # No other lane's frames have such numbers, so pages see that there is a new one.
        self._number = time.time_ns() // 1000
        self._show_at = 0.0
        self._known: dict[str, Widget] | None = None  # read from rows when first needed
        self._reset()

    # What the lane asks

    @property
    def is_dirty(self) -> bool:
        return bool(self._changed or self._closed or self._is_untold)

    @property
    def is_called(self) -> bool:
        """Whether the kernel runs what somebody's use of a widget called."""
        return self._queue.is_sent

    @property
    def show_at(self) -> float | None:
        """When to show what there is, on the monotonic clock."""
        return self._show_at if self._news else None

    # What the kernel says

    def hear(self, message: Message) -> None:
        """A `comm_open`, `comm_msg`, `comm_close` or `comm_handled`. Code in a cell can publish anything."""
        content, kind = message["content"], message["header"]["msg_type"]
        if kind == "comm_handled":
            return self._handled(request_id_of(message))
        comm_id = content.get("comm_id") if isinstance(content, dict) else None
        if (
            not isinstance(comm_id, str)
            or not 0 < len(comm_id) <= MAX_COMM_ID_CHARS
            or storable(comm_id) != comm_id
        ):
            return
        match kind:
            case "comm_open" if content.get("target_name") == TARGET:
                self._open(comm_id, Update.of(content.get("data"), message["buffers"]))
            case "comm_msg" if comm_id in self._widgets:
                self._take(comm_id, content.get("data"), message)
            case "comm_close" if comm_id in self._widgets:
                self._close(comm_id)

    def capture(self, message: Message) -> bool:
        """Whether the output of the message goes into an Output widget, and nowhere else."""
        if message["header"]["msg_type"] == "update_display_data":
            if (self._widgets and self._captured) and (update := operation_of(message)):
                for comm_id, captured in list(self._captured.items()):
                    if captured.update_display(update):
                        self._set_outputs(comm_id, captured)
            return False
        request_id = request_id_of(message)
        captors = self._captors_of(request_id)
        operation = operation_of(message) if captors else None
        if operation is None:
            return False
        comm_id = captors[-1]
        if comm_id not in self._captured:
            self._captured[comm_id] = CapturedOutputs(self._widgets[comm_id].state.get("outputs"))
        if self._captured[comm_id].take(operation):
            self._set_outputs(comm_id, self._captured[comm_id])
        return True

    # What people do

    def pass_on(self, comms: list[bytes], kernel: KernelConnection | None, *, is_busy: bool) -> None:
        """Messages of pages. While the kernel is busy with a plan they wait."""
        for text in comms:
            message = _message(orjson.loads(text))
            if self._queue.holds(message.message_ids[0]):
                continue  # sent again by a page that has not heard that it was handled: it was not
            if kernel is None or message.comm_id not in self._widgets or not self._queue.add(message):
                self._news.handled(message.message_ids)
        if kernel is None or is_busy:
            return
        self._sync_outputs()
        if (sent := self._queue.send_next(kernel)) and sent.cell_id:
            self._outputs.add_caller(sent.message_ids[-1], UUID(sent.cell_id))

    def show(self, *, is_due: bool = False) -> None:
        """Tell pages, once in a while."""
        now = time.monotonic()
        if not self._news or (now < self._show_at and not is_due):
            return
        self._show_at = now + SHOW_EVERY_S
        frames = []
        for items in self._news.take():
            self._number += 1
            frames.append({"type": "widgets", "number": self._number, "items": items})
        publish(self._notebook_id, *frames)
        self._is_untold = True

    def store(self) -> None:
        """In the lane's transaction. After it pages hear what number they should have."""
        if not self.is_dirty:
            return
        self.show(is_due=True)
        changed = {comm_id: self._widgets[comm_id] for comm_id in self._changed}
        store_widgets(self._notebook_id, changed, self._closed)
        self._changed.clear()
        self._closed.clear()
        self._is_untold = False
        stored = {"type": "widgets", "number": self._number, "items": []}
        transaction.on_commit(partial(publish, self._notebook_id, stored), robust=True)

    def kernel_changed(self) -> None:
        """There is another kernel, or none: what waits for the former will not be handled."""
        if dropped := self._queue.clear():
            self._news.handled(dropped)
        self._known = None
        self._reset()

    # Private

    def _reset(self) -> None:
        self._changed: set[str] = set()
        self._closed: set[str] = set()
        self._is_untold = False  # whether pages were not told yet that what they heard is stored
        self._bytes = 0
        self._captors: dict[
            str, list[str]
        ] = {}  # Output widgets by the request whose output they take, the inmost last
        self._captured: dict[str, CapturedOutputs] = {}
        self._unsynced: set[str] = set()  # whose outputs the kernel does not know

    @property
    def _widgets(self) -> dict[str, Widget]:
        if self._known is None:
            self._known = alive_widgets(self._notebook_id)
            self._bytes = sum(widget.size for widget in self._known.values())
            for comm_id, widget in self._known.items():
                self._watch_captor(comm_id, widget, "", widget.state.get("msg_id"))
        return self._known

    def _captors_of(self, request_id: str) -> list[str]:
        return self._captors.get(request_id, []) if self._widgets else []

    def _open(self, comm_id: str, update: Update | None) -> None:
        if update is None:
            return
        if comm_id in self._widgets:
            self._close(comm_id)
        self._widgets[comm_id] = widget = Widget()
        if len(self._widgets) > MAX_WIDGETS:
            widget.leave_out(TOO_MANY)
        else:
            self._merge(comm_id, update)
        self._changed.add(comm_id)
        self._closed.discard(comm_id)
        self._news.opened(comm_id, widget)

    def _take(self, comm_id: str, data: Any, message: Message) -> None:
        method = data.get("method") if isinstance(data, dict) else None
        if method == "custom":
            self._say(comm_id, data.get("content"), message["buffers"])
            return
        if method not in ("update", "echo_update"):
            return
        request_id = request_id_of(message)
        update = Update.of(data, message["buffers"])
        # The kernel's echo of what the lane has told it is old news.
        if update is not None and not (method == "echo_update" and request_id.startswith(OWN)):
            if "outputs" in update.state:
                self._captured.pop(comm_id, None)
                self._unsynced.discard(comm_id)
            self._update(comm_id, update, request_id, is_echo=method == "echo_update")

    def _say(self, comm_id: str, content: Any, buffers: list[Any]) -> None:
        if self._widgets[comm_id].is_left_out:
            return
        try:
            self._news.said(comm_id, storable(content), [encoded(each) for each in buffers])
        except RecursionError:
            logger.warning("A widget said something that is nested too deeply.")

    def _update(self, comm_id: str, update: Update, request_id: str, *, is_echo: bool) -> None:
        widget = self._widgets[comm_id]
        if widget.is_left_out:
            return
        self._changed.add(comm_id)
        if self._merge(comm_id, update):
            self._news.updated(comm_id, update, request_id, is_echo=is_echo)
        else:
            self._news.opened(comm_id, widget)

    def _merge(self, comm_id: str, update: Update) -> bool:
        """False if there is too much of it, so that a sentence has taken its place."""
        widget = self._widgets[comm_id]
        before = widget.size
        captured_before = widget.state.get("msg_id")
        widget.take(update)
        if widget.size > MAX_WIDGET_BYTES:
            widget.leave_out(TOO_LARGE)
        elif self._bytes + widget.size - before > MAX_BYTES:
            widget.leave_out(TOO_MANY)
        self._bytes += widget.size - before
        self._watch_captor(comm_id, widget, captured_before, widget.state.get("msg_id"))
        return not widget.is_left_out

    def _watch_captor(self, comm_id: str, widget: Widget, before: Any, now: Any) -> None:
        """An Output widget takes the output of the request that its `msg_id` names."""
        if before == now or widget.state.get("_model_name") != OUTPUT_MODEL:
            return
        if isinstance(before, str) and comm_id in self._captors.get(before, ()):
            self._captors[before].remove(comm_id)
            if not self._captors[before]:
                del self._captors[before]
        if isinstance(now, str) and now:
            self._captors.setdefault(now, []).append(comm_id)

    def _close(self, comm_id: str) -> None:
        widget = self._widgets.pop(comm_id)
        self._bytes -= widget.size
        self._watch_captor(comm_id, widget, widget.state.get("msg_id"), "")
        self._captured.pop(comm_id, None)
        self._unsynced.discard(comm_id)
        self._changed.discard(comm_id)
        self._closed.add(comm_id)
        self._news.closed(comm_id)

    def _handled(self, request_id: str) -> None:
        if told := [each for each in self._queue.handled(request_id) if not each.startswith(OWN)]:
            self._news.handled(told)

    def _set_outputs(self, comm_id: str, captured: CapturedOutputs) -> None:
        self._unsynced.add(comm_id)
        self._update(comm_id, Update({"outputs": captured.outputs}, []), "", is_echo=False)

    def _sync_outputs(self) -> None:
        """Tell the kernel what its Output widgets have captured, as a page of Jupyter does: code reads `outputs`."""
        if self._queue.is_sent:
            return
        unsynced, self._unsynced = self._unsynced, set()
        for comm_id in unsynced & self._widgets.keys():
            data = {"method": "update", "state": {"outputs": self._widgets[comm_id].state.get("outputs", [])}}
            self._queue.add(CommMessage(comm_id, data, [], [f"{OWN}{uuid4().hex}"]))


def _message(told: dict[str, Any]) -> CommMessage:
    """As `comms.send_comm` makes it."""
    buffers = [base64.b64decode(each) for each in told["buffers"]]
    return CommMessage(
        comm_id=told["comm_id"],
        data=told["data"],
        buffers=buffers,
        message_ids=[told["message_id"]],
        cell_id=told["cell_id"],
        size=told["size"],
        is_again=told["is_again"],
    )
