"""The kernel of each notebook. The row outlives workers: any of them can attach to the process it names."""

from django.db import models

from apps.notebooks.models import Notebook


class KernelStatus(models.TextChoices):
    """`idle` means ready; that it is busy is seen from the cells. `dead`: ended unasked, `message` says how."""

    OFF = "off", "off"
    STARTING = "starting", "starting"
    IDLE = "idle", "idle"
    DEAD = "dead", "dead"


LIVING = (KernelStatus.STARTING, KernelStatus.IDLE)


class Kernel(models.Model):
    """`connection_info` is Jupyter's connection file; `provisioner_info` is what its provisioner re-attaches with.

    Both hold secrets of the kernel and never leave the server.
    """

    notebook = models.OneToOneField(
        Notebook, on_delete=models.CASCADE, primary_key=True, related_name="kernel"
    )
    status = models.CharField(max_length=10, choices=KernelStatus.choices, default=KernelStatus.OFF)
    message = models.TextField(blank=True)
    connection_info = models.JSONField(default=dict)
    provisioner_info = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"kernel of {self.notebook_id}: {self.status}"


class KernelPolicy(models.Model):
    """What an administrator allows the kernels of one notebook, from their next start on. Most have no row."""

    notebook = models.OneToOneField(
        Notebook, on_delete=models.CASCADE, primary_key=True, related_name="kernel_policy"
    )
    has_network = models.BooleanField(
        "network access",
        default=False,
        help_text="Code in its cells can then reach the internet, and what listens on this machine.",
    )
    cell_timeout_s = models.PositiveIntegerField(
        "seconds a cell may run",
        null=True,
        blank=True,
        help_text="Empty: as long as anywhere (NOTEBOOK_CELL_TIMEOUT_S).",
    )

    class Meta:
        verbose_name_plural = "kernel policies"

    def __str__(self) -> str:
        return f"kernel policy of {self.notebook_id}"
