"""Every error is `{code, message, details}`."""

import http.client
import json
import logging
from typing import Any

import pytest
from django.db import OperationalError
from rest_framework.exceptions import Throttled

from apps.api.views import notebooks
from apps.base.errors import Unavailable
from tests.api.caller import Caller
from tests.support.cast import Person
from tests.support.processes import WebProcess


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(notebooks, "notebooks_for", fail)


def test_a_body_that_is_not_json(owner: Person) -> None:
    for body in (b"{", b"\xff", b'{"title": NaN}', b'{"title": "\\ud800"}', b"[" * 100_000):
        Caller(owner).post("notebooks/", body).refused(400, "invalid")


def test_a_body_of_another_type(owner: Person) -> None:
    for content_type in (
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ):
        answer = Caller(owner).post("notebooks/", b"title=x", content_type=content_type)
        answer.refused(415, "unsupported_media_type")


def test_a_body_that_is_too_large(owner: Person, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    Caller(owner).post("notebooks/", {"title": "x" * 100}).refused(413, "too_large")


def test_a_body_without_a_length(server: WebProcess, owner: Person) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    chunks = iter([b'{"title": ', b'"x"}'])
    headers = {**owner.bearer, "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/notebooks/", chunks, headers, encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, json.load(response)["code"]) == (411, "length_required")
    connection.close()


def test_a_method_that_is_not_there(owner: Person) -> None:
    answer = Caller(owner).put("notebooks/", {})
    answer.refused(405, "method_not_allowed")
    assert answer.headers["Allow"].startswith("GET, POST")


def test_an_address_that_is_none(owner: Person) -> None:
    for path in ("", "nothing/", "notebooks", "notebooks/import"):
        Caller(owner).get(path).refused(404, "not_found")
        Caller(owner).post(path, {}).refused(404, "not_found")
        Caller(owner).delete(path).refused(404, "not_found")
    Caller().get("nothing/").refused(401, "unauthenticated")


def test_json_whatever_is_accepted(owner: Person) -> None:
    for accepted in ("text/html", "application/xml", "x"):
        response = Caller(owner).client.get("/api/v1/notebooks/", headers={"Accept": accepted})
        assert response.headers["Content-Type"] == "application/json"


def test_too_many_requests_say_when_to_come_back(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, Throttled(wait=2.1))
    answer = Caller(owner).get("notebooks/")
    assert answer.refused(429, "too_many_requests")["details"] == {"retry_after_s": 3}
    assert answer.headers["Retry-After"] == "3"


@pytest.mark.parametrize("error", [OperationalError("no connection to 10.0.0.1"), Unavailable("No kernel.")])
def test_unavailable(owner: Person, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    failing(monkeypatch, error)
    answer = Caller(owner).get("notebooks/")
    assert "10.0.0.1" not in answer.refused(503, "unavailable")["message"]
    assert answer.headers["Retry-After"]


def test_an_unexpected_error_has_an_id_and_no_cause(
    owner: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing(monkeypatch, RuntimeError("a secret"))
    with caplog.at_level(logging.ERROR, "apps.api.errors"):
        error = Caller(owner).get("notebooks/").refused(500, "internal")
    assert "a secret" not in str(error)
    error_id = error["details"]["error_id"]
    assert error_id in error["message"]
    assert error_id in caplog.text
    assert "a secret" in caplog.text
