"""Jupyter's own tests of a kernel, on ours as its sandbox starts it: whoever speaks Jupyter's protocol can use it."""

from typing import ClassVar
from uuid import uuid4

import jupyter_kernel_test  # type: ignore[import-untyped]
import pytest
from jupyter_client import BlockingKernelClient

from apps.kernels.connection import KernelConnection
from apps.kernels.processes import KernelProcess

READY_S = 30


@pytest.mark.usefixtures("database")
class TestOurKernel(jupyter_kernel_test.KernelTests):  # type: ignore[misc]
    """Without history: the rows of cell runs are the history, and kernels keep none."""

    process: ClassVar[KernelProcess]

    @classmethod
    def setUpClass(cls) -> None:
        cls.process = KernelProcess.launch(uuid4())
        # Jupyter's client takes a kernel that starts slowly for a dead one.
        kernel = KernelConnection(cls.process.connection_info)
        assert kernel.wait_until_ready(READY_S, keep_waiting=lambda: cls.process.exit_code() is None)
        kernel.close()
        cls.kc = BlockingKernelClient()
        cls.kc.load_connection_info(cls.process.connection_info)
        cls.kc.start_channels()
        cls.kc.wait_for_ready(timeout=READY_S)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.kc.stop_channels()
        cls.process.end()

    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples: ClassVar = [{"text": "zi", "matches": {"zip"}}]
    complete_code_samples: ClassVar = ["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n"]
    incomplete_code_samples: ClassVar = ["print('''hello", "def f(x):\n  x*2"]
    invalid_code_samples: ClassVar = ["import = 7q"]
    code_page_something = "zip?"
    code_generate_error = "raise ValueError('a message')"
    code_execute_result: ClassVar = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
    ]
    code_display_data: ClassVar = [
        {
            "code": "from IPython.display import HTML, display; display(HTML('<b>test</b>'))",
            "mime": "text/html",
        },
        {"code": "from IPython.display import Math, display; display(Math('x^2'))", "mime": "text/latex"},
    ]
    code_inspect_sample = "zip"
    code_clear_output = "from IPython.display import clear_output; clear_output()"
