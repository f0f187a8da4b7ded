"""Rewrites the syntax tree of a block so that its operations pass their operands and results through sites.

The rewritten tree holds the original beside it: a part that may run again stands behind a guard, which lets the
original run once everything in it was recorded. The visitors change no node that they are given; they build new
ones, at the same positions, so that tracebacks stay as they are.
"""

from __future__ import annotations

import ast
import dis
import operator
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from lineage_graph.tracing import calls
from lineage_graph.tracing.sites import (
    C_FUNCTIONS,
    CallSite,
    Capture,
    Comprehension,
    Display,
    Guard,
    Loop,
    MadeFunction,
    Operation,
    Recorder,
    Register,
    Shape,
    Unpacking,
    With,
)

# Constants that stand for the objects of `sites` until the tree is compiled.
PLACEHOLDER = "\0lineage_graph.tracing:"

# With more, Python calls a method as it calls any other function.
_MOST_ARGUMENTS = 30

# Statements that hold others are doubled behind guards up to this depth, so that the code stays small.
_DOUBLED_DEPTH = 3

_UNARY = {ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: operator.not_, ast.Invert: operator.inv}
_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.MatMult: operator.matmul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.BitAnd: operator.and_,
    ast.FloorDiv: operator.floordiv,
}
_IN_PLACE = {
    ast.Add: "iadd",
    ast.Sub: "isub",
    ast.Mult: "imul",
    ast.MatMult: "imatmul",
    ast.Div: "itruediv",
    ast.Mod: "imod",
    ast.Pow: "ipow",
    ast.LShift: "ilshift",
    ast.RShift: "irshift",
    ast.BitOr: "ior",
    ast.BitXor: "ixor",
    ast.BitAnd: "iand",
    ast.FloorDiv: "ifloordiv",
}
_COMPARISONS = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: operator.contains,
    ast.NotIn: operator.contains,
}
_CONVERSIONS = {ord("s"): str, ord("r"): repr, ord("a"): ascii}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)
_COMPREHENSIONS = {
    ast.ListComp: calls.listcomp,
    ast.SetComp: calls.setcomp,
    ast.DictComp: calls.dictcomp,
    ast.GeneratorExp: calls.genexpr,
}


def _iterates_at_iterable(loop: str) -> bool:
    """Whether Python locates it at the iterable, which is on the second line, that a loop asks for an iterator.

    Not all releases of one version agree.
    """
    line: int | None = None
    for instruction in dis.get_instructions(compile(loop, "", "exec")):
        if sys.version_info >= (3, 11):
            line = instruction.positions and instruction.positions.lineno
        else:
            line = instruction.starts_line or line
        if instruction.opname == "GET_ITER":
            break
    return line == 2


_LOOPS_ITERATE_AT_THEIR_ITERABLE = _iterates_at_iterable("for _ in (\n_): pass")
_COMPREHENSIONS_ITERATE_AT_THEIR_ITERABLE = _iterates_at_iterable("[_ for _ in\n_]")

_Node = TypeVar("_Node", bound=ast.AST)


