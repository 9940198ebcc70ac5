"""Small views of outputs, on outputs as libraries really make them."""

import base64
import io
import json
import zlib
from typing import Any

import pandas as pd
import pytest
from PIL import Image as Picture

from apps.assistant.tools.images import image_of, image_of_base64
from apps.assistant.tools.previews import preview, previews


def display(**data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def picture(kind: str, size: tuple[int, int] = (30, 20)) -> bytes:
    file = io.BytesIO()
    Picture.new("RGB", size, "red").save(file, kind)
    return file.getvalue()


def test_text_keeps_its_head_and_its_tail() -> None:
    text = preview({"output_type": "stream", "name": "stdout", "text": "first " + "x" * 10_000 + " last\n"})
    assert text.startswith("first ")
    assert text.endswith(" last")
    assert "characters left out" in text
    assert len(text) < 560
    assert preview({"output_type": "stream", "name": "stderr", "text": "oops\n"}) == "stderr: oops"


def test_progress_bars_and_colours() -> None:
    bar = "\r 10%|█\r 50%|███\r100%|██████\n\x1b[1;31mred\x1b[0m \x1b]0;title\x07end"
    assert preview({"output_type": "stream", "name": "stdout", "text": bar}) == "100%|██████\nred end"


def test_an_error_with_its_last_frames() -> None:
    frames = [f"Cell In[{number}], line 1\n----> 1 f{number}()" for number in range(10)]
    rule = "\x1b[31m-----\x1b[0m"
    output = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "no such month",
        "traceback": [
            rule,
            "ValueError  Traceback (most recent call last)",
            *frames,
            "ValueError: no such month",
        ],
    }
    text = preview(output)
    assert text.startswith("ValueError: no such month\n")
    assert [frame for frame in frames if frame in text] == frames[-3:]
    assert preview(output, 60) == "ValueError: no such month"
    assert preview({"output_type": "error"}) == "None: None"


def test_a_figure_in_a_sentence() -> None:
    trace = {"type": "bar", "name": "Revenue", "x": list(range(500)), "y": list(range(500))}
    layout = {
        "title": {"text": "Revenue by month"},
        "xaxis": {"title": {"text": "Month"}, "type": "date"},
        "yaxis": {"title": "kEUR"},
        "template": {"data": {"bar": [{"marker": {"line": {"color": "#E5ECF6"}}}] * 100}},
    }
    packed = base64.b64encode(bytes(8 * 1234)).decode()
    typed = {
        "type": "scattergl",
        "x": {"dtype": "f8", "bdata": packed},
        "y": {"dtype": "f8", "bdata": packed},
    }
    figure = {"data": [trace, typed], "layout": layout}
    text = preview(display(**{"application/vnd.plotly.v1+json": figure, "text/html": "<div>"}))
    assert text == (
        "[plotly figure “Revenue by month”: bar “Revenue” (500 points), scattergl (1,234 points); "
        "x: Month (date); y: kEUR]"
    )
    wide = {"data": [trace | {"name": "ü" * 400}] * 50, "layout": {"title": "T" * 4000}}
    assert len(preview(display(**{"application/vnd.plotly.v1+json": wide}))) <= 280


@pytest.mark.parametrize(
    "figure", [None, [], {}, {"data": 3, "layout": "x"}, {"data": [1, {"type": 7, "x": "abc"}], "layout": []}]
)
def test_broken_figures(figure: Any) -> None:
    assert "plotly figure" in preview(display(**{"application/vnd.plotly.v1+json": figure}))


def test_a_dataframe_as_columns_and_five_rows() -> None:
    frame = pd.DataFrame(
        {
            "month": pd.date_range("2026-01-01", periods=100),
            "revenue": [number * 1.5 for number in range(100)],
            "orders": range(100),
            "shop <b>": ["Köln & Bonn"] * 100,
        }
    )
    html = frame._repr_html_()
    lines = preview(display(**{"text/html": html, "text/plain": str(frame)})).split("\n")
    assert lines[0] == "dataframe, 100 × 4"
    assert (
        lines[1] == "columns: (index): int | month: datetime | revenue: float | orders: int | shop <b>: text"
    )
    assert lines[2] == "0 | 2026-01-01 | 0.0 | 0 | Köln & Bonn"
    assert lines[7:] == ["…"]
    few = frame.head(2).rename_axis("day")._repr_html_()
    assert preview(display(**{"text/html": few})).split("\n")[:2] == [
        "dataframe, 2 × 4",
        "columns: day: int | month: datetime | revenue: float | orders: int | shop <b>: text",
    ]


