"""The request bodies and queries, one serializer each."""

from rest_framework import serializers

from apps.accounts.actors import ActorKind
from apps.accounts.models import CodeSize, KeyMap, Role, Theme
from apps.api.fields import AfterField, IdField, NumberField, StrictSerializer, TextField
from apps.data.models import ConnectionKind
from apps.execution.commands.execute_code import DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S
from apps.execution.models import Scope
from apps.notebooks.checks import MAX_CACHE_SECONDS
from apps.notebooks.models import MAX_TAG_CHARS, CellKind, Mode
from apps.notebooks.queries import Sort

MAX_WAIT_S = 60


class Nothing(StrictSerializer):
    """The body of a request that needs none."""


class NotebookListQuery(StrictSerializer):
    search = TextField(
        default="",
        allow_blank=True,
        max_length=200,
        help_text="A part of the title, or words that are in one cell.",
    )
    tag = TextField(default="", allow_blank=True, max_length=MAX_TAG_CHARS)
    sort = serializers.ChoiceField(
        choices=[(each.value, each.value) for each in Sort], default=Sort.EDITED.value
    )


class NotebookTitle(StrictSerializer):
    title = TextField()


class NotebookChange(StrictSerializer):
    """A title, a mode, the name of a kernel, or all tags."""

    title = TextField(required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    kernelspec = TextField(required=False, help_text="One of `kernelspecs/`. The kernel that runs is ended.")
    tags = serializers.ListField(child=TextField(), required=False, max_length=100)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if set(attrs) not in ({"title"}, {"mode"}, {"kernelspec"}, {"tags"}):
            raise serializers.ValidationError("Send title, mode, kernelspec, or tags.")
        return attrs


class NotebookUpload(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True)


class ImportQuery(StrictSerializer):
    filename = TextField(default="", allow_blank=True, help_text="Gives the title, if the body is the file.")


class ExportQuery(StrictSerializer):
    format = TextField(default="ipynb")


class NewCell(StrictSerializer):
    kind = serializers.ChoiceField(choices=CellKind.choices)
    source = TextField(default="", allow_blank=True)  # type: ignore[assignment]  # it hides a field's own
    after = AfterField()
    cell_id = IdField(required=False, help_text="Minted by the caller, so that the request can be repeated.")


_CELL_CHANGES = (
    {"source", "expected_version"},
    {"kind"},
    {"is_disabled"},
    {"result_name"},
    {"cache_seconds"},
)


class CellChange(StrictSerializer):
    """Either a text with the version it was made on, or a kind, or whether the cell may run."""

    source = TextField(required=False, allow_blank=True)  # type: ignore[assignment]  # as above
    expected_version = NumberField(required=False, min_value=0)
    kind = serializers.ChoiceField(choices=CellKind.choices, required=False)
    is_disabled = serializers.BooleanField(required=False)
    result_name = TextField(required=False, help_text="What the dataframe of an SQL or sheet cell is called.")
    cache_seconds = NumberField(
        required=False,
        min_value=0,
        max_value=MAX_CACHE_SECONDS,
        help_text="For how long an SQL cell takes its database's last answer instead of asking again; 0: never.",
    )

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if set(attrs) not in _CELL_CHANGES:
            raise serializers.ValidationError(
                "Send source and expected_version, or kind, is_disabled, result_name or cache_seconds."
            )
        return attrs


class CellDeletionQuery(StrictSerializer):
    expected_version = NumberField(required=False, min_value=0, help_text="Refuse if the cell has another.")


class CellPlace(StrictSerializer):
    after = AfterField()


class CellCut(StrictSerializer):
    version = NumberField(min_value=0)
    position = NumberField(min_value=0, help_text="In UTF-16 units of the text at that version.")


class CellMerge(StrictSerializer):
    version = NumberField(min_value=0)
    next_cell_id = IdField()
    next_version = NumberField(min_value=0)


class HistoryQuery(StrictSerializer):
    before_version = NumberField(required=False, min_value=0, help_text="Only edits before this one.")


class ExpectedVersion(StrictSerializer):
    expected_version = NumberField(min_value=0)


class NewCheckpoint(StrictSerializer):
    name = TextField()


class Author(StrictSerializer):
    kind = serializers.ChoiceField(choices=ActorKind.choices)
    label = TextField()  # type: ignore[assignment]  # it hides a field's own


class EditRange(StrictSerializer):
    """A cell's edits after `from_version`, up to `version`."""

    cell_id = IdField()
    from_version = NumberField(min_value=0)
    version = NumberField(min_value=0)


class Undo(StrictSerializer):
    actor = Author()
    edits = EditRange(many=True)


class InputAnswer(StrictSerializer):
    request_id = IdField(help_text="Of the cell's input_request.")
    value = TextField(allow_blank=True)


class NewRun(StrictSerializer):
    scope = serializers.ChoiceField(choices=Scope.choices)
    cell = IdField(required=False, help_text="For the scopes that need one.")
    is_refresh = serializers.BooleanField(
        default=False, help_text="Ask databases also what they answered a short time ago."
    )
    wait_s = serializers.FloatField(
        default=0,
        min_value=0,
        max_value=MAX_WAIT_S,
        help_text="Answer when the run has ended, or after this.",
    )


class CodeToRun(StrictSerializer):
    code = TextField(allow_blank=True)
    session = TextField(
        required=False,
        allow_null=True,
        help_text="The one of an earlier answer, or a name of your own. Without it: a new one.",
    )
    timeout_s = NumberField(
        default=DEFAULT_TIMEOUT_S,
        min_value=1,
        max_value=MAX_TIMEOUT_S,
        help_text="Then the code is interrupted.",
    )


class RunQuery(StrictSerializer):
    dry_run = serializers.BooleanField(default=False, help_text="Tell what would run, and why; run nothing.")


class NewMember(StrictSerializer):
    username = TextField()
    role = serializers.ChoiceField(choices=Role.choices)


class MemberQuery(StrictSerializer):
    username = TextField()


class ConnectionParts(StrictSerializer):
    """What is absent stays as it is."""

    name = TextField(required=False, help_text="One of a kind among yours.")
    kind = serializers.ChoiceField(choices=ConnectionKind.choices, required=False)
    url = TextField(
        required=False,
        max_length=2000,
        write_only=True,
        help_text="In place of kind, host, port, database, user, options and secret. A dialect of SQLAlchemy that "
        "is no kind of its own makes the kind `sqlalchemy`: then all of it is a secret.",
    )
    host = TextField(required=False)
    port = NumberField(required=False, min_value=0, max_value=65535, help_text="0: the usual one.")
    database = TextField(
        required=False, allow_blank=True, help_text="Of a file: its path in the notebook's folder."
    )
    user = TextField(required=False, allow_blank=True)
    options = serializers.DictField(child=TextField(), required=False, help_text="sslmode")
    secret = TextField(
        required=False, allow_blank=True, write_only=True, help_text="The password. It is never given back."
    )
    is_read_only = serializers.BooleanField(required=False)
    timeout_s = NumberField(required=False, help_text="Of one query.")
    max_queries = NumberField(required=False, help_text="How many run at a time.")


class CellSource(StrictSerializer):
    connection_id = IdField(allow_null=True, help_text="null: dataframes and files.")


class PreferenceChanges(StrictSerializer):
    theme = serializers.ChoiceField(choices=Theme.choices, required=False)
    code_size = serializers.ChoiceField(choices=CodeSize.choices, required=False)
    key_map = serializers.ChoiceField(choices=KeyMap.choices, required=False)
    has_line_numbers = serializers.BooleanField(required=False)
