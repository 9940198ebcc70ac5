"""The walk through expressions, in the order in which they are evaluated."""

import ast
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from apps.dataflow.python_closures import Closure
from apps.dataflow.python_flow import UNCHANGED, Flow
from apps.dataflow.python_scopes import FunctionScope, InnerScope, Scope

# PEP 649: an annotation is a function that somebody may call.
_ANNOTATIONS_ARE_DEFERRED = sys.version_info >= (3, 14)

_MAGIC_CALLS = frozenset({"run_line_magic", "run_cell_magic", "system", "getoutput"})


class ExpressionWalk(ABC):
    """Tells `scope`, the scope of where the walk is, what expressions do."""

    def __init__(self, scope: Scope, flow: Flow) -> None:
        self.scope = scope
        self.flow = flow
        self.annotations_are_text = False  # after `from __future__ import annotations`

    @abstractmethod
    def run_magic(self, method: str, arguments: list[str], line_number: int) -> None:
        """A line or cell in IPython's own syntax: the call of a method of its shell."""

    def evaluate(self, *nodes: ast.AST | None) -> None:
        # A stack, not recursion: sums and chains of methods are as deep as they are long.
        stack = list(reversed(nodes))
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Name):
                self.scope.load(node.id)
            elif isinstance(node, ast.Constant) or node is None:
                continue
            elif isinstance(node, ast.Call):
                stack.extend(self._call(node))
            elif special := _SPECIAL.get(type(node)):
                special(self, node)
            else:
                stack.extend(_operands_reversed(node))

    def assign(self, target: ast.expr) -> None:
        """Binds a target, whose value was evaluated before."""
        match target:
            case ast.Name():
                self.scope.bind(target.id)
            case ast.Tuple() | ast.List():
                for element in target.elts:
                    self.assign(element)
            case ast.Starred():
                self.assign(target.value)
            case _:
                self.evaluate(target)
                self.mutate(target)

    def mutate(self, place: ast.expr) -> None:
        """Changes in place the name at the root of `df.loc["a"]`; that it is read is told by evaluating it."""
        while isinstance(place, ast.Attribute | ast.Subscript):
            place = place.value
        if isinstance(place, ast.Name):
            self.scope.mutate(place.id)

    def annotate(self, *annotations: ast.expr | None) -> Closure:
        """Evaluates annotations, or returns what evaluates them later."""
        if self.annotations_are_text:
            return Closure()
        if _ANNOTATIONS_ARE_DEFERRED:
            return self.closure((), lambda: self.evaluate(*annotations))
        self.mention(*annotations)
        return Closure()

    def mention(self, *types: ast.expr | None) -> None:
        """Evaluates what names types: it uses them, but calls none of their methods."""
        for node in filter(None, types):
            parts = list(ast.walk(node))
            if any(type(part) in _SPECIAL or isinstance(part, ast.Call) for part in parts):
                self.evaluate(node)
                continue
            for part in parts:
                if isinstance(part, ast.Name):
                    self.scope.load(part.id, called=False)

    def closure(self, parameters: Iterable[str], walk_body: Callable[[], None]) -> Closure:
        """What a function does, told by a walk through its body."""
        around, function = self.scope, FunctionScope(parameters)
        fork = self.flow.fork()
        self.scope, self.flow.dead = function, False
        walk_body()
        self.scope = around
        self.flow.take_back(fork)
        return function.closure()

    def lambda_closure(self, node: ast.Lambda) -> Closure:
        self.evaluate(*node.args.defaults, *node.args.kw_defaults)
        return self.closure(parameter_names(node.args), lambda: self.evaluate(node.body))

    def _lambda(self, node: ast.Lambda) -> None:
        self.scope.run(self.lambda_closure(node))

    def _named_expression(self, node: ast.NamedExpr) -> None:
        self.evaluate(node.value)
        self.scope.bind(node.target.id)

    def _call(self, node: ast.Call) -> Iterable[ast.AST]:
        """Returns what is evaluated for it; not here, because calls are as deep as chains of methods are long."""
        if not isinstance(node.func, ast.Attribute):
            return _operands_reversed(node)
        if node.func.attr in _MAGIC_CALLS and _is_shell(node.func.value) and (texts := _texts(node.args)):
            self.run_magic(node.func.attr, texts, node.lineno)
            return ()
        if any(map(_is_inplace, node.keywords)):
            self.mutate(node.func.value)
        return _operands_reversed(node)

    def _dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            self.evaluate(key, value)

    def _conditional(self, node: ast.IfExp) -> None:
        self.evaluate(node.test)
        fork = self.flow.fork()
        self.evaluate(node.body)
        body = self.flow.take_back(fork)
        self.evaluate(node.orelse)
        self.flow.join([body, self.flow.take_back(fork)])

    def _and_or(self, node: ast.BoolOp) -> None:
        self._short_circuit(node.values[:1], node.values[1:])

    def _compare(self, node: ast.Compare) -> None:
        self._short_circuit([node.left, node.comparators[0]], node.comparators[1:])

    def _short_circuit(self, always: Sequence[ast.expr], perhaps: Sequence[ast.expr]) -> None:
        self.evaluate(*always)
        fork = self.flow.fork()
        self.evaluate(*perhaps)
        self.flow.join([UNCHANGED, self.flow.take_back(fork)])

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        """Counts as run, at least for one element, as the body of a loop does."""
        self.evaluate(node.generators[0].iter)
        around = self.scope
        self.scope = InnerScope(around.visible, _target_names(node.generators))
        forks = []
        for number, generator in enumerate(node.generators):
            self.evaluate(generator.iter if number else None)
            self.assign(generator.target)
            for condition in generator.ifs:
                self.evaluate(condition)
                forks.append(self.flow.fork())
        self.evaluate(*((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)))
        for fork in reversed(forks):
            self.flow.join([UNCHANGED, self.flow.take_back(fork)])
        self.scope = around


