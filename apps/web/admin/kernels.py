"""The page of the machinery: a report of all of it above the list of kernels. Nothing here writes."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.execution.system_report import SystemReport, system_report
from apps.kernels.models import Kernel, KernelStatus
from apps.web.admin.administrators import AdministratorsRead

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    KernelModelAdmin = admin.ModelAdmin[Kernel]
else:
    KernelModelAdmin = admin.ModelAdmin


@admin.register(Kernel)
class KernelAdmin(AdministratorsRead, KernelModelAdmin):
    """Kernels that run or have died; the keys to them are shown to nobody."""

    list_display = ("notebook", "status", "started_at", "message")
    list_display_links = None
    list_filter = ("status",)
    list_select_related = ("notebook",)
    search_fields = ("notebook__title",)
    ordering = ("-started_at",)
    show_full_result_count = False
    change_list_template = "admin/kernels.html"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Kernel]:
        return super().get_queryset(request).exclude(status=KernelStatus.OFF)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context: dict[str, Any] = {"title": "Kernels, lanes and queues"}
        if self.has_view_permission(request):
            report = system_report()
            context |= {"facts": _facts(report), "failures": report.failures}
        return super().changelist_view(request, context | (extra_context or {}))


def _facts(report: SystemReport) -> list[tuple[str, str, bool]]:
    """`[(name, value, whether somebody should do something)]`"""
    kernels = ", ".join(f"{count:,} {status}" for status, count in sorted(report.kernels.items()))
    messages = report.messages
    workers = ", ".join(report.workers)
    return [
        ("Sandbox", _sandbox(report), report.sandbox.kind == "off"),
        (
            "Control groups",
            "Linux limits memory, processes and processor of each kernel"
            if report.has_cgroups
            else "not available here: memory is looked after once in a while, the processor not at all",
            not report.has_cgroups,
        ),
        ("Kernels", kernels or "none", False),
        (
            "Warm kernels",
            f"{report.pooled} on this machine, of {settings.KERNEL_POOL} for each worker",
            False,
        ),
        ("Workers", workers or "none answers: cells wait until one does. Start one.", not workers),
        ("Lanes", f"{report.lanes:,} held by workers", False),
        (
            "Lanes without a worker",
            f"{report.lanes_lost:,}; the next sweep takes them up" if report.lanes_lost else "none",
            report.lanes_lost > 0,
        ),
        ("Cells", f"{report.cells_running:,} run, {report.cells_queued:,} wait", False),
        (
            "Messages to workers",
            ", ".join(f"{count:,} in {queue}" for queue, count in messages.items())
            if messages is not None
            else "Redis does not answer: nothing is lost, but pages are not told of changes. Start it.",
            messages is None,
        ),
    ]


def _sandbox(report: SystemReport) -> str:
    if report.sandbox.kind == "gateway":
        urls = ", ".join(url for url, _ in settings.KERNEL_GATEWAYS)
        return f"kernels run on {urls}"
    if report.sandbox.kind != "off":
        return "bubblewrap"
    if report.sandbox.problem:
        return f"does not work here: {report.sandbox.problem}"
    return "off (NOTEBOOK_SANDBOX): code in cells can do all that this server can"
