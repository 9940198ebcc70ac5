"""What people and programs ask of a notebook's kernel. A lane does it; docs/protocol.md has the events."""

from apps.execution.commands.answer_input import answer_input
from apps.execution.commands.choose_kernel import choose_kernel
from apps.execution.commands.control_kernel import interrupt, restart_kernel, shutdown_kernel
from apps.execution.commands.cull_kernels import cull_idle_kernels
from apps.execution.commands.cull_sessions import cull_sessions, remove_ended_sessions
from apps.execution.commands.execute_code import end_session, execute_code
from apps.execution.commands.prepare_kernel import prepare_kernel
from apps.execution.commands.request_run import request_run
from apps.execution.commands.stop_runs import stop_runs

__all__ = [
    "answer_input",
    "choose_kernel",
    "cull_idle_kernels",
    "cull_sessions",
    "end_session",
    "execute_code",
    "interrupt",
    "prepare_kernel",
    "remove_ended_sessions",
    "request_run",
    "restart_kernel",
    "shutdown_kernel",
    "stop_runs",
]
