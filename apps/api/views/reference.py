"""schema/, and every address that is none."""

from typing import Any

from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from apps.api.view import ApiView
from apps.base.errors import NotFound


class SchemaView(SpectacularAPIView):
    """OpenAPI, as JSON or (`?format=yaml`) YAML."""

    permission_classes = [IsAuthenticated]
    renderer_classes = [OpenApiJsonRenderer, OpenApiYamlRenderer]


class NowhereView(ApiView):
    """An error of ours instead of Django's page, also for ids that are none."""

    schema = None  # type: ignore[assignment]  # it is not in the schema

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing at this address. Addresses end with a slash; see /api/v1/schema/.")
