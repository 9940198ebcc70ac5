"""What CPython says of the names of a cell: its symbol table, and the code it compiles."""

import ast
import dis
import inspect
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType


@dataclass(frozen=True, slots=True)
class CompiledNames:
    """Without names that begin with `_`."""

    stored: set[str] = field(default_factory=set)
    """Global names that an instruction binds or unbinds."""
    loaded: set[str] = field(default_factory=set)
    """Global names that an instruction loads or unbinds, names of class bodies among them."""
    class_names: set[str] = field(default_factory=set)
    """Names that class bodies bind, which may or may not be what they load."""
    mentioned: set[str] = field(default_factory=set)
    """Names that the text uses where they may be global; also where it never runs."""


def compiled_names(source: str) -> CompiledNames:
    names = CompiledNames()
    code = compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True, optimize=0)
    _read_code(code, names, is_module=True)
    names.mentioned.update(names.loaded, _mentioned(symtable.symtable(source, "<cell>", "exec")))
    for kind in (names.stored, names.loaded, names.class_names, names.mentioned):
        kind.difference_update([name for name in kind if name.startswith("_")])
    return names


def _read_code(code: CodeType, names: CompiledNames, *, is_module: bool) -> None:
    is_class = not is_module and not code.co_flags & inspect.CO_OPTIMIZED
    for instruction in dis.get_instructions(code):
        name = instruction.argval
        match instruction.opname.split("_", 1):
            case ["STORE" | "DELETE", "NAME"] if is_class:
                names.class_names.add(name)
            case ["STORE", "NAME" | "GLOBAL"]:
                names.stored.add(name)
            case ["DELETE", "NAME" | "GLOBAL"]:
                names.stored.add(name)
                names.loaded.add(name)
            case ["LOAD", "NAME" | "GLOBAL"]:
                names.loaded.add(name)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _read_code(constant, names, is_module=False)


def _mentioned(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        is_global = symbol.is_global() or table.get_type() in ("module", "class")
        if is_global and symbol.is_referenced():
            yield symbol.get_name()
    for child in table.get_children():
        yield from _mentioned(child)
