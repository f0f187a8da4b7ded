"""Random programs, and what can be seen of a run of one: what it logs, assigns and raises, and where."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

FILENAME = "<program>"

_BINARY = ["+", "-", "*", "//", "%", "&", "|", "^", "<<", "@", "/", "**"]
_COMPARISONS = ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"]
_NAMES = ["a", "b", "c"]

T = TypeVar("T")


def _shown(value: object) -> str:
    return re.sub(r" at 0x\w+", "", repr(value))


class Value:
    """A value that logs what is done with it, and from where."""

    number: int
    log: list[object]

    def __init__(self, number: int, log: list[object]) -> None:
        self.__dict__["number"] = number
        self.__dict__["log"] = log

    def note(self, what: str, *arguments: object) -> None:
        frame = sys._getframe(2)
        self.log.append((what, self.number, *map(_shown, arguments), frame.f_code.co_name, frame.f_lineno))

    def __repr__(self) -> str:
        return f"V{self.number}"

    def __hash__(self) -> int:
        return hash(self.number)

    def __bool__(self) -> bool:
        self.note("bool")
        return self.number % 3 != 0

    def __eq__(self, other: object) -> bool:
        self.note("eq", other)
        return isinstance(other, Value) and other.number == self.number

    def __lt__(self, other: object) -> Value:
        self.note("lt", other)
        return Value(self.number - (other.number if isinstance(other, Value) else 1), self.log)

    def __iter__(self) -> Any:
        self.note("iter")
        return Elements(self)

    def __contains__(self, item: object) -> bool:
        self.note("contains", item)
        return self.number % 2 == 0

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: object) -> Value:
        self.note("getitem", index)
        if self.number % 7 == 6 and index != "k":
            raise KeyError(index)
        return Value(self.number + 1, self.log)

    def __setitem__(self, index: object, value: object) -> None:
        self.note("setitem", index, value)

    def __delitem__(self, index: object) -> None:
        self.note("delitem", index)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.note("getattr", name)
        if self.number % 7 == 5:
            raise AttributeError(name)
        return Value(self.number + 2, self.log)

    def __setattr__(self, name: str, value: object) -> None:
        self.note("setattr", name, value)

    def __delattr__(self, name: str) -> None:
        self.note("delattr", name)

    def __call__(self, *arguments: object, **keywords: object) -> Value:
        self.note("call", arguments, keywords)
        return Value(self.number + len(arguments), self.log)

    def __enter__(self) -> Value:
        self.note("enter")
        return Value(self.number + 1, self.log)

    def __exit__(self, kind: type[BaseException] | None, error: object, _: object) -> bool:
        self.note("exit", kind, error)
        return self.number % 2 == 0

    async def __aenter__(self) -> Value:
        self.log.append("aenter")
        return self

    async def __aexit__(self, kind: object, error: object, _: object) -> bool:
        self.log.append(("aexit", repr(error)))
        return self.number % 2 == 0

    def __aiter__(self) -> Any:
        self.log.append("aiter")

        async def items() -> Any:
            for index in range(2):
                yield Value(self.number + index, self.log)

        return items()

    def __await__(self) -> Any:
        self.log.append("await")
        return iter(())

    def __format__(self, spec: str) -> str:
        self.note("format", spec)
        return f"<{self.number}{spec}>"

    def keys(self) -> list[str]:
        self.note("keys")
        return ["k"]

    def m(self, *arguments: object, **keywords: object) -> Value:
        self.note("m", arguments, keywords)
        return Value(self.number + 3, self.log)


def _operator(name: str) -> Callable[..., Any]:
    def operate(self: Value, other: object = None) -> Value:
        self.note(name, other)
        if self.number % 11 == 10:
            raise ValueError(f"{name} of {self.number}")
        return Value(self.number + (other.number if isinstance(other, Value) else 1), self.log)

    return operate


for _name in (
    *("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "matmul", "truediv", "pow"),
    *("radd", "rsub", "rmul", "iadd", "imul", "neg", "pos", "invert"),
):
    setattr(Value, f"__{_name}__", _operator(_name))


class Elements:
    """An iterator of Python's own making."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self.left = value.number % 4

    def __iter__(self) -> Elements:
        self.value.note("iter of iterator")
        return self

    def __next__(self) -> Value:
        self.value.note("next")
        if not self.left:
            raise StopIteration
        self.left -= 1
        if self.value.number % 13 == 12:
            raise RuntimeError("no more")
        return Value(self.left, self.value.log)


