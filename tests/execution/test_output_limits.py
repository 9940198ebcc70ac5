"""What is kept of a cell's output, whatever its kernel sends."""

from typing import Any

import pytest
from pytest_django import Settings

from apps.execution.output_limits import MORE_ERRORS, OutputLimits
from apps.kernels.messages import Operation, error_output


@pytest.fixture(autouse=True)
def small_limits(settings: Settings) -> None:
    settings.MAX_CELL_OUTPUTS = 3
    settings.MAX_OUTPUT_BYTES = 2**20
    settings.MAX_CELL_OUTPUT_BYTES = 4 * 2**20


def printed(text: str, name: str = "stdout") -> Operation:
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: Any) -> Operation:
    data = {kind.replace("_", "/"): value for kind, value in data.items()}
    return {"output_type": "display_data", "data": data, "metadata": {}}


CLEAR = {"output_type": "clear_output"}


def within(*operations: Operation, limits: OutputLimits | None = None) -> list[Operation]:
    return list((limits or OutputLimits.of({})).within(operations))


def test_text_that_goes_on_is_one_output() -> None:
    many = [printed("x")] * 50
    assert within(*many) == many


def test_outputs_beyond_the_count_end_in_one_note() -> None:
    kept = within(*[printed("x", name) for name in ("stdout", "stderr") * 5])
    assert kept[:3] == [printed("x"), printed("x", "stderr"), printed("x")]
    assert [note["text"] for note in kept[3:]] == [
        "\n[Output stops here: a cell shows at most 3 outputs. The cell itself runs on.]\n"
    ]


def test_a_clear_makes_room_again() -> None:
    once = [CLEAR, *[shown(text_plain="x")] * 3]
    assert within(*once * 3) == once * 3


def test_too_much_in_all_ends_in_one_note() -> None:
    kept = within(*[printed("x" * 3 * 2**20)] * 3)
    assert [operation["name"] for operation in kept] == ["stdout", "stderr"]
    assert "at most 4 MiB are kept" in kept[1]["text"]


def test_errors_are_shown_beyond_the_count_but_not_for_ever() -> None:
    error = error_output("Error", "it failed")
    kept = within(*[shown(text_plain="x")] * 9, *[error] * 99)
    assert len(kept) == 4 + MORE_ERRORS
    assert kept[-1] == error


def test_a_large_image_is_replaced_by_a_note_and_what_is_beside_it_stays() -> None:
    (kept,) = within(shown(image_png="A" * (2 * 2**20), text_plain="<Figure>"))
    assert kept["data"] == {
        "text/plain": "<Figure>\n[image/png of 1.5 MiB is left out: an output may have at most 1 MiB.]"
    }


def test_an_image_counts_as_its_bytes_not_as_base64() -> None:
    image = shown(image_png="A" * (2**20 * 4 // 3 - 100))
    assert within(image) == [image]


def test_a_large_update_is_replaced_too() -> None:
    update = shown(text_html="x" * 2**21) | {
        "output_type": "update_display_data",
        "transient": {"display_id": "d"},
    }
    (kept,) = within(update)
    assert list(kept["data"]) == ["text/plain"]
    assert kept["transient"] == {"display_id": "d"}


def test_a_later_lane_goes_on_in_the_same_way() -> None:
    operations = [
        printed("x"),
        printed("y"),
        shown(text_plain="x"),
        *[printed("z", "stderr")] * 3,
        shown(text_plain="x"),
    ]
    limits = OutputLimits.of({})
    kept: list[Operation] = []
    for operation in operations:
        kept += limits.within([operation])
        limits = OutputLimits.of(limits.state)
    assert kept == within(*operations)
