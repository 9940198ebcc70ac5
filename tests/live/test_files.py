"""What is in the notebook's folder, over a socket."""

from apps.kernels.processes import workspace_of
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.processes import WebProcess
from tests.support.socket import NotebookSocket


def test_files(server: WebProcess, owner: Person, viewer: Person, notebook: Notebook) -> None:
    folder = workspace_of(notebook.id)
    (folder / "data").mkdir(parents=True)
    (folder / "sales.csv").write_text("a,b\n")
    (folder / "data" / "more.csv").write_text("1")
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        told = socket.result("files")
        assert told["is_complete"]
        assert [(each["name"], each["kind"]) for each in told["files"]] == [
            ("data", "folder"),
            ("sales.csv", "file"),
        ]
        assert socket.result("files", path="data")["files"][0]["name"] == "more.csv"
        assert socket.call("files", path="../..")["error"]["code"] == "invalid"
    with NotebookSocket(server, notebook.id, viewer) as socket:
        socket.open()
        assert len(socket.result("files")["files"]) == 2
