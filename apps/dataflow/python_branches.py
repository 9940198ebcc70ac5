"""The walk through statements that branch: which paths there are, and where they meet again.

The body of a loop counts as run at least once, that of a `with` as run to its end.
"""

import ast
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.dataflow.python_expressions import ExpressionWalk
from apps.dataflow.python_flow import UNCHANGED, Flow, Fork, Path
from apps.dataflow.python_scopes import Scope


@dataclass(frozen=True, slots=True)
class _Loop:
    start: Fork
    handled: int
    breaks: list[Path] = field(default_factory=list)
    continues: list[Path] = field(default_factory=list)


class BranchWalk(ExpressionWalk):
    def __init__(self, scope: Scope, flow: Flow) -> None:
        super().__init__(scope, flow)
        self._loops: list[_Loop] = []
        self._handled: list[str] = []  # names of the exceptions whose handlers are around

    @abstractmethod
    def run(self, statements: Sequence[ast.stmt]) -> None: ...

    def if_(self, node: ast.If) -> None:
        start = self.flow.fork()
        ends = []
        elif_: ast.If | None = node
        while elif_:  # not recursion: there may be hundreds of them
            node, elif_ = elif_, None
            self.evaluate(node.test)
            truth, tested = _constant_truth(node.test), self.flow.path(start)
            self._run_unless(truth is False, node.body)
            ends.append(self.flow.take_back(start))
            self.flow.join([tested])
            match node.orelse:
                case [ast.If() as elif_] if truth is not True:
                    pass
                case _:
                    elif_ = None
                    self._run_unless(truth is True, node.orelse)
        self.flow.join([*ends, self.flow.take_back(start)])

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.evaluate(node.iter)
        self._loop(node, truth=None)

    def while_(self, node: ast.While) -> None:
        self.evaluate(node.test)
        self._loop(node, truth=_constant_truth(node.test))

    def break_(self, _: ast.Break) -> None:
        self._loops[-1].breaks.append(self._leave_handlers())

    def continue_(self, _: ast.Continue) -> None:
        self._loops[-1].continues.append(self._leave_handlers())

    def leave(self, node: ast.Raise | ast.Return) -> None:
        self.evaluate(*ast.iter_child_nodes(node))
        self.flow.dead = True

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.evaluate(item.context_expr)
            if item.optional_vars:
                self.assign(item.optional_vars)
        start, moment = self.flow.fork(), self.flow.moment()
        self.run(node.body)
        if self.flow.dead:  # but the context manager may keep the exception to itself
            self.flow.take_back(start)
            self.flow.interrupt_since(moment)

    def try_(self, node: ast.Try) -> None:
        if node.finalbody:
            self._try_finally(node)
        else:
            self._try_except(node)

    def match_(self, node: ast.Match) -> None:
        self.evaluate(node.subject)
        start = self.flow.fork()
        ends = []
        for case in node.cases:
            refused = [None if _is_irrefutable(case.pattern) else self.flow.path(start)]
            self._match_pattern(case.pattern)
            if case.guard:
                self.evaluate(case.guard)
                refused.append(self.flow.path(start))
            self.run(case.body)
            ends.append(self.flow.take_back(start))
            self.flow.join(refused)
        self.flow.join([*ends, self.flow.take_back(start)])

    def _run_unless(self, dead: bool, statements: Sequence[ast.stmt]) -> None:
        self.flow.dead = self.flow.dead or dead
        self.run(statements)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, truth: bool | None) -> None:
        loop = _Loop(self.flow.fork(), len(self._handled))
        self._loops.append(loop)
        if not isinstance(node, ast.While):
            self.assign(node.target)
        self._run_unless(truth is False, node.body)
        self._loops.pop()
        rounds = [self.flow.take_back(loop.start), *loop.continues]
        if truth is True:
            rounds = []
        elif _are_dead(rounds) and (node.orelse or _are_dead(loop.breaks)):
            rounds = [UNCHANGED]  # no round ends, so what follows runs if there was none
        self.flow.join(rounds)
        self.run(node.orelse)
        self.flow.join([self.flow.take_back(loop.start), *loop.breaks])

    def _leave_handlers(self) -> Path:
        """What changed in this round of the loop where it is left."""
        loop = self._loops[-1]
        for name in self._handled[loop.handled :]:
            self.scope.unbind(name)
        path = self.flow.path(loop.start)
        self.flow.dead = True
        return path

    def _try_finally(self, node: ast.Try) -> None:
        """The last block reads what is there at any point since the start, and adds to every exit that was taken."""
        start, moment = self.flow.fork(), self.flow.moment()
        around = self._loops[-1:]
        self._loops[-1:] = exits = [_Loop(loop.start, loop.handled) for loop in around]
        self._try_except(node)
        self._loops[len(self._loops) - len(around) :] = around
        end = self.flow.take_back(start)

        self.flow.interrupt_since(moment)
        begin = self.flow.moment()
        self.run(node.finalbody)
        touched = self.flow.touched_since(begin)
        after = self.flow.take_back(start)
        change = None if after is None else {key: after[key] for key in touched & after.keys()}

        for loop, exited in zip(around, exits, strict=True):
            loop.breaks.extend(_then(path, change) for path in exited.breaks)
            loop.continues.extend(_then(path, change) for path in exited.continues)
        self.flow.join([_then(end, change)])

    def _try_except(self, node: ast.Try) -> None:
        start, moment = self.flow.fork(), self.flow.moment()
        self.run(node.body)
        body = self.flow.take_back(start)
        handled = self._handle(node.handlers, start, moment)
        self.flow.join([body])
        self.run(node.orelse)
        self.flow.join([handled, self.flow.take_back(start)])

    def _handle(self, handlers: Sequence[ast.ExceptHandler], start: Fork, moment: int) -> Path:
        """What changed since the start where a handler ends."""
        self.flow.interrupt_since(moment)
        raised = self.flow.fork()
        ends = []
        for handler in handlers:
            self.evaluate(handler.type)
            if handler.name:
                self.scope.bind(handler.name)
                self._handled.append(handler.name)
            self.run(handler.body)
            if handler.name:
                self.scope.unbind(self._handled.pop())
            ends.append(self.flow.take_back(raised))
        self.flow.join(ends)
        return self.flow.take_back(start)

    def _match_pattern(self, pattern: ast.pattern) -> None:
        captures = []
        for node in ast.walk(pattern):
            match node:
                case ast.MatchValue(value=value):
                    self.evaluate(value)
                case ast.MatchClass(cls=class_):
                    self.evaluate(class_)
                case ast.MatchMapping(keys=keys, rest=name):
                    self.evaluate(*keys)
                    captures.append(name)
                case ast.MatchAs(name=name) | ast.MatchStar(name=name):
                    captures.append(name)
        for name in filter(None, captures):
            self.scope.bind(name)


def _are_dead(paths: Sequence[Path]) -> bool:
    return all(path is None for path in paths)


def _constant_truth(test: ast.expr) -> bool | None:
    return bool(test.value) if isinstance(test, ast.Constant) else None


def _then(path: Path, change: Path) -> Path:
    return None if path is None or change is None else {**path, **change}


def _is_irrefutable(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=inner):
            return inner is None or _is_irrefutable(inner)
        case ast.MatchOr(patterns=patterns):
            return any(map(_is_irrefutable, patterns))
    return False
