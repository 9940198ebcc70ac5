"""notebooks/{id}/members/"""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import requests, responses
from apps.api.view import ApiView
from apps.notebooks.commands import remove_member, set_member
from apps.notebooks.queries import members_of


class MemberListView(ApiView):
    @extend_schema(operation_id="list_members", responses=responses.MemberList)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """Who may do what in the notebook."""
        return Response({"members": members_of(actor=self.actor, notebook_id=notebook_id)})

    @extend_schema(operation_id="set_member", request=requests.NewMember, responses=responses.Member)
    def put(self, request: Request, notebook_id: UUID) -> Response:
        """Give somebody a role, instead of the one they had. Owners only."""
        wanted = self.body(requests.NewMember)
        membership = set_member(actor=self.actor, notebook_id=notebook_id, **wanted)
        return Response({"username": wanted["username"], "role": membership.role})

    @extend_schema(
        operation_id="remove_member",
        parameters=[requests.MemberQuery],
        responses={status.HTTP_204_NO_CONTENT: None},
    )
    def delete(self, request: Request, notebook_id: UUID) -> Response:
        """Withdraw somebody's role. Owners only."""
        remove_member(actor=self.actor, notebook_id=notebook_id, **self.query(requests.MemberQuery))
        return Response(status=status.HTTP_204_NO_CONTENT)
