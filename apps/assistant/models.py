"""Conversations with the assistant, and the record of all it did: turns, calls of the model, calls of tools."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.base.ids import new_id
from apps.notebooks.models import Cell, CellKind, Notebook

MAX_TITLE_CHARS = 200


class ConversationMode(models.TextChoices):
    """What the assistant may do: read, make proposals that people accept or reject, or edit and run."""

    ASK = "ask", "ask"
    PROPOSE = "propose", "propose"
    AGENT = "agent", "agent"


class TurnStatus(models.TextChoices):
    """`waiting`: for somebody's decision on a tool call. No worker holds a turn that waits."""

    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    WAITING = "waiting", "waiting"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


# Of a turn that has not ended.
UNFINISHED = (TurnStatus.QUEUED, TurnStatus.RUNNING, TurnStatus.WAITING)
# A turn that can be gone on with, from where it stopped.
RETRYABLE = (TurnStatus.FAILED, TurnStatus.CANCELLED)


class CallStatus(models.TextChoices):
    """Of a call of the model. `torn`: it ended before the model had said all; what it said counts for nothing."""

    RUNNING = "running", "running"
    OK = "ok", "ok"
    TORN = "torn", "torn"
    REFUSED = "refused", "refused"


class ToolCallStatus(models.TextChoices):
    """`pending`: its turn has not come. `started`: something goes on by itself, and the call waits for its end."""

    PENDING = "pending", "pending"
    WAITING = "waiting", "waiting for a decision"
    STARTED = "started", "started"
    DONE = "done", "done"
    CANCELLED = "cancelled", "cancelled"


class Decision(models.TextChoices):
    NONE = "", "none"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    ANSWERED = "answered", "answered"


class Conversation(models.Model):
    """What is said in it is in its turns.

    The model's thinking in calls up to `thinking_from` and the results of tools up to `results_from` (ids of model
    calls) are left out of what is sent: transcript.py says when and why.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=MAX_TITLE_CHARS)
    mode = models.CharField(max_length=10, choices=ConversationMode.choices, default=ConversationMode.AGENT)
    model = models.CharField(max_length=100)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(db_default=Now())
    thinking_from = models.PositiveBigIntegerField(default=0, editable=False)
    results_from = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        indexes = (models.Index(fields=("notebook", "-updated_at"), name="newest_conversations"),)

    def __str__(self) -> str:
        return self.title


class Turn(models.Model):
    """One message of a person, and all that the assistant does because of it.

    `number` counts the turns of the notebook: its queue is in that order. `mode` and `model` are those of the
    conversation when it was asked. `prompt` are the blocks of the Messages API that the message became.
    `blocks` are what the call of the model that runs has said so far and `offset` counts what was told of the turn
    (docs/protocol.md, "Turns"). `error` is `{code, message}`, `notice` what a person should know meanwhile.
    The limits of a turn count from `budget_from` on, its `active_ms` among them.
    A turn that `is_left_out` is shown, and no longer sent to the model.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="assistant_turns")
    number = models.PositiveIntegerField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="assistant_turns"
    )
    asked_by_label = models.CharField(max_length=300)
    message = models.TextField()
    attachments = models.JSONField(default=list)
    mentions = models.JSONField(default=list)
    prompt = models.JSONField(default=list)
    mode = models.CharField(max_length=10, choices=ConversationMode.choices)
    model = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=TurnStatus.choices, default=TurnStatus.QUEUED)
    error = models.JSONField(null=True)
    notice = models.TextField(blank=True)
    blocks = models.JSONField(default=list)
    offset = models.PositiveBigIntegerField(default=0)
    is_cancel_requested = models.BooleanField(default=False)
    is_left_out = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    budget_from = models.DateTimeField(null=True)
    active_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("notebook", "number"), name="one_turn_per_number"),)
        indexes = (
            # The queue: small, whatever the history.
            models.Index(
                fields=("notebook", "number"),
                condition=models.Q(status__in=UNFINISHED),
                name="assistant_turn_queue",
            ),
            models.Index(fields=("conversation", "number"), name="turns_of_a_conversation"),
        )

    def __str__(self) -> str:
        return f"turn {self.number} ({self.status})"


class ModelCall(models.Model):
    """One request to the model and what came back, secrets redacted before they were sent and stored.

    `request` is all of it but the messages: those of the call that it `follows`, then `messages`, which only it has.
    `reply` is the message as it was received, `content` what of it is sent back in later requests, `after` what is then
    said to the model besides the results of tools, and `shown` what people see of it: blocks as in docs/protocol.md, of
    a tool only the id. `cost_usd` is unknown for a model without a price. Without a `turn` it was asked how a text may
    go on (inline_completion.py).
    """

    id = models.BigAutoField(primary_key=True)
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, null=True, related_name="model_calls")
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    model = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=CallStatus.choices, default=CallStatus.RUNNING)
    follows = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    request = models.JSONField()
    messages = models.JSONField()
    reply = models.JSONField(null=True)
    content = models.JSONField(default=list)
    after = models.JSONField(default=list)
    shown = models.JSONField(default=list)
    error = models.JSONField(null=True)
    stop_reason = models.CharField(max_length=50, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cache_read_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    first_event_ms = models.PositiveIntegerField(null=True)
    elapsed_ms = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            # Totals of a person's day, and of a notebook.
            models.Index(fields=("asked_by", "created_at"), name="model_calls_of_a_day"),
            models.Index(fields=("notebook", "created_at"), name="model_calls_of_a_notebook"),
        )

    def __str__(self) -> str:
        return f"call {self.pk} of {self.model} ({self.status})"


