"""What an open page shows of outputs: a second, naive implementation of "Output" in docs/protocol.md."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.socket import Frame, NotebookSocket

Json = dict[str, Any]


@dataclass
class ShownCell:
    cell_run_id: str | None
    offset: int
    outputs: list[Json]
    waiting: list[Frame] = field(default_factory=list)  # output frames that came too early


class Page:
    def __init__(self, socket: NotebookSocket) -> None:
        self.cells: dict[str, ShownCell] = {}
        self.asked = 0
        """How often it had to ask for what it missed."""
        self.reopen(socket)

    def reopen(self, socket: NotebookSocket) -> None:
        """With the snapshot that a new socket gives."""
        self._socket = socket
        self._asking: dict[int, str] = {}
        for cell in socket.open()["notebook"]["cells"]:
            self.cells[cell["id"]] = ShownCell(cell["cell_run_id"], cell["output_offset"], cell["outputs"])

    def watch(self, until: Callable[[Frame], bool]) -> Frame:
        """Follow what comes up to such a frame, and to the answers to what the page asked until then."""
        last: Frame | None = None
        while last is None or self._asking:
            frame = self._socket.wait_for(lambda frame: True)
            self._take(frame)
            if last is None and until(frame):
                last = frame
        return last

    def watch_run(self, run_id: str) -> None:
        self.watch(lambda frame: frame.get("event", {}).get("run_id") == run_id)

    def text(self, cell_id: str) -> str:
        return "".join(output.get("text", "") for output in self.cells[cell_id].outputs)

    def _take(self, frame: Frame) -> None:
        match frame["type"]:
            case "output":
                self._take_output(frame)
            case "event" if frame["event"]["type"] == "cell_statuses":
                for status in frame["event"]["cells"]:
                    self._take_status(status)
            case "reply" if frame["id"] in self._asking:
                self._take_stored(self._asking.pop(frame["id"]), frame["result"])

    def _take_status(self, status: Json) -> None:
        cell_id, run_id, offset = status["cell_id"], status["cell_run_id"], status["output_offset"]
        if status["status"] == "running":
            waiting = self.cells[cell_id].waiting
            self.cells[cell_id] = ShownCell(run_id, 0, [], waiting)
            self._take_waiting(cell_id)
        elif run_id == self.cells[cell_id].cell_run_id and offset > self.cells[cell_id].offset:
            self._ask(cell_id)

    def _take_output(self, frame: Frame) -> None:
        cell = self.cells[frame["cell_id"]]
        known = cell.offset - frame["offset"]
        if frame["cell_run_id"] != cell.cell_run_id or known < 0:
            cell.waiting.append(frame)
            if frame["cell_run_id"] == cell.cell_run_id:
                self._ask(frame["cell_id"])
            return
        for operation in frame["outputs"][known:]:
            apply(operation, cell.outputs)
            cell.offset += 1

    def _take_stored(self, cell_id: str, stored: Json) -> None:
        cell = self.cells[cell_id]
        if stored["cell_run_id"] == cell.cell_run_id and stored["output_offset"] > cell.offset:
            cell.offset, cell.outputs = stored["output_offset"], stored["outputs"]
        self._take_waiting(cell_id)

    def _take_waiting(self, cell_id: str) -> None:
        cell = self.cells[cell_id]
        waiting, cell.waiting = cell.waiting, []
        for frame in waiting:
            self._take_output(frame)

    def _ask(self, cell_id: str) -> None:
        if cell_id not in self._asking.values():
            self.asked += 1
            self._asking[self._socket.send("outputs", cell_id=cell_id)] = cell_id


def apply(operation: Json, outputs: list[Json]) -> None:
    match operation["output_type"]:
        case "clear_output":
            outputs.clear()
        case "update_display_data":
            display_id = operation["transient"]["display_id"]
            for output in outputs:
                if output.get("transient", {}).get("display_id") == display_id:
                    output |= {"data": operation["data"], "metadata": operation["metadata"]}
        case "stream" if outputs and outputs[-1].get("name") == operation["name"]:
            outputs[-1] = outputs[-1] | {"text": outputs[-1]["text"] + operation["text"]}
        case _:
            outputs.append(operation)
