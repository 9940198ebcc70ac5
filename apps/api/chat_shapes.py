"""The bodies and queries of calls to the assistant, and what they answer; docs/protocol.md says what it means."""

from rest_framework import serializers

from apps.api.fields import IdField, NumberField, StrictSerializer, TextField
from apps.assistant.models import ConversationMode, Decision, TurnStatus

# Requests


class NewMessage(StrictSerializer):
    """A message to the assistant."""

    message = TextField(default="", allow_blank=True)
    conversation_id = IdField(required=False, help_text="Absent: a new conversation.")
    mode = serializers.ChoiceField(choices=ConversationMode.choices, required=False)
    model = TextField(required=False)
    mentions = serializers.ListField(required=False)
    attachments = serializers.ListField(required=False)
    instead_of = IdField(required=False, help_text="A turn to leave out, with those after it.")


class ConversationQuery(StrictSerializer):
    search = TextField(default="", allow_blank=True, max_length=200, help_text="A part of what was said.")


class TurnsQuery(StrictSerializer):
    before_number = NumberField(required=False, min_value=0, help_text="Only turns before this one.")


class ConversationChange(StrictSerializer):
    title = TextField(required=False)
    mode = serializers.ChoiceField(choices=ConversationMode.choices, required=False)
    model = TextField(required=False)


class Cancellation(StrictSerializer):
    interrupt = serializers.BooleanField(
        default=False, help_text="Also stop the runs that the turn has asked for."
    )


class ToolDecision(StrictSerializer):
    decision = serializers.ChoiceField(choices=[each for each in Decision.values if each])
    answer = TextField(default="", allow_blank=True)


# Responses


class Today(StrictSerializer):
    tokens = serializers.IntegerField()
    cost_usd = serializers.FloatField()
    max_tokens = serializers.IntegerField(allow_null=True)
    max_cost_usd = serializers.FloatField(allow_null=True)


class AssistantModel(StrictSerializer):
    id = serializers.CharField()
    name = serializers.CharField()


class AssistantState(StrictSerializer):
    is_available = serializers.BooleanField()
    problem = serializers.CharField(allow_blank=True)
    models = AssistantModel(many=True)
    model = serializers.CharField()
    modes = serializers.ListField(child=serializers.CharField())
    today = Today()


class Conversation(StrictSerializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    mode = serializers.ChoiceField(choices=ConversationMode.choices)
    model = serializers.CharField()
    created_by = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    turn_count = serializers.IntegerField()
    status = serializers.ChoiceField(choices=TurnStatus.choices, allow_null=True)


class ConversationList(StrictSerializer):
    conversations = Conversation(many=True)


class TurnUsage(StrictSerializer):
    steps = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cache_read_tokens = serializers.IntegerField()
    cache_write_tokens = serializers.IntegerField()
    cost_usd = serializers.FloatField(allow_null=True)


class Turn(StrictSerializer):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    conversation_id = serializers.UUIDField()
    asked_by = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    mentions = serializers.ListField(child=serializers.DictField())
    attachments = serializers.ListField(child=serializers.DictField())
    mode = serializers.ChoiceField(choices=ConversationMode.choices)
    model = serializers.CharField()
    status = serializers.ChoiceField(choices=TurnStatus.choices)
    error = serializers.DictField(allow_null=True)
    notice = serializers.CharField(allow_blank=True)
    is_left_out = serializers.BooleanField()
    undone_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    offset = serializers.IntegerField()
    blocks = serializers.ListField(child=serializers.DictField())
    usage = TurnUsage()


class QueuedTurn(StrictSerializer):
    conversation = Conversation()
    turn = Turn()


class ConversationTurns(StrictSerializer):
    conversation = Conversation()
    turns = Turn(many=True)


class TurnRecord(StrictSerializer):
    calls = serializers.ListField(child=serializers.DictField())
