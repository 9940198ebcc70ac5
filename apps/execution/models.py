"""The queue. `Run` is one request, `CellRun` one execution of one cell, `Lane` who works a notebook's queue."""

from django.conf import settings
from django.db import models
from django.db.models.functions import MD5

from apps.accounts.actors import ActorKind
from apps.base.ids import new_id
from apps.notebooks.models import Cell, Notebook


class Scope(models.TextChoices):
    """Which cells a run asks for; `above` and `below` are relative to a cell, `below` includes it.

    A run may hold more cells than these: dataflow/plan.py says which.
    """

    CELL = "cell", "cell"
    ALL = "all", "all"
    ABOVE = "above", "above"
    BELOW = "below", "below"
    STALE = "stale", "stale"


class RunStatus(models.TextChoices):
    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    OK = "ok", "ok"
    ERROR = "error", "error"
    CANCELLED = "cancelled", "cancelled"


class CellRunStatus(models.TextChoices):
    """A cell run is final once it is neither queued, sent nor running, and then never changes.

    `sent`: in the kernel's hands, which runs it when its turn comes. To people it is still queued.
    """

    QUEUED = "queued", "queued"
    SENT = "sent", "queued"
    RUNNING = "running", "running"
    OK = "ok", "ok"
    ERROR = "error", "error"
    BLOCKED = "blocked", "blocked"
    CANCELLED = "cancelled", "cancelled"


# Of a cell run that has not ended.
UNFINISHED = (CellRunStatus.QUEUED, CellRunStatus.SENT, CellRunStatus.RUNNING)


class Run(models.Model):
    """One request to run cells: who, and which.

    `is_refresh`: its SQL cells ask their databases also where an answer is kept that would do.
    `restores` are the names that get back, when all its cells have run, the values that they had before; `kept` is
    `{name: key of the cell run it was from}`, for these and those that get theirs back earlier.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="runs")
    scope = models.CharField(max_length=10, choices=Scope.choices)
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_label = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    is_refresh = models.BooleanField(default=False, db_default=False)
    restores = models.JSONField(default=list)
    kept = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"run {self.id} ({self.status})"


class CellRun(models.Model):
    """One execution of one cell, with the source as it was when the run was requested.

    The queue of a notebook is its queued cell runs by id: ids are given under the notebook's lock. `key` is the
    `cell_run_id` of docs/protocol.md. `step` is its turn in the plan (planned_step.py).
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="cell_runs")
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="cell_runs")
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="cell_runs")
    source = models.TextField(blank=True)
    step = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=CellRunStatus.choices, default=CellRunStatus.QUEUED)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            # The queue: small, whatever the history.
            models.Index(
                fields=("notebook", "id"),
                condition=models.Q(status__in=UNFINISHED),
                name="cell_run_queue",
            ),
        )

    def __str__(self) -> str:
        return f"cell run {self.id} ({self.status})"


class CodeSession(models.Model):
    """What a program calls `execute/` in: a kernel whose variables stay from call to call.

    Its notebook has no members, so nobody lists or opens it; each call is a cell of it. `is_kept`: its user has named
    it or come back to it; others give way when there is no room. An ended one (`ended_at`) goes with its kernel.
    """

    notebook = models.OneToOneField(
        Notebook, on_delete=models.CASCADE, primary_key=True, related_name="code_session"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="code_sessions")
    name = models.CharField(max_length=100)
    is_kept = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("user", "name"), condition=models.Q(ended_at=None), name="one_session_per_name"
            ),
        )

    def __str__(self) -> str:
        return f"session {self.name}"


class LastTurn(models.Model):
    """How a cell last ended in the kernel that the notebook has now: a `dataflow.kernel_state.LastRun`."""

    cell = models.OneToOneField(Cell, on_delete=models.CASCADE, primary_key=True, related_name="last_turn")
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="+")
    cell_run = models.ForeignKey(CellRun, on_delete=models.CASCADE, related_name="+")
    inputs = models.JSONField(default=dict)
    outcome = models.CharField(max_length=15)

    def __str__(self) -> str:
        return f"last turn of {self.cell_id} ({self.outcome})"


class Binding(models.Model):
    """Which cell run bound a name last in the kernel that the notebook has now."""

    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="+")
    name = models.TextField()
    key = models.UUIDField()

    class Meta:
        # Of a hash, because a name may be longer than what fits into an index.
        constraints = (models.UniqueConstraint("notebook", MD5("name"), name="one_binding_per_name"),)

    def __str__(self) -> str:
        return f"{self.name} of {self.key}"


class InputAnswer(models.Model):
    """What somebody answered to the running cell's `input()`, until the lane has given it to the kernel.

    It may be a password: the row goes with the delivery, or with the end of the cell, and is told nowhere else.
    """

    notebook = models.OneToOneField(
        Notebook, on_delete=models.CASCADE, primary_key=True, related_name="input_answer"
    )
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="+")
    request = models.JSONField()
    value = models.TextField()

    def __str__(self) -> str:
        return f"answer for {self.cell_id}"


class RunAllowance(models.Model):
    """How many runs somebody has asked for since an hour began (run_allowance.py)."""

    user = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="run_allowance"
    )
    began_at = models.DateTimeField()
    runs = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.runs} runs of {self.user_id}"


class LaneCommand(models.TextChoices):
    """What a lane is asked to do besides its queue. The newest wins: a restart ends what an interrupt would.

    `interrupt` is for all that the kernel does, widgets too; `stop_run` for the run that the lane had then.
    """

    NONE = "", "nothing"
    INTERRUPT = "interrupt", "interrupt"
    STOP_RUN = "stop_run", "interrupt the run"
    RESTART = "restart", "restart"
    SHUTDOWN = "shutdown", "shutdown"
    CULL = "cull", "end the idle kernel"


# What ends the kernel, and the cell that runs.
ENDS_KERNEL = (LaneCommand.RESTART, LaneCommand.SHUTDOWN, LaneCommand.CULL)


class Lane(models.Model):
    """The lease on a notebook's queue and kernel. `fence` grows with every owner.

    Every write of a lane is conditional on its fence, so an owner that lost the lease cannot write any more. `heard` is
    the number of the kernel's message up to which all that it said is in rows.
    """

    notebook = models.OneToOneField(Notebook, on_delete=models.CASCADE, primary_key=True, related_name="lane")
    fence = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField()
    command = models.CharField(max_length=10, choices=LaneCommand.choices, blank=True)
    heard = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"lane of {self.notebook_id} ({self.fence})"
