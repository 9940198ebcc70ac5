"""What the code of the running cell asks people, and their answers on the way to the kernel. A lane has one of these;
its rows are written in the lane's fenced transactions."""

from typing import Any
from uuid import UUID

from apps.accounts.actors import SYSTEM
from apps.base.text import storable
from apps.execution.events import InputClosed, InputRequested
from apps.execution.models import InputAnswer
from apps.execution.turn import Turn
from apps.journal.record import append_events
from apps.kernels.messages import Message, Operation, request_id_of
from apps.notebooks.locking import LockedNotebook
from apps.notebooks.models import Cell

MAX_PROMPT_CHARS = 2000

# As in Jupyter; the same for every password, so that it does not say how long one is.
MASK = "········"


class InputPrompts:
    def __init__(self, notebook_id: UUID) -> None:
        self._notebook_id = notebook_id
        self._news: list[Message] = []
        # The cell may have asked while another worker owned the lane.
        self._may_be_answered = True

    @property
    def has_news(self) -> bool:
        return bool(self._news)

    def hear(self, message: Message) -> None:
        """An `input_request` or `input_withdrawn` of the kernel; `tell` it next."""
        self._news.append(message)

    def tell(self, notebook: LockedNotebook, running: Turn | None) -> None:
        """In a fenced transaction: what is asked now, and what not any more. Only the cell that runs can ask."""
        news, self._news = self._news, []
        for message in news:
            content = message["content"]
            # Code in a cell can publish anything.
            if running and request_id_of(message) == running.key and isinstance(content, dict):
                if message["header"]["msg_type"] == "input_request":
                    self._ask(notebook, running.cell_id, content)
                else:
                    self._withdraw(notebook, running.cell_id, str(content.get("id")))

    def take_answer(self, running: Turn | None) -> InputAnswer | None:
        """What was answered to the cell that runs. The row stays until `delivered`."""
        if not self._may_be_answered or running is None:
            return None
        # In this order: an answer that comes in between is found.
        is_asked = Cell.objects.filter(id=running.cell_id, input_request__isnull=False).exists()
        answer = InputAnswer.objects.filter(notebook_id=self._notebook_id, cell_id=running.cell_id).first()
        self._may_be_answered = is_asked or answer is not None
        return answer

    def delivered(self, answer: InputAnswer) -> None:
        """In a fenced transaction: the kernel has it."""
        InputAnswer.objects.filter(notebook_id=self._notebook_id, request=answer.request).delete()

    def _ask(self, notebook: LockedNotebook, cell_id: UUID, content: dict[str, Any]) -> None:
        request = _request_of(content)
        if request and Cell.objects.filter(id=cell_id, deleted_at=None).update(input_request=request):
            self._may_be_answered = True
            append_events(notebook, SYSTEM, InputRequested(cell_id=str(cell_id), input_request=request))

    def _withdraw(self, notebook: LockedNotebook, cell_id: UUID, request_id: str) -> None:
        if Cell.objects.filter(id=cell_id, input_request__id=request_id).update(input_request=None):
            append_events(notebook, SYSTEM, InputClosed(cell_id=str(cell_id), request_id=request_id))


def echo_of(answer: InputAnswer) -> Operation:
    """What is shown in the cell's output in place of the prompt."""
    shown = MASK if answer.request["is_password"] else answer.value
    return {"output_type": "stream", "name": "stdout", "text": f"{answer.request['prompt']}{shown}\n"}


def _request_of(content: dict[str, Any]) -> dict[str, Any] | None:
    """As docs/protocol.md has it; None if nobody could answer this."""
    try:
        request_id = str(UUID(content["id"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    prompt = str(content.get("prompt", ""))[:MAX_PROMPT_CHARS]
    return {"id": request_id, "prompt": storable(prompt), "is_password": content.get("is_password") is True}
