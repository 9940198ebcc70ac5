"""A program that calls a real web server: bodies and answers travel as they do in life."""

import http.client
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson

from tests.support.cast import Person
from tests.support.processes import WebProcess


class HttpAnswer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.content = response.read()

    @property
    def json(self) -> Any:
        return orjson.loads(self.content)

    def refused(self, status: int, code: str) -> Any:
        assert (self.status, self.json["code"]) == (status, code), self.content
        return self.json


class FilesCaller:
    """Calls `notebooks/{id}/files/…`."""

    def __init__(self, server: WebProcess, notebook_id: UUID, person: Person | None) -> None:
        self._port = server.port
        self._base = f"/api/v1/notebooks/{notebook_id}/files/"
        self._headers = person.bearer if person else {}

    def call(
        self,
        method: str,
        what: str = "",
        *,
        body: bytes | Iterable[bytes] | None = None,
        json: Any = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> HttpAnswer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        sent = self._headers | (headers or {})
        if json is not None:
            body, sent = orjson.dumps(json), sent | {"Content-Type": "application/json"}
        try:
            path = f"{self._base}{what}" + (f"?{urlencode(query)}" if query else "")
            connection.request(method, path, body, sent)
            return HttpAnswer(connection.getresponse())
        finally:
            connection.close()

    def put(self, path: str, content: bytes | Iterable[bytes], **query: Any) -> HttpAnswer:
        return self.call("PUT", "content/", body=content, path=path, **query)

    def get(self, what: str, path: str = "", **headers: str) -> HttpAnswer:
        return self.call("GET", what, headers=headers, path=path)

    def names(self, path: str = "") -> list[str]:
        return [each["name"] for each in self.get("", path).json["files"]]
