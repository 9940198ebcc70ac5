"""The yardstick: jupyter_client with an unchanged ipykernel over Unix sockets, and no server."""

import queue
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jupyter_client import BlockingKernelClient, KernelManager

from bench.measure import CellTimes
from bench.sessions import Finished, Run

TIMEOUT_S = 120


class RawKernel:
    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, source: str) -> CellTimes:
        times = CellTimes()
        request_id = self._client.execute(source)
        while True:
            message = self._client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") != request_id:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                times.output(content["text"])
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                self._client.get_shell_msg(timeout=TIMEOUT_S)
                times.finished()
                return times

    def run_all(self, sources: Sequence[str]) -> Finished:
        """All are asked for at once, each by a request of its own."""
        run = Run()
        unfinished = {self._client.execute(source) for source in sources}
        while unfinished:
            message = self._client.get_iopub_msg(timeout=TIMEOUT_S)
            parent, content = message["parent_header"].get("msg_id"), message["content"]
            if message["msg_type"] == "execute_result":
                run.show(parent)
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                unfinished.discard(parent)
        finished = run.finished()
        for _ in sources:
            self._client.get_shell_msg(timeout=TIMEOUT_S)
        return finished


@contextmanager
def raw_kernel(*, is_drained: bool = True) -> Iterator[RawKernel]:
    """`is_drained`: what it says at its start has been read."""
    with tempfile.TemporaryDirectory(prefix="tandem-raw-") as folder:
        manager = KernelManager(transport="ipc", ip=str(Path(folder) / "k"))
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            if is_drained:
                _drain(client)
            yield RawKernel(client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _drain(client: BlockingKernelClient) -> None:
    try:
        while True:
            client.get_iopub_msg(timeout=0.2)
    except queue.Empty:
        pass
