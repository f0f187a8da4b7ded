"""What changed between two programs, from their text: lines, and the arguments of calls.

Every comparison is symmetric: that of `b` with `a` is that of `a` with `b` with both sides swapped.
"""

from __future__ import annotations

import ast
import copy
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_SWAPPED = {"equal": "equal", "replace": "replace", "delete": "insert", "insert": "delete"}
_CONTEXT = 3


@dataclass(frozen=True)
class Part:
    """A call, or a statement with a value.

    Attributes
    ----------
    name : str
        The function, or the target of the value.
    text : str
        Its first line.
    inputs : dict of str to str
        The text of each argument, or of the value, without the arguments of calls in it.
    around : int, optional
        The number of the part that it is written inside.
    """

    name: str
    text: str
    inputs: dict[str, str]
    around: int | None


class _Matcher(SequenceMatcher[str]):
    """Matches two sequences in the same way in whichever order they are given; difflib does not."""

    def __init__(self, a: list[str], b: list[str]) -> None:
        super().__init__(None, a, b)
        self._reverse = SequenceMatcher(None, b, a) if b < a else None

    def get_opcodes(self) -> Any:
        """What turns the first into the second."""
        if self._reverse is None:
            return super().get_opcodes()
        return [(_SWAPPED[tag], i1, i2, j1, j2) for tag, j1, j2, i1, i2 in self._reverse.get_opcodes()]


def unified(a: str, b: str, name_of_a: str, name_of_b: str) -> str:
    """The lines that differ, with three lines around each, as ``diff -u`` shows them; empty where none differs."""
    first, second = a.split("\n"), b.split("\n")
    lines: list[str] = []
    for group in _Matcher(first, second).get_grouped_opcodes(_CONTEXT):
        if not lines:
            lines = [f"--- {name_of_a}", f"+++ {name_of_b}"]
        (_, i1, _, j1, _), (_, _, i2, _, j2) = group[0], group[-1]
        lines.append(f"@@ -{_range(i1, i2)} +{_range(j1, j2)} @@")
        for tag, begin, end, other_begin, other_end in group:
            if tag == "equal":
                lines += [f" {line}" for line in first[begin:end]]
                continue
            lines += [f"-{line}" for line in first[begin:end]]
            lines += [f"+{line}" for line in second[other_begin:other_end]]
    return "\n".join(lines)


def _range(begin: int, end: int) -> str:
    """Lines as ``diff -u`` numbers them: from 1, and of no lines the one before."""
    length = end - begin
    return f"{begin + (length > 0)}" if length == 1 else f"{begin + (length > 0)},{length}"


def changed_inputs(a: str, b: str) -> list[tuple[str, str | None, str | None]] | None:
    """Of calls and statements, which input changed from what to what; None on the side where there is none.

    Returns
    -------
    list of tuple, or None
        What changed, and its text in each; None if either is no Python.
    """
    first, second = _parts(a), _parts(b)
    if first is None or second is None:
        return None
    matcher = _Matcher([part.name for part in first], [part.name for part in second])
    changes: list[tuple[str, str | None, str | None]] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for before, after in zip(first[i1:i2], second[j1:j2], strict=True):
                names = sorted({*before.inputs, *after.inputs})
                changes += [
                    (f"{name} of {before.name}", before.inputs.get(name), after.inputs.get(name))
                    for name in names
                    if before.inputs.get(name) != after.inputs.get(name)
                ]
            continue
        alone = [(part.name, part.text, None) for part in _outermost(first, i1, i2)]
        alone += [(part.name, None, part.text) for part in _outermost(second, j1, j2)]  # type: ignore[misc]
        changes += sorted(alone, key=lambda change: (change[0], change[1] or change[2] or ""))
    return changes


def _outermost(parts: list[Part], begin: int, end: int) -> list[Part]:
    """Some of the parts, without those whose text is inside that of another of these."""
    return [part for part in parts[begin:end] if part.around is None or not begin <= part.around < end]


def _parts(code: str) -> list[Part] | None:
    for text in (code, _with_passes(code)):
        found: list[Part] = []
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            _collect(ast.parse(text), None, found)
            return found
    return None


def _with_passes(code: str) -> str:
    """A slice in which nothing is left of some branches, made Python: what opens a block has something in it."""
    lines = [line for line in code.split("\n") if line.strip()]
    filled = []
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        indent = len(line) - len(line.lstrip())
        is_open = line.rstrip().endswith(":") and len(following) - len(following.lstrip()) <= indent
        filled += [line, " " * (indent + 1) + "pass"] if is_open else [line]
    return "\n".join(filled)


def _collect(node: ast.AST, around: int | None, found: list[Part]) -> None:
    name, inputs = "", {}
    match node:
        case ast.Call():
            name = _text(node.func)
            inputs = {f"argument {number}": _text(each) for number, each in enumerate(node.args, 1)}
            stars = (f"** {number}" for number, _ in enumerate(node.keywords, 1))
            inputs |= {keyword.arg or next(stars): _text(keyword.value) for keyword in node.keywords}
        case ast.Assign():
            name, inputs = " = ".join(map(_text, node.targets)), {"value": _text(node.value)}
        case ast.AnnAssign(value=ast.expr() as value):
            name, inputs = _text(node.target), {"value": _text(value)}
        case ast.AugAssign():
            name, inputs = _text(node.target), {"step": f"{type(node.op).__name__} {_text(node.value)}"}
        case ast.For() | ast.AsyncFor():
            name, inputs = f"for {_text(node.target)}", {"values": _text(node.iter)}
        case ast.If() | ast.While():
            name, inputs = type(node).__name__.lower(), {"test": _text(node.test)}
    if name:
        found.append(Part(name, ast.unparse(node).partition("\n")[0], inputs, around))
        around = len(found) - 1
    for child in ast.iter_child_nodes(node):
        # A statement inside a block stands on lines of its own.
        _collect(child, None if isinstance(child, ast.stmt) else around, found)


class _WithoutArguments(ast.NodeTransformer):
    """Leaves the names of calls, whose arguments are compared by themselves."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return ast.Call(self.visit(node.func), [ast.Name("…")], [])


def _text(node: ast.AST) -> str:
    return ast.unparse(_WithoutArguments().visit(copy.deepcopy(node)))
