"""notebooks/{id}/cells/{id}/input/; tests/execution/test_answer_input.py has cells that really ask."""

from uuid import uuid4

from apps.execution.models import InputAnswer
from apps.journal.models import AuditEntry
from apps.notebooks.models import Cell
from tests.api.caller import Caller
from tests.support.cast import Person


def test_an_answer_is_taken_once(editor: Person, cell: Cell) -> None:
    request = {"id": str(uuid4()), "prompt": "Name? ", "is_password": False}
    Cell.objects.filter(id=cell.id).update(input_request=request)
    path = f"notebooks/{cell.notebook_id}/cells/{cell.id}/input/"
    body = {"request_id": request["id"], "value": ""}
    assert Caller(editor).post(path, body).status == 204
    Caller(editor).post(path, body).refused(409, "conflict")
    assert InputAnswer.objects.get(notebook_id=cell.notebook_id).request == request
    assert AuditEntry.objects.filter(notebook_id=cell.notebook_id, action="answer_input").count() == 1


def test_refusals(editor: Person, viewer: Person, stranger: Person, cell: Cell) -> None:
    path = f"notebooks/{cell.notebook_id}/cells/{cell.id}/input/"
    body = {"request_id": str(uuid4()), "value": "x"}
    Caller(viewer).post(path, body).refused(403, "forbidden")
    Caller(stranger).post(path, body).refused(404, "not_found")
    Caller(editor).post(path, body).refused(409, "conflict")
    Caller(editor).post(path, {"request_id": "1", "value": "x"}).refused(400, "invalid")
    Caller(editor).post(path, body | {"value": 1}).refused(400, "invalid")
    Caller(editor).post(path, body | {"value": "x" * 10_001}).refused(413, "too_large")
