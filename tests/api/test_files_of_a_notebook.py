"""notebooks/{id}/files/…: what each call does. Paths that lead elsewhere are in test_files_paths.py."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from PIL import Image

from apps.api import file_requests as shapes
from apps.journal.models import AuditEntry
from apps.kernels.processes import workspace_of
from apps.kernels.workspace_files import ARRIVING
from apps.notebooks.models import Notebook
from tests.api.caller import Caller
from tests.support.cast import Person
from tests.support.http_caller import FilesCaller
from tests.support.processes import WebProcess
from tests.support.socket import NotebookSocket

FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture
def folder(notebook: Notebook) -> Path:
    return workspace_of(notebook.id)


@pytest.fixture
def files(server: WebProcess, notebook: Notebook, owner: Person) -> FilesCaller:
    return FilesCaller(server, notebook.id, owner)


def form(**files: bytes) -> bytes:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in files.items()
    ]
    return b"".join(parts) + b"--x--\r\n"


def test_a_file_goes_in_and_out(files: FilesCaller, folder: Path) -> None:
    answer = files.put("sales.csv", b"a,b\n1,2\n")
    assert answer.status == 201
    assert (answer.json["name"], answer.json["size_bytes"]) == ("sales.csv", 8)
    assert (folder / "sales.csv").read_bytes() == b"a,b\n1,2\n"
    assert files.names() == ["sales.csv"]
    got = files.get("content/", "sales.csv")
    assert got.content == b"a,b\n1,2\n"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("sandbox")
    assert got.headers["Content-Disposition"] == 'attachment; filename="sales.csv"'
    assert got.headers["Content-Type"] == "application/octet-stream"


def test_the_list_is_as_described(owner: Person, notebook: Notebook, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "a.txt").write_text("text")
    os.symlink("/etc/passwd", folder / "link")
    os.mkfifo(folder / "pipe")
    found = Caller(owner).get(f"notebooks/{notebook.id}/files/").shaped(shapes.FileList)["files"]
    assert [(each["name"], each["kind"]) for each in found] == [
        ("a.txt", "file"),
        ("data", "folder"),
        ("link", "link"),
        ("pipe", "other"),
    ]


def test_an_empty_file_and_one_in_chunks(files: FilesCaller, folder: Path) -> None:
    assert files.put("empty", b"").status == 201
    assert (folder / "empty").read_bytes() == b""
    assert files.get("content/", "empty").content == b""
    assert files.put("chunks", iter([b"one ", b"two ", b"three"])).status == 201
    assert (folder / "chunks").read_bytes() == b"one two three"


def test_a_form_with_several_files(files: FilesCaller, folder: Path) -> None:
    (folder / "in").mkdir()
    body = form(**{"a.csv": b"1" * 200_000, "../../b.csv": b"2"})
    answer = files.call("POST", "content/", body=body, headers=FORM, path="in")
    assert answer.status == 201, answer.content
    assert [each["name"] for each in answer.json["files"]] == ["a.csv", "b.csv"]
    assert (folder / "in" / "a.csv").read_bytes() == b"1" * 200_000
    assert (folder / "in" / "b.csv").read_bytes() == b"2"
    files.call("POST", "content/", body=b"--x--\r\n", headers=FORM).refused(400, "invalid")
    cut = form(c=b"3" * 100)[:150]
    files.call("POST", "content/", body=cut, headers=FORM).refused(400, "invalid")
    assert files.names() == ["in"]


def test_nothing_is_replaced_unless_asked_for(files: FilesCaller, folder: Path) -> None:
    (folder / "a").write_text("old")
    (folder / "b").mkdir()
    assert "already" in files.put("a", b"new").refused(409, "conflict")["message"]
    assert (folder / "a").read_text() == "old"
    assert files.put("a", b"new", overwrite="true").status == 201
    assert (folder / "a").read_text() == "new"
    files.put("b", b"new", overwrite="true").refused(409, "conflict")
    assert files.names() == ["a", "b"]


def test_folders_and_moves(files: FilesCaller, folder: Path) -> None:
    assert files.call("POST", "folders/", json={"path": "data"}).json["kind"] == "folder"
    files.call("POST", "folders/", json={"path": "data"}).refused(409, "conflict")
    files.call("POST", "folders/", json={"path": "no/such"}).refused(404, "not_found")
    files.put("a.csv", b"1")
    moved = files.call("POST", "move/", json={"path": "a.csv", "new_path": "data/b.csv"})
    assert moved.json["name"] == "b.csv"
    assert (folder / "data" / "b.csv").read_bytes() == b"1"
    files.put("a.csv", b"2")
    files.call("POST", "move/", json={"path": "a.csv", "new_path": "data/b.csv"}).refused(409, "conflict")
    files.call("POST", "move/", json={"path": "data", "new_path": "data/in"}).refused(400, "invalid")
    files.call("POST", "move/", json={"path": "none", "new_path": "x"}).refused(404, "not_found")
    assert (folder / "data" / "b.csv").read_bytes() == b"1"


def test_delete(files: FilesCaller, folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    (folder / "data" / "deep" / "deeper").mkdir(parents=True)
    (folder / "data" / "deep" / "file").touch()
    os.symlink(tmp_path, folder / "data" / "link")
    os.symlink(tmp_path, folder / "link")
    for path in ("data", "link"):
        assert files.call("DELETE", path=path).status == 204
    assert files.names() == []
    assert kept.read_text() == "kept"
    files.call("DELETE", path="data").refused(404, "not_found")
    files.call("DELETE", path="").refused(400, "invalid")
    files.call("DELETE", path="/").refused(400, "invalid")


@pytest.mark.parametrize(
    ("wanted", "status", "content", "described"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("bytes=4-2", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
    ],
)
def test_parts_of_a_file(
    files: FilesCaller, folder: Path, wanted: str, status: int, content: bytes | None, described: str | None
) -> None:
    (folder / "digits").write_bytes(b"0123456789")
    got = files.get("content/", "digits", Range=wanted)
    assert got.status == status
    assert got.headers["Content-Range"] == described
    assert content is None or got.content == content


def test_previews(files: FilesCaller, folder: Path) -> None:
    def preview(path: str) -> Any:
        told = files.get("preview/", path).json
        assert shapes.FilePreview(data=told).is_valid()
        return told

    (folder / "a.csv").write_text("name;n\nAda;1\n\u00c5sa;2\n")
    table = preview("a.csv")
    assert (table["columns"], table["rows"]) == (["name", "n"], [["Ada", "1"], ["\u00c5sa", "2"]])
    assert (table["row_count"], table["is_whole"]) == (2, True)
    table_of_numbers = "SELECT i AS n, 'x' AS x FROM range(1000) t(i)"
    duckdb.execute(f"COPY ({table_of_numbers}) TO '{folder}/b.parquet'")
    table = preview("b.parquet")
    assert (table["columns"], table["row_count"]) == (["n: BIGINT", "x: VARCHAR"], 1000)
    assert (len(table["rows"]), table["is_whole"]) == (50, False)
    (folder / "notes.txt").write_text("<script>alert(1)</script>" + "x" * 100_000)
    text = preview("notes.txt")
    assert text["text"].startswith("<script>")
    assert (len(text["text"]), text["is_whole"]) == (50_000, False)
    (folder / "bytes").write_bytes(bytes(10))
    assert preview("bytes")["kind"] == "binary"
    (folder / "page.png").write_text("<html>")
    assert preview("page.png")["kind"] == "text"


def test_images_are_images(files: FilesCaller, folder: Path) -> None:
    Image.new("RGB", (2, 2)).save(folder / "a.png")
    (folder / "page.png").write_text("<svg onload=alert(1)>")
    shown = files.get("image/", "a.png")
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["Content-Security-Policy"].startswith("sandbox")
    assert shown.content == (folder / "a.png").read_bytes()
    files.get("image/", "page.png").refused(400, "invalid")
    files.get("image/", "b.png").refused(404, "not_found")
    for path in ("page.png", "b.png"):
        nothing = files.get("image/", path, **{"Sec-Fetch-Dest": "image"})
        assert (nothing.status, nothing.content) == (204, b"")


def test_zip(files: FilesCaller, folder: Path, notebook: Notebook) -> None:
    (folder / "data" / "empty").mkdir(parents=True)
    (folder / "data" / "a.bin").write_bytes(os.urandom(1_000_000))
    os.symlink("/etc", folder / "data" / "etc")
    os.symlink("/etc/passwd", folder / "data" / "passwd")
    os.mkfifo(folder / "data" / "pipe")
    got = files.get("zip/", "data")
    assert got.headers["Content-Disposition"] == 'attachment; filename="data.zip"'
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert archive.namelist() == ["a.bin", "empty/"]
        assert archive.read("a.bin") == (folder / "data" / "a.bin").read_bytes()
    assert files.get("zip/").headers["Content-Disposition"] == f'attachment; filename="{notebook.title}.zip"'
    files.get("zip/", "none").refused(404, "not_found")


HOSTILE = [
    "..\\..\\evil.exe",
    "C:evil",
    "\\\\host\\share",
    "a\nb",
    "\x1b[31m",
    "con",
    "dots...",
    'q"uo<te>',
    "ü",
    "A",
    "a",
]


def test_zip_of_hostile_names(files: FilesCaller, folder: Path) -> None:
    for name in HOSTILE:
        (folder / name).write_text(name)
    with open(os.path.join(os.fsencode(folder), b"\xff\xfe"), "wb"):
        pass
    with zipfile.ZipFile(io.BytesIO(files.get("zip/").content)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert len({name.lower() for name in names}) == len(names) == len(HOSTILE) + 1
    for name in names:
        assert not set(name) & set('\\/:*?"<>|\n\x1b')


def test_hostile_names_are_shown_and_served(files: FilesCaller, folder: Path) -> None:
    name = '<img src=x onerror=alert(1)>"\r\nSet-Cookie: a=b.csv'
    (folder / name).write_text("x")
    assert files.names() == [name]
    got = files.get("content/", name)
    assert got.content == b"x"
    assert got.headers["Set-Cookie"] is None
    assert files.call("DELETE", path=name).status == 204


def test_who_may_what(
    server: WebProcess, notebook: Notebook, folder: Path, editor: Person, viewer: Person, stranger: Person
) -> None:
    (folder / "a").write_text("a")
    reads = [("GET", "", ""), ("GET", "content/", "a"), ("GET", "preview/", "a"), ("GET", "zip/", "")]
    for method, what, path in reads:
        query: dict[str, Any] = {"path": path} if path else {}
        assert FilesCaller(server, notebook.id, viewer).call(method, what, **query).status == 200
        FilesCaller(server, notebook.id, stranger).call(method, what, **query).refused(404, "not_found")
        FilesCaller(server, notebook.id, None).call(method, what, **query).refused(401, "unauthenticated")
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "content/", {"body": b"x", "path": "b"}),
        ("POST", "content/", {"body": form(c=b"x"), "headers": FORM}),
        ("POST", "folders/", {"json": {"path": "d"}}),
        ("POST", "move/", {"json": {"path": "a", "new_path": "e"}}),
        ("DELETE", "", {"path": "a"}),
    ]
    for method, what, arguments in changes:
        FilesCaller(server, notebook.id, viewer).call(method, what, **arguments).refused(403, "forbidden")
        FilesCaller(server, notebook.id, stranger).call(method, what, **arguments).refused(404, "not_found")
        FilesCaller(server, notebook.id, None).call(method, what, **arguments).refused(401, "unauthenticated")
    assert sorted(os.listdir(folder)) == ["a"]
    assert FilesCaller(server, notebook.id, editor).put("b", b"x").status == 201


def test_a_page_needs_its_token(server: WebProcess, notebook: Notebook, owner: Person, folder: Path) -> None:
    from django.test import Client  # noqa: PLC0415

    client = Client()
    client.force_login(owner.user)
    cookie = {"Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={'t' * 32}"}
    files = FilesCaller(server, notebook.id, None)
    form_headers = cookie | FORM | {"Origin": server.url}
    for headers, expected in ((form_headers, 403), (form_headers | {"X-CSRFToken": "t" * 32}, 201)):
        assert files.call("POST", "content/", body=form(a=b"x"), headers=headers).status == expected
    for headers, expected in ((cookie, 403), (cookie | {"X-CSRFToken": "t" * 32}, 201)):
        assert files.call("PUT", "content/", body=b"x", headers=headers, path="b").status == expected
    assert sorted(os.listdir(folder)) == ["a", "b"]


def test_changes_are_on_record_and_told(
    server: WebProcess, notebook: Notebook, owner: Person, viewer: Person, files: FilesCaller
) -> None:
    with NotebookSocket(server, notebook.id, viewer) as socket:
        socket.open()
        files.put("a", b"123")
        socket.wait_for(lambda frame: frame["type"] == "files_changed")
        files.call("POST", "move/", json={"path": "a", "new_path": "b"})
        socket.wait_for(lambda frame: frame["type"] == "files_changed")
    files.call("DELETE", path="b")
    files.call("POST", "folders/", json={"path": "c"})
    rows = AuditEntry.objects.filter(notebook_id=notebook.id, action__endswith="file").order_by("id")
    assert [(row.action, row.details.get("path")) for row in rows] == [
        ("store_file", "a"),
        ("move_file", "a"),
        ("delete_file", "b"),
    ]
    assert rows[0].details["size_bytes"] == 3


@pytest.fixture
def leftovers(folder: Path) -> tuple[Path, Path]:
    old, new = folder / f"{ARRIVING}old", folder / f"{ARRIVING}new"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    return old, new


def test_files_that_arrive_are_hidden_and_old_ones_go(
    files: FilesCaller, leftovers: tuple[Path, Path]
) -> None:
    old, new = leftovers
    files.put("a", b"1")
    assert files.names() == ["a"]
    assert (old.exists(), new.exists()) == (False, True)
    with zipfile.ZipFile(io.BytesIO(files.get("zip/").content)) as archive:
        assert archive.namelist() == ["a"]
    files.put(new.name, b"1").refused(400, "invalid")
