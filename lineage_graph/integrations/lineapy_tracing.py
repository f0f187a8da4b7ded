"""LineaPy's tracer on every Python: its blocks run through `lineage_graph.tracing`.

LineaPy 0.2.3 reads CPython's value stack, as it was from 3.7 to 3.10, to see what a block does that is not made of
nodes of its own: a loop, a function, a with statement. Here that part is replaced, and so are the few other places
that know no Python after 3.10.
"""

from __future__ import annotations

import ast
import functools
import importlib
import sys
from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import CodeType, ModuleType, TracebackType
from typing import Any

from pydantic import ValidationError

from lineage_graph.errors import ConfigurationError
from lineage_graph.settings import TracingSettings
from lineage_graph.tracing import Block, Call, calls

_TRACER = "lineapy.system_tracing.exec_and_record_function_calls"
_BUILDERS = {
    calls.build_list: "l_list",
    calls.build_tuple: "l_tuple",
    calls.build_set: "l_set",
    calls.build_dict: "l_dict",
    calls.unpack_sequence: "l_unpack_sequence",
    calls.unpack_ex: "l_unpack_ex",
}


def is_lineapy_s_own() -> bool:
    """Whether LineaPy's own tracer was chosen in place of ours.

    Raises
    ------
    ConfigurationError
        If there is none of the name that was given, or it does not run on this Python.
    """
    try:
        tracer = TracingSettings().tracer
    except ValidationError as error:
        raise ConfigurationError("LINEAGE_GRAPH_TRACER can be 'lineage-graph' or 'lineapy'") from error
    if tracer == "lineapy" and sys.version_info[:2] != (3, 10):
        raise ConfigurationError(
            "LINEAGE_GRAPH_TRACER=lineapy: LineaPy's own tracer runs on Python 3.10 only, and this is Python "
            f"{sys.version_info[0]}.{sys.version_info[1]}; leave the setting out"
        )
    return tracer == "lineapy"


def replaces(name: str) -> bool:
    """Whether a module of LineaPy's is ours altogether, and its own file is not executed."""
    return name == _TRACER and not is_lineapy_s_own()


def adapt(module: ModuleType) -> None:
    """Put what knows every Python in its place in a module of LineaPy's."""
    if change := CHANGES.get(module.__name__):
        change(module)


class Adapted(ast.NodeTransformer):
    """The source of LineaPy's modules without what later Pythons warn of or no longer have."""

    @staticmethod
    def is_needed(data: bytes) -> bool:
        return b"utcnow" in data or b"ast.Str" in data

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if node.attr != "utcnow":
            return node
        ours = ast.parse(f"__import__({__name__!r}, fromlist=['utcnow']).utcnow", mode="eval").body
        for part in ast.walk(ours):
            ast.copy_location(part, node)
        return ours

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        # ast.Str and its like are gone in Python 3.14; as annotations they are evaluated for nothing.
        for argument in node.args.args:
            if isinstance(argument.annotation, ast.Attribute) and ast.unparse(argument.annotation).startswith("ast."):
                argument.annotation = None
        return node


def utcnow() -> datetime:
    """The time as LineaPy keeps it: UTC, and not saying so."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


@dataclass
class _Trace:
    """What LineaPy asks of its tracer when a block has ended."""

    function_calls: list[Any] = field(default_factory=list)
    not_implemented_ops: set[str] = field(default_factory=set)


def _exec_and_record_function_calls(block: Block | CodeType, globals_: dict[str, Any]) -> _Trace:
    """Execute a block, and say which functions were called.

    Only operations of the block itself are recorded. Where some of it was not, LineaPy assumes the worst.
    """
    if isinstance(block, CodeType):
        exec(block, globals_)  # noqa: S102
        return _Trace(not_implemented_ops={"code without its source"})
    recording = block.record()
    recorded: list[Call] = []
    try:
        exec(recording.code, globals_)  # noqa: S102
    finally:
        recorded = recording.finish()
    return _Trace([_as_lineapy_s(call) for call in recorded], set(recording.unsupported))


def _as_lineapy_s(call: Call) -> Any:
    function_call, builders = _lineapy()
    # By identity: what was called may have an __eq__ or __hash__ of its own.
    return function_call(builders.get(id(call.fn), call.fn), call.args, call.kwargs, call.res)


@functools.cache
def _lineapy() -> tuple[Any, dict[int, Any]]:
    function_call = importlib.import_module("lineapy.system_tracing.function_call")
    builtins = importlib.import_module("lineapy.utils.lineabuiltins")
    return function_call.FunctionCall, {id(ours): getattr(builtins, name) for ours, name in _BUILDERS.items()}


def _put_tracer(module: Any) -> None:
    if replaces(module.__name__):
        module.exec_and_record_function_calls = _exec_and_record_function_calls


def _keep_source(module: Any) -> None:
    """LineaPy compiles a block before it hands it to its tracer, which is the end of its text."""
    if not replaces(_TRACER):
        return

    def compile_block(text: str, filename: str, mode: str) -> Any:
        if mode != "exec":
            return compile(text, filename, mode)
        return Block(text, filename, _FUTURE_ANNOTATIONS)

    module.compile = compile_block


# LineaPy's module has `from __future__ import annotations`, which its blocks inherit.
_FUTURE_ANNOTATIONS = 0x1000000


def _repair_first_frame(module: Any) -> None:
    """LineaPy puts a frame before those of a failed call, and does not say which instruction it was at.

    From Python 3.11 on, a traceback's line is read off the instruction.
    """

    def execute(self: Any, traceback: TracebackType | None) -> TracebackType:
        code = _code_at(self.filename, self.lineno)
        return TracebackType(traceback, module.create_frame(code), _instruction_at(code, self.lineno), self.lineno)

    module.AddFrame.execute = execute


def _code_at(filename: str, line: int) -> CodeType:
    """Code that does nothing at a line, at no column, so that nothing is underlined."""
    position = {"lineno": line, "end_lineno": line, "col_offset": -1, "end_col_offset": -1}
    tree = ast.Module([ast.Expr(ast.Name("_", ast.Load(), **position), **position)], [])
    return compile(tree, filename, "exec")


def _instruction_at(code: CodeType, line: int) -> int:
    if sys.version_info < (3, 11):
        return 0
    return next(2 * index for index, position in enumerate(code.co_positions()) if position[0] == line)


def _drop_warning(module: Any) -> None:
    module.check_python_version = lambda: None


def _number_cells(module: Any) -> None:
    """LineaPy asks for a cell's number when it has run; from IPython 9 on, that is the next one's."""
    transform, jupyter_cell = module.input_transformer_post, module.JupyterCell
    shell = importlib.import_module("IPython").get_ipython
    number = 0

    @functools.wraps(transform)
    def input_transformer_post(lines: list[str], *arguments: Any) -> Any:
        nonlocal number
        number = shell().execution_count
        return transform(lines, *arguments)

    def numbered_cell(session_id: Any, **_: Any) -> Any:
        return jupyter_cell(execution_count=number, session_id=session_id)

    module.input_transformer_post, module.JupyterCell = input_transformer_post, numbered_cell


CHANGES = {
    _TRACER: _put_tracer,
    "lineapy.utils.lineabuiltins": _keep_source,
    "lineapy.exceptions.user_exception": _repair_first_frame,
    "lineapy.cli.cli": _drop_warning,
    "lineapy.editors.ipython": _number_cells,
}