@dataclass
class Outcome:
    """What can be seen of a run."""

    log: list[object]
    variables: dict[str, str]
    error: str | None
    traceback: list[tuple[object, ...]]


def outcome(run: Callable[[dict[str, Any]], None]) -> Outcome:
    """Run a program in fresh globals, and say what was seen."""
    log: list[object] = []

    def note(*arguments: object) -> None:
        frame = sys._getframe(1)
        log.append((*map(_shown, arguments), frame.f_code.co_name, frame.f_lineno))

    def numbers(count: int = 3) -> Any:
        for index in range(count):
            frame = sys._getframe(1)
            log.append(("yields", index, frame.f_code.co_name, frame.f_lineno))
            yield Value(index, log)

    @contextlib.contextmanager
    def manager(value: object) -> Any:
        note("enters", value)
        try:
            yield value
        finally:
            note("leaves", value)

    globals_: dict[str, Any] = {
        "__name__": "__main__",
        "a": Value(1, log),
        "b": Value(4, log),
        "c": 2,
        "xs": [Value(3, log), 5, (Value(8, log), 9)],
        "pairs": [(1, Value(2, log)), [3, 4]],
        "d": {"k": Value(6, log), 1: [1, 2]},
        "note": note,
        "numbers": numbers,
        "manager": manager,
        "run": asyncio.run,
        "sys": sys,
    }
    names = set(globals_) | {"__builtins__"}
    error: BaseException | None = None
    try:
        run(globals_)
    except Exception as raised:
        error = raised
    variables = {name: _shown(value) for name, value in globals_.items() if name not in names or name in _NAMES}
    return Outcome(log, variables, None if error is None else _described(error), _frames(error))


def _described(error: BaseException) -> str:
    described = f"{type(error).__name__}: {re.sub(' at 0x[0-9a-f]+', '', str(error))}"
    if error.__context__ is not None:
        described += f" from {_described(error.__context__)}"
    return described


def _frames(error: BaseException | None) -> list[tuple[object, ...]]:
    frames: list[tuple[object, ...]] = []
    while error is not None:
        for frame in traceback.extract_tb(error.__traceback__):
            if "program" in frame.filename:
                columns = (getattr(frame, "end_lineno", None), getattr(frame, "colno", None))
                end = getattr(frame, "end_colno", None)
                frames.append((frame.filename, frame.name, frame.lineno, *columns, end))
        frames.append(("context",))
        error = error.__context__
    return frames


