"""Output operations become rows by the same rules as in the browser: both read tests/fixtures/outputs/."""

import json
from pathlib import Path
from typing import Any

import pytest

from apps.execution.output_rows import store_outputs
from apps.execution.sinks import OutputSink
from apps.notebooks.models import Notebook
from apps.notebooks.queries import stored_outputs
from tests.support.cast import Person, add_cell

CASES = sorted((Path(__file__).parent.parent / "fixtures" / "outputs").glob("*.json"))


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(request.param.read_text())
    return loaded


@pytest.mark.parametrize("stored_after_each", [False, True])
def test_stored_is_what_the_browser_shows(
    owner: Person, notebook: Notebook, case: dict[str, Any], stored_after_each: bool
) -> None:
    cell = add_cell(owner, notebook, "")
    sink = OutputSink.resumed(cell)
    for operation in case["operations"]:
        sink.take([operation])
        if stored_after_each:
            store_outputs([sink])
    store_outputs([sink])
    assert stored_outputs(cell) == case["outputs"]
    cell.refresh_from_db()
    assert cell.output_offset == sink.offset
