"""Messages to widgets while they wait for the kernel."""

from typing import Any, cast

from apps.execution.comm_queue import MAX_WAITING, CommMessage, CommQueue
from apps.kernels.connection import KernelConnection


class Kernel:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []

    def send_comm(self, message_ids: list[str], comm_id: str, data: Any, buffers: list[bytes]) -> None:
        self.sent.append((message_ids[-1], comm_id, data))


def update(message_id: str, comm_id: str = "slider", **state: Any) -> CommMessage:
    return CommMessage(comm_id, {"method": "update", "state": state}, [], [message_id])


def click(message_id: str) -> CommMessage:
    return CommMessage("button", {"method": "custom", "content": {}}, [], [message_id])


def drained(queue: CommQueue) -> list[tuple[str, Any]]:
    """What the kernel gets, if it handles each at once."""
    kernel = Kernel()
    while sent := queue.send_next(cast("KernelConnection", kernel)):
        assert queue.handled(sent.message_ids[-1]) == sent.message_ids
    return [(message_id, data.get("state")) for message_id, _, data in kernel.sent]


def test_values_of_one_model_are_one_message() -> None:
    queue = CommQueue()
    for message in (update("a", value=1), update("b", "other", x=1), update("c", value=2, low=0)):
        assert queue.add(message)
    assert drained(queue) == [("c", {"value": 2, "low": 0}), ("b", {"x": 1})]


def test_a_click_stays_between_the_values_around_it() -> None:
    queue = CommQueue()
    for message in (update("a", value=1), click("b"), update("c", value=2), click("d")):
        queue.add(message)
    assert drained(queue) == [("a", {"value": 1}), ("b", None), ("c", {"value": 2}), ("d", None)]


def test_the_kernel_gets_one_at_a_time() -> None:
    queue, kernel = CommQueue(), Kernel()
    queue.add(click("a"))
    queue.add(click("b"))
    assert queue.send_next(cast("KernelConnection", kernel))
    assert queue.is_sent
    assert queue.send_next(cast("KernelConnection", kernel)) is None
    assert queue.handled("nobody") == []
    assert queue.handled("a") == ["a"]
    assert queue.send_next(cast("KernelConnection", kernel))
    assert queue.clear() == ["b"]
    assert not queue.is_sent


def test_there_is_a_limit() -> None:
    queue = CommQueue()
    assert all(queue.add(click(str(index))) for index in range(MAX_WAITING))
    assert not queue.add(click("one more"))


def test_what_is_sent_again_stays_apart() -> None:
    queue = CommQueue()
    again = update("a", value=1)
    again.is_again = True
    for message in (update("b", value=2), again, update("c", value=3)):
        queue.add(message)
    assert all(queue.holds(message_id) for message_id in "abc")
    assert not queue.holds("d")
    assert drained(queue) == [("b", {"value": 2}), ("a", {"value": 1}), ("c", {"value": 3})]
    assert not queue.holds("a")
