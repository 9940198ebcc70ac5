"""Real notebooks, generated ones and broken ones: in through import, out through export."""

import copy
import json
import logging
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from nbformat.v4.rwbase import strip_transient

from apps.accounts.actors import SYSTEM
from apps.accounts.models import Membership, Role
from apps.base.errors import Forbidden, Invalid, TooLarge
from apps.base.text import storable
from apps.journal.models import AuditEntry, NotebookEvent
from apps.notebooks.commands import configure_cell, create_cell, import_notebook
from apps.notebooks.exporting import export_ipynb, notebook_node
from apps.notebooks.importing import parse_ipynb
from apps.notebooks.models import Cell, CellKind, Notebook, Output
from apps.notebooks.positions import START
from apps.notebooks.queries import document
from tests.support.cast import Person

REAL_NOTEBOOKS = settings.BASE_DIR.parent / "shared" / "notebooks"
FILES = sorted(REAL_NOTEBOOKS.glob("*.ipynb"))
BROKEN = {
    "nbformat__tests__invalid.ipynb": "cell 1): 'source' is a required property",
    "nbformat__tests__invalid_cell_id.ipynb": "cell 1, id): '$illegal_chars' does not match",
    "nbformat__tests__no_min_version.ipynb": "nbformat_minor is missing",
    "nbformat__tests__test3_no_metadata.ipynb": "metadata",
    "nbformat__tests__test3_no_worksheets.ipynb": "no worksheets",
    "nbformat__tests__test3_worksheet_with_no_cells.ipynb": "no cells",
}
VALID = [path for path in FILES if path.name not in BROKEN]


def name_of(path: Path) -> str:
    return path.stem


