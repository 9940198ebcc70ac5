"""The document: notebooks, their cells, every edit of a cell's text, and the outputs under the cells."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from apps.accounts.actors import ActorKind
from apps.base.ids import new_id
from apps.dataflow.sql_program import MAX_NAME_CHARS

MAX_TITLE_CHARS = 200
MAX_TAG_CHARS = 40
# ipywidgets' own have 32.
MAX_COMM_ID_CHARS = 100


class Mode(models.TextChoices):
    """What running a cell also runs: its dependents at once, or only when asked."""

    AUTO = "auto", "auto"
    LAZY = "lazy", "lazy"


class CellKind(models.TextChoices):
    PYTHON = "python", "Python"
    MARKDOWN = "markdown", "Markdown"
    SQL = "sql", "SQL"
    SHEET = "sheet", "Sheet"
    JAVASCRIPT = "javascript", "JavaScript"
    RAW = "raw", "raw"


RUNNABLE_KINDS = (CellKind.PYTHON, CellKind.SQL, CellKind.SHEET, CellKind.JAVASCRIPT)
# Those whose dataframe has a name that people choose.
NAMED_KINDS = (CellKind.SQL, CellKind.SHEET)


class CellStatus(models.TextChoices):
    """What became of the cell's newest run. `blocked`: not run because a cell that it depends on failed."""

    IDLE = "idle", "idle"
    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    OK = "ok", "ok"
    ERROR = "error", "error"
    BLOCKED = "blocked", "blocked"
    CANCELLED = "cancelled", "cancelled"


class Notebook(models.Model):
    """A document. Its row is the lock of everything in it, and `seq` numbers its events.

    `metadata` and `nbformat_minor` are those of the .ipynb file it came from (nbformat 4.5 if from none).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=MAX_TITLE_CHARS)
    seq = models.PositiveBigIntegerField(default=0)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.AUTO)
    metadata = models.JSONField(default=dict)
    nbformat_minor = models.PositiveSmallIntegerField(default=5)
    tags = ArrayField(models.CharField(max_length=MAX_TAG_CHARS), default=list, db_default=[])
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.title


class Cell(models.Model):
    """One cell. `version` counts the change sets applied to `source`: the row version of optimistic locking.

    `order_key` is a fractional index, compared byte by byte. `nbformat_id` and `attachments` are those of the
    .ipynb file. `cell_run_id` names the run the outputs are from, `output_offset` counts its output operations, and
    `output_state` is what else is to remember for those that follow (execution/sinks.py).
    `blocked_by` is the failed cell because of which a blocked one did not run; a disabled cell never runs.
    `result_name` is the name that the dataframe of an SQL or sheet cell is bound to, and `connection_id` the database
    that an SQL cell asks (apps/data; null: dataframes and files). Not a foreign key: a cell whose connection is gone
    says so when it runs.
    For `cache_seconds` the answer of such a database is good enough for the next run too (0: each run asks).
    `run_by` is who ran it last, and `input_request` what the code of the running cell asks people: see
    docs/protocol.md, "Snapshot".
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="cells")
    kind = models.CharField(max_length=10, choices=CellKind.choices)
    source = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    order_key = models.TextField(db_collation="C")
    metadata = models.JSONField(default=dict)
    attachments = models.JSONField(null=True)
    nbformat_id = models.CharField(max_length=64, blank=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.CharField(max_length=300, blank=True, editable=False)
    is_disabled = models.BooleanField(default=False, db_default=False)
    result_name = models.CharField(max_length=MAX_NAME_CHARS, blank=True, default="", db_default="")
    connection_id = models.UUIDField(null=True)
    cache_seconds = models.PositiveIntegerField(default=0, db_default=0)

    status = models.CharField(max_length=10, choices=CellStatus.choices, default=CellStatus.IDLE)
    execution_count = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    elapsed_ms = models.PositiveIntegerField(null=True)
    cell_run_id = models.UUIDField(null=True)
    run_by = models.JSONField(null=True, editable=False)
    output_offset = models.PositiveIntegerField(default=0)
    output_state = models.JSONField(default=dict, editable=False)
    blocked_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    input_request = models.JSONField(null=True, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("notebook", "order_key"),
                condition=models.Q(deleted_at=None),
                name="one_cell_per_order_key",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} cell {self.id}"


class CellWords(models.Model):
    """The words of a cell's text as it was at the version; see search.py."""

    cell = models.OneToOneField(Cell, on_delete=models.CASCADE, primary_key=True, related_name="+")
    version = models.PositiveIntegerField()
    words = SearchVectorField()

    class Meta:
        indexes = (GinIndex(fields=("words",), name="notebooks_cell_words"),)

    def __str__(self) -> str:
        return f"words of version {self.version}"


class CellEdit(models.Model):
    """One accepted change set: the step from `version - 1` to `version`. The log is never rewritten."""

    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="edits")
    version = models.PositiveIntegerField()
    changes = models.JSONField()
    client_id = models.CharField(max_length=64, blank=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_label = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("cell", "version"), name="one_edit_per_version"),)

    def __str__(self) -> str:
        return f"version {self.version}"