class _Writer:
    """Writes a random program."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw
        self._fresh = 0
        self.lines: list[str] = []

    def pick(self, choices: list[T]) -> T:
        chosen: T = self._draw(st.sampled_from(choices))
        return chosen

    def chance(self, one_in: int) -> bool:
        return bool(self._draw(st.integers(0, one_in - 1)) == 0)

    def name(self) -> str:
        self._fresh += 1
        return f"n{self._fresh}"

    def expression(self, depth: int, scope: str) -> str:
        if depth <= 0:
            return self.pick([*_NAMES, "xs", "d", "1", "'k'", "pairs"])

        def sub() -> str:
            return self.expression(depth - 1, scope)

        kinds = [
            "name", "binary", "compare", "bool", "unary", "call", "method", "attribute", "item", "slice", "list",
            "tuple",
            "set", "dict", "listcomp", "gen", "dictcomp", "if", "lambda", "format", "walrus", "log", "frame",
        ]  # fmt: skip
        if scope == "generator":
            kinds += ["yield", "yield from"]
        if scope == "async":
            kinds += ["await", "async comp"]
        kind = self.pick(kinds)
        if kind == "name":
            return self.pick(_NAMES)
        if kind == "binary":
            return f"({sub()} {self.pick(_BINARY[:10])} {sub()})"
        if kind == "compare":
            links = "".join(f" {self.pick(_COMPARISONS)} {sub()}" for _ in range(1 + self.chance(3)))
            return f"({sub()}{links})"
        if kind == "bool":
            return f"({sub()} {self.pick(['and', 'or'])} {sub()})"
        if kind == "unary":
            return f"({self.pick(['-', '+', '~', 'not '])}{sub()})"
        if kind in ("call", "method"):
            arguments = [
                self.pick([sub(), f"*{sub()}", f"k{index}={sub()}"]) for index in range(self.pick([0, 1, 2, 3]))
            ]
            arguments.sort(key=lambda text: text.startswith("k") and "=" in text[:4])
            if self.chance(5):
                arguments.append(f"**{sub()}")
            function = f"({sub()}).m" if kind == "method" else self.pick([*_NAMES, "note", "numbers", "list", "len"])
            newline = "\n" if self.chance(4) else ""
            return f"({function.replace('.m', newline + '.m')}({(', ' + newline).join(arguments)}))"
        if kind == "attribute":
            return f"({sub()}).x"
        if kind == "item":
            return f"{sub()}[{sub()}]"
        if kind == "slice":
            return f"{sub()}[{self.pick(['', sub()])}:{self.pick(['', sub()])}{self.pick(['', ':', ':2'])}]"
        if kind in ("list", "tuple", "set"):
            items = [self.pick(["", "*"]) + sub() for _ in range(self.pick([1, 2, 3]))]
            text = ", ".join(items)
            return {"list": f"[{text}]", "tuple": f"({text},)", "set": f"{{{text}}}"}[kind]
        if kind == "dict":
            return "{" + ", ".join(self.pick([f"**{sub()}", f"{sub()}: {sub()}"]) for _ in range(2)) + "}"
        if kind in ("listcomp", "gen", "dictcomp", "async comp"):
            target = self.name()
            targets = self.pick([target, target, f"({target}, _)", f"{target}, *_"])
            source = self.pick(["xs", "pairs", "numbers()", "a", "b", "d", "'xy'", sub()])
            condition = f" if {sub()}" if self.chance(3) else ""
            second = f" for _ in {self.pick(['xs', 'a', target])}" if self.chance(4) else ""
            tail = f"for {targets} in {source}{condition}{second}"
            element = self.pick([target, f"({target}, {sub()})", f"note({target})"])
            if kind == "gen":
                return f"{self.pick(['list', 'note', 'tuple', 'any'])}({element} {tail})"
            if kind == "dictcomp":
                return f"{{repr({target}): {sub()} {tail}}}"
            if kind == "async comp":
                return f"[{target} async for {target} in {self.pick(['a', 'b'])}]"
            return self.pick([f"[{element} {tail}]", f"{{repr({element}) {tail}}}"])
        if kind == "if":
            return f"({sub()} if {sub()} else {sub()})"
        if kind == "lambda":
            parameter = self.name()
            return f"(lambda {parameter}, q={sub()}: ({parameter}, q, {sub()}))({sub()})"
        if kind == "format":
            inner = self.pick(_NAMES)
            return f"f'{{{inner}}}{{{inner}!r:>4}}{{{self.pick(_NAMES)}:{{{self.pick(['c', '1'])}}}}}'"
        if kind == "walrus":
            return f"({self.pick(_NAMES)} := {sub()})"
        if kind == "log":
            return f"note({sub()}, {self.pick(['sorted(locals())[:3]', sub()])})"
        if kind == "frame":
            return "sys._getframe().f_lineno"
        if kind == "yield":
            return f"(yield {sub()})"
        if kind == "yield from":
            return f"(yield from {sub()})"
        return f"(await {self.pick(['a', 'b'])})"

    def target(self, depth: int, scope: str) -> str:
        def sub() -> str:
            return self.expression(0, scope)

        return self.pick(
            [
                *_NAMES,
                f"{sub()}.x",
                f"{sub()}[{sub()}]",
                f"{sub()}[1:{sub()}]",
                "a, b",
                "(a, *b)",
                f"[{sub()}[0], c]",
                "a, (b, c)",
                "*a, b",
            ]
        )

    def block(self, indent: str, depth: int, scope: str, in_loop: bool = False) -> None:
        for _ in range(self.pick([1, 2, 3])):
            self.statement(indent, depth, scope, in_loop)

    def statement(self, indent: str, depth: int, scope: str, in_loop: bool) -> None:
        def expr(more: int = 2) -> str:
            return self.expression(self.pick(list(range(1, more + 1))), scope)

        simple = ["assign", "assign", "several", "augmented", "delete", "expression", "raise", "assert"]
        if scope != "module":
            simple.append("return")
        if in_loop:
            simple += ["break", "continue"]
        compound = ["if", "while", "for", "for", "with", "try", "def", "generator", "class", "match", "async", "nested"]
        kind = self.pick(simple if depth <= 0 else [*simple, *compound])
        if kind == "async" and scope == "async":
            kind = "async with"
        write = self.lines.append
        inner = indent + "    "
        if kind == "assign":
            write(f"{indent}{self.target(1, scope)} = {expr()}")
        elif kind == "several":
            write(f"{indent}{self.target(1, scope)} = {self.target(1, scope)} = {expr()}")
        elif kind == "augmented":
            target = self.pick([*_NAMES, "a.x", "xs[0]", f"d[{expr(1)}]", f"{expr(1)}.x", "b[1:2]"])
            if not target[0].isalpha() or "(" in target or target.startswith("f'"):
                target = "a.x"
            write(f"{indent}{target} {self.pick(['+', '*', '-', '|'])}= {expr()}")
        elif kind == "delete":
            write(f"{indent}del {self.pick(['a.x', 'xs[0]', 'd[1]', f'b[{expr(1)}]', 'a[1:], b.x'])}")
        elif kind == "raise":
            if not self.chance(3):
                write(f"{indent}note({expr(1)})")
            else:
                write(f"{indent}raise {self.pick(['ValueError', 'KeyError(1)', 'RuntimeError(c) from None'])}")
        elif kind == "assert":
            write(f"{indent}assert {expr()}, {expr(1)}")
        elif kind in ("break", "continue"):
            write(f"{indent}if {expr(1)}: {kind}")
        elif kind == "return":
            write(f"{indent}return {'' if scope == 'async' else expr()}" if scope != "generator" else f"{indent}return")
        elif kind == "if":
            write(f"{indent}if {expr()}:")
            self.block(inner, depth - 1, scope, in_loop)
            if self.chance(2):
                write(f"{indent}else:")
                self.block(inner, depth - 1, scope, in_loop)
        elif kind == "while":
            counter = self.name()
            write(f"{indent}{counter} = 0")
            write(f"{indent}while {counter} < 3 and {expr(1)}:")
            write(f"{inner}{counter} += 1")
            self.block(inner, depth - 1, scope, True)
        elif kind == "for":
            source = self.pick(
                ["xs", "pairs", "numbers()", "a", "b", "range(3)", "d.items()", "enumerate(xs)", expr(1)]
            )
            target = self.pick([*_NAMES, "a, b", "c, (a, *b)", "xs[0]", "a.x", "c"])
            write(f"{indent}for {target} in {source}:")
            self.block(inner, depth - 1, scope, True)
            if self.chance(4):
                write(f"{indent}else:")
                self.block(inner, depth - 1, scope, in_loop)
        elif kind == "with":
            items = [
                self.pick(["a", "b", f"manager({expr(1)})", expr(1)])
                + self.pick(["", f" as {self.pick([*_NAMES, 'a.x', '(a, b)'])}"])
                for _ in range(self.pick([1, 1, 2]))
            ]
            write(f"{indent}with {', '.join(items)}:")
            self.block(inner, depth - 1, scope, in_loop)
        elif kind == "async with":
            write(f"{indent}async {self.pick(['with a as b', 'with a, b as c', 'for c in a', 'for a.x in b'])}:")
            self.block(inner, depth - 1, scope)
        elif kind == "try":
            write(f"{indent}try:")
            self.block(inner, depth - 1, scope, in_loop)
            write(f"{indent}except {self.pick(['Exception', '(ValueError, KeyError)', 'TypeError'])} as caught:")
            write(f"{inner}note(repr(caught))")
            self.block(inner, depth - 1, scope, in_loop)
            if self.chance(3):
                write(f"{indent}finally:")
                self.block(inner, depth - 1, scope)
        elif kind in ("def", "generator", "nested"):
            name = self.name()
            if kind == "def" and self.chance(3):
                write(f"{indent}@{self.pick(['staticmethod', 'note', '(lambda f: f)'])}")
            write(f"{indent}def {name}(p=1, *q, a=a, b=2, c=c, xs=xs):")
            if kind == "nested":
                write(f"{inner}def inner():")
                write(f"{inner}    nonlocal a, c")
                self.block(inner + "    ", depth - 1, "function")
                write(f"{inner}inner()")
            self.block(inner, depth - 1, "generator" if kind == "generator" else "function")
            if kind == "generator":
                write(f"{inner}yield c")
                write(f"{indent}{self.pick([f'c = list({name}())', f'for c in {name}(): note(c)'])}")
            else:
                write(f"{indent}for _ in range(2): {self.pick(_NAMES)} = {name}({expr(1)})")
        elif kind == "class":
            name = self.name()
            write(f"{indent}class {name}:")
            write(f"{inner}x = {self.expression(1, 'class')}")
            write(f"{inner}def __init__(self): super().__init__(); self.y = 1")
            write(f"{inner}@property")
            write(f"{inner}def p(self, a=1, b=2, c=3, xs=()):")
            self.block(inner + "    ", depth - 1, "function")
            write(f"{indent}note({name}().p, {name}.x)")
        elif kind == "match":
            write(f"{indent}match {expr()}:")
            write(f"{inner}case [{self.pick(['a', '1'])}, *c] if {expr(1)}:")
            self.block(inner + "    ", depth - 1, scope, in_loop)
            write(f"{inner}case {{'k': b}}:")
            self.block(inner + "    ", depth - 1, scope, in_loop)
            write(f"{inner}case {self.pick(['_', 'c', '1 | 2'])}:")
            self.block(inner + "    ", depth - 1, scope, in_loop)
        elif kind == "async":
            name = self.name()
            write(f"{indent}async def {name}(a=a, b=b, c=2, xs=xs):")
            self.block(inner, depth - 1, "async")
            write(f"{indent}run({name}())")
        else:
            write(f"{indent}{expr(3)}")


@st.composite
def programs(draw: Any) -> str:
    """Random programs: they end, and mostly run for some statements before they raise."""
    writer = _Writer(draw)
    for _ in range(draw(st.integers(1, 5))):
        if writer.chance(3):
            writer.statement("", 3, "module", False)
        else:
            # Most operations fail on most operands; so that the rest of the program runs all the same.
            writer.lines.append("try:")
            writer.statement("    ", 3, "module", False)
            writer.lines += ["except Exception as error:", "    note(repr(error), error.__traceback__.tb_lineno)"]
    return "\n".join(writer.lines) + "\n"
