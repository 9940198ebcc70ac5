"""connections/, those of a notebook, and what an SQL cell asks"""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import connection_shapes, requests, responses
from apps.api.view import ApiView
from apps.data.commands import (
    change_connection,
    check_connection,
    choose_source,
    create_connection,
    delete_connection,
    share_connection,
    unshare_connection,
)
from apps.data.connection_parts import Parts
from apps.data.connections import connection_json, connections_of, get_connection_for, sources_of
from apps.data.schemas import schema_of
from apps.notebooks.queries import cell_json, stored_outputs


class ConnectionListView(ApiView):
    @extend_schema(operation_id="list_connections", responses=responses.ConnectionList)
    def get(self, request: Request) -> Response:
        """Your database connections."""
        return Response({"connections": connections_of(actor=self.actor)})

    @extend_schema(
        operation_id="create_connection",
        request=requests.ConnectionParts,
        responses={status.HTTP_201_CREATED: responses.Connection},
    )
    def post(self, request: Request) -> Response:
        """A new connection of yours. It is read-only unless you say otherwise, and used nowhere yet."""
        parts = Parts(**self.body(requests.ConnectionParts))
        connection = create_connection(actor=self.actor, parts=parts)
        return Response(connection_json(connection), status=status.HTTP_201_CREATED)


class ConnectionView(ApiView):
    @extend_schema(operation_id="get_connection", responses=responses.Connection)
    def get(self, request: Request, connection_id: UUID) -> Response:
        """All but its password."""
        connection = get_connection_for(actor=self.actor, connection_id=connection_id)
        return Response(connection_json(connection))

    @extend_schema(
        operation_id="change_connection", request=requests.ConnectionParts, responses=responses.Connection
    )
    def patch(self, request: Request, connection_id: UUID) -> Response:
        """What is absent stays. With another server or user the password has to be given again."""
        parts = Parts(**self.body(requests.ConnectionParts))
        connection = change_connection(actor=self.actor, connection_id=connection_id, parts=parts)
        return Response(connection_json(connection))

    @extend_schema(operation_id="delete_connection", responses={status.HTTP_204_NO_CONTENT: None})
    def delete(self, request: Request, connection_id: UUID) -> Response:
        """Cells that ask it say so when they run next."""
        delete_connection(actor=self.actor, connection_id=connection_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConnectionTestView(ApiView):
    @extend_schema(
        operation_id="test_connection", request=requests.Nothing, responses=responses.ConnectionWorks
    )
    def post(self, request: Request, connection_id: UUID) -> Response:
        """Go there and ask the simplest thing; the error says what is wrong."""
        self.body(requests.Nothing)
        check_connection(actor=self.actor, connection_id=connection_id)
        return Response({"works": True})


class ConnectionNotebookView(ApiView):
    @extend_schema(operation_id="share_connection", request=requests.Nothing, responses=responses.Connection)
    def put(self, request: Request, connection_id: UUID, notebook_id: UUID) -> Response:
        """Whoever may edit the notebook may ask the database from now on."""
        self.body(requests.Nothing)
        shared = share_connection(actor=self.actor, connection_id=connection_id, notebook_id=notebook_id)
        return Response(connection_json(shared))

    @extend_schema(operation_id="unshare_connection", responses={status.HTTP_204_NO_CONTENT: None})
    def delete(self, request: Request, connection_id: UUID, notebook_id: UUID) -> Response:
        """The notebook's cells may not ask it any more."""
        unshare_connection(actor=self.actor, connection_id=connection_id, notebook_id=notebook_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SourceListView(ApiView):
    @extend_schema(operation_id="list_sources", responses=responses.SourceList)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """What SQL cells of the notebook can ask, and your connections that are not shared with it yet."""
        return Response({"connections": sources_of(actor=self.actor, notebook_id=notebook_id)})


class ConnectionSchemaView(ApiView):
    @extend_schema(
        operation_id="get_connection_schema",
        parameters=[connection_shapes.SchemaQuery],
        responses=connection_shapes.ConnectionSchema,
    )
    def get(self, request: Request, notebook_id: UUID, connection_id: UUID) -> Response:
        """The tables that SQL cells of the notebook can ask over a connection, for editors, as of some minutes ago."""
        wanted = self.query(connection_shapes.SchemaQuery)
        schema = schema_of(actor=self.actor, notebook_id=notebook_id, connection_id=connection_id, **wanted)
        return Response(schema)


class CellSourceView(ApiView):
    @extend_schema(operation_id="choose_source", request=requests.CellSource, responses=responses.Cell)
    def put(self, request: Request, notebook_id: UUID, cell_id: UUID) -> Response:
        """What an SQL cell asks. A connection of yours is shared with the notebook by that."""
        wanted = self.body(requests.CellSource)
        cell = choose_source(actor=self.actor, notebook_id=notebook_id, cell_id=cell_id, **wanted)
        return Response(cell_json(cell, stored_outputs(cell)))