class Rewriter:
    """Rewrites one block.

    Parameters
    ----------
    recorder : Recorder
        What the sites record to.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        # What each placeholder stands for.
        self.constants: dict[str, object] = {}
        # The functions of def statements, by the statement's path of names and first lines.
        self.functions: dict[tuple[tuple[str, int], ...], MadeFunction] = {}
        self._guards: list[Guard] = []
        # Whether what is visited may run more than once.
        self._repeats = False
        # Whether what is visited is the test of an assert statement.
        self._asserts = False
        self._path: tuple[tuple[str, int], ...] = ()
        self._C = self._constant(C_FUNCTIONS)

    def module(self, tree: ast.Module) -> ast.Module:
        body = tree.body
        if len(body) == 1 and not self._runs_anything(body[0]):
            return tree
        return ast.Module(body=self._block(body), type_ignores=[])

    @staticmethod
    def _runs_anything(statement: ast.stmt) -> bool:
        """Whether a block of this statement alone can do anything but make a function."""
        if isinstance(statement, _FUNCTIONS):
            defaults = [*statement.args.defaults, *statement.args.kw_defaults]
            return bool(statement.decorator_list) or not all(d is None or _is_constant(d) for d in defaults)
        return True

    # Parts of the rewritten tree

    def _constant(self, value: object) -> str:
        placeholder = f"{PLACEHOLDER}{len(self.constants)}"
        self.constants[placeholder] = value
        return placeholder

    def _site(self, kind: Callable[..., Any], *arguments: Any, **options: Any) -> _SiteNodes:
        site = kind(self._recorder, self._guards, *arguments, **options)
        return _SiteNodes(self._constant(site), site)

    def _register(self) -> _SiteNodes:
        register = Register()
        return _SiteNodes(self._constant(register), register)

    def _c(self, name: str, at: ast.AST, *arguments: ast.expr) -> ast.Call:
        return _method_call(self._C, name, at, *arguments)

    @contextmanager
    def _guard(self) -> Iterator[Guard]:
        guard = Guard()
        self._guards.append(guard)
        yield guard
        self._guards.pop()
        if guard.left:
            self._recorder.guards.append(guard)

    @contextmanager
    def _repeated(self, repeats: bool = True) -> Iterator[None]:
        before, self._repeats = self._repeats, repeats
        yield
        self._repeats = before

    def _flag(self, guard: Guard, at: ast.AST) -> ast.expr:
        return _at(at, ast.Attribute(_placeholder(self._constant(guard), at), "on", ast.Load()))

    def _guarded(self, node: ast.expr, visit: Callable[[ast.expr], ast.expr] | None = None) -> ast.expr:
        """An expression that runs more than once, behind a guard."""
        with self._guard() as guard:
            rewritten = (visit or self._expr)(node)
        if not guard.left:
            return node
        return _at(node, ast.IfExp(self._flag(guard, node), rewritten, node))

    def _part(self, node: ast.expr, visit: Callable[[ast.expr], ast.expr] | None = None) -> ast.expr:
        """An expression that may run less or more often than what it is part of."""
        return self._guarded(node, visit) if self._repeats else (visit or self._expr)(node)

    # Statements

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        rewritten: list[ast.stmt] = []
        for index, statement in enumerate(statements):
            is_docstring = index == 0 and isinstance(statement, ast.Expr) and _is_constant(statement.value)
            if is_docstring or not self._repeats or not _is_doubled(statement):
                rewritten += self._stmt(statement)
                continue
            with self._guard() as guard:
                body = self._stmt(statement)
            if guard.left:
                rewritten.append(_at(statement, ast.If(self._flag(guard, statement), body, [statement])))
            else:
                rewritten.append(statement)
        return rewritten

    def _stmt(self, node: ast.stmt) -> list[ast.stmt]:
        visit = getattr(self, f"_stmt_{type(node).__name__}", None)
        if visit is not None:
            result: list[ast.stmt] = visit(node)
            return result
        changes: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                changes[name] = self._expr(value)
        return [_replaced(node, **changes)]

    def _stmt_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        is_parallel = isinstance(node.value, ast.Tuple) and all(
            isinstance(target, ast.Tuple)
            and len(target.elts) == len(node.value.elts)
            and not any(isinstance(item, ast.Starred) for item in (*target.elts, *node.value.elts))
            for target in node.targets
        )
        if is_parallel and isinstance(node.value, ast.Tuple):
            # Python makes no tuple here.
            items = [self._expr(item) for item in node.value.elts]
            value: ast.expr = _replaced(node.value, elts=items)
            if all(_names_only(target) for target in node.targets):
                return [_replaced(node, value=value)]
            if len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple):
                stored = []
                values = []
                for target, item in zip(node.targets[0].elts, items, strict=True):
                    new_target, new_item = self._store(target, item)
                    stored.append(new_target)
                    values.append(new_item)
                # A target's own operands are evaluated after all values, as without us; each site has both.
                return [
                    _replaced(
                        node,
                        targets=[_replaced(node.targets[0], elts=stored)],
                        value=_replaced(node.value, elts=values),
                    )
                ]
        value = self._expr(node.value)
        if len(node.targets) == 1:
            target, value = self._store(node.targets[0], value)
            return [_replaced(node, targets=[target], value=value)]
        if not any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets):
            targets = []
            for target in node.targets:
                target, value = self._store(target, value)
                targets.append(target)
            return [_replaced(node, targets=targets, value=value)]
        register = self._register()
        statements: list[ast.stmt] = []
        for index, target in enumerate(node.targets):
            if index == 0:
                given: ast.expr = register.call("hold", node.value, value)
            else:
                given = register.call("held" if index == len(node.targets) - 1 else "kept", node.value)
            new_target, new_value = self._store(target, given)
            statements.append(_at(node, ast.Assign([new_target], new_value)))
        return statements

    def _store(self, target: ast.expr, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """A target, and the value that is assigned to it, when the value is evaluated before the target."""
        if isinstance(target, ast.Attribute):
            site = self._site(Operation, setattr, _arrange_setattr(target.attr))
            owner = site.call("last", target.value, self._expr(target.value))
            return _replaced(target, value=owner), site.call("first", value, value)
        if isinstance(target, ast.Subscript):
            site = self._site(Operation, operator.setitem, _arrange_setitem)
            owner = site.call("more", target.value, self._expr(target.value))
            index = site.call("last", target.slice, self._index(target.slice))
            return _replaced(target, value=owner, slice=index), site.call("first", value, value)
        if isinstance(target, ast.Starred):
            new, value = self._store(target.value, value)
            return _replaced(target, value=new), value
        if isinstance(target, (ast.Tuple, ast.List)):
            value = self._unpacked(target, value)
            return self._nested_store(target), value
        return target, value

    def _nested_store(self, target: ast.expr) -> ast.expr:
        """A target inside one that unpacks: its value is not seen, so a store into an object cannot be recorded."""
        if isinstance(target, (ast.Tuple, ast.List)):
            return _replaced(target, elts=[self._nested_store(item) for item in target.elts])
        return target

    def _unpacked(self, target: ast.Tuple | ast.List, value: ast.expr) -> ast.expr:
        shape = _shape(target)
        site = self._site(Unpacking, shape)
        iterator = site.call("once", target, self._c("iter", target, site.call("again", target)))
        limit = _at(target, ast.Constant(shape.limit))
        elements: ast.expr = self._c("tuple", target, self._c("islice", target, iterator, limit))
        if shape.after is not None:
            # Python takes those before the star one by one, and then makes a list of the others.
            none = _at(target, ast.Tuple([], ast.Load()))
            others = self._c("tuple", target, site.call("rest", target))
            rest = _at(target, ast.IfExp(site.call("is_open", target), others, none))
            elements = _at(target, ast.BinOp(site.call("head", target, elements), ast.Add(), rest))
        is_iterable = site.call("is_iterable", value, value)
        return site.call("done", value, _at(value, ast.IfExp(is_iterable, elements, site.call("again", value))))

    def _stmt_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        target, value = self._store(node.target, self._expr(node.value))
        return [_replaced(node, target=target, value=value)]

    def _stmt_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        site = self._site(Operation, getattr(operator, _IN_PLACE[type(node.op)]))
        target: ast.expr
        if isinstance(node.target, ast.Name):
            target = node.target
            current: ast.expr = _replaced(target, ctx=ast.Load())
        elif isinstance(node.target, ast.Attribute):
            owner = self._register()
            get = self._site(Operation, getattr, _arrange_getattr(node.target.attr))
            held = owner.call("hold", node.target.value, self._expr(node.target.value))
            held = get.call("first", node.target.value, held)
            current = get.call("done", node.target, _replaced(node.target, value=held, ctx=ast.Load()))
            target = _replaced(node.target, value=owner.call("held", node.target.value))
        else:
            assert isinstance(node.target, ast.Subscript)
            owner, index = self._register(), self._register()
            get = self._site(Operation, operator.getitem)
            held = owner.call("hold", node.target.value, self._expr(node.target.value))
            held = get.call("first", node.target.value, held)
            at = index.call("hold", node.target.slice, self._index(node.target.slice))
            at = get.call("more", node.target.slice, at)
            current = get.call("done", node.target, _replaced(node.target, value=held, slice=at, ctx=ast.Load()))
            target = _replaced(
                node.target,
                value=owner.call("held", node.target.value),
                slice=index.call("held", node.target.slice),
            )
        operand = site.call("more", node.value, self._expr(node.value))
        result: ast.expr = self._c(_IN_PLACE[type(node.op)], node, site.call("first", node.target, current), operand)
        result = site.call("done", node, result)
        if isinstance(target, ast.Attribute):
            store = self._site(Operation, setattr, _arrange_setattr(target.attr))
            target = _replaced(target, value=store.call("last", target.value, target.value))
            result = store.call("first", node, result)
        elif isinstance(target, ast.Subscript):
            store = self._site(Operation, operator.setitem, _arrange_setitem)
            target = _replaced(
                target,
                value=store.call("more", target.value, target.value),
                slice=store.call("last", target.slice, target.slice),
            )
            result = store.call("first", node, result)
        return [_at(node, ast.Assign([target], result))]

    def _stmt_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        return [_replaced(node, targets=[self._deleted(target) for target in node.targets])]

    def _deleted(self, target: ast.expr) -> ast.expr:
        if isinstance(target, ast.Attribute):
            site = self._site(Operation, delattr, _arrange_getattr(target.attr))
            return _replaced(target, value=site.call("last", target.value, self._expr(target.value)))
        if isinstance(target, ast.Subscript):
            site = self._site(Operation, operator.delitem)
            return _replaced(
                target,
                value=site.call("first", target.value, self._expr(target.value)),
                slice=site.call("last", target.slice, self._index(target.slice)),
            )
        if isinstance(target, (ast.Tuple, ast.List)):
            return _replaced(target, elts=[self._deleted(item) for item in target.elts])
        return target

    def _stmt_If(self, node: ast.If) -> list[ast.stmt]:
        test = self._part(node.test, self._test)
        return [_replaced(node, test=test, body=self._block(node.body), orelse=self._block(node.orelse))]

    def _stmt_While(self, node: ast.While) -> list[ast.stmt]:
        test = self._guarded(node.test, self._repeated_test)
        with self._repeated():
            body = self._block(node.body)
        return [_replaced(node, test=test, body=body, orelse=self._block(node.orelse))]

    def _stmt_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        return [_replaced(node, test=self._asserted(node.test), msg=node.msg and self._part(node.msg))]

    def _stmt_For(self, node: ast.For) -> list[ast.stmt]:
        target, held, shape = self._loop_target(node.target)
        at = node.iter if _LOOPS_ITERATE_AT_THEIR_ITERABLE else node
        iterable = self._part(node.iter, lambda expr: self._loop(expr, at, shape))
        with self._repeated():
            prologue = [] if held is None else [self._assigned(node.target, held)]
            body = [*prologue, *self._block(node.body)]
        return [_replaced(node, target=target, iter=iterable, body=body, orelse=self._block(node.orelse))]

    def _loop_target(self, target: ast.expr) -> tuple[ast.expr, ast.expr | None, Shape | None]:
        """A loop's target; what its body has to assign to the original one; and what the target unpacks."""
        if _names_only(target):
            return target, None, _shape(target) if isinstance(target, (ast.Tuple, ast.List)) else None
        register = self._register()
        return register.target("value", target), register.call("held", target), None

    def _assigned(self, target: ast.expr, value: ast.expr) -> ast.stmt:
        """The assignment of a value of ours to a target of the user's."""
        original = _at(target, ast.Assign([target], value))
        with self._guard() as guard:
            target, value = self._store(target, value)
        assignment = _at(target, ast.Assign([target], value))
        if not self._repeats or not guard.left:
            return assignment
        return _at(target, ast.If(self._flag(guard, target), [assignment], [original]))

    def _loop(
        self,
        iterable: ast.expr,
        at: ast.AST,
        shape: Shape | None,
        comprehension: Comprehension | None = None,
        is_lazy: bool = False,
    ) -> ast.expr:
        site = self._site(Loop, shape, comprehension, is_lazy)
        value = site.call("first", iterable, self._expr(_as_python_does(iterable)))
        return site.call("loop", iterable, self._c("iter", at, value))

    def _stmt_AsyncFor(self, node: ast.AsyncFor) -> list[ast.stmt]:
        register, iterable = self._register(), self._register()
        value = self._part(node.iter)
        with self._repeated():
            site = self._site(Capture, next)
            item = site.call(
                "item", node.target, iterable.call("kept", node.target), register.call("held", node.target)
            )
            body = [self._assigned(node.target, item), *self._block(node.body)]
        return [
            _replaced(
                node,
                target=register.target("value", node.target),
                iter=iterable.call("hold", node.iter, value),
                body=body,
                orelse=self._block(node.orelse),
            )
        ]

    def _stmt_With(self, node: ast.With) -> list[ast.stmt]:
        items: list[ast.withitem] = []
        prologue: list[ast.stmt] = []
        epilogue: list[ast.stmt] = []
        for index, item in enumerate(node.items):
            site = self._site(With, False)
            manager = item.context_expr
            items.append(
                ast.withitem(site.call("first", manager, self._part(manager)), site.target("entered", manager))
            )
            target = item.optional_vars
            is_last = index == len(node.items) - 1
            epilogue.insert(0, _at(node, ast.Expr(site.call("after", manager))))
            if target is None or _names_only(target) or not is_last:
                items.append(ast.withitem(site.call("inner", manager), target))
            else:
                register = self._register()
                items.append(ast.withitem(site.call("inner", manager), register.target("value", target)))
                prologue.append(self._assigned(target, register.call("held", target)))
        body = [*prologue, *self._block(node.body)]
        return [_replaced(node, items=items, body=body), *epilogue]

    def _stmt_AsyncWith(self, node: ast.AsyncWith) -> list[ast.stmt]:
        # One of ours cannot stand in the same statement: it is not asynchronous.
        item, *others = node.items
        site = self._site(With, True)
        manager = item.context_expr
        entered = ast.withitem(site.call("first", manager, self._part(manager)), site.target("entered", manager))
        if others:
            body: list[ast.stmt] = self._stmt_AsyncWith(_replaced(node, items=others))
        else:
            body = self._block(node.body)
        inner = _at(node, ast.With([ast.withitem(site.call("inner", manager), item.optional_vars)], body))
        after = _at(node, ast.Expr(site.call("after", manager)))
        return [_replaced(node, items=[entered], body=[inner]), after]

    def _stmt_Try(self, node: Any) -> list[ast.stmt]:
        handlers = [
            _replaced(
                handler,
                type=None if handler.type is None else self._part(handler.type),
                body=self._block(handler.body),
            )
            for handler in node.handlers
        ]
        return [
            _replaced(
                node,
                body=self._block(node.body),
                handlers=handlers,
                orelse=self._block(node.orelse),
                finalbody=self._block(node.finalbody),
            )
        ]

    _stmt_TryStar = _stmt_Try

    def _stmt_Match(self, node: ast.Match) -> list[ast.stmt]:
        register = self._register()
        subject = register.call("hold", node.subject, self._part(node.subject))
        cases = []
        for case in node.cases:
            body = self._block(case.body)
            if names := _captured_names(case.pattern):
                site = self._site(Capture, operator.getitem, names)
                # Where a debugger stops next anyway.
                at = case.body[0]
                values = _at(at, ast.Tuple([_at(at, ast.Name(name, ast.Load())) for name in names], ast.Load()))
                captured = site.call("captured", at, register.call("kept", at), values)
                body = [self._alone(site, _at(at, ast.Expr(captured))), *body]
            cases.append(ast.match_case(case.pattern, case.guard and self._part(case.guard, self._test), body))
        return [_replaced(node, subject=subject, cases=cases)]

    def _alone(self, site: _SiteNodes, statement: ast.stmt) -> ast.stmt:
        """A statement that is only there to record, and runs only until it has."""
        guard = Guard()
        guard.left = 1
        site.site.guards = (*site.site.guards, guard)
        self._recorder.guards.append(guard)
        return _at(statement, ast.If(self._flag(guard, statement), [statement], []))

    def _stmt_FunctionDef(self, node: Any) -> list[ast.stmt]:
        path = self._path
        self._path = (*path, (node.name, _first_line(node)))
        with self._guard() as guard, self._repeated():
            body = self._block(node.body)
        decorators = self._decorators(node)
        if guard.left:
            function = MadeFunction(self._recorder, guard)
            self.functions[self._path] = function
            decorators.append(_SiteNodes(self._constant(function), function).attribute("made", node))
        self._path = path
        return [
            _replaced(
                node,
                args=self._arguments(node.args),
                body=body if guard.left else node.body,
                decorator_list=decorators,
            )
        ]

    _stmt_AsyncFunctionDef = _stmt_FunctionDef

    def _stmt_ClassDef(self, node: ast.ClassDef) -> list[ast.stmt]:
        path = self._path
        self._path = (*path, (node.name, _first_line(node)))
        body = self._block(node.body)
        self._path = path
        return [
            _replaced(
                node,
                bases=[self._expr(base) for base in node.bases],
                keywords=[_replaced(keyword, value=self._expr(keyword.value)) for keyword in node.keywords],
                body=body,
                decorator_list=self._decorators(node),
            )
        ]

    def _decorators(self, node: Any) -> list[ast.expr]:
        decorators: list[ast.expr] = []
        for decorator in node.decorator_list:
            site = self._site(CallSite)
            decorators += [
                site.attribute("done", decorator),
                site.call("first", decorator, self._expr(decorator)),
                site.attribute("more", decorator),
            ]
        return decorators

    def _arguments(self, arguments: ast.arguments) -> ast.arguments:
        return _replaced(
            arguments,
            defaults=[self._expr(default) for default in arguments.defaults],
            kw_defaults=[default and self._expr(default) for default in arguments.kw_defaults],
        )

    def _stmt_unchanged(self, node: ast.stmt) -> list[ast.stmt]:
        return [node]

    # The type parameters and values of a type alias are scopes of their own, which nothing runs in passing.
    _stmt_TypeAlias = _stmt_unchanged

    # Expressions

    def _expr(self, node: ast.expr) -> ast.expr:
        if _is_constant(node):
            return node
        visit = getattr(self, f"_expr_{type(node).__name__}", None)
        if visit is not None:
            result: ast.expr = visit(node)
            return result
        changes: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                changes[name] = self._expr(value)
        return _replaced(node, **changes) if changes else node

    def _test(self, node: ast.expr) -> ast.expr:
        """An expression that is only asked whether it is true: ``not`` is no operation there."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _replaced(node, operand=self._test(node.operand))
        if isinstance(node, ast.BoolOp):
            first, *others = node.values
            values = [self._test(first), *(self._part(other, self._test) for other in others)]
            return _replaced(node, values=values)
        if isinstance(node, ast.IfExp):
            return _replaced(
                node,
                test=self._part(node.test, self._test),
                body=self._part(node.body, self._test),
                orelse=self._part(node.orelse, self._test),
            )
        if isinstance(node, ast.Compare):
            return self._operands(node) if self._asserts else self._compared(node, is_value=False)
        return self._expr(node)

    def _asserted(self, node: ast.expr) -> ast.expr:
        """Rewrite an asserted test. Comparisons stay unchanged: Python 3.11 locates the error at the last one."""
        self._asserts = True
        tested = self._test(node)
        self._asserts = False
        return tested

    def _operands(self, node: ast.Compare) -> ast.expr:
        asserts, self._asserts = self._asserts, False
        left, comparators = self._expr(node.left), [self._expr(comparator) for comparator in node.comparators]
        self._asserts = asserts
        return _replaced(node, left=left, comparators=comparators)

    def _repeated_test(self, node: ast.expr) -> ast.expr:
        with self._repeated():
            return self._test(node)

    def _expr_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        first, *others = node.values
        return _replaced(node, values=[self._expr(first), *(self._part(other) for other in others)])

    def _expr_IfExp(self, node: ast.IfExp) -> ast.expr:
        return _replaced(
            node,
            test=self._part(node.test, self._test),
            body=self._part(node.body),
            orelse=self._part(node.orelse),
        )

    def _expr_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        site = self._site(Operation, _UNARY[type(node.op)])
        operand = site.call("first", node.operand, self._expr(node.operand))
        return site.call("done", node, _replaced(node, operand=operand))

    def _expr_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self._expr(node.left), self._expr(node.right)
        site = self._site(Operation, _BINARY[type(node.op)])
        left, right = site.call("first", node.left, left), site.call("more", node.right, right)
        return site.call("done", node, _replaced(node, left=left, right=right))

    def _expr_Compare(self, node: ast.Compare) -> ast.expr:
        return self._compared(node, is_value=True)

    def _compared(self, node: ast.Compare, is_value: bool) -> ast.expr:
        comparisons: list[ast.expr] = []
        left = self._expr(node.left)
        left_at = node.left
        for index, (op, comparator) in enumerate(zip(node.ops, node.comparators, strict=True)):
            is_contained = isinstance(op, (ast.In, ast.NotIn))
            site = self._site(Operation, _COMPARISONS[type(op)], _arrange_contains if is_contained else None)
            right = self._expr(_as_python_does(comparator) if is_contained else comparator)
            register = self._register()
            is_last = index == len(node.ops) - 1
            if not is_last:
                right = register.call("hold", comparator, right)
            compared = ast.Compare(site.call("first", left_at, left), [op], [site.call("more", comparator, right)])
            comparisons.append(site.call("done", node, _at(node, compared)))
            left, left_at = register.call("held", comparator), comparator
        if len(comparisons) == 1:
            return comparisons[0]
        chained = _at(node, ast.BoolOp(ast.And(), comparisons))
        # So that what surrounds a value asks it for its truth again, as it does without us.
        return site.call("passed", node, chained) if is_value else chained

    def _expr_Attribute(self, node: ast.Attribute) -> ast.expr:
        owner = self._expr(node.value)
        site = self._site(Operation, getattr, _arrange_getattr(node.attr))
        return site.call("done", node, _replaced(node, value=site.call("first", node.value, owner)))

    def _expr_Subscript(self, node: ast.Subscript) -> ast.expr:
        owner, index = self._expr(node.value), self._index(node.slice)
        site = self._site(Operation, operator.getitem)
        return site.call(
            "done",
            node,
            _replaced(
                node,
                value=site.call("first", node.value, owner),
                slice=site.call("more", node.slice, index),
            ),
        )

    def _index(self, node: ast.expr) -> ast.expr:
        """What stands in brackets, with slices as objects."""
        if isinstance(node, ast.Slice):
            site = self._site(Operation, slice)
            bounds = [node.lower, node.upper, *([node.step] if node.step else [])]
            arguments = []
            for position, bound in enumerate(bounds):
                value = _at(node, ast.Constant(None)) if bound is None else self._expr(bound)
                arguments.append(site.call("more" if position else "first", bound or node, value))
            return site.call("done", node, self._c("slice", node, *arguments))
        if isinstance(node, ast.Tuple) and any(isinstance(item, (ast.Slice, ast.Starred)) for item in node.elts):
            return self._display(node, [self._index(item) for item in node.elts])
        return self._expr(node)

    def _expr_Tuple(self, node: Any) -> ast.expr:
        return self._display(node, [self._expr(item) for item in node.elts])

    _expr_List = _expr_Tuple
    _expr_Set = _expr_Tuple

    def _display(self, node: Any, items: list[ast.expr]) -> ast.expr:
        starred = tuple(isinstance(item, ast.Starred) for item in items)
        if not any(starred) and (not isinstance(node, ast.Set) or all(map(_is_constant, node.elts))):
            return self._site(Display, None).call("done", node, _replaced(node, elts=items))
        site = self._site(Display, starred)
        passed: list[ast.expr] = []
        for item in items:
            method = "more" if passed else "first"
            if isinstance(item, ast.Starred):
                passed.append(_replaced(item, value=site.call(method, item.value, item.value)))
            else:
                passed.append(site.call(method, item, item))
        return site.call("done", node, _replaced(node, elts=passed))

    def _expr_Dict(self, node: ast.Dict) -> ast.expr:
        if all(key is not None and _is_constant(key) for key in node.keys) and all(map(_is_constant, node.values)):
            return self._site(Display, None).call("done", node, node)
        parts = [
            (key and self._expr(key), self._expr(value)) for key, value in zip(node.keys, node.values, strict=True)
        ]
        site = self._site(Display, tuple(key is None for key in node.keys))
        keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        for key, value in parts:
            if key is not None:
                keys.append(site.call("more" if keys else "first", key, key))
                values.append(site.call("more", value, value))
            else:
                values.append(site.call("more" if keys else "first", value, value))
                keys.append(None)
        return site.call("done", node, _replaced(node, keys=keys, values=values))

    def _expr_Starred(self, node: ast.Starred) -> ast.expr:
        return _replaced(node, value=self._expr(node.value))

    def _expr_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Attribute):
            function: ast.expr = _replaced(node.func, value=self._expr(node.func.value))
        else:
            function = self._expr(node.func)
        site = self._site(CallSite)
        arguments: list[ast.expr] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred) and len(node.args) == 1:
                value = site.call("lone_star", argument.value, self._expr(argument.value))
                arguments.append(_replaced(argument, value=value))
            elif isinstance(argument, ast.Starred):
                arguments.append(_replaced(argument, value=self._star(site, argument.value, node)))
            else:
                arguments.append(site.call("more", argument, self._expr(argument)))
        keywords: list[ast.keyword] = []
        for keyword in node.keywords:
            if keyword.arg is None:
                value = self._double_star(site, keyword.value, node)
            else:
                name = _at(keyword.value, ast.Constant(keyword.arg))
                value = site.call("key", keyword.value, name, self._expr(keyword.value))
            keywords.append(_replaced(keyword, value=value))
        call = _replaced(node, func=site.call("first", node.func, function), args=arguments, keywords=keywords)
        return site.call("done", node, _at_its_method(call, node))

    def _star(self, site: _SiteNodes, node: ast.expr, call: ast.Call) -> ast.expr:
        # Python iterates where the call stands.
        values = self._c("tuple", call, site.call("again", node))
        is_iterable = site.call("is_iterable", node, self._expr(node))
        return site.call("star", node, _at(node, ast.IfExp(is_iterable, values, site.call("again", node))))

    def _double_star(self, site: _SiteNodes, node: ast.expr, call: ast.Call) -> ast.expr:
        values = _at(call, ast.Dict([None], [site.call("again", node)]))
        is_mapping = site.call("is_mapping", node, self._expr(node))
        return site.call("mapping", node, _at(node, ast.IfExp(is_mapping, values, site.call("again", node))))

    def _expr_ListComp(self, node: Any) -> ast.expr:
        site = self._site(Comprehension, _COMPREHENSIONS[type(node)])
        first, *others = node.generators
        is_lazy = isinstance(node, ast.GeneratorExp)
        shape = self._comprehension_shape(first.target)
        at = first.iter if _COMPREHENSIONS_ITERATE_AT_THEIR_ITERABLE else node
        iterable = self._expr(first.iter) if first.is_async else self._loop(first.iter, at, shape, site.site, is_lazy)
        with self._repeated():
            generators = [_replaced(first, iter=iterable, ifs=[self._guarded(test, self._test) for test in first.ifs])]
            for generator in others:
                generators.append(self._generator(generator, node))
            if isinstance(node, ast.DictComp):
                element = {"key": self._guarded(node.key), "value": self._guarded(node.value)}
            else:
                element = {"elt": self._guarded(node.elt)}
        return site.call("done", node, _replaced(node, generators=generators, **element))

    _expr_SetComp = _expr_ListComp
    _expr_DictComp = _expr_ListComp
    _expr_GeneratorExp = _expr_ListComp

    def _generator(self, node: ast.comprehension, comprehension: ast.expr) -> ast.comprehension:
        at = node.iter if _COMPREHENSIONS_ITERATE_AT_THEIR_ITERABLE else comprehension
        shape = self._comprehension_shape(node.target)
        if node.is_async:
            iterable = self._guarded(node.iter)
        else:
            iterable = self._guarded(node.iter, lambda expr: self._loop(expr, at, shape))
        return _replaced(node, iter=iterable, ifs=[self._guarded(test, self._test) for test in node.ifs])

    def _comprehension_shape(self, target: ast.expr) -> Shape | None:
        if not _names_only(target):
            self._recorder.unsupported.add("a comprehension that assigns to an attribute or an item")
        return _shape(target) if isinstance(target, (ast.Tuple, ast.List)) else None

    def _expr_Lambda(self, node: ast.Lambda) -> ast.expr:
        with self._guard() as guard, self._repeated():
            body = self._expr(node.body)
        arguments = self._arguments(node.args)
        if not guard.left:
            return _replaced(node, args=arguments)
        function = MadeFunction(self._recorder, guard)
        made = _SiteNodes(self._constant(function), function)
        body = _at(node.body, ast.IfExp(self._flag(guard, node.body), body, node.body))
        without_defaults = _replaced(node.args, defaults=[], kw_defaults=[None for _ in node.args.kw_defaults])
        return made.call(
            "made_with", node, _replaced(node, args=arguments, body=body), _replaced(node, args=without_defaults)
        )

    def _expr_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return _replaced(
            node,
            values=[
                self._formatted(value) if isinstance(value, ast.FormattedValue) else value for value in node.values
            ],
        )

    def _formatted(self, node: ast.FormattedValue) -> ast.FormattedValue:
        value = self._expr(node.value)
        if conversion := _CONVERSIONS.get(node.conversion):
            site = self._site(Operation, conversion)
            converted = ast.FormattedValue(site.call("first", node.value, value), node.conversion, None)
            value = site.call("done", node.value, _f_string(node, converted))
        site = self._site(Operation, format, None if node.format_spec else _arrange_format)
        spec: ast.expr | None = None
        if node.format_spec is not None:
            text = self._expr(node.format_spec)
            spec = _f_string(node, ast.FormattedValue(site.call("more", node, text), -1, None))
        formatted = ast.FormattedValue(site.call("first", node.value, value), -1, spec)
        return _at(node, ast.FormattedValue(site.call("done", node, _f_string(node, formatted)), -1, None))

    def _expr_unchanged(self, node: ast.expr) -> ast.expr:
        return node

    _expr_TemplateStr = _expr_unchanged


class _SiteNodes:
    """A site as nodes of the tree."""

    __slots__ = ("placeholder", "site")

    def __init__(self, placeholder: str, site: Any) -> None:
        self.placeholder = placeholder
        self.site = site

    def attribute(self, name: str, at: ast.AST) -> ast.expr:
        return _at(at, ast.Attribute(_placeholder(self.placeholder, at), name, ast.Load()))

    def target(self, name: str, at: ast.AST) -> ast.expr:
        return _at(at, ast.Attribute(_placeholder(self.placeholder, at), name, ast.Store()))

    def call(self, name: str, at: ast.AST, *arguments: ast.expr) -> ast.expr:
        return _method_call(self.placeholder, name, at, *arguments)


def _placeholder(text: str, at: ast.AST) -> ast.Constant:
    return _at(at, ast.Constant(text))


def _method_call(placeholder: str, name: str, at: ast.AST, *arguments: ast.expr) -> ast.Call:
    function: Any = _at(at, ast.Attribute(_placeholder(placeholder, at), name, ast.Load()))
    # Python locates the call of a method where its name ends.
    function.end_lineno, function.end_col_offset = function.lineno, function.col_offset
    return _at(at, ast.Call(function, list(arguments), []))


def _at(at: Any, node: _Node) -> _Node:
    """A node, put where another is. (`ast.copy_location` takes twice as long.)"""
    placed: Any = node
    try:
        placed.lineno, placed.col_offset = at.lineno, at.col_offset
        placed.end_lineno, placed.end_col_offset = at.end_lineno, at.end_col_offset
    except AttributeError:
        # Arguments and the loops of comprehensions have no place.
        pass
    return node


def _replaced(node: _Node, **changes: Any) -> _Node:
    """A copy of a node with other fields."""
    fields = {name: getattr(node, name, None) for name in node._fields}
    return _at(node, type(node)(**(fields | changes)))


def _at_its_method(call: ast.Call, original: ast.Call) -> ast.Call:
    """A call, moved to where Python locates the call of a method: at its name, when that is on another line."""
    method = original.func
    if not isinstance(method, ast.Attribute) or method.end_lineno is None or method.end_lineno == call.lineno:
        return call
    keywords = len(original.keywords)
    if (
        any(isinstance(argument, ast.Starred) for argument in original.args)
        or any(keyword.arg is None for keyword in original.keywords)
        or (keywords and sys.version_info < (3, 11))
        or len(original.args) + keywords + bool(keywords) >= _MOST_ARGUMENTS
    ):
        return call
    call.lineno = method.end_lineno
    call.col_offset = (method.end_col_offset or 0) - len(method.attr)
    return call


def _f_string(at: ast.AST, value: ast.FormattedValue) -> ast.expr:
    return _at(at, ast.JoinedStr([_at(at, value)]))


def _is_constant(node: ast.expr) -> bool:
    """Whether an expression is made of constants alone, which Python folds or at least never changes."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    if isinstance(node, ast.BinOp):
        return _is_constant(node.left) and _is_constant(node.right)
    if isinstance(node, ast.Tuple):
        return all(map(_is_constant, node.elts))
    return False


