"""`input()` and `getpass()` in a kernel. Imported by kernel_main.py alone, and imports nothing of the server.

What code asks is published on IOPub, in order with what it printed before, and the answer comes on the control channel:

`input_request` (IOPub, parent: the cell) is {id, prompt, is_password}; `input_withdrawn` (likewise) is {id}: the code
does not wait for that answer any more. `input_reply` (control) is {id, value}; one that nobody waits for does nothing.

Jupyter's own stdin channel speaks only to the client that sent the plan, and a lane may have a new owner by the time
somebody answers.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from IPython.core.error import StdinNotImplementedError
from kernel_interrupts import wait_until

Json = dict[str, Any]


@dataclass
class Question:
    id: str
    is_over: threading.Event = field(default_factory=threading.Event)
    value: str | None = None


class Questions:
    """Code asks, in any thread; the control thread answers. `publish` sends a message with the cell as its parent."""

    def __init__(self, publish: Callable[[str, Json, str], None]) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # threads of a cell ask one after the other
        self._cell_id = ""
        self._question: Question | None = None

    def begin(self, cell_id: str) -> None:
        """The code of this cell may ask from now on."""
        with self._lock:
            self._cell_id = cell_id

    def end(self) -> None:
        """Threads that the cell left behind wait no longer: nobody sees their prompts."""
        with self._lock:
            self._cell_id = ""
            if self._question:
                self._question.is_over.set()

    def ask(self, cell_id: str, prompt: str, *, is_password: bool) -> str:
        """Wait for the answer. An interrupt ends that, in the thread that runs cells."""
        with self._turn:
            question = self._open(cell_id)
            try:
                self._publish(
                    "input_request",
                    {"id": question.id, "prompt": prompt, "is_password": is_password},
                    cell_id,
                )
                wait_until(question.is_over.wait)
            finally:
                self._close(question, cell_id)
        if question.value is None:
            raise EOFError("The cell ended before anybody answered.")
        return question.value

    def answer(self, question_id: str, value: str) -> None:
        with self._lock:
            question = self._question
            if question and question.id == question_id and not question.is_over.is_set():
                question.value = value
                question.is_over.set()

    def _open(self, cell_id: str) -> Question:
        with self._lock:
            if not cell_id or cell_id != self._cell_id:
                raise StdinNotImplementedError("Nobody can be asked for input here.")
            self._question = Question(str(uuid4()))
            return self._question

    def _close(self, question: Question, cell_id: str) -> None:
        with self._lock:
            self._question = None
        if question.value is None:
            self._publish("input_withdrawn", {"id": question.id}, cell_id)
