"""The walk through statements, in the order in which they run."""

import ast
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from apps.dataflow.magics import Magic, cell_magic, line_magic, shell_command
from apps.dataflow.python_branches import BranchWalk
from apps.dataflow.python_closures import Closure
from apps.dataflow.python_expressions import all_parameters, parameter_names
from apps.dataflow.python_flow import Flow
from apps.dataflow.python_scopes import ClassScope, FunctionScope, InnerScope, ModuleScope
from apps.dataflow.python_source import parse
from apps.dataflow.python_unreadable import Unreadable


def walk_through(source: str) -> "CellWalk":
    """The walk at its end. Raises `Unreadable`, and nothing else, on any text."""
    walk = CellWalk()
    try:
        walk.run(parse(source).body)
    except RecursionError as error:
        raise Unreadable("Nested too deeply to analyse") from error
    return walk


class CellWalk(BranchWalk):
    """What the code of one cell does is in `module`, `flow`, `imports` and `warnings` at its end."""

    def __init__(self) -> None:
        flow = Flow()
        self.module = ModuleScope(flow)
        self.imports: set[str] = set()
        self.warnings: list[str] = []
        self._classes = 0
        super().__init__(self.module, flow)

    def run(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            _STATEMENTS[type(statement)](self, statement)

    def run_magic(self, method: str, arguments: list[str], line_number: int) -> None:
        match method, arguments:
            case "run_line_magic", [name, line]:
                with suppress(Unreadable):  # what looks like code may be options that are not known here
                    self._apply(line_magic(name, line))
            case "run_cell_magic", [name, line, body]:
                self._apply(cell_magic(name, line, body), line_number)
            case _:
                self._apply(shell_command(arguments[0]))

    def _apply(self, magic: Magic, line_number: int = 1) -> None:
        self.evaluate(*magic.expressions)
        code = parse("\n" * (line_number - 1) + magic.code).body
        if magic.has_own_scope:
            self.scope.run(self.closure((), lambda: self.run(code)))
        else:
            self.run(code)
        for name in magic.writes:
            self.scope.bind(name)
        for name in magic.deletes:
            self.scope.unbind(name)
        if magic.warning:
            self.warnings.append(magic.warning)

    def _expression(self, node: ast.Expr) -> None:
        self.evaluate(node.value)

    def _assign(self, node: ast.Assign) -> None:
        closure = self._value(node.value)
        for target in node.targets:
            self._assign_value(target, closure)

    def _annotated_assign(self, node: ast.AnnAssign) -> None:
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        if node.value:
            self._assign_value(node.target, self._value(node.value))
        elif not isinstance(node.target, ast.Name):
            self.evaluate(node.target.value)
        if not isinstance(self.scope, FunctionScope):
            self.scope.defer(self.annotate(node.annotation), name)
        elif name:  # it is not evaluated, but makes the name local
            self.scope.bind(name)

    def _value(self, node: ast.expr) -> Closure | None:
        """Evaluates what will be assigned; returns a lambda as it is."""
        if isinstance(node, ast.Lambda):
            return self.lambda_closure(node)
        self.evaluate(node)
        return None

    def _assign_value(self, target: ast.expr, closure: Closure | None) -> None:
        if closure and isinstance(target, ast.Name):
            self._define(target.id, closure)
            return
        if closure:
            self.scope.run(closure)
        self.assign(target)

    def _augmented_assign(self, node: ast.AugAssign) -> None:
        self.evaluate(node.target, node.value)
        if isinstance(node.target, ast.Name):
            self.scope.bind(node.target.id)
        else:
            self.mutate(node.target)

    def _delete(self, node: ast.Delete | ast.Tuple | ast.List) -> None:
        for target in node.elts if isinstance(node, ast.Tuple | ast.List) else node.targets:
            if isinstance(target, ast.Name):
                self.scope.unbind(target.id)
            elif isinstance(target, ast.Tuple | ast.List):
                self._delete(target)
            else:
                self.evaluate(target)
                self.mutate(target)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._bind_import(alias.asname or alias.name.partition(".")[0])

    def _import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.warnings.append(
                    f"What names `from {'.' * node.level}{node.module or ''} import *` binds is not known."
                )
            else:
                self._bind_import(alias.asname or alias.name)
            if node.module == "__future__" and alias.name == "annotations":
                self.annotations_are_text = True

    def _bind_import(self, name: str) -> None:
        self.scope.bind(name)
        if self.scope is self.module:
            self.imports.add(name)

    def _global(self, node: ast.Global) -> None:
        self.scope.globals.update(node.names)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocals.update(node.names)

    def _assert(self, node: ast.Assert) -> None:
        self.evaluate(node.test)
        fork = self.flow.fork()
        self.evaluate(node.msg)
        self.flow.take_back(fork)

    def _leave(self, node: ast.Raise | ast.Return) -> None:
        self.evaluate(*ast.iter_child_nodes(node))
        self.flow.dead = True

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        def walk() -> Closure:
            closure = self.annotate(*(each.annotation for each in all_parameters(node.args)), node.returns)
            closure.add(self.closure(parameter_names(node.args), lambda: self.run(node.body)))
            return closure

        self.evaluate(*node.decorator_list, *node.args.defaults, *node.args.kw_defaults)
        closure = self._within_type_parameters(node, walk)
        self._define(node.name, closure, is_decorated=bool(node.decorator_list))

    def _class(self, node: ast.ClassDef) -> None:
        def walk() -> Closure:
            self.mention(*node.bases)
            self.evaluate(*node.keywords)
            self._classes += 1
            around, body = self.scope, ClassScope(self.scope, self.flow, self._classes)
            self.scope = body
            self.run(node.body)
            self.scope = around
            return body.end()

        self.evaluate(*node.decorator_list)
        self._define(node.name, self._within_type_parameters(node, walk))

    def _define(self, name: str, closure: Closure, *, is_decorated: bool = False) -> None:
        # Its decorator may call it, and so may the code above it, in the next round of a loop.
        self.scope.define(name, closure, at_once=is_decorated or bool(self._loops))

    def _type_alias(self, node: Any) -> None:  # `ast.TypeAlias`, since Python 3.12
        closure = self._within_type_parameters(
            node, lambda: self.closure((), lambda: self.evaluate(node.value))
        )
        self.scope.define(node.name.id, closure)

    def _within_type_parameters(self, node: ast.stmt, walk: Callable[[], Closure]) -> Closure:
        """The walk through what sees the parameters in brackets; their bounds and defaults are evaluated on demand."""
        parameters: Sequence[Any] = getattr(node, "type_params", ())
        if not parameters:
            return walk()
        around, names = self.scope, frozenset(each.name for each in parameters)
        self.scope = InnerScope(around, names)
        closure = walk()
        deferred = [getattr(each, field, None) for each in parameters for field in ("bound", "default_value")]
        closure.add(self.closure((), lambda: self.evaluate(*deferred)))
        self.scope = around
        return closure.without(names)


_STATEMENTS: dict[type[ast.stmt], Callable[[CellWalk, Any], None]] = {
    ast.AnnAssign: CellWalk._annotated_assign,
    ast.Assert: CellWalk._assert,
    ast.Assign: CellWalk._assign,
    ast.AsyncFor: CellWalk.for_,
    ast.AsyncFunctionDef: CellWalk._function,
    ast.AsyncWith: CellWalk.with_,
    ast.AugAssign: CellWalk._augmented_assign,
    ast.Break: CellWalk.break_,
    ast.ClassDef: CellWalk._class,
    ast.Continue: CellWalk.continue_,
    ast.Delete: CellWalk._delete,
    ast.Expr: CellWalk._expression,
    ast.For: CellWalk.for_,
    ast.FunctionDef: CellWalk._function,
    ast.Global: CellWalk._global,
    ast.If: CellWalk.if_,
    ast.Import: CellWalk._import,
    ast.ImportFrom: CellWalk._import_from,
    ast.Match: CellWalk.match_,
    ast.Nonlocal: CellWalk._nonlocal,
    ast.Pass: lambda *_: None,
    ast.Raise: CellWalk.leave,
    ast.Return: CellWalk.leave,
    ast.Try: CellWalk.try_,
    ast.TryStar: CellWalk.try_,
    ast.While: CellWalk.while_,
    ast.With: CellWalk.with_,
}
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = CellWalk._type_alias
