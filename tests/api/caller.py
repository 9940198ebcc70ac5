"""A program that calls the API with a person's token, or without one."""

from typing import Any

import orjson
from django.test import Client

from apps.api.fields import StrictSerializer
from apps.api.responses import Error
from tests.support.cast import Person

BASE = "/api/v1/"


class Answer:
    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.headers = response.headers
        self.content: bytes = response.content

    @property
    def json(self) -> Any:
        return orjson.loads(self.content)

    def shaped(self, shape: type[StrictSerializer], status: int = 200) -> Any:
        """The JSON, which is what the schema says: no field more or less."""
        assert self.status == status, self.content
        serializer = shape(data=self.json)
        assert serializer.is_valid(), serializer.errors
        return self.json

    def refused(self, status: int, code: str) -> Any:
        """The error's `{code, message, details}`."""
        error = self.shaped(Error, status)
        assert error["code"] == code
        assert error["message"]
        return error


class Caller:
    def __init__(self, person: Person | None = None) -> None:
        self.client = Client(headers=person.bearer if person else {}, raise_request_exception=False)

    def get(self, path: str, **query: Any) -> Answer:
        return Answer(self.client.get(BASE + path, query))

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self._send("post", path, body, **options)

    def put(self, path: str, body: Any = None) -> Answer:
        return self._send("put", path, body)

    def patch(self, path: str, body: Any = None) -> Answer:
        return self._send("patch", path, body)

    def delete(self, path: str, **query: Any) -> Answer:
        return Answer(self.client.delete(BASE + path, query_params=query))

    def _send(
        self, method: str, path: str, body: Any, content_type: str = "application/json", **options: Any
    ) -> Answer:
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        return Answer(getattr(self.client, method)(BASE + path, data, content_type=content_type, **options))
