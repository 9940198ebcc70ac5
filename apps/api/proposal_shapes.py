"""What REST says of proposals, and of what turns changed. The reference of each field is docs/protocol.md."""

from rest_framework import serializers

from apps.api.fields import IdField, StrictSerializer
from apps.api.responses import Run
from apps.assistant.models import ProposalKind
from apps.notebooks.models import CellKind

PROPOSAL_STATUSES = ("open", "stale", "accepted", "rejected")
CHANGES = ("created", "edited", "moved", "deleted")
OUTCOMES = ("undone", "nothing", "kept", "moved", "overwritten", "deleted")


class ProposalQuery(StrictSerializer):
    turn_id = IdField(required=False, help_text="All of that turn, decided ones too.")


class Proposal(StrictSerializer):
    id = serializers.UUIDField()
    turn_id = serializers.UUIDField()
    tool_call_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ProposalKind.choices)
    status = serializers.ChoiceField(choices=PROPOSAL_STATUSES)
    problem = serializers.CharField(allow_blank=True)
    cell_id = serializers.UUIDField()
    cell_kind = serializers.ChoiceField(choices=CellKind.choices)
    version = serializers.IntegerField(allow_null=True)
    changes = serializers.ListField(allow_null=True)
    before = serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)
    after = serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)
    position = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    made_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_by = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)


class ProposalList(StrictSerializer):
    proposals = Proposal(many=True)


class ChangedCell(StrictSerializer):
    cell_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=CellKind.choices)
    changes = serializers.ListField(child=serializers.ChoiceField(choices=CHANGES))
    from_version = serializers.IntegerField()
    version = serializers.IntegerField()
    before = serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)
    after = serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)
    is_deleted = serializers.BooleanField()


class UndoneChange(StrictSerializer):
    cell_id = serializers.UUIDField()
    change = serializers.ChoiceField(choices=CHANGES)
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    from_version = serializers.IntegerField()
    before = serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)
    now = serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)


class TurnUndo(StrictSerializer):
    undone_by = serializers.CharField()
    undone_at = serializers.DateTimeField()
    cells = UndoneChange(many=True)


class TurnChanges(StrictSerializer):
    turn_id = serializers.UUIDField()
    cells = ChangedCell(many=True)
    runs = Run(many=True)
    undo = TurnUndo(allow_null=True)
