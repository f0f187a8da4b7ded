"""How far a program came: whether its last statement was recorded.

A statement is recorded when it has run, as an operation at the place of the statement or of its value (so do LineaPy's
tracer and ours). The operations of its arguments come before it, also where it then fails.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

Span = tuple[int, int, int, int]

# These record nothing, whether they run or not: no conclusion follows from them.
_SILENT = (ast.Pass, ast.Global, ast.Nonlocal)


def stopped_at(code: str, spans: Collection[Span]) -> int | None:
    """The line of the first statement that did not run to its end; None where the last one did, or it cannot be told.

    Parameters
    ----------
    code : str
        A script, or a notebook's cell.
    spans : collection of (line, column, end line, end column)
        The places of its recorded operations: at least of those that end last.
    """
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _stopped(body, spans)


def _stopped(body: list[ast.stmt], spans: Collection[Span]) -> int | None:
    reached = [
        number
        for number, statement in enumerate(body)
        if any(_first(statement) <= span[0] <= (statement.end_lineno or 0) for span in spans)
    ]
    begin = 0
    if reached:
        last = body[reached[-1]]
        line = _stopped_inside(last, spans)
        if line is not None:
            return line
        begin = reached[-1] + 1
    return next((statement.lineno for statement in body[begin:] if not _is_silent(statement)), None)


def _stopped_inside(statement: ast.stmt, spans: Collection[Span]) -> int | None:
    """The line of the place inside a statement that was begun where it stopped; None where it was recorded."""
    if isinstance(statement, ast.If):
        for branch in (statement.body, statement.orelse):
            end = branch[-1].end_lineno or 0 if branch else 0
            if branch and any(branch[0].lineno <= span[0] <= end for span in spans):
                return _stopped(branch, spans)
        # Only the test was recorded: a branch that did not run looks like one whose first statement failed.
        return None
    whole = {_span(statement)}
    for name in ("value", "test", "iter"):
        if isinstance(part := getattr(statement, name, None), ast.AST):
            whole.add(_span(part))
    if _is_silent(statement) or getattr(statement, "decorator_list", []):
        return None
    return None if whole & set(spans) else statement.lineno


def _first(statement: ast.stmt) -> int:
    """The first line of a statement, its decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


def _is_silent(statement: ast.stmt) -> bool:
    is_name = isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Name, ast.Constant))
    return is_name or isinstance(statement, _SILENT)


def _span(node: ast.AST) -> Span:
    return tuple(getattr(node, name) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))