def _as_python_does(container: ast.expr) -> ast.expr:
    """Rewrite an operand of `in` or `for`: there, a list is a tuple, and a set of constants is a constant."""
    if isinstance(container, ast.List) and not any(isinstance(item, ast.Starred) for item in container.elts):
        return _at(container, ast.Tuple(container.elts, ast.Load()))
    if isinstance(container, ast.Set) and all(isinstance(item, ast.Constant) for item in container.elts):
        items: Any = frozenset(item.value for item in container.elts if isinstance(item, ast.Constant))
        return _at(container, ast.Constant(items))
    return container


def _names_only(target: ast.expr) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(map(_names_only, target.elts))
    if isinstance(target, ast.Starred):
        return _names_only(target.value)
    return isinstance(target, ast.Name)


def _shape(target: ast.Tuple | ast.List) -> Shape:
    star = next((index for index, item in enumerate(target.elts) if isinstance(item, ast.Starred)), None)
    nested = {}
    for index, item in enumerate(target.elts):
        inner = item.value if isinstance(item, ast.Starred) else item
        if isinstance(inner, (ast.Tuple, ast.List)):
            nested[index] = _shape(inner)
    if star is None:
        return Shape(len(target.elts), None, nested)
    return Shape(star, len(target.elts) - star - 1, nested)