class ToolCall(models.Model):
    """One call of a tool. `result` are blocks of the Messages API, `details` is what people see of it.

    `preview` is what it would do, for whoever decides. What `run` has `Started` is in `state`.
    `first_seq` and `last_seq` are the notebook's events that its transaction appended.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="tool_calls")
    model_call = models.ForeignKey(ModelCall, on_delete=models.CASCADE, related_name="tool_calls")
    position = models.PositiveIntegerField()
    tool_use_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    input = models.JSONField()
    status = models.CharField(max_length=10, choices=ToolCallStatus.choices, default=ToolCallStatus.PENDING)
    preview = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    state = models.JSONField(null=True)
    result = models.JSONField(default=list)
    details = models.JSONField(default=dict)
    is_error = models.BooleanField(default=False)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_by_label = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True)
    first_seq = models.PositiveBigIntegerField(null=True)
    last_seq = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("model_call_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("model_call", "position"), name="one_tool_call_per_position"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"


class TurnLease(models.Model):
    """Which worker does a notebook's turns. `fence` grows with every owner; see lease.py."""

    notebook = models.OneToOneField(
        Notebook, on_delete=models.CASCADE, primary_key=True, related_name="turn_lease"
    )
    fence = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"turn lease of {self.notebook_id} ({self.fence})"


class AssistantPolicy(models.Model):
    """What an administrator decides for the assistant in one notebook. Most have no row."""

    notebook = models.OneToOneField(
        Notebook, on_delete=models.CASCADE, primary_key=True, related_name="assistant_policy"
    )
    is_enabled = models.BooleanField("the assistant may be asked", default=True)
    approvals = models.TextField(
        blank=True,
        help_text="What needs a person's approval, as in NOTEBOOK_ASSISTANT_APPROVALS. Empty: what needs it anywhere. "
        "“none”: nothing.",
    )

    class Meta:
        verbose_name_plural = "assistant policies"

    def __str__(self) -> str:
        return f"assistant policy of {self.notebook_id}"


class ProposalKind(models.TextChoices):
    EDIT = "edit", "edit"
    CREATE = "create", "create"
    DELETE = "delete", "delete"
    MOVE = "move", "move"


class ProposalStatus(models.TextChoices):
    """What people made of it. Whether an open one still fits is worked out when somebody looks (proposals.py)."""

    OPEN = "open", "open"
    ACCEPTED = "accepted", "accepted"
    REJECTED = "rejected", "rejected"


class Proposal(models.Model):
    """A change of the document that the assistant suggests: it is made when somebody accepts it, and not before.

    `cell` is the one it is about; of a cell to create the id that it is to have is in `new_cell_id`. `changes` is a
    change set on the text at `version`, `source` the text that it makes or that of the new cell. `position` is where a
    cell is to go: `start`, `end`, or the id of the cell that it is to follow. `done` is what accepting it did, as
    `changes.apply_change` says.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="proposals")
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="proposals")
    tool_call = models.ForeignKey(ToolCall, on_delete=models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=10, choices=ProposalKind.choices)
    status = models.CharField(max_length=10, choices=ProposalStatus.choices, default=ProposalStatus.OPEN)
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, null=True, related_name="proposals")
    new_cell_id = models.UUIDField(null=True)
    cell_kind = models.CharField(max_length=10, choices=CellKind.choices)
    version = models.PositiveIntegerField(null=True)
    changes = models.JSONField(null=True)
    source = models.TextField(blank=True)
    position = models.CharField(max_length=36, blank=True)
    note = models.TextField(blank=True)
    made_by = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True)
    done = models.JSONField(null=True)

    class Meta:
        ordering = ("created_at",)
        indexes = (
            models.Index(
                fields=("notebook", "created_at"),
                condition=models.Q(status=ProposalStatus.OPEN),
                name="open_proposals",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} ({self.status})"


class TurnUndo(models.Model):
    """Somebody has undone what a turn did to the document. `cells` says what became of each, as in docs/protocol.md."""

    turn = models.OneToOneField(Turn, on_delete=models.CASCADE, primary_key=True, related_name="undo")
    cells = models.JSONField()
    undone_by = models.CharField(max_length=300)
    undone_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"undone by {self.undone_by}"
