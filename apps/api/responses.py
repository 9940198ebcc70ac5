"""The shapes of the answers, for the schema. docs/protocol.md says what the fields of a snapshot mean."""

from rest_framework import serializers

from apps.accounts.actors import ActorKind
from apps.accounts.models import CodeSize, KeyMap, Role, Theme
from apps.api.fields import StrictSerializer
from apps.data.models import ConnectionKind
from apps.execution.models import CellRunStatus, RunStatus, Scope
from apps.kernels.sandbox import SandboxKind
from apps.notebooks.checkpoints import Change
from apps.notebooks.commands.undo_edits import Outcome
from apps.notebooks.models import CellKind, CellStatus, CheckpointReason, Mode


class Error(StrictSerializer):
    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.DictField()


class FoundCell(StrictSerializer):
    cell_id = serializers.UUIDField()
    line = serializers.CharField(allow_blank=True)


class NotebookSummary(StrictSerializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    cell_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True, help_text="When you had its page open last.")
    tags = serializers.ListField(child=serializers.CharField())
    found = FoundCell(
        allow_null=True, help_text="The first cell that a search found, if it was not the title."
    )


class DeletedNotebook(StrictSerializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    cell_count = serializers.IntegerField()
    deleted_at = serializers.DateTimeField()


class DeletedNotebookList(StrictSerializer):
    """The newest first."""

    notebooks = DeletedNotebook(many=True)


class NotebookList(StrictSerializer):
    """In the order asked for; the newest change first if none was."""

    notebooks = NotebookSummary(many=True)
    limit = serializers.IntegerField(help_text="At most so many are listed; use `search` to find others.")


class NotebookHead(StrictSerializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    seq = serializers.IntegerField()
    mode = serializers.ChoiceField(choices=Mode.choices)


class Kernel(StrictSerializer):
    status = serializers.CharField()
    message = serializers.CharField(allow_blank=True)


class KernelState(Kernel):
    started_at = serializers.DateTimeField(allow_null=True)
    sandbox = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in SandboxKind])
    sandbox_problem = serializers.CharField(allow_blank=True)


class KernelUsage(StrictSerializer):
    """`cpu_s`: seconds of computing since the kernel started, on all cores together."""

    memory_bytes = serializers.IntegerField()
    cpu_s = serializers.FloatField()
    processes = serializers.IntegerField()
    disk_bytes = serializers.IntegerField()


class KernelLimits(StrictSerializer):
    memory_bytes = serializers.IntegerField()
    processes = serializers.IntegerField()
    disk_bytes = serializers.IntegerField()
    cell_timeout_s = serializers.IntegerField()
    idle_s = serializers.IntegerField()
    text_chars = serializers.IntegerField()


class KernelSpec(StrictSerializer):
    name = serializers.CharField()
    display_name = serializers.CharField()
    language = serializers.CharField()


class KernelSpecs(StrictSerializer):
    """`default` is what a notebook has that names none."""

    default = serializers.CharField()
    kernelspecs = KernelSpec(many=True)


class KernelEnvironment(StrictSerializer):
    python_version = serializers.CharField()
    package_count = serializers.IntegerField()


class KernelReport(KernelState):
    """`usage` is null while there is no kernel, or none that can be asked."""

    execution_count = serializers.IntegerField()
    usage = KernelUsage(allow_null=True)
    limits = KernelLimits()
    has_network = serializers.BooleanField()
    kernelspec = KernelSpec()
    environment = KernelEnvironment(allow_null=True)


class Package(StrictSerializer):
    name = serializers.CharField()
    version = serializers.CharField()


class KernelPackages(StrictSerializer):
    packages = Package(many=True)


class InputRequest(StrictSerializer):
    """What the code of a running cell asks people."""

    id = serializers.UUIDField()
    prompt = serializers.CharField(allow_blank=True)
    is_password = serializers.BooleanField()


class RunBy(StrictSerializer):
    """Who ran a cell last."""

    kind = serializers.ChoiceField(choices=ActorKind.choices)
    label = serializers.CharField()  # type: ignore[assignment]  # it hides a field's own
    is_reactive = serializers.BooleanField(help_text="It was run along with a cell that they asked for.")


class Cell(StrictSerializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=CellKind.choices)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # it hides a field's own
    version = serializers.IntegerField()
    order_key = serializers.CharField()
    metadata = serializers.DictField()
    is_disabled = serializers.BooleanField()
    result_name = serializers.CharField(allow_blank=True)
    connection_id = serializers.UUIDField(
        allow_null=True, help_text="The database that an SQL cell asks; null: dataframes and files."
    )
    cache_seconds = serializers.IntegerField(
        help_text="For how long it takes that database's last answer instead of asking again; 0: never."
    )
    status = serializers.ChoiceField(choices=CellStatus.choices)
    blocked_by = serializers.UUIDField(
        allow_null=True, help_text="The failed cell because of which it did not run."
    )
    execution_count = serializers.IntegerField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    elapsed_ms = serializers.IntegerField(allow_null=True)
    cell_run_id = serializers.UUIDField(allow_null=True)
    run_by = RunBy(allow_null=True)
    output_offset = serializers.IntegerField()
    input_request = InputRequest(allow_null=True)
    outputs = serializers.ListField(
        child=serializers.DictField(),
        help_text="nbformat 4 outputs. Large binary data is `{sha256, size_bytes, …}`; get it at outputs/{sha256}/.",
    )


class CellInNotebook(Cell):
    """With its place among the others."""

    reads = serializers.DictField(
        child=serializers.UUIDField(), help_text="Names, and the cells they are from."
    )
    writes = serializers.ListField(child=serializers.CharField())
    stale = serializers.BooleanField(help_text="A clean run may show something else.")
    stale_reason = serializers.CharField(allow_null=True)


