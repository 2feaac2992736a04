"""What a Python module defines, imports and says, without docstrings, annotations and messages to the log."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGGERS = {"log", "_log", "logger", "_logger"}
KEPT_ANNOTATIONS = ("ClassVar", "InitVar", "KW_ONLY")  # which change what a dataclass is
PURE = {"dataclass", "cache", "lru_cache", "cached_property", "contextmanager", "total_ordering", "wraps"}
"""Decorators that change nothing but what they decorate."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
IMPORTS = (ast.Import, ast.ImportFrom)
BINDING = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Target(NamedTuple):
    """What a name was imported as: a module, or an attribute of one."""

    module: str
    attribute: str | None


class Used(NamedTuple):
    """A name that is read, with the attributes that follow it, and what it is if it was imported nearby."""

    name: str
    attributes: tuple[str, ...]
    imported: Target | None


@dataclass
class Module:
    """A module taken apart.

    Attributes
    ----------
    definitions : dict
        Functions, classes and assigned names, each with the statements that make it.
    on_import : list
        Statements that run when it is imported and define nothing.
    imports : dict
        Names that come from elsewhere, at the top of the module.
    on_start : list
        All imports that run, at the top or when a function is called.
    """

    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    on_import: list[ast.stmt] = field(default_factory=list)
    imports: dict[str, Target] = field(default_factory=dict)
    on_start: list[Target] = field(default_factory=list)


@functools.cache  # by content: many scripts need a module, and an edit is seen
def parse(code: bytes) -> Module:
    """Take a module apart."""
    tree, module = ast.parse(code), Module()
    for statement in tree.body:
        _sort(statement, module)
    nodes = list(ast.walk(tree))
    typing = {id(node) for part in nodes if _is_typing(part) for node in ast.walk(part)}
    for node in nodes:
        if isinstance(node, IMPORTS) and id(node) not in typing:
            module.on_start += imported(node).values()
    return module


def _sort(statement: ast.stmt, module: Module) -> None:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        module.imports |= imported(statement)
    elif _is_typing(statement):
        for node in ast.walk(statement):
            if isinstance(node, ast.Import | ast.ImportFrom):
                module.imports |= imported(node)
    elif isinstance(statement, Function | ast.ClassDef):
        module.definitions.setdefault(statement.name, []).append(statement)
        if any(_last_name(decorator) not in PURE for decorator in statement.decorator_list):
            module.on_import.append(statement)  # it may put itself into a register
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = [name for target in targets for name in _plain_names(target)]
        if names and all(map(_is_plain, targets)):
            for name in names:
                module.definitions.setdefault(name, []).append(statement)
        else:
            module.on_import.append(statement)
    elif not _is_text(statement) and not isinstance(statement, ast.Pass):
        module.on_import.append(statement)
        for node in ast.walk(statement):  # an import or a definition under a condition
            if isinstance(node, ast.Import | ast.ImportFrom):
                module.imports |= imported(node)
            elif isinstance(node, Function | ast.ClassDef):
                module.definitions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                module.definitions.setdefault(node.id, []).append(statement)


def _last_name(decorator: ast.expr) -> str | None:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)


def _is_plain(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_is_plain, target.elts))
    return isinstance(target, ast.Name) or (isinstance(target, ast.Starred) and _is_plain(target.value))


