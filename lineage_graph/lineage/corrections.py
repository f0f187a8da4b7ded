"""What LineaPy's slices leave out: what branches that did not run read, and what branches change.

LineaPy keeps the lines of a branch that did not run, but not what these lines read, since nothing was traced there
(LineaPy's issue 885), and it takes an object that can be hashed for one that a block cannot change (issue 290). Both
are found here in the text: from the names that its lines read, a slice is followed backwards to the statements that
bind or change them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# Functions that change none of their arguments.
_HARMLESS = frozenset(
    ("print", "len", "repr", "str", "display", "isinstance", "type", "id", "sum", "min", "max", "sorted")
)
# Methods whose result is used and that change their object all the same.
_CHANGING = frozenset(("pop", "popitem", "fit", "fit_transform", "fit_predict", "partial_fit", "setdefault", "read"))
_LOOPS_AND_BLOCKS = (ast.For, ast.While, ast.Try, ast.With, ast.AsyncFor, ast.AsyncWith)
_SKIPPABLE = (ast.For, ast.While, ast.Try, ast.AsyncFor)


@dataclass(frozen=True)
class Addition:
    """A line that a slice needs: the position of its source, its number from 1, why, and whether it imports."""

    source: int
    line: int
    reason: str
    is_import: bool = False


@dataclass(frozen=True)
class Correction:
    """What a slice needs besides: lines, and for each source the lines after which an empty branch needs a ``pass``."""

    additions: list[Addition]
    empty: list[set[int]]


@dataclass(eq=False)
class Statement:
    """A statement in its place, with the names that it deals with.

    ``branches`` are the if statements around it, outermost first, each with the suite that holds it. The inside of any
    other compound statement belongs to that statement as a whole. A function reads and changes names when it is called:
    ``later_reads``, ``later_changes``; ``hidden_changes`` are what a statement changes through functions that it names.
    """

    source: int
    node: ast.stmt
    position: int
    branches: tuple[tuple[Statement, str], ...] = ()
    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    later_reads: set[str] = field(default_factory=set)
    later_changes: set[str] = field(default_factory=set)
    hidden_changes: set[str] = field(default_factory=set)

    @property
    def may_be_skipped(self) -> bool:
        """Whether the names that it binds may not be bound after it."""
        return bool(self.branches) or isinstance(self.node, _SKIPPABLE)

    @property
    def is_block(self) -> bool:
        """Whether LineaPy may not have seen what it changes."""
        return bool(self.branches) or isinstance(self.node, _LOOPS_AND_BLOCKS)

    @property
    def lines(self) -> range:
        """Its lines; of an if statement, those of its test."""
        last = self.node.test.end_lineno if isinstance(self.node, ast.If) else self.node.end_lineno
        first = min([self.node.lineno, *(each.lineno for each in getattr(self.node, "decorator_list", ()))])
        return range(first, (last or self.node.lineno) + 1)


def correct(sources: Sequence[tuple[str, set[int]]]) -> Correction:
    """What to add to a slice so that it runs whichever branch is taken.

    Parameters
    ----------
    sources : sequence of (code, lines)
        The source codes of a session in the order in which they ran, and the lines of each that are in the slice. One
        that Python cannot parse is left as it is.
    """
    return _Corrector(sources).run()


class _Corrector:
    def __init__(self, sources: Sequence[tuple[str, set[int]]]) -> None:
        self._lines = [set(lines) for _, lines in sources]
        self._texts = [code.split("\n") for code, _ in sources]
        self._statements: list[Statement] = []
        self._additions: list[Addition] = []
        self._pending: list[Statement] = []
        self._asked: set[tuple[str, int]] = set()
        for index, (code, _) in enumerate(sources):
            try:
                body = ast.parse(code).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            self._collect(index, body, ())
        self._find_hidden_changes()

    def _find_hidden_changes(self) -> None:
        """Give each statement what the functions that it names change, however deep."""
        changed: dict[str, set[str]] = {}
        calls: dict[str, set[str]] = {}
        for statement in self._statements:
            if isinstance(statement.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                changed.setdefault(statement.node.name, set()).update(statement.later_changes)
                calls.setdefault(statement.node.name, set()).update(statement.later_reads)
        is_growing = True
        while is_growing:
            is_growing = False
            for name, called in calls.items():
                more = {change for inner in called & changed.keys() for change in changed[inner]} - changed[name]
                changed[name] |= more
                is_growing = is_growing or bool(more)
        for statement in self._statements:
            for name in statement.reads & changed.keys():
                statement.hidden_changes |= changed[name]

    def _collect(self, source: int, body: Iterable[ast.stmt], branches: tuple[tuple[Statement, str], ...]) -> None:
        for node in body:
            statement = Statement(source, node, len(self._statements), branches)
            self._statements.append(statement)
            if isinstance(node, ast.If):
                _Names(statement).visit(node.test)
                self._collect(source, node.body, (*branches, (statement, "body")))
                self._collect(source, node.orelse, (*branches, (statement, "orelse")))
            else:
                _Names(statement).visit(node)

    def run(self) -> Correction:
        for statement in self._statements:
            if self._is_kept(statement):
                self._include(statement, "it is part of a statement that the slice has", is_new=False)
        while self._pending:
            statement = self._pending.pop()
            for name in sorted(statement.reads):
                self._need(name, statement)
        return Correction(self._additions, self._empty_branches())

    def _is_kept(self, statement: Statement) -> bool:
        return any(line in self._lines[statement.source] for line in statement.lines)

    def _include(self, statement: Statement, reason: str, *, is_new: bool = True) -> None:
        """Put a statement into the slice, with the if statements around it, and all that these read."""
        if is_new and self._is_kept(statement):
            return
        is_import = isinstance(statement.node, (ast.Import, ast.ImportFrom))
        for line in statement.lines:
            self._add(statement.source, line, reason, is_import)
        self._pending.append(statement)
        for branch, suite in statement.branches:
            self._include(branch, f"line {statement.node.lineno} depends on it")
            if suite == "orelse" and (else_line := self._else_line(branch)):
                self._add(branch.source, else_line, f"line {statement.node.lineno} is under it")

    def _need(self, name: str, reader: Statement) -> None:
        """Put into the slice what may have bound or changed a name before a statement that reads it."""
        names = [name]
        while names:
            name = names.pop()
            if (name, reader.position) in self._asked:
                continue
            self._asked.add((name, reader.position))
            for statement in reversed(self._statements[: reader.position]):
                if _exclude_each_other(statement, reader):
                    continue
                if name in statement.binds or "*" in statement.binds:
                    self._include(statement, f"it binds {name!r}, which line {reader.node.lineno} reads")
                    names += sorted(statement.later_reads)
                    if name in statement.binds and not statement.may_be_skipped:
                        break
                elif (name in statement.changes and statement.is_block) or name in statement.hidden_changes:
                    self._include(statement, f"it may change {name!r}, which line {reader.node.lineno} reads")

    def _add(self, source: int, line: int, reason: str, is_import: bool = False) -> None:
        if line not in self._lines[source]:
            self._lines[source].add(line)
            self._additions.append(Addition(source, line, reason, is_import))

    def _else_line(self, branch: Statement) -> int | None:
        """The line of the else of an if statement; None of an elif, which is an if statement of its own."""
        node = branch.node
        assert isinstance(node, ast.If)
        for line in range(node.orelse[0].lineno, node.body[-1].end_lineno or node.lineno, -1):
            if self._texts[branch.source][line - 1].lstrip().startswith("else"):
                return line
        return None

    def _empty_branches(self) -> list[set[int]]:
        """Of each source, the lines after which a branch has nothing that is in the slice."""
        empty: list[set[int]] = [set() for _ in self._lines]
        filled = {
            (id(branch), suite)
            for statement in self._statements
            if self._is_kept(statement)
            for branch, suite in statement.branches
        }
        for statement in self._statements:
            if not isinstance(statement.node, ast.If) or not self._is_kept(statement):
                continue
            if (id(statement), "body") not in filled:
                empty[statement.source].add(statement.lines[-1])
            if statement.node.orelse and (id(statement), "orelse") not in filled:
                else_line = self._else_line(statement)
                if else_line is not None and else_line in self._lines[statement.source]:
                    empty[statement.source].add(else_line)
        return empty


def _exclude_each_other(one: Statement, other: Statement) -> bool:
    """Whether two statements are in the two suites of one if statement, so that never both run."""
    suites = {id(branch): suite for branch, suite in one.branches}
    return any(suites.get(id(branch), suite) != suite for branch, suite in other.branches)


class _Names(ast.NodeVisitor):
    """Finds the names that a statement reads, binds and changes."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement

    def visit_Name(self, node: ast.Name) -> None:
        (self._statement.reads if isinstance(node.ctx, ast.Load) else self._statement.binds).add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._changed(node)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._changed(node)
        self.generic_visit(node)

    def _changed(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load) and (name := _root(node)):
            self._statement.changes.add(name)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._statement.reads.add(node.target.id)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._called_for_effect(node.value)
        self.generic_visit(node)

    def _called_for_effect(self, call: ast.Call) -> None:
        """A call whose result is not used was made for what it changes."""
        root = _root(call.func)
        if root is None or root in _HARMLESS or root == "lineapy":
            return
        if isinstance(call.func, ast.Attribute):
            self._statement.changes.add(root)
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        self._statement.changes.update(name for value in values if (name := _root(value)))

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING and (name := _root(node.func)):
            self._statement.changes.add(name)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self._statement.binds.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._statement.binds.update(alias.asname or alias.name for alias in node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._statement.binds.add(node.name)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._statement.binds.add(node.name)
        for part in (*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)):
            self.visit(part)
        inner = self._inner([*node.body])
        local = inner.binds | _arguments(node.args)
        self._statement.later_reads |= (inner.reads | inner.later_reads) - local
        self._statement.later_changes |= (inner.changes - local) | _globals(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        inner = self._inner([node.body])
        self._statement.reads |= inner.reads - _arguments(node.args)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(part)
        inner = self._inner([*node.body])
        self._statement.binds.add(node.name)
        self._statement.reads |= inner.reads - inner.binds
        self._statement.later_reads |= inner.later_reads
        self._statement.later_changes |= inner.later_changes

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        parts: list[ast.AST] = [*node.generators]
        parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner = self._inner(parts)
        self._statement.reads |= inner.reads - inner.binds
        self._statement.changes |= inner.changes - inner.binds

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension  # noqa: N815

    def _inner(self, nodes: Iterable[ast.AST]) -> Statement:
        """The names of a scope of its own."""
        inner = Statement(self._statement.source, self._statement.node, self._statement.position)
        visitor = _Names(inner)
        for node in nodes:
            visitor.visit(node)
        return inner


def _root(node: ast.AST) -> str | None:
    """The name that an expression begins with: ``model`` of ``model.layers[0].fit``."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _arguments(arguments: ast.arguments) -> set[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return {argument.arg for argument in every}


def _globals(node: ast.AST) -> set[str]:
    """The names that a function declares to be global: calling it may bind them."""
    return {name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names}