class Notebook(NotebookHead):
    """The snapshot, and what the caller may do in it."""

    role = serializers.ChoiceField(choices=Role.choices)
    language = serializers.CharField()
    kernel = Kernel()
    cells = CellInNotebook(many=True)


class RunCell(StrictSerializer):
    cell_id = serializers.UUIDField()
    cell_run_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=sorted(set(CellRunStatus.labels)))


class Run(StrictSerializer):
    id = serializers.UUIDField()
    scope = serializers.ChoiceField(choices=Scope.choices)
    status = serializers.ChoiceField(choices=RunStatus.choices)
    cells = RunCell(many=True)


class Reason(StrictSerializer):
    kind = serializers.CharField()
    text = serializers.CharField()
    name = serializers.CharField(required=False)
    cell_id = serializers.UUIDField(required=False, allow_null=True)


class PlannedCell(StrictSerializer):
    cell_id = serializers.UUIDField()
    reasons = Reason(many=True)
    estimated_s = serializers.FloatField(allow_null=True, help_text="As long as the last time.")


class SkippedCell(StrictSerializer):
    cell_id = serializers.UUIDField()
    kind = serializers.CharField()
    because_of = serializers.UUIDField()


class Plan(StrictSerializer):
    """What a run would do, in order."""

    cells = PlannedCell(many=True)
    skipped = SkippedCell(many=True)
    estimated_s = serializers.FloatField(allow_null=True)


class Preferences(StrictSerializer):
    theme = serializers.ChoiceField(choices=Theme.choices)
    code_size = serializers.ChoiceField(choices=CodeSize.choices)
    key_map = serializers.ChoiceField(choices=KeyMap.choices)
    has_line_numbers = serializers.BooleanField()


class Member(StrictSerializer):
    username = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class MemberList(StrictSerializer):
    members = Member(many=True)


class Actor(StrictSerializer):
    kind = serializers.ChoiceField(choices=ActorKind.choices)
    label = serializers.CharField()  # type: ignore[assignment]  # as above


class HistoryEntry(StrictSerializer):
    """A series of edits by one actor without a pause of more than two minutes."""

    from_version = serializers.IntegerField()
    version = serializers.IntegerField()
    actor = Actor()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    count = serializers.IntegerField()


class CellHistory(StrictSerializer):
    version = serializers.IntegerField()
    entries = HistoryEntry(many=True)


class CellVersion(StrictSerializer):
    version = serializers.IntegerField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # as above


class DeletedCell(StrictSerializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=CellKind.choices)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # as above
    deleted_at = serializers.DateTimeField()
    deleted_by = serializers.CharField(allow_blank=True)


class DeletedCellList(StrictSerializer):
    cells = DeletedCell(many=True)


class Checkpoint(StrictSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    reason = serializers.ChoiceField(choices=CheckpointReason.choices)
    actor = Actor()
    created_at = serializers.DateTimeField()
    cell_count = serializers.IntegerField()


class CheckpointList(StrictSerializer):
    checkpoints = Checkpoint(many=True)


class CellText(StrictSerializer):
    kind = serializers.ChoiceField(choices=CellKind.choices)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # as above


class Difference(StrictSerializer):
    cell_id = serializers.UUIDField()
    change = serializers.ChoiceField(choices=[change.value for change in Change])
    before = CellText(allow_null=True)
    after = CellText(allow_null=True)


class CheckpointDiff(StrictSerializer):
    cells = Difference(many=True)


class UndoneCell(StrictSerializer):
    cell_id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    version = serializers.IntegerField()


class UndoneCellList(StrictSerializer):
    cells = UndoneCell(many=True)


class ExecutionError(StrictSerializer):
    ename = serializers.CharField(allow_blank=True)
    evalue = serializers.CharField(allow_blank=True)
    traceback = serializers.ListField(child=serializers.CharField(allow_blank=True))


class Execution(StrictSerializer):
    success = serializers.BooleanField()
    outputs = serializers.ListField(child=serializers.DictField(), help_text="nbformat 4 outputs.")
    error = ExecutionError(allow_null=True)
    session = serializers.CharField(help_text="Send it along to find the variables again.")


class CodeSession(StrictSerializer):
    session = serializers.CharField()
    created_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField()
    is_busy = serializers.BooleanField()


class CodeSessionList(StrictSerializer):
    sessions = CodeSession(many=True)


class ConnectionNotebook(StrictSerializer):
    id = serializers.UUIDField()
    title = serializers.CharField()


class Connection(StrictSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ConnectionKind.choices)
    dialect = serializers.CharField(
        allow_blank=True, help_text="SQLAlchemy's name for it, of the kind `sqlalchemy`."
    )
    host = serializers.CharField(allow_blank=True)
    port = serializers.IntegerField(allow_null=True)
    database = serializers.CharField(allow_blank=True)
    user = serializers.CharField(allow_blank=True)
    options = serializers.DictField(child=serializers.CharField())
    has_secret = serializers.BooleanField()
    is_read_only = serializers.BooleanField()
    timeout_s = serializers.IntegerField()
    max_queries = serializers.IntegerField()
    notebooks = ConnectionNotebook(many=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class ConnectionList(StrictSerializer):
    connections = Connection(many=True)


class ConnectionWorks(StrictSerializer):
    works = serializers.BooleanField(help_text="Always true: what does not work is an error.")


class Source(StrictSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ConnectionKind.choices)
    dialect = serializers.CharField(allow_blank=True, help_text="As of a connection.")
    owner = serializers.CharField()
    is_shared = serializers.BooleanField(help_text="With this notebook. Otherwise it is yours.")


class SourceList(StrictSerializer):
    connections = Source(many=True)
