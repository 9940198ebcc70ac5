"""notebooks/{id}/files/…: paths that lead out of the notebook's folder do not, whoever has made what is there."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from apps.kernels.processes import workspace_of
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.http_caller import FilesCaller, HttpAnswer
from tests.support.processes import WebProcess

SECRET = b"what nobody may read"

# Each is in no folder of anybody, or leads to SECRET if it is followed; `link` and `folder_link` do.
PATHS = [
    "..",
    "../",
    "../secret",
    "../../secret",
    "data/../../secret",
    "data/..",
    "./../secret",
    "data/./../../secret",
    "/etc/passwd",
    "//etc/passwd",
    "/",
    "/workspace/../../etc/passwd",
    "/workspace/../etc/passwd",
    "/proc/self/environ",
    "/proc/self/fd/0",
    "file:///etc/passwd",
    "~/.ssh/id_rsa",
    "..\\secret",
    "..%2fsecret",
    "%2e%2e/secret",
    "..%00/secret",
    "\x00",
    "data\x00/../secret",
    "secret\x00.csv",
    "link",
    "link/",
    "./link",
    "data/link",
    "dangling",
    "loop",
    "folder_link",
    "folder_link/secret",
    "folder_link/../secret",
    "folder_link/./secret",
    "data/folder_link/secret",
    "data/up",
    "data/up/secret",
    "data/up/../secret",
    "inside_link/file",
    "chain/secret",
    "proc_root/etc/passwd",
    "dev_null",
    "pipe",
    "socket/x",
    "data/file/more",
    "a" * 256,
    "a/" * 40 + "a",
    "a" * 10_000,
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "．．/secret",
    "․․/secret",
    ".../secret",
    "data/ ../secret",
]


@pytest.fixture
def folder(notebook: Notebook, tmp_path: Path) -> Path:
    folder = workspace_of(notebook.id)
    (folder.parent / "secret").write_bytes(SECRET)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(SECRET)
    (folder / "data").mkdir()
    (folder / "data" / "file").write_text("inside")
    (folder / "file").write_text("inside")
    links: dict[str, str | Path] = {
        "link": outside / "secret",
        "data/link": "../../secret",
        "dangling": "/nowhere",
        "loop": "loop",
        "folder_link": outside,
        "data/folder_link": outside,
        "data/up": "../..",
        "inside_link": "data",
        "chain": "folder_link",
        "proc_root": "/proc/self/root",
        "dev_null": "/dev/null",
    }
    for name, target in links.items():
        os.symlink(target, folder / name)
    os.mkfifo(folder / "pipe")
    return folder


@pytest.fixture
def files(server: WebProcess, notebook: Notebook, owner: Person) -> FilesCaller:
    return FilesCaller(server, notebook.id, owner)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ascii(path)[:40])
def test_no_path_leads_out(files: FilesCaller, folder: Path, path: str) -> None:
    before = tree(folder.parent / "secret", folder)
    reads = [files.get(what, path) for what in ("content/", "preview/", "image/")]
    if path.strip("/"):
        reads += [files.get(what, path) for what in ("", "zip/")]
    for answer in reads:
        assert SECRET not in answer.content
        assert answer.status in (400, 404, 414), answer.content
    moved = files.call("POST", "move/", json={"path": "file", "new_path": f"{path}/x"})
    made = files.call("POST", "folders/", json={"path": f"{path}/x"})
    for answer in (moved, made, files.put(f"{path}/x", b"x", overwrite="true")):
        assert answer.status in (400, 404, 414), answer.content
    assert tree(folder.parent / "secret", folder) == before
    assert not list(folder.parent.glob("x"))


@pytest.mark.parametrize("name", ["link", "data/link", "dangling", "folder_link", "inside_link"])
def test_a_link_is_changed_not_what_it_leads_to(files: FilesCaller, folder: Path, name: str) -> None:
    target = os.readlink(folder / name)
    files.put(name, b"new").refused(409, "conflict")
    assert os.readlink(folder / name) == target
    assert files.call("POST", "move/", json={"path": name, "new_path": "moved"}).status == 200
    assert os.readlink(folder / "moved") == target
    assert files.put("moved", b"new", overwrite="true").status == 201
    assert not (folder / "moved").is_symlink()
    assert (folder.parent / "secret").read_bytes() == SECRET
    os.symlink(target, folder / "again")
    assert files.call("DELETE", path="again").status == 204
    assert (folder / "data" / "file").read_text() == "inside"


@pytest.mark.parametrize(
    "path", ["..", "../x", "/x", "a\x00b", "data/..", "", "/", ".", "a\nb", "a\u202eb", "a" * 256]
)
def test_names_that_nothing_may_get(files: FilesCaller, folder: Path, path: str) -> None:
    before = tree(folder.parent, folder)
    files.put(path, b"x").refused(400, "invalid")
    files.call("POST", "folders/", json={"path": path}).refused(400, "invalid")
    files.call("POST", "move/", json={"path": "file", "new_path": path}).refused(400, "invalid")
    assert tree(folder.parent, folder) == before


def test_another_notebook_is_out_of_reach(files: FilesCaller, folder: Path) -> None:
    other = folder.parent / str(uuid4())
    other.mkdir()
    (other / "file").write_bytes(SECRET)
    os.symlink(other, folder / "other")
    for path in (f"../{other.name}/file", "other/file", str(other / "file")):
        assert files.get("content/", path).status in (400, 404)
        assert files.put(path, b"x", overwrite="true").status in (400, 404)
        assert files.call("DELETE", path=path).status in (400, 404)
    assert (other / "file").read_bytes() == SECRET


def test_folders_that_become_links_meanwhile(files: FilesCaller, folder: Path, tmp_path: Path) -> None:
    """As code in a cell could: `swap` is now a folder, now a link to one outside."""
    outside = tmp_path / "outside"
    (folder / "real").mkdir()
    (folder / "real" / "secret").write_bytes(b"inside")
    stop = threading.Event()

    def swap() -> None:
        os.symlink(outside, folder / "away")
        while not stop.is_set():
            for source in ("real", "away"):
                os.rename(folder / source, folder / "swap")
                os.rename(folder / "swap", folder / source)

    swapping = threading.Thread(target=swap)
    swapping.start()
    answers: list[HttpAnswer] = []
    try:
        for number in range(60):
            answers += [
                files.get("content/", "swap/secret"),
                files.get("zip/", "swap"),
                files.get("", "swap"),
            ]
            answers.append(files.put(f"swap/new-{number}", b"x"))
            answers.append(files.call("DELETE", path="swap/secret2"))
    finally:
        stop.set()
        swapping.join()
    assert not [answer for answer in answers if SECRET in answer.content]
    assert {answer.status for answer in answers} <= {200, 201, 400, 404, 409}
    assert sorted(os.listdir(outside)) == ["secret"]
    assert (outside / "secret").read_bytes() == SECRET


def test_a_folder_that_becomes_a_link_while_it_is_deleted(
    files: FilesCaller, folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (folder / "doomed" / "inner").mkdir(parents=True, exist_ok=True)
            for _ in range(20):
                try:
                    os.rename(folder / "doomed" / "inner", folder / "aside")
                    os.symlink(outside, folder / "doomed" / "inner")
                    os.unlink(folder / "doomed" / "inner")
                    os.rename(folder / "aside", folder / "doomed" / "inner")
                except OSError:
                    break

    swapping = threading.Thread(target=swap_safely, args=(swap,))
    swapping.start()
    try:
        statuses = {files.call("DELETE", path="doomed").status for _ in range(60)}
    finally:
        stop.set()
        swapping.join()
    assert statuses <= {204, 400, 404, 409}
    assert (outside / "secret").read_bytes() == SECRET


def swap_safely(swap: Callable[[], None]) -> None:
    """What is deleted under it ends a round, not the thread."""
    while True:
        try:
            swap()
        except OSError:
            continue
        return


def tree(*roots: Path) -> list[tuple[str, bool, int]]:
    found = []
    for root in roots:
        for path in [root, *root.rglob("*")]:
            if "x" in path.name or not path.is_relative_to(roots[-1]):
                continue
            found.append((str(path), path.is_symlink(), path.lstat().st_size if path.is_file() else 0))
    return sorted(found)