def as_nbformat_reads(content: bytes) -> Any:
    """What the file says according to nbformat, as it would be in a file again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the ids it repairs
        return strip_transient(nbformat.reads(content, as_version=4))


def without_made_up_ids(content: bytes, *nodes: Any) -> list[Any]:
    """The nodes without the ids that nbformat makes up at random: those of old formats, and repaired ones."""
    made_up = [not cell.nbformat_id for cell in parse_ipynb(content).cells]
    nodes = copy.deepcopy(nodes)
    for node in nodes:
        for cell, is_made_up in zip(node["cells"], made_up, strict=True):
            if is_made_up:
                cell.pop("id", None)
    return list(nodes)


def assert_round_trips(owner: Person, content: bytes) -> None:
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    exported = export_ipynb(notebook_id=notebook.id)
    nbformat.validator.validate(json.loads(exported))
    assert_unique_ids(exported)
    expected, result = without_made_up_ids(content, as_nbformat_reads(content), as_nbformat_reads(exported))
    assert result == expected


def assert_unique_ids(exported: bytes) -> None:
    ids = [cell["id"] for cell in json.loads(exported)["cells"] if "id" in cell]
    assert len(ids) == len(set(ids))


def counts() -> tuple[int, ...]:
    return tuple(
        model.objects.count() for model in (Notebook, Cell, Output, Membership, NotebookEvent, AuditEntry)
    )


def file_of(*cells: dict[str, Any], minor: int = 5, **fields: Any) -> bytes:
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": list(cells)} | fields
    ).encode()


def code(source: str = "", *outputs: dict[str, Any], **fields: Any) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "source": source, "execution_count": None}
    return cell | {"outputs": list(outputs)} | fields


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def refusal(content: bytes) -> str:
    with pytest.raises((Invalid, TooLarge)) as caught:
        parse_ipynb(content)
    assert len(caught.value.message) < 500
    return caught.value.message


# Real notebooks.


def test_all_real_notebooks_are_there() -> None:
    assert len(FILES) == 65
    assert set(BROKEN) < {path.name for path in FILES}


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_a_valid_notebook_comes_out_as_it_went_in(path: Path, owner: Person) -> None:
    assert_round_trips(owner, path.read_bytes())


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_notebook_is_refused_and_nothing_is_written(name: str, owner: Person) -> None:
    before = counts()
    with pytest.raises(Invalid) as caught:
        import_notebook(actor=owner.actor, content=(REAL_NOTEBOOKS / name).read_bytes(), filename=name)
    assert BROKEN[name] in caught.value.message
    assert counts() == before


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_an_imported_notebook_is_shown_with_its_outputs(path: Path, owner: Person) -> None:
    notebook = import_notebook(actor=owner.actor, content=path.read_bytes(), filename=path.name)
    shown = document(notebook)["cells"]
    expected = as_nbformat_reads(path.read_bytes())["cells"]
    assert [len(cell["outputs"]) for cell in shown] == [len(cell.get("outputs", [])) for cell in expected]
    assert [cell["source"] for cell in shown] == [str(cell.get("source", "")) for cell in expected]


# What import writes.


def test_the_importer_owns_the_notebook_and_it_is_on_record(owner: Person) -> None:
    notebook = import_notebook(actor=owner.actor, content=file_of(code("1")), filename="Sums.ipynb")
    assert list(notebook.memberships.values_list("user_id", "role")) == [(owner.user.pk, Role.OWNER)]
    assert [(event.seq, event.payload) for event in notebook.events.all()] == [
        (1, {"type": "notebook_created", "title": "Sums"})
    ]
    entry = AuditEntry.objects.get(notebook_id=notebook.id)
    assert (entry.action, entry.details) == ("import_notebook", {"title": "Sums", "cells": 1})


def test_a_notebook_needs_a_person_to_own_it(database: Any) -> None:
    with pytest.raises(Forbidden):
        import_notebook(actor=SYSTEM, content=file_of(), filename="x.ipynb")


@pytest.mark.parametrize(
    ("filename", "metadata", "title"),
    [
        ("Sums.ipynb", {"title": "Other"}, "Sums"),
        ("C:\\notes\\Sums and more.IPYNB", {}, "Sums and more"),
        ("../../etc/pass\x00wd", {}, "pass\ufffdwd"),
        ("", {"title": "  From the\nfile "}, "From the file"),
        (".ipynb", {}, "Untitled notebook"),
        ("x" * 300 + ".ipynb", {}, "x" * 200),
    ],
)
def test_the_title_is_the_name_of_the_file(
    filename: str, metadata: dict[str, str], title: str, owner: Person
) -> None:
    notebook = import_notebook(actor=owner.actor, content=file_of(metadata=metadata), filename=filename)
    assert notebook.title == title


def test_cells_keep_their_order_and_take_more_between_them(owner: Person) -> None:
    content = file_of(*[code(str(number)) for number in range(200)])
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    cells = list(notebook.cells.order_by("order_key"))
    assert [cell.source for cell in cells] == [str(number) for number in range(200)]
    for after in (START, cells[99].id):
        create_cell(actor=owner.actor, notebook_id=notebook.id, kind=CellKind.PYTHON, after=after)
    assert [cell["source"] for cell in notebook_node(notebook.id)["cells"]][99:104] == [
        "98",
        "99",
        "",
        "100",
        "101",
    ]


def test_cells_get_their_kinds() -> None:
    sql = code("select 1", metadata={"tandem": {"kind": "sql"}, "tags": ["a"]})
    claims: list[Any] = ["javascript", "markdown", "raw", "x", []]
    others = [code("x", metadata={"tandem": {"kind": claim}}) for claim in claims]
    texts: list[dict[str, Any]] = [
        {"cell_type": kind, "metadata": {}, "source": "*"} for kind in ("markdown", "raw")
    ]
    cells = parse_ipynb(file_of(code("x"), sql, *texts, *others)).cells
    assert [cell.kind for cell in cells[:4]] == ["python", "sql", "markdown", "raw"]
    assert cells[1].metadata == {"tags": ["a"]}
    assert [cell.kind for cell in cells[4:]] == ["javascript", *["python"] * 4]


def test_a_disabled_cell_stays_disabled(owner: Person) -> None:
    both = {"tandem": {"kind": "sql", "disabled": True, "else": 1}, "tags": ["a"]}
    content = file_of(
        code("1", metadata={"tandem": {"disabled": True}}),
        code("select 1", metadata=both),
        {"cell_type": "markdown", "source": "*", "metadata": {"tandem": {"disabled": True}}},
        code("2"),
    )
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    cells = list(notebook.cells.order_by("order_key"))
    assert [(cell.is_disabled, cell.metadata) for cell in cells] == [
        (True, {}),
        (True, {"tandem": {"else": 1}, "tags": ["a"]}),
        (True, {}),
        (False, {}),
    ]
    assert_round_trips(owner, content)


@pytest.mark.parametrize(
    "ours", [{"disabled": 1}, {"disabled": "true"}, {"disabled": False}, "disabled", None]
)
def test_only_true_disables_a_cell(owner: Person, ours: Any) -> None:
    content = file_of(code("1", metadata={"tandem": ours}))
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    assert not notebook.cells.get().is_disabled
    assert_round_trips(owner, content)


def test_a_stream_is_stored_beside_its_text(owner: Person) -> None:
    content = file_of(code("x", stream("a\n"), stream("b\n", "stderr"), stream("c\n", "stderr")))
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    rows = (
        Output.objects.filter(cell__notebook=notebook).order_by("position").values_list("body__name", "text")
    )
    assert list(rows) == [("stdout", "a\n"), ("stderr", "b\n"), ("stderr", "c\n")]
    assert document(notebook)["cells"][0]["outputs"] == [
        stream("a\n"),
        stream("b\n", "stderr"),
        stream("c\n", "stderr"),
    ]


def test_text_that_cannot_be_stored_is_replaced(owner: Person) -> None:
    result = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "\x00", "a\ud800": "b"}}
    content = file_of(code("a\x00\udc80", stream("\x00"), result), metadata={"\x00": "\x00"})
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    node = notebook_node(notebook.id)
    assert node["metadata"] == {"\ufffd": "\ufffd"}
    assert node["cells"][0]["source"] == "a\ufffd\ufffd"
    assert node["cells"][0]["outputs"][0]["text"] == "\ufffd"
    assert node["cells"][0]["outputs"][1]["data"] == {"text/plain": "\ufffd", "a\ufffd": "b"}


def test_numbers_that_are_not_json_become_null(owner: Person) -> None:
    content = file_of(metadata={"x": 0}).replace(b'{"x": 0}', b'{"x": [NaN, -Infinity, 1e999, 1.5, 1e300]}')
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    assert notebook_node(notebook.id)["metadata"] == {"x": [None, None, None, 1.5, 1e300]}


# What export writes.


def test_a_notebook_made_here_is_valid_and_has_ids(owner: Person, notebook: Notebook) -> None:
    for kind in CellKind:
        create_cell(actor=owner.actor, notebook_id=notebook.id, kind=kind, source=f"a {kind}")
    exported = json.loads(export_ipynb(notebook_id=notebook.id))
    nbformat.validator.validate(exported)
    assert [(cell["cell_type"], cell["metadata"]) for cell in exported["cells"]] == [
        ("code", {}),
        ("markdown", {}),
        ("code", {"tandem": {"kind": "sql", "result_name": "df_1"}}),
        ("code", {"tandem": {"kind": "sheet", "result_name": "sheet_1"}}),
        ("code", {"tandem": {"kind": "javascript"}}),
        ("raw", {}),
    ]
    assert [cell["id"] for cell in exported["cells"]] == [
        cell.id.hex for cell in notebook.cells.order_by("order_key")
    ]


def test_a_cell_that_was_disabled_or_enabled_here_is_so_in_the_file(owner: Person) -> None:
    disabled = {"tandem": {"disabled": True}}
    content = file_of(code("1", metadata=disabled | {"a": 1}), code("2"), code("3", metadata={"tandem": "x"}))
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    for cell in notebook.cells.all():
        configure_cell(
            actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id, is_disabled=not cell.is_disabled
        )
    exported = export_ipynb(notebook_id=notebook.id)
    nbformat.validator.validate(json.loads(exported))
    assert [cell["metadata"] for cell in json.loads(exported)["cells"]] == [{"a": 1}, disabled, disabled]
    assert [cell.is_disabled for cell in parse_ipynb(exported).cells] == [False, True, True]


@pytest.mark.parametrize("said", [60, 0, -1, True, "60", 10**9])
def test_how_long_an_answer_is_kept_is_in_the_file(owner: Person, said: object) -> None:
    metadata = {"tandem": {"kind": "sql", "cache_seconds": said}}
    notebook = import_notebook(
        actor=owner.actor, content=file_of(code("SELECT 1", metadata=metadata)), filename="x.ipynb"
    )
    assert notebook.cells.get().cache_seconds == (60 if said == 60 else 0)
    exported = json.loads(export_ipynb(notebook_id=notebook.id))
    assert exported["cells"][0]["metadata"] == (metadata if said != 0 else {"tandem": {"kind": "sql"}})


def test_a_cell_added_to_an_old_notebook_has_no_id(owner: Person) -> None:
    notebook = import_notebook(actor=owner.actor, content=file_of(code("1"), minor=2), filename="x.ipynb")
    create_cell(actor=owner.actor, notebook_id=notebook.id, kind=CellKind.PYTHON)
    exported = json.loads(export_ipynb(notebook_id=notebook.id))
    nbformat.validator.validate(exported)
    assert not any("id" in cell for cell in exported["cells"])


def test_ids_stay_unique_whatever_the_file_says(owner: Person) -> None:
    notebook = import_notebook(actor=owner.actor, content=file_of(code("new")), filename="x.ipynb")
    taken = notebook.cells.get().id.hex
    again = import_notebook(actor=owner.actor, content=file_of(code("1", id=taken)), filename="x.ipynb")
    Cell.objects.filter(notebook=notebook).update(notebook=again, order_key="Zz")
    exported = export_ipynb(notebook_id=again.id)
    nbformat.validator.validate(json.loads(exported))
    assert_unique_ids(exported)


def test_transient_values_stay_out_of_the_file(owner: Person) -> None:
    notebook = import_notebook(actor=owner.actor, content=file_of(code("display(1)")), filename="x.ipynb")
    body = {"output_type": "display_data", "data": {}, "metadata": {}, "transient": {"display_id": "1"}}
    Output.objects.create(cell=notebook.cells.get(), position=0, body=body, display_id="1")
    exported = json.loads(export_ipynb(notebook_id=notebook.id))
    nbformat.validator.validate(exported)
    assert "transient" not in exported["cells"][0]["outputs"][0]


def test_a_cell_that_changed_its_kind_is_valid(owner: Person) -> None:
    attached = {"cell_type": "markdown", "source": "", "attachments": {"a": {"image/png": "AA=="}}}
    content = file_of(attached | {"metadata": {"tandem": {"kind": "sql"}}}, code("x", stream("y")))
    notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    for cell, kind in zip(notebook.cells.order_by("order_key"), ("python", "markdown"), strict=True):
        configure_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id, kind=kind)
    exported = json.loads(export_ipynb(notebook_id=notebook.id))
    nbformat.validator.validate(exported)
    assert [(cell["cell_type"], cell["metadata"]) for cell in exported["cells"]] == [
        ("code", {}),
        ("markdown", {}),
    ]


# Files that are not notebooks.


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"{", "not JSON"),
        (b"null", "not an object"),
        (b"[]", "not an object"),
        (b"{}", "no nbformat number"),
        (b'{"nbformat": "4"}', "no nbformat number"),
        (b'{"nbformat": true}', "no nbformat number"),
        (b'{"nbformat": 1}', "formats 2 to 4"),
        (b'{"nbformat": 5, "nbformat_minor": 0}', "formats 2 to 4"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"nbformat": 4, "nbformat_minor": -1}', "nbformat_minor"),
        (b'{"nbformat": 4, "nbformat_minor": 40000}', "nbformat_minor"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "'cells' is a required property"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {}}', "is not of type 'array'"),
        (b"[" * 100_000, "deep"),
        (file_of(metadata={"x": json.loads("[" * 200 + "]" * 200)}), "deep"),
        (
            file_of(code("1"), code("2", {"output_type": "stream", "text": ""})),
            "cell 2, output 1): 'name' is",
        ),
        (file_of(code("1"), code("2", metadata={"collapsed": 1})), "cell 2, metadata.collapsed): 1 is not"),
        (file_of({"cell_type": {}, "metadata": {}}), "cell 1"),
        (file_of(code("1", execution_count=2**31)), "execution count of cell 1"),
        (
            b'{"nbformat": 3, "metadata": {}, "worksheets": [{"cells": '
            b'[{"cell_type": "heading", "source": "x", "level": 9999999999}]}]}',
            "impossible level",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(content: bytes, complaint: str) -> None:
    message = refusal(content)
    assert complaint in message
    assert message.endswith(".")


def test_a_complaint_about_megabytes_is_short() -> None:
    assert "cell 1" in refusal(file_of(code("x" * 10**6, outputs="y" * 10**6)))


def test_absurd_sizes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 2**20)
    assert "1 MiB" in refusal(b" " * (2**20 + 1))
    monkeypatch.setattr(settings, "MAX_CELLS", 3)
    assert "at most 3 cells" in refusal(file_of(*[code()] * 4))
    monkeypatch.setattr(settings, "MAX_SOURCE_CHARS", 10)
    assert "at most 10 characters" in refusal(file_of(code("x" * 11)))


# Generated notebooks.

text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15, allow_nan=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
lines = text | st.lists(text, max_size=3)  # a file may hold text as a list of lines
metadata = st.dictionaries(st.sampled_from(["a", "b", "tandem", "é", ""]), json_values, max_size=3)
execution_counts = st.none() | st.integers(0, 2**31 - 1)
mime_bundles = st.dictionaries(
    st.sampled_from(["text/plain", "text/html", "image/png", "image/svg+xml", "x/y"]), lines, max_size=3
) | st.dictionaries(
    st.sampled_from(["application/json", "application/vnd.vega.v5+json"]), json_values, max_size=2
)
outputs = st.one_of(
    st.builds(
        lambda name, text: stream("") | {"name": name, "text": text}, st.sampled_from(["stdout", "x"]), lines
    ),
    st.fixed_dictionaries(
        {"output_type": st.just("display_data"), "data": mime_bundles, "metadata": metadata}
    ),
    st.fixed_dictionaries(
        {
            "output_type": st.just("execute_result"),
            "data": mime_bundles,
            "metadata": metadata,
            "execution_count": execution_counts,
        }
    ),
    st.fixed_dictionaries(
        {
            "output_type": st.just("error"),
            "ename": text,
            "evalue": text,
            "traceback": st.lists(text, max_size=2),
        }
    ),
)
our_metadata = st.fixed_dictionaries(
    {
        "tandem": st.fixed_dictionaries(
            {}, optional={"kind": st.sampled_from(["sql", "sheet", "javascript"]), "disabled": st.booleans()}
        )
    }
)
code_cells = st.fixed_dictionaries(
    {
        "cell_type": st.just("code"),
        "metadata": metadata | our_metadata,
        "source": lines,
        "outputs": st.lists(outputs, max_size=4),
        "execution_count": execution_counts,
    }
)
text_cells = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["markdown", "raw"]), "metadata": metadata | our_metadata, "source": lines},
    optional={"attachments": st.dictionaries(text, mime_bundles, max_size=2)},
)


@st.composite
def notebooks(draw: st.DrawFn) -> bytes:
    minor = draw(st.integers(1, 5))
    cells = draw(st.lists(code_cells | text_cells, max_size=5))
    for cell in cells:
        if minor == 5:
            cell["id"] = draw(st.from_regex(r"\A[a-zA-Z0-9_-]{1,64}\Z"))
    return file_of(*cells, minor=minor, metadata=draw(metadata))


@hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=notebooks())
def test_a_generated_notebook_comes_out_as_it_went_in(owner: Person, content: bytes) -> None:
    assert_round_trips(owner, content)


broken_values = json_values | st.sampled_from([{}, [], "", 0, 2**70, "\x00", "\ud800", [None], {"": {}}])


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [place for key, item in items for place in places_in(item, (*path, key))]


@st.composite
def damaged_notebooks(draw: st.DrawFn) -> bytes:
    """A real notebook with a value replaced or taken away."""
    path = draw(st.sampled_from([path for path in FILES if path.stat().st_size < 10_000]))
    file = json.loads(path.read_bytes())
    *above, key = draw(st.sampled_from([place for place in places_in(file) if place]))
    holder = file
    for step in above:
        holder = holder[step]
    if draw(st.booleans()):
        holder[key] = draw(broken_values)
    else:
        del holder[key]
    return json.dumps(file).encode()


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=damaged_notebooks())
def test_a_damaged_notebook_is_refused_or_kept(owner: Person, content: bytes) -> None:
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # nbformat logs what we answer with
    before = counts()
    try:
        notebook = import_notebook(actor=owner.actor, content=content, filename="x.ipynb")
    except (Invalid, TooLarge):
        assert counts() == before
    else:
        exported = as_nbformat_reads(export_ipynb(notebook_id=notebook.id))
        expected, result = without_made_up_ids(content, as_nbformat_reads(content), exported)
        assert result == storable(expected)
