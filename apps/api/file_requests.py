"""The bodies and queries about files, and the shapes of the answers."""

from rest_framework import serializers

from apps.api.fields import StrictSerializer, TextField

PATH_HELP = "In the notebook's folder, such as data/sales.csv."


class FolderQuery(StrictSerializer):
    path = TextField(
        default="", allow_blank=True, help_text="A folder. Absent: the notebook's folder itself."
    )


class FileQuery(StrictSerializer):
    path = TextField(help_text=PATH_HELP)


class UploadQuery(FileQuery):
    overwrite = serializers.BooleanField(default=False, help_text="Whether a file of that name is replaced.")


class FormQuery(FolderQuery):
    overwrite = serializers.BooleanField(
        default=False, help_text="Whether files of the same names are replaced."
    )


class FilePath(StrictSerializer):
    path = TextField(help_text=PATH_HELP)


class FileMove(FilePath):
    new_path = TextField(help_text="Where it is then. Nothing is ever replaced.")


class FileEntry(StrictSerializer):
    """`kind` is `file`, `folder`, `link` (never followed) or `other`."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["file", "folder", "link", "other"])
    size_bytes = serializers.IntegerField()
    modified_at = serializers.DateTimeField()


class FileList(StrictSerializer):
    """By name. `is_complete` is false if there are more than 1,000."""

    files = FileEntry(many=True)
    is_complete = serializers.BooleanField()


class StoredFiles(StrictSerializer):
    files = FileEntry(many=True)


class FilePreview(StrictSerializer):
    """Of a `text` its beginning, of a `table` its columns and first rows as texts. `row_count` is null if unknown."""

    kind = serializers.ChoiceField(choices=["text", "table", "image", "binary"])
    size_bytes = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    columns = serializers.ListField(child=serializers.CharField(allow_blank=True, trim_whitespace=False))
    rows = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_blank=True, trim_whitespace=False))
    )
    row_count = serializers.IntegerField(allow_null=True)
    is_whole = serializers.BooleanField()