def parameter_names(arguments: ast.arguments) -> list[str]:
    return [argument.arg for argument in all_parameters(arguments)]


def all_parameters(arguments: ast.arguments) -> list[ast.arg]:
    starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred]


def _target_names(generators: Sequence[ast.comprehension]) -> Iterable[str]:
    for generator in generators:
        for node in ast.walk(generator.target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _texts(arguments: Sequence[ast.expr]) -> list[str]:
    """What the arguments say if all of them are texts."""
    texts = [
        node.value for node in arguments if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return texts if len(texts) == len(arguments) else []


def _is_shell(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"


def _is_inplace(keyword: ast.keyword) -> bool:
    """`inplace=True`, by which pandas changes the object of the method."""
    return (
        keyword.arg == "inplace" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    )


def _operands_reversed(node: ast.AST) -> Iterable[ast.AST]:
    for field in _OPERAND_FIELDS[type(node)]:
        value = getattr(node, field)
        if isinstance(value, list):
            yield from reversed(value)
        elif isinstance(value, ast.AST):
            yield value


_OPERAND_FIELDS = {
    kind: tuple(field for field in reversed(kind._fields) if field not in ("ctx", "op", "ops"))
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}

# What is not just evaluated after its operands.
_SPECIAL: dict[type[ast.AST], Callable[[ExpressionWalk, Any], None]] = {
    ast.BoolOp: ExpressionWalk._and_or,
    ast.Compare: ExpressionWalk._compare,
    ast.Dict: ExpressionWalk._dict,
    ast.DictComp: ExpressionWalk._comprehension,
    ast.GeneratorExp: ExpressionWalk._comprehension,
    ast.IfExp: ExpressionWalk._conditional,
    ast.Lambda: ExpressionWalk._lambda,
    ast.ListComp: ExpressionWalk._comprehension,
    ast.NamedExpr: ExpressionWalk._named_expression,
    ast.SetComp: ExpressionWalk._comprehension,
}
