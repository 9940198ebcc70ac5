"""Values of two kernels, made equal if they are the same. Runs inside kernels too, so it imports nothing of ours."""

from types import FunctionType
from typing import Any


def comparable(value: Any) -> Any:
    match value:
        case dict():
            return {name: comparable(each) for name, each in value.items()}
        case list():
            return [comparable(each) for each in value]
        case int() | str():
            return value
        case FunctionType():
            return value.__code__.co_names
        case type():
            return ["class", comparable(value.__call__)]
        case _:
            return ["instance of", comparable(type(value))]