def _plain_names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def imported(node: ast.Import | ast.ImportFrom) -> dict[str, Target]:
    """The names that an import binds."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]: Target(
                alias.name if alias.asname else alias.name.split(".")[0], None
            )
            for alias in node.names
        } | {f"import {alias.name}": Target(alias.name, None) for alias in node.names}
    if any(alias.name == "*" for alias in node.names):
        raise ValueError(f"line {node.lineno}: name what is imported, so that it can be followed")
    source = "." * node.level + (node.module or "")
    return {alias.asname or alias.name: Target(source, alias.name) for alias in node.names}


def said(node: ast.AST, module: Module) -> list[str | Used]:
    """What a statement says, piece by piece: texts, and names that are read."""
    speaker = _Speaker(module)
    speaker.speak(node)
    return speaker.pieces


class _Speaker:
    """Walks through a statement with the names that its functions bind themselves."""

    def __init__(self, module: Module):
        self.module = module
        self.pieces: list[str | Used] = []  # filled, not yielded: half the time of nested generators
        self.scopes: list[tuple[set[str], dict[str, Target]]] = []
        self.in_class = False

    def speak(self, node: ast.AST) -> None:
        chain = _chain(node)
        if chain is not None:
            self.pieces.append(self._name(*chain))
        elif isinstance(node, Function | ast.Lambda):
            self._function(node)
        elif isinstance(node, COMPREHENSIONS):
            self.scopes.append((_bound_by(node), {}))
            self._fields(node)
            self.scopes.pop()
        elif isinstance(node, ast.ClassDef):
            before, self.in_class = self.in_class, True
            self._fields(node)
            self.in_class = before
        elif isinstance(node, ast.AnnAssign):
            self._annotated(node)
        elif isinstance(node, ast.arg):
            self.pieces.append(f"arg:{node.arg}")
        elif isinstance(node, ast.Constant):
            self.pieces.append(f"Constant:{node.value!r}")
        else:
            self._fields(node)

    def _annotated(self, node: ast.AnnAssign) -> None:
        """An assignment, where the annotation does not make it a field of a class."""
        if not self.in_class and node.value is not None:
            self.speak(ast.Assign(targets=[node.target], value=node.value))
            return
        self.pieces.append("AnnAssign")
        self.speak(node.target)
        if any(word in ast.dump(node.annotation) for word in KEPT_ANNOTATIONS):
            self.pieces.append(ast.dump(node.annotation))
        if node.value is not None:
            self.speak(node.value)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        self.pieces.append(type(node).__name__)
        self.speak_defaults(node)
        if isinstance(node, Function):
            self.pieces.append(node.name)
            for decorator in node.decorator_list:
                self.speak(decorator)
        body = node.body if isinstance(node.body, list) else [node.body]
        bound = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        near: dict[str, Target] = {}
        outside: set[str] = set()
        for part in body:
            for inner in _same_scope(part):
                if isinstance(inner, ast.Name):
                    if isinstance(inner.ctx, ast.Store):
                        bound.add(inner.id)
                elif isinstance(inner, BINDING):
                    bound.add(inner.name or "_")
                elif isinstance(inner, IMPORTS):
                    near |= imported(inner)
                elif isinstance(inner, ast.Global):
                    outside |= set(inner.names)
        bound -= outside
        self.scopes.append((bound, near))
        before, self.in_class = self.in_class, False
        for arg in ast.walk(node.args):
            if isinstance(arg, ast.arg):
                self.pieces.append(f"arg:{arg.arg}")
        self._body(body)
        self.scopes.pop()
        self.in_class = before

    def speak_defaults(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        arguments = node.args
        self.pieces.append(f"{len(arguments.posonlyargs)},{len(arguments.args)},{len(arguments.kwonlyargs)}")
        self.pieces.append(f"{arguments.vararg is not None},{arguments.kwarg is not None}")
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is None:
                self.pieces.append("None")
            else:
                self.speak(default)

    def _body(self, body: list) -> None:
        self.pieces.append("(")
        for statement in body:
            if not _is_silent(statement):
                self.speak(statement)
        self.pieces.append(")")

    def _fields(self, node: ast.AST) -> None:
        self.pieces.append(type(node).__name__)
        for name, value in ast.iter_fields(node):
            if name in ("returns", "type_comment", "type_params", "ctx", "kind"):
                continue
            if isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    self.pieces.append(f"{name}")
                    self._body(value)
                    continue
                self.pieces.append(f"{name}:{len(value)}")
                for item in value:
                    if isinstance(item, ast.AST):
                        self.speak(item)
                    else:
                        self.pieces.append(repr(item))
            elif isinstance(value, ast.AST):
                self.pieces.append(name)
                self.speak(value)
            elif value is not None:
                self.pieces.append(f"{name}:{value!r}")

    def _name(self, name: str, attributes: tuple[str, ...]) -> str | Used:
        for bound, near in reversed(self.scopes):
            if name in near:
                return _used(name, attributes, near)
            if name in bound:
                return f"local:{'.'.join((name, *attributes))}"
        known = self.module.imports
        if name in known:
            return _used(name, attributes, known)
        return Used(name, attributes, None)


def _used(name: str, attributes: tuple[str, ...], known: dict[str, Target]) -> Used:
    """A name of the library, or the full name of what is another package's."""
    target = known[name]
    if target.module.startswith("workflow_lib"):
        return Used(name, attributes, target)
    full = target.module if target.attribute is None else f"{target.module}.{target.attribute}"
    return Used(full, attributes, target)


def _chain(node: ast.AST) -> tuple[str, tuple[str, ...]] | None:
    """A name with attributes: `a.b.c`; None if the node is something else."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, tuple(reversed(attributes))) if isinstance(node, ast.Name) else None


def _is_silent(statement: ast.stmt) -> bool:
    """Imports (which names say), texts that stand alone, and messages to the log."""
    if (
        isinstance(statement, ast.Import | ast.ImportFrom)
        or _is_text(statement)
        or isinstance(statement, ast.Pass)
    ):
        return True
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    holder = call.func.value
    named = holder.id if isinstance(holder, ast.Name) else getattr(holder, "attr", None)
    return call.func.attr in LEVELS and named in LOGGERS


def _same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it, but not what is within functions, classes and comprehensions."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, SCOPES):
            waiting += reversed(list(ast.iter_child_nodes(node)))


def _bound_by(comprehension: ast.AST) -> set[str]:
    """Names that a comprehension binds within itself."""
    generators = comprehension.generators  # type: ignore[attr-defined]
    return {name for generator in generators for name in _plain_names(generator.target)}
