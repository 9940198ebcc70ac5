"""notebooks/{id}/kernel/…

A worker does what is asked soon after the answer, which has the kernel's state of now.
"""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import requests, responses
from apps.api.view import ApiView
from apps.execution.commands import interrupt, restart_kernel, shutdown_kernel
from apps.execution.kernel_report import kernel_packages, kernel_report
from apps.execution.queries import kernel_state
from apps.kernels.specs import offered_kernels

ACCEPTED = {status.HTTP_202_ACCEPTED: responses.KernelState}


class KernelView(ApiView):
    @extend_schema(operation_id="get_kernel", responses=responses.KernelReport)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """Whether the notebook's kernel runs, what it takes of the machine and what it may take."""
        return Response(kernel_report(actor=self.actor, notebook_id=notebook_id))


class KernelPackagesView(ApiView):
    @extend_schema(operation_id="list_kernel_packages", responses=responses.KernelPackages)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """The packages that code in cells can import, by name."""
        return Response(kernel_packages(actor=self.actor, notebook_id=notebook_id))


class KernelSpecListView(ApiView):
    @extend_schema(operation_id="list_kernelspecs", responses=responses.KernelSpecs)
    def get(self, request: Request) -> Response:
        """The kernels that a notebook can have: those that are installed, or those of the gateways."""
        return Response(offered_kernels())


class KernelCommandView(ApiView):
    def accepted(self, notebook_id: UUID) -> Response:
        state = kernel_state(actor=self.actor, notebook_id=notebook_id)
        return Response(state, status=status.HTTP_202_ACCEPTED)


class KernelInterruptView(KernelCommandView):
    @extend_schema(operation_id="interrupt_kernel", request=None, responses=ACCEPTED)
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Stop the cell that runs and cancel the queued ones."""
        interrupt(actor=self.actor, notebook_id=notebook_id, **self.body(requests.Nothing))
        return self.accepted(notebook_id)


class KernelRestartView(KernelCommandView):
    @extend_schema(operation_id="restart_kernel", request=None, responses=ACCEPTED)
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Cancel everything, end the kernel and start a new one."""
        restart_kernel(actor=self.actor, notebook_id=notebook_id, **self.body(requests.Nothing))
        return self.accepted(notebook_id)


class KernelShutdownView(KernelCommandView):
    @extend_schema(operation_id="shutdown_kernel", request=None, responses=ACCEPTED)
    def post(self, request: Request, notebook_id: UUID) -> Response:
        """Cancel everything and end the kernel."""
        shutdown_kernel(actor=self.actor, notebook_id=notebook_id, **self.body(requests.Nothing))
        return self.accepted(notebook_id)
