"""What is told of variables, in a kernel of its own: right for what is known, and nothing runs for what is not."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.kernels.messages import request_id_of
from tests.kernels.test_plans_in_the_kernel import Kernel
from tests.support.kernels import planned_cell as cell

KNOWN = """
import datetime, numpy as np, pandas as pd
from collections import Counter
number, text, nothing, huge = 7, "words", None, 10**5000
items, pairs, letters = [1, "two", [3]], {"k": 1.5}, Counter("aab")
recursive = []; recursive.append(recursive)
array = np.arange(12).reshape(3, 4)
frame = pd.DataFrame({"a": range(100), "b": pd.date_range("2020-01-01", periods=100)}, index=range(1, 101))
series = pd.Series([1.0, None], index=["x", "y"])
day = datetime.date(2026, 11, 21)
_hidden = 1
def double(x): return 2 * x
"""

# Every way in which looking could run code of a class notes that it was taken.
TRAPS = """
ran = []
def trap(name, result=None):
    def run(self, *args):
        ran.append(name)
        return result
    return run
class Meta(type):
    __getattribute__ = trap("metaclass's attribute")
    __repr__ = trap("metaclass's repr", "")
class Trap:
    pass
instance = Trap()
instance.inside = 42
other = Trap()
class Shape(list):
    __len__ = trap("len of a list", 0)
    __iter__ = trap("iter of a list", iter(()))
class Of(metaclass=Meta):
    pass
class Hidden:
    __dict__ = property(trap("dict", {}))
class Zone(__import__("datetime").tzinfo):
    utcoffset = trap("zone")
import datetime, numpy as np, pandas as pd
shape, of, hidden, when = Shape([1]), Of(), Hidden(), datetime.datetime(2020, 1, 1, tzinfo=Zone())
held = [other, {"k": other}, (other,)]
objects = np.array([other, other], dtype=object)
table = pd.DataFrame({"o": [other, other]})
class DataFrame:
    shape = property(trap("shape of an impostor", (1, 1)))
DataFrame.__module__ = "pandas"
impostor = DataFrame()
for name in ("__repr__", "__str__", "__len__", "__sizeof__", "__hash__", "__eq__", "__iter__", "__bool__", "__format__",
             "__array__", "__getattribute__", "__getattr__"):
    setattr(Trap, name, trap(name, 0))
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    try:
        assert kernel.connection.wait_until_ready(60, keep_waiting=lambda: True)
        yield kernel
    finally:
        kernel.close()


def replied(kernel: Kernel, request: str, content: dict[str, Any]) -> dict[str, Any]:
    request_id = kernel.connection.ask(request, content)
    while kernel.connection.shell.poll(20_000):
        for reply in kernel.connection.receive(kernel.connection.shell):
            if request_id_of(reply) == request_id:
                found: dict[str, Any] = reply["content"]
                return found
    pytest.fail("the kernel does not reply")


def told(kernel: Kernel) -> dict[str, dict[str, Any]]:
    """All variables, slice by slice."""
    found: dict[str, dict[str, Any]] = {}
    after: str | None = ""
    while after is not None:
        reply = replied(kernel, "variables", {"after": after})
        found |= {variable["name"]: variable for variable in reply["variables"]}
        assert reply["next"] is None or reply["next"] > after
        after = reply["next"]
    return found


def details(kernel: Kernel, name: str) -> dict[str, Any]:
    return replied(kernel, "variable", {"name": name})


def test_known_types(kernel: Kernel) -> None:
    kernel.run(cell("known", KNOWN))
    found = told(kernel)
    brief = {name: (each["type"], each["shape"], each["preview"]) for name, each in found.items()}
    assert brief["number"] == ("int", "", "7")
    assert brief["text"] == ("str", "5", "'words'")
    assert brief["nothing"] == ("NoneType", "", "None")
    assert brief["huge"] == ("int", "", "about 2**16609")
    assert brief["items"] == ("list", "3", "[1, 'two', [3]]")
    assert brief["pairs"] == ("dict", "1", "{'k': 1.5}")
    assert brief["letters"] == ("Counter", "2", "{'a': 2, 'b': 1}")
    assert brief["recursive"] == ("list", "1", "[[[[…]]]]")
    assert brief["array"] == ("ndarray", "3 × 4", "int64  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]")
    assert brief["frame"] == ("DataFrame", "100 × 2", "a, b")
    assert brief["series"] == ("Series", "2", "float64  [1.0, nan]")
    assert brief["day"] == ("date", "", "2026-11-21")
    assert brief["double"] == ("function", "", "double()")
    assert found["array"]["size_bytes"] == 96
    # Modules, what is private and what every kernel has are left out.
    assert not {"np", "pd", "_hidden", "In", "Out", "exit", "get_ipython"} & found.keys()


def test_details(kernel: Kernel) -> None:
    kernel.run(cell("known", KNOWN))
    frame = details(kernel, "frame")
    assert frame["columns"] == ["", "a", "b"]
    assert frame["rows"][0] == ["1", "0", "2020-01-01 00:00:00"]
    assert (len(frame["rows"]), frame["more"]) == (50, 50)
    assert details(kernel, "items")["rows"][1] == ["1", "str", "two"]
    assert details(kernel, "pairs")["rows"] == [["k", "float", "1.5"]]
    assert details(kernel, "array")["rows"][2] == ["8", "9", "10", "11"]
    assert details(kernel, "series")["rows"] == [["x", "1.0"], ["y", "nan"]]
    assert details(kernel, "text")["text"] == "words"
    assert details(kernel, "gone") == {"status": "ok", "found": False}


def test_looking_runs_nothing(kernel: Kernel) -> None:
    kernel.run(cell("traps", TRAPS))
    kernel.run(cell("forget", "ran.clear()"))
    found = told(kernel)
    assert found["held"]["preview"] == "[<Trap>, {'k': <Trap>}, (<Trap>)]"
    assert found["instance"]["preview"] == "<Trap>"
    assert found["impostor"]["preview"] == "<DataFrame>"
    for name in found:
        assert details(kernel, name)["found"], name
    assert details(kernel, "instance")["rows"] == [["inside", "int", "42"]]
    assert details(kernel, "table")["rows"] == [["0", "<Trap>"], ["1", "<Trap>"]]
    assert kernel.value("ran") == "[]"


def test_many_are_told_in_slices(kernel: Kernel) -> None:
    kernel.run(cell("many", "for i in range(3000): globals()[f'many_{i:04}'] = [i] * 50"))
    names = [name for name in told(kernel) if name.startswith("many_")]
    assert names == [f"many_{i:04}" for i in range(3000)]
