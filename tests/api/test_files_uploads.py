"""Large, endless, broken and slow bodies: what the web server keeps of them in memory and on disk."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest

from apps.kernels.processes import workspace_of
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.http_caller import FilesCaller
from tests.support.processes import Database, WebProcess, wait_until

MIB = 2**20
UPLOAD_LIMIT = 200 * MIB
QUOTA = 300 * MIB
# What a piece here and a piece there may take.
SLACK = 60 * MIB
# What a full disk takes.
DISK = 8 * MIB


@pytest.fixture(scope="module")
def small(database: Database) -> Iterator[WebProcess]:
    """A server with low limits."""
    process = WebProcess(
        database.data_dir,
        database.url,
        NOTEBOOK_UPLOAD_MAX_BYTES=str(UPLOAD_LIMIT),
        NOTEBOOK_WORKSPACE_BYTES=str(QUOTA),
        NOTEBOOK_MAX_UPLOAD_BYTES=str(MIB),
    )
    process.start()
    yield process
    process.close()


@pytest.fixture
def files(small: WebProcess, notebook: Notebook, owner: Person) -> FilesCaller:
    caller = FilesCaller(small, notebook.id, owner)
    caller.get("")  # what a first request loads is no body
    return caller


@pytest.fixture
def folder(notebook: Notebook) -> Path:
    return workspace_of(notebook.id)


def memory(server: WebProcess) -> int:
    """The most it has ever had."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def temporary_bytes(server: WebProcess) -> int:
    """In files that have no name any more, where a body could be kept."""
    opened = Path(f"/proc/{server.pid}/fd")
    total = 0
    for fd in opened.iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            total += fd.stat().st_size if os.readlink(fd).endswith("(deleted)") else 0
    return total