class CellKeyframe(models.Model):
    """The text at one version, so that an old one is the fold of few edits (`history.KEYFRAME_EVERY`), not of all.

    The one at version 0 is what the cell was created with; a cell that was never edited has none.
    """

    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="keyframes")
    version = models.PositiveIntegerField()
    source = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("cell", "version"), name="one_keyframe_per_version"),)

    def __str__(self) -> str:
        return f"text at version {self.version}"


class CheckpointReason(models.TextChoices):
    """Why it was taken: somebody asked for it, or the server did before a change that takes something away."""

    MANUAL = "manual", "manual"
    DELETE = "delete", "before deleting"
    MERGE = "merge", "before merging"
    UNDO = "undo", "before undoing"
    RESTORE = "restore", "before restoring"


class Checkpoint(models.Model):
    """The notebook at one moment: `cells` is `[{cell_id, version, kind, order_key}]` in document order.

    It holds no text: that is the fold of each cell's edits.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="checkpoints")
    name = models.CharField(max_length=MAX_TITLE_CHARS)
    reason = models.CharField(max_length=10, choices=CheckpointReason.choices)
    cells = models.JSONField()
    cell_count = models.PositiveIntegerField()
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_label = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=("notebook", "-created_at"), name="newest_checkpoints"),)

    def __str__(self) -> str:
        return self.name


class Output(models.Model):
    """A piece of what a cell put out, in order of `position`.

    `body` is an nbformat output; of a stream only its head, the text is in `text`, and neighbouring rows of one
    stream are one output (a long stream is appended, never rewritten). `display_id` finds what
    `update_display_data` replaces. `files` are the SHA-256 of those that `body` refers to.
    """

    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="outputs")
    position = models.PositiveIntegerField()
    body = models.JSONField()
    text = models.TextField(blank=True)
    display_id = models.TextField(blank=True)
    files = ArrayField(models.CharField(max_length=64), default=list, db_default=[])

    class Meta:
        constraints = (models.UniqueConstraint(fields=("cell", "position"), name="one_output_per_position"),)
        indexes = (
            models.Index(
                fields=("display_id",), condition=~models.Q(display_id=""), name="output_display_id"
            ),
            GinIndex(fields=("files",), condition=~models.Q(files=[]), name="output_files"),
        )

    def __str__(self) -> str:
        return f"{self.body.get('output_type')} {self.position}"


class OutputFile(models.Model):
    """That a notebook has put out a file: who may see the notebook may have it (file_store.py).

    It may be written before the notebook is, and be there after it: the sweep removes what no output refers to.
    `unused_since` is when that was noticed first, `looked_at` when it was looked for last.
    """

    notebook = models.ForeignKey(Notebook, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    unused_since = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("notebook", "sha256"), name="one_row_per_file"),)
        indexes = (
            models.Index(fields=("sha256",), name="output_file_sha256"),
            models.Index(fields=("looked_at",), name="output_file_looked_at"),
        )

    def __str__(self) -> str:
        return self.sha256


class WidgetModel(models.Model):
    """What is known of one ipywidgets model: its state, as the kernel and people have changed it.

    `buffers` are the binary parts, `[{path, encoding, data}]` as in Jupyter's widget state. Models refer to each other
    by `comm_id`. `is_alive`: the kernel that made it is still there, so it can be used and not only be looked at.
    """

    id = models.BigAutoField(primary_key=True)
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="widget_models")
    comm_id = models.CharField(max_length=MAX_COMM_ID_CHARS)
    state = models.JSONField(default=dict)
    buffers = models.JSONField(default=list)
    is_alive = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("notebook", "comm_id"), name="one_widget_per_comm"),)

    def __str__(self) -> str:
        return f"widget {self.comm_id}"
