"""Random cells that can be run: all that binds, unbinds or uses names, over few names.

Values are `Thing`s, with which everything can be done, so that cells seldom fail. What the analysis takes for granted
holds: loops run at least once, context managers let exceptions pass. All else is left to chance.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from random import Random
from types import CodeType
from typing import Any, Self

NAMES = frozenset("abcdefg")


class OutOfFuel(BaseException):
    """The cell has done enough. No handler of a cell catches it."""


class Thing:
    """Does everything that is asked of a value; whether it is true is left to chance."""

    def __init__(self, chance: Callable[[], bool]) -> None:
        self.__dict__["chance"] = chance

    def __getattr__(self, name: str) -> Self:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: object) -> None: ...

    def __delattr__(self, name: str) -> None: ...

    def __getitem__(self, key: object) -> Self:
        return self

    def __setitem__(self, key: object, value: object) -> None: ...

    def __delitem__(self, key: object) -> None: ...

    def __call__(self, *_: object) -> Self:
        return self

    def __iter__(self) -> Iterator[Self]:
        return iter([self, self])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __bool__(self) -> bool:
        return bool(self.__dict__["chance"]())

    def __format__(self, spec: str) -> str:
        return ""

    def __add__(self, other: object) -> Self:
        return self

    __radd__ = __lt__ = __gt__ = __add__


class World(dict[str, Any]):
    """The globals of a kernel, where every name has a value from other cells. It records what a cell does to them."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)
        self._fuel = 2_000
        self.update(Thing=self._thing, boom=self._boom, call=self._call, calls=self._calls, turns=self._turns)
        self.update(suppress=suppress)
        self.renew(NAMES)

    def renew(self, names: Iterable[str]) -> None:
        """Gives the names values from other cells, and forgets what was done."""
        self.read: set[str] = set()  # names whose old value was used
        self.stored: set[str] = set()
        self.removed: set[str] = set()
        self._old = {name: Thing(self._chance) for name in names}
        self._name_of = {id(thing): name for name, thing in self._old.items()}
        self.update(self._old)

    def run(self, code: CodeType) -> bool:
        """Whether it came to its end."""
        try:
            exec(code, self)
        except (Exception, OutOfFuel):
            return False
        return True

    def touched(self) -> set[str]:
        # Functions bind globals without asking their dictionary.
        changed = {name for name, old in self._old.items() if self.get(name) is not old}
        return self.stored | self.removed | changed

    def __getitem__(self, name: str) -> Any:
        return self._seen(super().__getitem__(name))

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        if not name.startswith("_"):
            self.stored.add(name)

    def __delitem__(self, name: str) -> None:
        self._seen(self.get(name))
        super().__delitem__(name)
        self.removed.add(name)

    def _seen(self, value: object) -> object:
        """Bodies of classes load globals without asking their dictionary, but what has an old value has read it."""
        self._burn()
        if name := self._name_of.get(id(value)):
            self.read.add(name)
        return value

    def _burn(self) -> None:
        self._fuel -= 1
        if self._fuel < 0:
            raise OutOfFuel

    def _chance(self) -> bool:
        self._burn()
        return self._random.random() < 0.5

    def _thing(self, *values: object) -> Thing:
        for value in values:
            self._seen(value)
        return Thing(self._chance)

    def _boom(self) -> None:
        if self._chance():
            raise ValueError

    def _call(self, function: Any) -> Any:
        self._seen(function)
        if not callable(function):
            return self._thing()
        return function() if isinstance(function, type) else function(self._thing())

    def _calls(self, function: Any) -> Any:
        """A decorator that may call what it decorates."""
        if self._chance():
            self._call(function)
        return function

    def _turns(self) -> Callable[[], bool]:
        """The condition of a loop that runs at least once."""
        is_first = iter([True])
        return lambda: next(is_first, False) or self._chance()


def random_cell(random: Random) -> str:
    """It may not compile: `nonlocal` of nothing, an unreachable case, ..."""
    return "\n".join(_Writer(random).block(depth=0)) + "\n"


