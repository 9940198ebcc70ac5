"""Queries and answers about tables. docs/protocol.md, "Tables", says what the fields mean."""

from rest_framework import serializers

from apps.api.fields import NumberField, StrictSerializer, TextField
from apps.execution.tables import FILE_FORMATS, MAX_COLUMNS, MAX_PAGE_ROWS


class TableViewQuery(StrictSerializer):
    view = TextField(
        default="",
        allow_blank=True,
        help_text='How to sort, filter and search, in JSON: `{"sort": [{"column": 0, "is_descending": true}], '
        '"filters": [{"column": 1, "operation": "contains", "value": "a"}], "search": ""}`.',
    )


class RowsQuery(TableViewQuery):
    offset = NumberField(default=0, min_value=0)
    limit = NumberField(default=50, min_value=1, max_value=MAX_PAGE_ROWS)


class TableCellQuery(StrictSerializer):
    row = NumberField(min_value=0, help_text="Its number in the whole table.")
    column = NumberField(min_value=0)


class SummaryQuery(StrictSerializer):
    first_column = NumberField(default=0, min_value=0)
    end_column = NumberField(default=50, min_value=0, max_value=MAX_COLUMNS)


class TableDownloadQuery(TableViewQuery):
    format = serializers.ChoiceField(choices=FILE_FORMATS, default="csv")


class TableRows(StrictSerializer):
    """Perhaps fewer rows than asked for: wide ones take more room."""

    row_count = serializers.IntegerField(help_text="Of all that the view has.")
    numbers = serializers.ListField(
        child=serializers.IntegerField(), help_text="Of the rows, in the whole table."
    )
    rows = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_null=True, allow_blank=True))
    )


class TableCell(StrictSerializer):
    text = serializers.CharField(allow_null=True, allow_blank=True)


class TableSummary(StrictSerializer):
    summaries = serializers.ListField(child=serializers.DictField(allow_null=True))
