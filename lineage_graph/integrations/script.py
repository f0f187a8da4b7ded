"""Runs a script under LineaPy's tracer as Python runs it: its encoding, its ``__main__``, its status.

This module imports LineaPy, so it is imported only when a script is traced.
"""

from __future__ import annotations
import __future__

import ast
import io
import os
import sys
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from lineapy.data.types import SessionType, SourceCode
from lineapy.exceptions.user_exception import AddFrame, UserException
from lineapy.execution import context
from lineapy.instrumentation.tracer import Tracer
from lineapy.transformer.conditional_transformer import ConditionalTransformer
from lineapy.transformer.node_transformer import NodeTransformer
from lineapy.utils import lineabuiltins
from lineapy.utils.lineabuiltins import l_exec_statement
from lineapy.utils.utils import get_new_id

# A line that makes indented code a program.
_INDENTED = "if True:  # indented in its script\n"


def trace(script: Path, source: bytes, arguments: Sequence[str], db: Any) -> tuple[str, int | str | None]:
    """Run a script in its folder, and record what it does.

    Parameters
    ----------
    script : Path
        The path of the script.
    source : bytes
        The contents of the script.
    arguments : sequence of str
        The arguments after its name in ``sys.argv``.
    db : LineaPyDB
        The database that records it.

    Returns
    -------
    tuple of str, and int, str or None
        The session's id, and the argument of the script's ``sys.exit``; None if it ended by itself.

    Raises
    ------
    UserException
        LineaPy's, if the script failed; its cause is the exception that the script raised.
    """
    file = script.resolve()
    tree, text = _parsed(source, file)
    with _as_python_starts_it(script, file, arguments):
        tracer = Tracer(db, SessionType.SCRIPT)
        recorded = SourceCode(id=get_new_id(), code=text, location=Path(script.name))
        db.write_source_code(recorded)
        status: int | str | None = None
        with _as_main(tracer, file, tree):
            transformer = _ScriptTransformer(recorded, tracer)
            try:
                for statement in tree.body:
                    transformer.visit(statement)
            except SystemExit as ended:
                code = ended.code
                # Python prints an argument that is not a number, and exits with 1.
                status = 0 if code is None else code if isinstance(code, int) else str(code)
        db.commit()
        return str(tracer.get_session_id()), status


def _parsed(source: bytes, file: Path) -> tuple[ast.Module, str]:
    """A script's statements and text. Python itself reads the byte order mark and the line that names the encoding."""
    try:
        tree = ast.parse(source, str(file))
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return tree, io.TextIOWrapper(io.BytesIO(source), encoding=encoding).read()
    except (SyntaxError, ValueError) as error:
        problem = error
    # Python shows none of its own frames for these errors.
    raise UserException(problem.with_traceback(None))


