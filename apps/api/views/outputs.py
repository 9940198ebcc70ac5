"""notebooks/{id}/outputs/{sha256}/: the images and other large files that its cells put out.

A file is whatever a program says that it is, so it is served as something that can do nothing here.
"""

import re
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from apps.api.view import ApiView
from apps.notebooks.file_store import get_output_file_for

# What browsers show by itself; all else is a download.
_SHOWN = re.compile(r"(image|audio|video)/[\w.+-]+", re.ASCII)
BINARY = "application/octet-stream"


class OutputFileView(ApiView):
    @extend_schema(
        operation_id="show_output_file",
        responses={(200, BINARY): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, notebook_id: UUID, sha256: str) -> HttpResponse:
        """A file that an output refers to; `sha256` is in the reference."""
        file, content = get_output_file_for(actor=self.actor, notebook_id=notebook_id, sha256=sha256)
        is_shown = _SHOWN.fullmatch(file.media_type) is not None
        headers = {
            "Content-Disposition": "inline" if is_shown else "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            # Its name says what is in it. Only this browser keeps it: others may not see the notebook.
            "Cache-Control": "private, max-age=31536000, immutable",
        }
        return HttpResponse(content, content_type=file.media_type if is_shown else BINARY, headers=headers)
