"""The program of a kernel process, run by path. Short: Python keeps no bytecode of what is run so."""

import gc
import sys
from types import ModuleType

# What is made before the first cell stays, and the collector would look at all of it several times.
gc.disable()

# Nobody can attach a debugger here, and ipykernel's takes 0.17 s and 12 MB.
debugger = ModuleType("ipykernel.debugger")
vars(debugger).update(_is_debugpy_available=False, Debugger=object)
sys.modules[debugger.__name__] = debugger

import kernel_main  # noqa: E402  (it is what begins all that)

arguments = sys.argv[1:]
if arguments[0] == "--template":
    import kernel_template

    arguments = kernel_template.forked_kernel(int(arguments[1]))

# sys.path begins with the folder of this file; a notebook expects its own.
sys.path[0] = ""
kernel_main.launch(arguments)