def _is_doubled(statement: ast.stmt) -> bool:
    """Whether a statement that runs more than once gets a guard of its own."""
    if isinstance(statement, _SCOPES):
        return False
    return _depth(statement) <= _DOUBLED_DEPTH and not _declares_names(statement)


def _bodies(statement: ast.AST) -> Iterator[ast.stmt]:
    """The statements directly inside a statement."""
    for name in ("body", "orelse", "finalbody"):
        yield from getattr(statement, name, ())
    for name in ("handlers", "cases"):
        for part in getattr(statement, name, ()):
            yield from part.body


def _depth(statement: ast.stmt) -> int:
    return max((1 + _depth(inner) for inner in _bodies(statement)), default=0)


def _declares_names(statement: ast.stmt) -> bool:
    """Whether there is a global or nonlocal declaration, which cannot stand in a scope twice."""
    if isinstance(statement, (ast.Global, ast.Nonlocal)):
        return True
    return not isinstance(statement, _SCOPES) and any(map(_declares_names, _bodies(statement)))


def _captured_names(pattern: ast.AST) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for node in ast.walk(pattern):
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if isinstance(node, (ast.MatchAs, ast.MatchStar, ast.MatchMapping)) and name:
            names[name] = None
    return tuple(names)


def _first_line(node: Any) -> int:
    line: int = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    return line


def _arrange_setitem(values: list[Any]) -> list[Any]:
    value, owner, index = values
    return [owner, index, value]


def _arrange_contains(values: list[Any]) -> list[Any]:
    item, container = values
    return [container, item]


def _arrange_format(values: list[Any]) -> list[Any]:
    return [*values, None]


def _arrange_getattr(name: str) -> Callable[[list[Any]], list[Any]]:
    return lambda values: [*values, name]


def _arrange_setattr(name: str) -> Callable[[list[Any]], list[Any]]:
    def arrange(values: list[Any]) -> list[Any]:
        value, owner = values
        return [owner, name, value]

    return arrange
