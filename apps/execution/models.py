"""The queue. `Run` is one request, `CellRun` one execution of one cell, `Lane` who works a notebook's queue."""

from django.db import models

from apps.accounts.actors import ActorKind
from apps.base.ids import new_id
from apps.notebooks.models import Cell, Notebook


class Scope(models.TextChoices):
    """Which cells a run asks for; `above` and `below` are relative to a cell, `below` includes it."""

    CELL = "cell", "cell"
    ALL = "all", "all"
    ABOVE = "above", "above"
    BELOW = "below", "below"


class RunStatus(models.TextChoices):
    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    OK = "ok", "ok"
    ERROR = "error", "error"
    CANCELLED = "cancelled", "cancelled"


class CellRunStatus(models.TextChoices):
    """A cell run is final once it is neither queued nor running, and then never changes."""

    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    OK = "ok", "ok"
    ERROR = "error", "error"
    BLOCKED = "blocked", "blocked"
    CANCELLED = "cancelled", "cancelled"


class Run(models.Model):
    """One request to run cells: who, and which."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="runs")
    scope = models.CharField(max_length=10, choices=Scope.choices)
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_label = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"run {self.id} ({self.status})"


class CellRun(models.Model):
    """One execution of one cell, with the source as it was when the run was requested.

    The queue of a notebook is its queued cell runs by id: ids are given under the notebook's lock. `key` is the
    `cell_run_id` of docs/protocol.md.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="cell_runs")
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="cell_runs")
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="cell_runs")
    source = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=CellRunStatus.choices, default=CellRunStatus.QUEUED)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    cell_is_deleted = False  # set by the claim

    class Meta:
        ordering = ("id",)
        indexes = (
            # The queue: small, whatever the history.
            models.Index(
                fields=("notebook", "id"),
                condition=models.Q(status__in=("queued", "running")),
                name="cell_run_queue",
            ),
        )

    def __str__(self) -> str:
        return f"cell run {self.id} ({self.status})"


class LaneCommand(models.TextChoices):
    """What a lane is asked to do besides its queue. The newest wins: a restart ends what an interrupt would."""

    NONE = "", "nothing"
    INTERRUPT = "interrupt", "interrupt"
    RESTART = "restart", "restart"
    SHUTDOWN = "shutdown", "shutdown"


class Lane(models.Model):
    """The lease on a notebook's queue and kernel. `fence` grows with every owner.

    Every write of a lane is conditional on its fence, so an owner that lost the lease cannot write any more.
    """

    notebook = models.OneToOneField(Notebook, on_delete=models.CASCADE, primary_key=True, related_name="lane")
    fence = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField()
    command = models.CharField(max_length=10, choices=LaneCommand.choices, blank=True)

    def __str__(self) -> str:
        return f"lane of {self.notebook_id} ({self.fence})"
