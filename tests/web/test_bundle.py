"""What a page loads before anything is done in it, as it comes over the network."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.web.conftest import Browse

MOST_BYTES = 350_000
# `import "x"`, `import y from "x"` and `export … from "x"`, minified too; not `import("x")`, which is for later.
STATIC_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](?P<path>\.[^"']+)["']""")


@pytest.mark.parametrize("path", ["/", "/notebooks/{id}/"])
def test_the_scripts_of_the_first_page_are_small(
    browse: Browse, owner: Person, notebook: Notebook, path: str
) -> None:
    html = browse(owner).get(path.format(id=notebook.id)).text
    scripts = set(scripts_of(html))
    assert scripts
    total = sum(len(gzip.compress(script.read_bytes(), 6)) for script in scripts)
    assert total < MOST_BYTES, f"{total:,} bytes in {sorted(script.name for script in scripts)}"


def test_what_is_imported_is_counted() -> None:
    text = 'import{a as b}from"./chunks/a.js";import "./b.js";export*from"./c.js";x=()=>import("./later.js")'
    assert [match["path"] for match in STATIC_IMPORT.finditer(text)] == ["./chunks/a.js", "./b.js", "./c.js"]


def scripts_of(html: str) -> Iterator[Path]:
    """The files of the page's scripts and of what these import at once, each at least once."""
    tags = re.findall(
        r"<script\b[^>]*\bsrc=\"([^\"]+)\"|<link\b[^>]*rel=\"modulepreload\"[^>]*href=\"([^\"]+)\"", html
    )
    waiting = [file_of(source or preloaded) for source, preloaded in tags]
    seen: set[Path] = set()
    while waiting:
        script = waiting.pop()
        if script in seen:
            continue
        seen.add(script)
        yield script
        for match in STATIC_IMPORT.finditer(script.read_text()):
            waiting.append((script.parent / match["path"]).resolve())


def file_of(address: str) -> Path:
    assert address.startswith(settings.STATIC_URL), address
    return Path(settings.STATIC_ROOT, address.removeprefix(settings.STATIC_URL)).resolve()