def test_a_wide_dataframe_stays_small() -> None:
    frame = pd.DataFrame({f"a rather long name {number}": ["v" * 500] * 10 for number in range(100)})
    assert len(preview(display(**{"text/html": frame._repr_html_()}))) < 1_100


def test_other_html_is_told_by_its_text() -> None:
    assert preview(display(**{"text/html": "<b>bold</b>", "text/plain": "bold"})) == "bold"
    assert preview(display(**{"text/html": "<b>bold</b>"})) == "[text/html: 11 bytes]"
    assert preview(display(**{"application/pdf": "x" * 12_345, "text/plain": "a report"})) == (
        "a report\n[application/pdf: 12 kB]"
    )
    assert preview(display(**{"application/json": {"a": [1, 2]}})) == '{"a":[1,2]}'
    assert preview(display()) == "[an empty output]"
    assert preview({"output_type": "display_data", "data": "no mapping"}) == "[an empty output]"


def test_many_outputs() -> None:
    text = previews(
        [{"output_type": "stream", "name": "stdout", "text": str(number)} for number in range(100)]
    )
    assert text.split("\n")[-1] == "[… and 80 more outputs …]"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_images(kind: str) -> None:
    content = picture(kind)
    image = image_of(f"image/{kind.lower()}", content)
    assert (image.width, image.height, image.problem) == (30, 20, "")
    encoded = base64.encodebytes(content).decode()
    assert image_of_base64(f"image/{kind.lower()}", encoded) == image
    assert image.as_block()["source"]["media_type"] == f"image/{kind.lower()}"
    assert f"{kind.lower()} 30×20" in preview(display(**{f"image/{kind.lower()}": encoded}))
    # What the API would refuse, and the conversation with it, is never sent.
    for broken in (content[:-5], b"", content[:20], b"GIF89a", bytes(100), content[::-1]):
        assert image_of(f"image/{kind.lower()}", broken).problem == "it is broken"
    for other in {"image/png", "image/jpeg", "image/gif", "image/webp"} - {f"image/{kind.lower()}"}:
        assert image_of(other, content).problem == "it is broken"


def test_lossless_and_animated_webp() -> None:
    for options in ({"lossless": True}, {"save_all": True, "append_images": [Picture.new("RGB", (30, 20))]}):
        file = io.BytesIO()
        Picture.new("RGB", (30, 20), "red").save(file, "WEBP", **options)
        image = image_of("image/webp", file.getvalue())
        assert (image.width, image.height, image.problem) == (30, 20, "")


def test_images_that_are_too_large() -> None:
    assert "pixels" in image_of("image/png", picture("PNG", (2_001, 1))).problem
    noise = zlib.compress(json.dumps(list(range(600_000))).encode(), 0)
    content = picture("PNG")
    chunk = b"tEXt" + noise
    padded = content[:-12] + len(noise).to_bytes(4, "big") + chunk
    padded += zlib.crc32(chunk).to_bytes(4, "big") + content[-12:]
    assert "too large" in image_of("image/png", padded).problem
    assert image_of("image/tiff", b"II*\x00").problem
    assert image_of_base64("image/png", "!").problem == "it is not base64"
    assert image_of_base64("image/png", {"not": "text"}).problem == "it is not base64"


def test_a_dataframe_as_the_kernel_says_it() -> None:
    columns = [
        {"name": "city", "type": "str", "kind": "text", "is_index": False, "summary": {"nulls": 2}},
        {"name": "price", "type": "float64", "kind": "number", "is_index": False, "summary": None},
    ]
    rows = [[f"city {number}", None if number == 1 else str(number)] for number in range(50)]
    table = {"table_id": "t", "row_count": 5_000_000, "column_count": 2, "columns": columns, "rows": rows}
    output = display(
        **{"application/vnd.tandem.table+json": table, "text/html": "<table>", "text/plain": "t"}
    )
    assert preview(output).splitlines() == [
        "dataframe, 5000000 × 2",
        "columns: city: str, 2 null | price: float64",
        "city 0 | 0",
        "city 1 | null",
        *(f"city {number} | {number}" for number in (2, 3, 4)),
        "…",
    ]
    for strange in (1, {}, {"columns": [1]}, {"columns": {}, "rows": 2}):
        assert preview(display(**{"application/vnd.tandem.table+json": strange, "text/plain": "plain"}))
