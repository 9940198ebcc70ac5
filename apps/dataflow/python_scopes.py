"""Scopes of Python code: which of the names that are used in them are names of the notebook.

The rules are those of the language reference, "Naming and binding". The walk tells the innermost scope what the code
does; what does not belong to it goes on to the scope around.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from apps.dataflow.python_closures import Closure, Uses
from apps.dataflow.python_flow import BEFORE, GONE, OWN, Flow


class Scope(ABC):
    def __init__(self) -> None:
        self.globals: set[str] = set()  # declared so: names of the notebook
        self.nonlocals: set[str] = set()  # declared so: names of a function around

    @property
    def visible(self) -> "Scope":
        """Where functions and comprehensions in this scope find the names that are not their own."""
        return self

    @abstractmethod
    def load(self, name: str, *, called: bool = True) -> None:
        """The value is used; `called` says whether, if it is a function, what it does may happen."""

    @abstractmethod
    def bind(self, name: str) -> None: ...

    @abstractmethod
    def unbind(self, name: str) -> None: ...

    @abstractmethod
    def mutate(self, name: str) -> None:
        """The value of the name is changed in place; it was loaded before."""

    @abstractmethod
    def run(self, closure: Closure) -> None:
        """Code may be called from here on: nobody knows by whom."""

    @abstractmethod
    def defer(self, closure: Closure, name: str) -> None:
        """Code is called by who uses the name."""

    def define(self, name: str, closure: Closure, *, at_once: bool = False) -> None:
        """A function or class is bound; `at_once` says whether it may be called by something other than its name."""
        self.bind(name)
        self.defer(closure, name)
        if at_once:
            self.run(closure)


class ModuleScope(Scope):
    """The cell itself."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.reads: set[str] = set()
        self.mutates: set[str] = set()
        self._deferred: dict[str, Uses] = {}
        self._flow = flow

    def load(self, name: str, *, called: bool = True) -> None:
        self._read(name)
        if called and name in self._deferred:
            self._call(self._deferred[name])

    def bind(self, name: str) -> None:
        self._flow.bind(name)

    def unbind(self, name: str) -> None:
        self._read(name)
        self._flow.unbind(name)

    def mutate(self, name: str) -> None:
        if self._flow.origins(name) & BEFORE:
            self.mutates.add(name)

    def run(self, closure: Closure) -> None:
        self._call(self._resolved(closure))

    def defer(self, closure: Closure, name: str) -> None:
        # What an earlier function of this name does stays: the new one may be made from it.
        uses = self._resolved(closure)
        if uses.reads:
            self._deferred.setdefault(name, Uses()).add(uses)

    def deferred_reads(self, name: str) -> set[str]:
        """What a function reads when it is called, itself or by functions that no other cell can name."""
        reads: set[str] = set()
        functions = {name}
        while functions:
            uses = self._deferred.get(functions.pop(), Uses())
            self._flow.spend(len(uses.reads))
            functions |= {each for each in uses.reads - reads if each.startswith("_")}
            reads |= uses.reads
        return reads

    def _resolved(self, closure: Closure) -> Uses:
        uses = Uses()
        uses.add(closure.free)
        uses.add(closure.declared)
        for name in uses.writes:
            self._flow.perhaps(name, OWN)
        for name in uses.deletes:
            self._flow.perhaps(name, GONE)
        return uses

    def _read(self, name: str) -> None:
        if self._flow.origins(name) & BEFORE:
            self.reads.add(name)

    def _call(self, uses: Uses) -> None:
        """The code runs, and all code of the cell that it uses."""
        called: set[str] = set()
        waiting = [uses]
        while waiting:
            uses = waiting.pop()
            self._flow.spend(len(uses.reads))
            for name in uses.reads:
                self._read(name)
            for name in uses.mutates:
                self.mutate(name)
            new = {name for name in uses.reads if name in self._deferred and name not in called}
            called |= new
            waiting += [self._deferred[name] for name in new]


