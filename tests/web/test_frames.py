"""The page inside the sandboxed frame of outputs."""

import pytest
from django.test import Client


@pytest.mark.parametrize("address", ["/frames/output/", "/frames/widget/"])
def test_frame_can_run_scripts_and_reach_nothing(database: object, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer.headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";")
    )
    assert policy["sandbox"] == "allow-scripts"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == "'none'"
    assert policy["img-src"] == "data: blob:"
    assert "'unsafe-inline'" in policy["script-src"]
