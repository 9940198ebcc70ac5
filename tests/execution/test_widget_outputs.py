"""What an Output widget captures."""

from typing import Any

from apps.execution.widget_outputs import LEFT_OUT, MAX_BYTES, MAX_OUTPUTS, CapturedOutputs


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(text: str, display_id: str = "") -> dict[str, Any]:
    transient = {"transient": {"display_id": display_id}} if display_id else {}
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}, **transient}


def clear(*, wait: bool) -> dict[str, Any]:
    return {"output_type": "clear_output", "wait": wait}


def test_text_of_one_stream_is_one_output() -> None:
    captured = CapturedOutputs([])
    for operation in (stream("a"), stream("b"), stream("c", "stderr"), stream("d")):
        assert captured.take(operation)
    assert [output["text"] for output in captured.outputs] == ["ab", "c", "d"]


def test_a_clear_that_waits_comes_with_the_next_output() -> None:
    captured = CapturedOutputs([stream("old")])
    assert not captured.take(clear(wait=True))
    assert captured.outputs == [stream("old")]
    assert captured.take(stream("new"))
    assert captured.outputs == [stream("new")]
    assert captured.take(clear(wait=False))
    assert captured.outputs == []


def test_displays_are_updated_in_place() -> None:
    captured = CapturedOutputs([])
    captured.take(shown("old", "one"))
    captured.take(shown("other", "two"))
    assert captured.take(shown("new", "one") | {"output_type": "update_display_data"})
    assert not captured.take(shown("x", "nobody") | {"output_type": "update_display_data"})
    assert [output["data"]["text/plain"] for output in captured.outputs] == ["new", "other"]
    assert [output["output_type"] for output in captured.outputs] == ["display_data"] * 2


def test_too_much_is_said_once() -> None:
    captured = CapturedOutputs([])
    for index in range(MAX_OUTPUTS + 5):
        captured.take(shown(str(index)))
    assert len(captured.outputs) == MAX_OUTPUTS + 1
    assert captured.outputs[-1]["text"] == LEFT_OUT
    captured = CapturedOutputs([stream("x")])
    for _ in range(3):
        captured.take(stream("y" * MAX_BYTES))
    assert captured.outputs == [stream("x"), stream(LEFT_OUT, "stderr")]


def test_what_code_has_set_may_be_anything() -> None:
    assert CapturedOutputs("nothing").outputs == []
    captured = CapturedOutputs([3, {"output_type": "stream", "name": "stdout"}])
    assert captured.take(stream("x"))