@contextmanager
def _as_python_starts_it(script: Path, file: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Set the script's ``sys.argv`` and ``sys.path`` and its folder, as LineaPy's own command does."""
    before = sys.argv, sys.path[:], Path.cwd()
    # A relative path would be wrong from the script's folder.
    name = str(script if script.parent == Path() else file)
    sys.argv = [name, *arguments]
    sys.path.insert(0, str(file.parent))
    os.chdir(file.parent)
    try:
        yield
    finally:
        sys.argv, sys.path[:], folder = before
        os.chdir(folder)


@contextmanager
def _as_main(tracer: Tracer, file: Path, tree: ast.Module) -> Iterator[None]:
    """Make the script ``__main__``: by its name, in functions too, and for pickles of what it defines.

    LineaPy takes the names that a module has of itself from ``builtins``, so `__name__` is "builtins" there; what asks
    for the caller's variables gets those of LineaPy's executor; and what is compiled inherits LineaPy's own
    ``from __future__ import annotations``.
    """
    main = ModuleType("__main__", ast.get_docstring(tree, clean=False))
    main.__file__ = str(file)
    own = dict(vars(main))
    executor: Any = tracer.executor
    look_up = executor._lookup_value
    shared: Any = context._global_variables
    set_up, tear_down = shared.setup_globals, shared.teardown_globals
    inputs: dict[str, object] = {}

    def setup_globals(variables: dict[str, object]) -> None:
        nonlocal inputs
        inputs = variables
        set_up(own | variables)
        vars(main).update(variables)

    def teardown_globals() -> Any:
        result = tear_down()
        # A name that is not a variable of the script has no operation that it could have come from.
        result.accessed_inputs[:] = [name for name in result.accessed_inputs if name in inputs]
        return result

    flags = _future_flags(tree)

    def compile_(code: str, path: str, mode: str) -> Any:
        # The added line replaces an empty one before it, so that the others keep their numbers.
        if code.lstrip("\n").startswith(_INDENTED):
            code = code[1:]
        return compile(code, path, mode, flags, dont_inherit=True)

    found = own | _of_the_caller(shared)
    executor._lookup_value = lambda name: found[name] if name in found else look_up(name)
    lineabuiltins.compile = compile_
    shared.setup_globals, shared.teardown_globals = setup_globals, teardown_globals
    before = sys.modules["__main__"]
    sys.modules["__main__"] = main
    try:
        yield
    finally:
        sys.modules["__main__"] = before
        del shared.setup_globals, shared.teardown_globals, lineabuiltins.compile


def _future_flags(tree: ast.Module) -> int:
    """The compiler flags of the script's ``from __future__ import`` lines."""
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__" and not statement.level:
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def _of_the_caller(shared: dict[str, object]) -> dict[str, object]:
    """The builtins that work on their caller's variables, made to work on the script's."""

    def evaluate(source: Any, variables: Any = None, *local: Any) -> Any:
        return eval(source, shared if variables is None else variables, *local)  # noqa: S307

    def execute(source: Any, variables: Any = None, *local: Any) -> None:
        exec(source, shared if variables is None else variables, *local)  # noqa: S102

    return {
        "globals": lambda: shared,
        "locals": lambda: shared,
        "vars": lambda *of: vars(*of) if of else shared,
        "dir": lambda *of: dir(*of) if of else sorted(shared),
        "eval": evaluate,
        "exec": execute,
    }


class _ScriptTransformer(ConditionalTransformer, NodeTransformer):  # type: ignore[misc]
    """LineaPy's transformer, changed where a script would run differently under it than under Python."""

    def visit_If(self, node: ast.If) -> Any:  # noqa: N802
        """Trace ``if __name__ == "__main__":`` statement by statement, and other ifs as LineaPy does."""
        if any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)):
            return super().visit_If(node)
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802
        """Refuse ``from .a import b``, which LineaPy takes for ``from a import b``."""
        if node.level:
            error = ImportError("attempted relative import with no known parent package")
            raise UserException(error, AddFrame(self._file(), node.lineno))
        super().visit_ImportFrom(node)

    def visit_Delete(self, node: ast.Delete) -> None:  # noqa: N802
        """Delete variables, and all of several targets; LineaPy deletes only the first, and no variable."""
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)):
                self.visit_Delete(ast.copy_location(ast.Delete(targets=target.elts), node))
            elif isinstance(target, ast.Name):
                self.tracer.call(
                    self.tracer.lookup_node(l_exec_statement.__name__),
                    self.get_source(node),
                    self.tracer.literal(f"del {target.id}"),
                )
                self.tracer.variable_name_to_node.pop(target.id, None)
            else:
                super().visit_Delete(ast.copy_location(ast.Delete(targets=[target]), node))

    def _exec_statement(self, node: ast.AST) -> None:
        code = self._get_code_from_node(node) or ""
        # A block inside `if __name__ == "__main__":` is indented, and so not a program by itself.
        self.tracer.call(
            self.tracer.lookup_node(l_exec_statement.__name__),
            self.get_source(node),
            self.tracer.literal(f"{_INDENTED}{code}" if code[:1] in (" ", "\t") else code),
        )

    def _file(self) -> str:
        return str(Path(self.source_code.location).absolute())
