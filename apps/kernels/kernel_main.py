"""The program of a kernel process: ipykernel with Tandem's settings.

Run by path, in the notebook's workspace and with nothing of the server's environment; it imports nothing of the
server.
"""

import sys
from typing import Any

import zmq
from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp

# ipykernel gathers printed text for 200 ms; a person should see it at once.
OutStream.flush_interval = 0.01


class KernelApp(IPKernelApp):
    def init_iopub(self, context: "zmq.Context[Any]") -> None:
        # Publishing never drops a message because the server reads slowly: an end that is not heard of would
        # leave the cell running for ever. What waits counts against the kernel's own memory.
        context.setsockopt(zmq.SNDHWM, 0)
        super().init_iopub(context)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    # sys.path begins with the folder of this file; a notebook expects its own.
    sys.path[0] = ""
    KernelApp.launch_instance(["--HistoryManager.hist_file=:memory:", *sys.argv[1:]])
