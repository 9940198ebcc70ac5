"""The names that the code of a JavaScript cell uses and does not declare: the page's own, and the notebook's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

# It takes about 1 s for as much.
_MAX_PARSED_CHARACTERS = 100_000

# What each cell is given, or what no parameter can be called.
_OWN = frozenset({"display", "console", "arguments", "eval"})

_DECLARATIONS = ("variable_declaration", "lexical_declaration", "using_declaration")
# Whose name is known around them; that of an expression is known inside only.
_NAMED_OUTSIDE = ("function_declaration", "generator_function_declaration", "class_declaration")
_FUNCTIONS = (
    *("function_declaration", "generator_function_declaration", "function_expression", "generator_function"),
    *("arrow_function", "method_definition", "class_static_block"),
)
_CLASSES = ("class_declaration", "class")
_BLOCKS = ("statement_block", "switch_body", "for_statement", "for_in_statement", "catch_clause")
_USES = ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")
_DEFAULTS = ("assignment_pattern", "object_assignment_pattern")


def javascript_reads(source: str) -> set[str]:
    """Never raises: of code that cannot be parsed, what can be made out counts."""
    if len(source) > _MAX_PARSED_CHARACTERS:
        return set(re.findall(r"\w+", source)) - _OWN
    tree = Parser(_grammar()).parse(source.encode("utf-8", "replace"))
    return _Walk(tree.root_node).free_names() - _OWN


@cache
def _grammar() -> Language:
    return Language(tree_sitter_javascript.language())


@dataclass(slots=True, eq=False)
class _Scope:
    outer: "_Scope | None"
    function: "_Scope | None"
    """Where its `var` declares; None: it is a function's own."""
    declared: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    @property
    def home(self) -> "_Scope":
        return self.function or self


class _Walk:
    """Goes through a tree without recursion, because code can be nested as deep as it is long."""

    def __init__(self, root: Node) -> None:
        self._scopes = [_Scope(outer=None, function=None)]
        # A node, where it is, and where what it declares is known, if it is a pattern of a declaration.
        self._open: list[tuple[Node, _Scope, _Scope | None]] = [(root, self._scopes[0], None)]
        while self._open:
            node, scope, home = self._open.pop()
            if home is None:
                self._visit(node, scope)
            else:
                self._declare(node, scope, home)

    def free_names(self) -> set[str]:
        """What no scope around the use of it declares, wherever in the scope that is."""
        free: set[str] = set()
        for scope in reversed(self._scopes):  # those inside of others come after them
            scope.used -= scope.declared
            if scope.outer is None:
                free = scope.used
            else:
                # The smaller into the larger: thousands of nested blocks would otherwise take minutes.
                less, more = sorted((scope.used, scope.outer.used), key=len)
                more |= less
                scope.outer.used = more
        return free

    def _visit(self, node: Node, scope: _Scope) -> None:
        kind = node.type
        if kind in _USES:
            scope.used.add(_text(node))
        elif kind in _DECLARATIONS:
            self._visit_declaration(node, scope)
        elif kind in _FUNCTIONS:
            self._visit_function(node, scope)
        elif kind in _CLASSES:
            self._visit_class(node, scope)
        elif kind in _BLOCKS:
            self._visit_block(node, self._inside(scope))
        elif kind != "import_statement":
            self._go_on(node.named_children, scope)

    def _visit_declaration(self, node: Node, scope: _Scope) -> None:
        home = scope.home if node.type == "variable_declaration" else scope
        for each in node.named_children:
            name = each.child_by_field_name("name")
            self._go_on((child for child in each.named_children if child != name), scope)
            if name is not None:
                self._open.append((name, scope, home))

    def _visit_function(self, node: Node, scope: _Scope) -> None:
        inner = _Scope(outer=scope, function=None)
        self._scopes.append(inner)
        name = node.child_by_field_name("name")
        for each in node.named_children:
            if each == name and node.type != "method_definition":
                self._open.append((each, scope, scope if node.type in _NAMED_OUTSIDE else inner))
            elif each == name:  # of a method: it may be computed, where the class is
                self._open.append((each, scope, None))
            else:
                is_parameter = each.type == "formal_parameters" or each == node.child_by_field_name(
                    "parameter"
                )
                self._open.append((each, inner, inner if is_parameter else None))

    def _visit_class(self, node: Node, scope: _Scope) -> None:
        inner = self._inside(scope)
        name = node.child_by_field_name("name")
        for each in node.named_children:
            home = scope if node.type in _NAMED_OUTSIDE else inner
            self._open.append((each, inner, home if each == name else None))

    def _visit_block(self, node: Node, scope: _Scope) -> None:
        """Also the head of a loop, and of `catch`."""
        pattern, home = node.child_by_field_name("parameter"), scope
        if kind := node.child_by_field_name("kind"):  # for (const … of …)
            pattern = node.child_by_field_name("left")
            home = scope.home if kind.type == "var" else scope
        for each in node.named_children:
            self._open.append((each, scope, home if each == pattern else None))

    def _declare(self, node: Node, scope: _Scope, home: _Scope) -> None:
        """A pattern, such as a name or `{a, b: [c = d]}`."""
        if node.type in _USES:
            home.declared.add(_text(node))
            return
        value = node.child_by_field_name("right") if node.type in _DEFAULTS else None
        for each in node.named_children:
            is_value = each == value or each.type == "computed_property_name"
            self._open.append((each, scope, None if is_value else home))

    def _go_on(self, nodes: "Iterator[Node] | list[Node]", scope: _Scope) -> None:
        self._open += [(node, scope, None) for node in nodes]

    def _inside(self, scope: _Scope) -> _Scope:
        inner = _Scope(outer=scope, function=scope.home)
        self._scopes.append(inner)
        return inner


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
