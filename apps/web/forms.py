"""The forms on the list of notebooks."""

from typing import Any

from django import forms
from django.conf import settings

from apps.base.errors import Invalid, TooLarge


class TitleForm(forms.Form):
    title = forms.CharField(max_length=200)

    def checked_title(self) -> str:
        if not self.is_valid():
            raise Invalid("A title has 1 to 200 characters.")
        title: str = self.cleaned_data["title"]
        return title


class ImportForm(forms.Form):
    file = forms.FileField(allow_empty_file=True)

    def checked_file(self) -> Any:
        if not self.is_valid():
            raise Invalid("Choose a notebook file (.ipynb) to import.")
        file = self.cleaned_data["file"]
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if file.size > limit:
            raise TooLarge(f"{file.name} is larger than {limit // 2**20} MB, the most that can be imported.")
        return file
