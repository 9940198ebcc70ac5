"""notebooks/{id}/outputs/{sha256}/: large files that cells put out."""

import base64

import pytest

from apps.api import responses
from apps.notebooks.commands import import_notebook
from apps.notebooks.models import Notebook, Output, OutputFile
from tests.api.caller import Caller
from tests.notebooks.test_output_files import bundles_of, content_of, file_with, plain
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.socket import NotebookSocket

BIG = """
import base64
content = base64.b64encode(bytes(range(256)) * 400).decode()
display({"image/png": content, "text/plain": "a plot"}, raw=True, display_id="plot")
display({"image/png": content[::-1].lstrip("="), "text/plain": "no base64"}, raw=True)
"""
UPDATE = """
import base64 as encoding
from IPython.display import update_display
update_display({"image/png": encoding.b64encode(b"new" * 40_000).decode()}, raw=True, display_id="plot")
"""


def imported(person: Person, kind: str, content: bytes) -> tuple[Notebook, str]:
    """A notebook that has put the content out, and where that is."""
    notebook = import_notebook(actor=person.actor, content=file_with({kind: plain(content)}))
    sha256 = bundles_of(notebook)[0][kind]["sha256"]
    return notebook, f"notebooks/{notebook.id}/outputs/{sha256}/"


def test_who_sees_the_notebook_gets_the_file(owner: Person, stranger: Person, notebook: Notebook) -> None:
    content = content_of("an image")
    _, path = imported(owner, "image/png", content)
    answer = Caller(owner).get(path)
    assert answer.status == 200
    assert answer.content == content
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    Caller(stranger).get(path).refused(404, "not_found")
    Caller().get(path).refused(401, "unauthenticated")
    sha256 = path.split("/")[-2]
    Caller(owner).get(f"notebooks/{notebook.id}/outputs/{sha256}/").refused(404, "not_found")
    Caller(owner).get(f"notebooks/{notebook.id}/outputs/{'0' * 64}/").refused(404, "not_found")


@pytest.mark.parametrize("kind", ["application/x-own", "image/png\r\nX-Own: 1", "application/pdf"])
def test_what_browsers_do_not_show_by_itself_is_a_download(owner: Person, kind: str) -> None:
    notebook, path = imported(owner, "image/png", content_of(kind))
    OutputFile.objects.filter(notebook=notebook).update(media_type=kind)  # as code in a cell can say it
    answer = Caller(owner).get(path)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert "X-Own" not in answer.headers


def test_a_kernel_puts_out_references(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell, update = add_cell(owner, notebook, BIG), add_cell(owner, notebook, UPDATE)
    content = bytes(range(256)) * 400
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        socket.result("run", scope="cell", cell_id=str(cell.id))
        socket.event("run_finished")
        streamed = [
            each
            for frame in socket.frames
            if frame["type"] == "output" and frame["cell_id"] == str(cell.id)
            for each in frame["outputs"]
        ]
        stored = socket.result("outputs", cell_id=str(cell.id))["outputs"]
    assert streamed == stored
    reference = stored[0]["data"]["image/png"]
    path = f"notebooks/{notebook.id}/outputs/"
    assert Caller(owner).get(f"{path}{reference['sha256']}/").content == content
    assert stored[0]["data"]["text/plain"] == "a plot"
    assert isinstance(stored[1]["data"]["image/png"], str)
    run = {"scope": "cell", "cell": str(update.id), "wait_s": 30}
    Caller(owner).post(f"notebooks/{notebook.id}/runs/", run).shaped(responses.Run, 202)
    row = Output.objects.filter(cell=cell).order_by("position")[0]
    updated = row.body["data"]["image/png"]
    assert row.files == [updated["sha256"]]
    assert Caller(owner).get(f"{path}{updated['sha256']}/").content == b"new" * 40_000


def test_programs_that_execute_code_get_outputs_whole(owner: Person, worker: WorkerProcess) -> None:
    code = BIG.replace('display_id="plot"', "metadata={}")
    done = Caller(owner).post("execute/", {"code": code}).shaped(responses.Execution)
    assert base64.b64decode(done["outputs"][0]["data"]["image/png"]) == bytes(range(256)) * 400
    Caller(owner).delete(f"execute/sessions/{done['session']}/")