class ClassScope(Scope):
    """The body of a class runs at once. What it has not bound is looked up around it; functions in it do not see it."""

    def __init__(self, around: Scope, flow: Flow, number: int) -> None:
        super().__init__()
        self._deferred = Closure()
        self._around = around.visible
        self._flow = flow
        self._number = number
        self._own: set[str] = set()
        self._looked_up: set[str] = set()  # around it

    @property
    def visible(self) -> Scope:
        return self._around

    def load(self, name: str, *, called: bool = True) -> None:
        if name in self.globals:
            self._around.run(Closure(declared=Uses(reads=[name])))
        elif self._may_be_around(name):
            self._looked_up.add(name)
            self._around.load(name, called=called)

    def bind(self, name: str) -> None:
        if name in self.globals:
            self._around.run(Closure(declared=Uses(writes=[name])))
        elif name in self.nonlocals:
            self._around.bind(name)
        else:
            self._own.add(name)
            self._flow.bind((self._number, name))

    def unbind(self, name: str) -> None:
        if name in self.globals:
            self._around.run(Closure(declared=Uses(reads=[name], deletes=[name])))
        elif name in self.nonlocals:
            self._around.unbind(name)
        else:
            self._flow.unbind((self._number, name))

    def mutate(self, name: str) -> None:
        if name in self.globals:
            self._around.run(Closure(declared=Uses(mutates=[name])))
        elif self._may_be_around(name):
            self._around.mutate(name)

    def run(self, closure: Closure) -> None:
        self._around.run(closure)

    def defer(self, closure: Closure, name: str) -> None:
        self._deferred.add(closure)

    def define(self, name: str, closure: Closure, *, at_once: bool = False) -> None:
        # Nobody has an instance yet to call a method with, not even its decorator: `property`, ...
        super().define(name, closure)

    def end(self) -> Closure:
        """What its methods do, once its body is known."""
        # A name that it binds later, or not on this path, is not looked up in functions around but in the notebook.
        self._around.run(Closure(declared=Uses(reads=self._looked_up & self._own)))
        return self._deferred

    def _may_be_around(self, name: str) -> bool:
        return name in self.nonlocals or bool(self._flow.origins((self._number, name)) & (BEFORE | GONE))


class FunctionScope(Scope):
    """The body of a function: a name that is bound anywhere in it is its own everywhere in it."""

    def __init__(self, parameters: Iterable[str]) -> None:
        super().__init__()
        self._used = Uses(writes=parameters)
        self._declared = Uses()

    def load(self, name: str, *, called: bool = True) -> None:
        self._used.reads.add(name)

    def bind(self, name: str) -> None:
        self._used.writes.add(name)

    def unbind(self, name: str) -> None:
        self._used.deletes.add(name)

    def mutate(self, name: str) -> None:
        self._used.mutates.add(name)

    def run(self, closure: Closure) -> None:
        self._used.add(closure.free)
        self._declared.add(closure.declared)

    def defer(self, closure: Closure, name: str) -> None:
        self.run(closure)

    def closure(self) -> Closure:
        """What the function does, once its body is known."""
        used, declared = self._used, self._declared
        not_free = (used.writes | used.deletes) - self.nonlocals | self.globals
        declared.reads |= (used.reads | used.deletes) & self.globals
        declared.mutates |= used.mutates & self.globals
        declared.writes |= used.writes & self.globals
        declared.deletes |= used.deletes & self.globals
        return Closure(Uses(reads=used.reads - not_free, mutates=used.mutates - not_free), declared)


class InnerScope(Scope):
    """A comprehension, or type parameters: some names of its own, all others are those around."""

    def __init__(self, around: Scope, names: Iterable[str]) -> None:
        super().__init__()
        self._around = around
        self._names = frozenset(names)

    def load(self, name: str, *, called: bool = True) -> None:
        if name not in self._names:
            self._around.load(name, called=called)

    def bind(self, name: str) -> None:
        if name not in self._names:
            self._around.bind(name)

    def unbind(self, name: str) -> None:
        self._around.unbind(name)

    def mutate(self, name: str) -> None:
        if name not in self._names:
            self._around.mutate(name)

    def run(self, closure: Closure) -> None:
        self._around.run(closure.without(self._names))

    def defer(self, closure: Closure, name: str) -> None:
        self._around.defer(closure.without(self._names), name)
