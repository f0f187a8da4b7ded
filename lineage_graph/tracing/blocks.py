"""Compiles a block of code so that it records what it does, and runs it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import CodeType
from typing import Any

from lineage_graph.tracing.calls import Call
from lineage_graph.tracing.rewrite import PLACEHOLDER, Rewriter
from lineage_graph.tracing.sites import Recorder


class Block:
    """A block of code, which can be run any number of times.

    Parameters
    ----------
    text : str
        The code.
    filename : str
        What tracebacks call it.
    flags : int
        The compiler's flags, of `__future__`; none are inherited.

    Raises
    ------
    SyntaxError
        As `compile` does.
    """

    def __init__(self, text: str, filename: str, flags: int = 0) -> None:
        self._filename = filename
        self._flags = flags
        self._tree: ast.Module = compile(text, filename, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
        self.code: CodeType = compile(self._tree, filename, "exec", flags, dont_inherit=True)

    def record(self) -> Recording:
        """Code that records one run, and what it recorded once it is finished."""
        recorder = Recorder()
        try:
            code = self._instrumented(recorder)
        except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError) as error:
            # Too deep or too large for the compiler with what is added.
            code = self.code
            recorder.unsupported.add(f"a block that cannot be instrumented ({type(error).__name__})")
        return Recording(code, recorder)

    def run(self, globals_: dict[str, Any], sink: Callable[[Call], object]) -> set[str]:
        """Run it, and hand on what it did.

        Parameters
        ----------
        globals_ : dict
            The globals and locals; nothing is added but what the block assigns.
        sink : callable
            Gets each `Call`, in the order in which they were completed, when the block has ended; also when it
            raised.

        Returns
        -------
        set of str
            What of the block was not recorded; empty when all was.
        """
        recording = self.record()
        try:
            exec(recording.code, globals_)  # noqa: S102
        finally:
            for call in recording.finish():
                sink(call)
        return recording.unsupported

    def _instrumented(self, recorder: Recorder) -> CodeType:
        rewriter = Rewriter(recorder)
        tree = rewriter.module(self._tree)
        if tree is self._tree:
            return self.code
        # Python has warned of what is written here, when it compiled it as it is.
        with _silence() if _may_warn(self._tree) else nullcontext():
            code = compile(tree, self._filename, "exec", self._flags, dont_inherit=True)
        for path, original in _definitions(self.code):
            if path in rewriter.functions:
                rewriter.functions[path].original = original
        return _filled(code, rewriter.constants)


class Recording:
    """One run of a block.

    Parameters
    ----------
    code : CodeType
        What has to be executed, once.
    recorder : Recorder
        What its sites record to.
    """

    def __init__(self, code: CodeType, recorder: Recorder) -> None:
        self.code = code
        self._recorder = recorder

    @property
    def unsupported(self) -> set[str]:
        """What of the block was not recorded."""
        return self._recorder.unsupported

    def finish(self) -> list[Call]:
        """What was recorded, in order of completion; functions that the block made get their original code back.

        The calls keep what they refer to alive, so that identities hold for as long as they are kept.
        """
        return self._recorder.finish()


def _filled(code: CodeType, constants: dict[str, object]) -> CodeType:
    """The code with the objects in place of their placeholders."""
    filled = tuple(
        _filled(constant, constants)
        if isinstance(constant, CodeType)
        else constants[constant]
        if isinstance(constant, str) and constant.startswith(PLACEHOLDER)
        else constant
        for constant in code.co_consts
    )
    return code.replace(co_consts=filled)


def _definitions(
    code: CodeType, path: tuple[tuple[str, int], ...] = ()
) -> Iterator[tuple[tuple[tuple[str, int], ...], CodeType]]:
    """The code of functions and classes inside, by their paths of names and first lines."""
    for constant in code.co_consts:
        if not isinstance(constant, CodeType):
            continue
        if constant.co_name.startswith("<generic parameters of"):
            yield from _definitions(constant, path)
        elif not constant.co_name.startswith("<"):
            inner = (*path, (constant.co_name, constant.co_firstlineno))
            yield inner, constant
            yield from _definitions(constant, inner)


@contextmanager
def _silence() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _may_warn(tree: ast.AST) -> bool:
    """Whether Python may warn when it compiles a tree, so that compiling it again would warn again."""
    values = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.JoinedStr, ast.Lambda, ast.GeneratorExp)
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                if any(isinstance(op, (ast.Is, ast.IsNot)) for op in ops) and any(
                    isinstance(operand, values) for operand in (left, *comparators)
                ):
                    return True
            case ast.Call(func=ast.Constant() | ast.Tuple() | ast.List() | ast.Dict() | ast.Set() | ast.JoinedStr()):
                return True
            case ast.Subscript(value=owner) if isinstance(owner, values):
                return True
            case ast.Assert(test=ast.Tuple()):
                return True
            case ast.Try(finalbody=[_, *_]):
                return True
    return False
