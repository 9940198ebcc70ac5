"""preferences/"""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.preferences import preferences_of, set_preferences
from apps.api import requests, responses
from apps.api.view import ApiView


class PreferencesView(ApiView):
    @extend_schema(operation_id="preferences", responses=responses.Preferences)
    def get(self, request: Request) -> Response:
        """How the pages look and feel to you."""
        return Response(preferences_of(self.actor))

    @extend_schema(
        operation_id="set_preferences",
        request=requests.PreferenceChanges,
        responses=responses.Preferences,
    )
    def patch(self, request: Request) -> Response:
        """Change some of it. Open pages follow."""
        changes = self.body(requests.PreferenceChanges)
        return Response(set_preferences(actor=self.actor, **changes))
