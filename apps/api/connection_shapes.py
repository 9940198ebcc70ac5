"""The query about what a connection's database has, and the shape of the answer."""

from rest_framework import serializers

from apps.api.fields import StrictSerializer
from apps.data.models import ConnectionKind


class SchemaQuery(StrictSerializer):
    is_fresh = serializers.BooleanField(
        default=False, help_text="As it is now, and not as it was some minutes ago."
    )


class DatabaseName(StrictSerializer):
    name = serializers.CharField(trim_whitespace=False)
    written = serializers.CharField(
        trim_whitespace=False,
        help_text="As it stands in a statement, in quotes if need be.",
    )


class TableColumn(DatabaseName):
    type = serializers.CharField(help_text="In the database's words.")


class DatabaseTable(DatabaseName):
    kind = serializers.ChoiceField(choices=["table", "view"])
    columns = TableColumn(many=True)


class DatabaseSchema(DatabaseName):
    is_default = serializers.BooleanField(help_text="Its tables need no schema before their names.")
    tables = DatabaseTable(many=True)


class ConnectionSchema(StrictSerializer):
    """By name, the default schema first. `is_complete` is false beyond 2,000 tables or 20,000 columns."""

    kind = serializers.ChoiceField(choices=ConnectionKind.choices)
    schemas = DatabaseSchema(many=True)
    is_complete = serializers.BooleanField()
    as_of = serializers.DateTimeField()