def raw(server: WebProcess, person: Person, path: str, method: str = "PUT", **headers: str) -> socket.socket:
    """A request whose body is still to come."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (person.bearer | headers).items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def content_path(notebook: Notebook, name: str = "big") -> str:
    return f"/api/v1/notebooks/{notebook.id}/files/content/?path={name}"


def answered(connection: socket.socket) -> Any:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, orjson.loads(response.read())


def zeros(total: int) -> Iterator[bytes]:
    piece = bytes(MIB)
    for _ in range(total // MIB):
        yield piece


def test_a_large_file_takes_no_memory(files: FilesCaller, small: WebProcess, folder: Path) -> None:
    before = memory(small)
    answer = files.call(
        "PUT", "content/", body=zeros(UPLOAD_LIMIT), headers={"Content-Length": str(UPLOAD_LIMIT)}, path="big"
    )
    assert answer.status == 201
    assert (folder / "big").stat().st_size == UPLOAD_LIMIT
    assert memory(small) - before < SLACK


def test_a_sparse_file_of_two_gigabytes_is_refused_before_it_is_sent(
    small: WebProcess, files: FilesCaller, owner: Person, notebook: Notebook, folder: Path, tmp_path: Path
) -> None:
    before = memory(small)
    with (tmp_path / "sparse").open("w+b") as file:
        file.truncate(2 * 2**30)
        headers = {"Content-Length": str(2 * 2**30)}
        with raw(small, owner, content_path(notebook), **headers) as connection:
            status, error = answered(connection)
            with suppress(OSError):  # a client that does not look at the answer is cut off at some time
                connection.sendfile(file)
    assert (status, error["code"]) == (413, "too_large")
    assert "200 MiB" in error["message"]
    assert os.listdir(folder) == []
    assert memory(small) - before < SLACK


def test_an_endless_body_is_refused(
    small: WebProcess, files: FilesCaller, owner: Person, notebook: Notebook, folder: Path
) -> None:
    before = memory(small)
    with raw(small, owner, content_path(notebook), **{"Transfer-Encoding": "chunked"}) as connection:
        sent = send_until_refused(connection)
    assert sent >= UPLOAD_LIMIT
    assert memory(small) - before < SLACK
    assert wait_until(lambda: os.listdir(folder) == [], "nothing is left of it")


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_whoever_may_not_upload_is_told_before_the_body(
    small: WebProcess, files: FilesCaller, notebook: Notebook, stranger: Person, who: str
) -> None:
    headers = {"Transfer-Encoding": "chunked"}
    headers |= {} if who == "stranger" else {"Authorization": "Bearer none"}
    with raw(small, stranger, content_path(notebook), **headers) as connection:
        connection.sendall(b"100000\r\n" + bytes(MIB) + b"\r\n")
        status, _ = answered(connection)
    assert status == {"stranger": 404, "nobody": 401}[who]


@pytest.mark.parametrize("path", ["/login/", "/api/v1/notebooks/", "/nowhere"])
@pytest.mark.parametrize("is_chunked", [True, False])
def test_no_other_page_takes_a_large_body(
    small: WebProcess, files: FilesCaller, owner: Person, path: str, is_chunked: bool
) -> None:
    before = memory(small)
    if is_chunked:
        with raw(small, owner, path, "POST", **{"Transfer-Encoding": "chunked"}) as connection:
            send_until_refused(connection)
    else:
        length = {"Content-Length": str(2 * 2**30), "Expect": "100-continue"}
        with raw(small, owner, path, "POST", **length) as connection:
            status, error = answered(connection)
        assert (status, error["code"]) == (413, "too_large")
    assert memory(small) - before < SLACK
    assert temporary_bytes(small) < 10 * MIB
    assert files.get("").status == 200


def test_a_form_takes_no_memory(files: FilesCaller, small: WebProcess, folder: Path) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'
    end = b"\r\n--x--\r\n"
    size = 100 * MIB
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": str(len(head) + size + len(end)),
    }

    def body() -> Iterator[bytes]:
        yield head
        yield from zeros(size)
        yield end

    before = memory(small)
    assert files.call("POST", "content/", body=body(), headers=headers).status == 201
    assert (folder / "big").stat().st_size == size
    assert memory(small) - before < SLACK


def test_a_client_that_is_gone_leaves_nothing(
    small: WebProcess, files: FilesCaller, owner: Person, notebook: Notebook, folder: Path
) -> None:
    with raw(small, owner, content_path(notebook), **{"Content-Length": str(10 * MIB)}) as connection:
        connection.sendall(bytes(MIB))
        wait_until(lambda: os.listdir(folder), "it has begun to arrive")
        assert files.names() == []
    wait_until(lambda: os.listdir(folder) == [], "nothing is left of it")


def test_the_quota(files: FilesCaller, folder: Path) -> None:
    (folder / "much").write_bytes(b"1" * 200 * MIB)
    error = files.call(
        "PUT", "content/", body=zeros(150 * MIB), headers={"Content-Length": str(150 * MIB)}, path="more"
    ).refused(507, "no_space")
    assert "300 MiB" in error["message"]
    files.put("more", zeros(150 * MIB)).refused(507, "no_space")
    assert os.listdir(folder) == ["much"]
    assert files.put("little", b"x").status == 201


@pytest.fixture(params=["a small disk", "a limit of the system"])
def full(request: pytest.FixtureRequest, small: WebProcess, folder: Path) -> Iterator[None]:
    """The notebook's folder takes no file of more than 8 MiB, whatever the settings say."""
    if request.param == "a limit of the system":
        before = psutil.Process(small.pid).rlimit(psutil.RLIMIT_FSIZE)
        psutil.Process(small.pid).rlimit(psutil.RLIMIT_FSIZE, (DISK, before[1]))
        yield
        psutil.Process(small.pid).rlimit(psutil.RLIMIT_FSIZE, before)
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("Disks cannot be mounted here.")
    yield
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.usefixtures("full")
def test_a_full_disk_is_told_and_keeps_nothing(files: FilesCaller, folder: Path) -> None:
    error = files.put("big", zeros(20 * MIB)).refused(507, "no_space")
    assert error["message"] == "The disk is full. Delete files, or ask your administrator for more room."
    # The length that it says is no promise of room either.
    length = {"Content-Length": str(20 * MIB)}
    files.call("PUT", "content/", body=zeros(20 * MIB), headers=length, path="big").refused(507, "no_space")
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'
    form = b"".join([head, *zeros(20 * MIB), b"\r\n--x--\r\n"])
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    files.call("POST", "content/", body=form, headers=kind).refused(507, "no_space")
    assert os.listdir(folder) == []
    # What there was stays as it was if it cannot be replaced.
    assert files.put("kept", b"old").status == 201
    files.put("kept", zeros(20 * MIB), overwrite="true").refused(507, "no_space")
    assert os.listdir(folder) == ["kept"]
    assert (folder / "kept").read_bytes() == b"old"


def test_a_slow_reader_takes_no_memory(
    files: FilesCaller, small: WebProcess, owner: Person, notebook: Notebook, folder: Path
) -> None:
    with (folder / "sparse").open("wb") as file:
        file.truncate(2 * 2**30)
    before = memory(small)
    with raw(small, owner, content_path(notebook, "sparse"), "GET") as connection:
        assert b"206" not in connection.recv(1000)
        process = psutil.Process(small.pid)
        # Until it does nothing for it any more, it would have all of it in memory by now.
        spent = -1.0
        while (now := process.cpu_times().user) - spent > 0.02:
            spent = now
            time.sleep(0.3)
        assert files.get("").status == 200
    assert memory(small) - before < SLACK


def test_a_file_that_becomes_shorter_breaks_off(
    files: FilesCaller, small: WebProcess, owner: Person, notebook: Notebook, folder: Path
) -> None:
    with (folder / "shrinks").open("wb") as file:
        file.truncate(200 * MIB)
    with raw(small, owner, content_path(notebook, "shrinks"), "GET") as connection:
        response = http.client.HTTPResponse(connection)
        response.begin()
        os.truncate(folder / "shrinks", MIB)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    assert files.get("").status == 200


def send_until_refused(connection: socket.socket, most: int = 2**34) -> int:
    """Bytes that could be sent in chunks until the server closed the connection."""
    chunk = b"%x\r\n" % MIB + bytes(MIB) + b"\r\n"
    sent = 0
    try:
        while sent < most:
            connection.sendall(chunk)
            sent += MIB
    except OSError:
        return sent
    return pytest.fail("The server takes everything.")