def random_straight_cell(random: Random) -> str:
    """Whatever happens in it happens always, and in order."""
    return "\n".join(_Writer(random, is_straight=True).block(depth=0)) + "\n"


class _Writer:
    def __init__(self, random: Random, *, is_straight: bool = False) -> None:
        self._random = random
        self._is_straight = is_straight
        self._exits = [""]  # statements that leave the innermost loop or function
        self._turns = 0

    def block(self, depth: int, *first: str) -> list[str]:
        lines = [*first]
        for _ in range(self._random.randint(1, 3 if depth else 6)):
            if depth < 3 and not self._is_straight and self._chance(0.45):
                lines += self._compound(depth)
            else:
                lines.append(self._simple())
        return lines

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _name(self) -> str:
        return self._random.choice(sorted(NAMES))

    def _body(self, depth: int, *first: str, exits: list[str] | None = None) -> list[str]:
        before, self._exits = self._exits, self._exits if exits is None else exits
        lines = self.block(depth + 1, *first)
        if self._exits and self._chance(0.2):
            lines.append(self._random.choice(self._exits))
        self._exits = before
        return [f"    {line}" for line in lines]

    def _simple(self) -> str:
        n, m, e, d = self._name(), self._name(), self._value(), self._value()
        straight = [
            *[f"{n} = {e}"] * 4,
            f"{n} = {m} = {e}",
            f"{n}, {m} = Thing({e})",
            f"[{n}, *{m}] = Thing({e})",
            f"({n}, Thing({m}).x), {m}[0] = Thing({e})",
            f"{n} += {e}",
            f"{n}.x += {e}",
            f"{n}: {e} = {d}",
            f"{n}: {e}",
            f"{n}.x = {e}",
            f"{n}[{m}] = {e}",
            f"import math as {n}",
            f"from math import pi as {n}, tau as {m}",
            f"del {n}",
            f"del {n}, {m}.x, {m}[{e}]",
            e,
        ]
        others = [
            f"{n} = lambda *{m}: {e}",
            f"{n} = {m} = lambda *_, {n}={d}: {e}",
            f"assert Thing, {e}",
            "boom()",
            f"call({n})",
        ]
        return self._random.choice(straight if self._is_straight else straight + others)

    def _value(self, depth: int = 0, *, may_bind: bool = True) -> str:
        n, m = self._name(), self._name()
        if depth > 2 or self._chance(0.4):
            return n
        e, d, c = (self._value(depth + 1, may_bind=may_bind) for _ in range(3))
        i, j = (self._value(depth + 1, may_bind=False) for _ in range(2))  # no `:=` in what is iterated over
        # After `:=` in a comprehension, the cell binds the name without asking the dictionary.
        b = self._value(depth + 1, may_bind=may_bind and not self._is_straight)
        straight = [
            f"({n} := {e})" if may_bind else n,
            f"Thing({e}, {d})",
            f"Thing(f'{{{n}}}')",
            f"Thing(f'{{{n}!r:{{Thing({m})}}}}')",
            f"Thing({e}).x[{d}]",
            f"Thing({{Thing({e}): {d}, Thing({c}): {e}}})",
            f"Thing(*[{b} for {n} in Thing({i})])",
            f"Thing({{Thing({i}): {b} for {n}, {m} in [Thing({i})]}})",
            f"list({b} for {n} in Thing({i}) for {m} in Thing({j}))",
        ]
        others = [
            f"call({n})",
            f"({e} if Thing({d}) else {c})",
            f"(Thing({e}) and {d} or {c})",
            f"(Thing({e}) < Thing({d}) < {c})",
            f"Thing([{e} for {n} in Thing({i}) if Thing({c})])",
            f"(lambda *{n}: {e})",
            f"call(lambda *{n}: {e})",
        ]
        return self._random.choice(straight if self._is_straight else straight + others)

    def _compound(self, depth: int) -> list[str]:
        write = self._random.choice(
            [
                self._if,
                self._for,
                self._while,
                self._try,
                self._with,
                self._function,
                self._class,
                self._match,
            ]
        )
        return write(depth)

    def _if(self, depth: int) -> list[str]:
        lines = [f"if Thing({self._value()}):", *self._body(depth)]
        if self._chance(0.3):
            lines += [f"elif Thing({self._value()}):", *self._body(depth)]
        if self._chance(0.5):
            lines += ["else:", *self._body(depth)]
        return lines

    def _for(self, depth: int) -> list[str]:
        target = self._random.choice([self._name(), f"{self._name()}, {self._name()}"])
        iterable = f"Thing({self._value()})" if "," not in target else f"[Thing({self._value()})]"
        return [f"for {target} in {iterable}:", *self._loop_body(depth), *self._else(depth)]

    def _while(self, depth: int) -> list[str]:
        if self._chance(0.5):
            leave = [f"    if Thing({self._value()}):", "        break"] if self._chance(0.8) else []
            return ["while True:", "    boom()", *self._loop_body(depth), *leave, *self._else(depth)]
        self._turns += 1
        turns = f"turns{self._turns}"
        return [
            f"{turns} = turns()",
            f"while Thing({self._value()}) is not None and {turns}():",
            *self._loop_body(depth),
            *self._else(depth),
        ]

    def _loop_body(self, depth: int) -> list[str]:
        return self._body(depth, exits=["break", "continue", *self._exits])

    def _else(self, depth: int) -> list[str]:
        return ["else:", *self._body(depth)] if self._chance(0.3) else []

    def _try(self, depth: int) -> list[str]:
        lines = ["try:", *self._body(depth, *["boom()"] * self._chance(0.5))]
        star = "*" if self._chance(0.2) else ""
        if handled := self._chance(0.8):
            name = f" as {self._name()}" if self._chance(0.6) else ""
            lines += [f"except{star} ValueError{name}:", *self._body(depth)]
            if self._chance(0.3):
                lines += [f"except{star} (NameError, TypeError){name}:", *self._body(depth)]
            lines += self._else(depth)
        if not handled or self._chance(0.3):
            lines += ["finally:", *self._body(depth)]
        return lines

    def _with(self, depth: int) -> list[str]:
        if self._chance(0.3):
            return ["with suppress(ValueError):", *self._body(depth), "    raise ValueError"]
        target = self._random.choice([self._name(), f"({self._name()}, {self._name()})"])
        return [f"with Thing({self._value()}), Thing({self._value()}) as {target}:", *self._body(depth)]

    def _function(self, depth: int) -> list[str]:
        is_decorated = self._chance(0.3)
        # A decorator would call a function that reads its own name before this is bound: the analysis does not say so.
        name = "decorated" if is_decorated else self._name()
        declared = self._name()
        first = self._random.choice([[], [], [f"global {declared}"], [f"nonlocal {declared}"]])
        body = self._body(depth, *first, exits=[f"return {self._value()}", "raise ValueError"])
        head = f"def {name}(*{self._name()}, {self._name()}: {self._value()} = {self._value()}) -> {self._value()}:"
        calls = self._random.choice([[], [f"call({name})"]])
        return [*["@calls"] * is_decorated, head, *body, *calls]

    def _class(self, depth: int) -> list[str]:
        name, method = self._name(), self._name()
        first = self._random.choice([[], [], [f"global {self._name()}"]])
        body = self._body(depth, *first, exits=[])
        return [f"class {name}:", *body, f"call(getattr({name}, '{method}', Thing))"]

    def _match(self, depth: int) -> list[str]:
        n, m, guard = self._name(), self._name(), f"Thing({self._value()})"
        patterns = [
            f"({n}, {m}) if {guard}",
            f"[{n}, *{m}] if {guard}",
            f"[{n}]",
            f"str() as {n}",
            f"{{'x': 1, **{m}}}",
        ]
        last = self._random.choice([[], ["_"], [n], [f"_ as {m}"], [f"({n}, {m})"], [f"[*{n}]"]])
        lines = [f"match ({self._value()}, {self._value()}):"]
        for pattern in [*self._random.sample(patterns, self._random.randint(1, 2)), *last]:
            lines += [f"    case {pattern}:", *(f"    {line}" for line in self._body(depth))]
        return lines
