"""The program of a kernel process: ipykernel with Tandem's settings.

Run by path, in the notebook's workspace and with nothing of the server's environment; it imports nothing of the
server.
"""

import sys

from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp

# ipykernel gathers printed text for 200 ms; a person should see it at once.
OutStream.flush_interval = 0.01

if __name__ == "__main__":
    # sys.path begins with the folder of this file; a notebook expects its own.
    sys.path[0] = ""
    IPKernelApp.launch_instance(["--HistoryManager.hist_file=:memory:", *sys.argv[1:]])
