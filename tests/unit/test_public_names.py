from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

import lineage_graph
from lineage_graph import errors, parse_artifact_version, relational, types
from lineage_graph.errors import LineageGraphError
from lineage_graph.graph.mapping import node_type_of
from lineage_graph.model.literals import type_of_literal
from lineage_graph.values.formats import decode
from tests.conftest import REPOSITORY

PUBLIC = {
    "LineageGraphError": "errors",
    "RelationalLineaDB": "db",
    "create_lineadb_engine": "store.driver",
    "parse_artifact_version": "model.versions",
}


# What users import, by the module that they import it from.
ROOMS = {
    "cli": "main",
    "importers.lineapy": "ImportReport import_lineapy",
    "server": "DEFAULT_VERSION SUPPORTED_VERSIONS LocalServer ServerInfo ServerStatus default_folder folder_from_url",
    "values": "StoredValue ValueDescription ValueReport ValueStore check_values collect_garbage",
}
STORED = """ArtifactDependencyORM ArtifactORM BaseNodeORM CallNodeORM ElseNodeORM ExecutionORM GlobalNodeORM
    GlobalReferenceORM IfNodeORM ImplicitDependencyORM ImportNodeORM InputParameterORM KeywordArgORM
    LibraryRow LiteralNodeORM LookupNodeORM MLflowArtifactMetadataORM MutateNodeORM NodeValueORM PipelineORM
    PositionalArgORM SessionContextORM SourceCodeORM VariableNodeORM"""
DATA = """Artifact BaseNode CallNode ControlFlowNode ElseNode Execution GlobalNode IfNode ImportNode JupyterCell
    KeywordArgument LiteralNode LiteralType LookupNode MutateNode NodeType NodeValue PositionalArgument Record
    SessionContext SessionType SourceCode SourceLocation ValueType"""


def test_the_package_keeps_its_promise() -> None:
    assert set(lineage_graph.__all__) == {*PUBLIC, "__version__"}
    assert set(lineage_graph.__all__) <= set(dir(lineage_graph))
    for name, module in PUBLIC.items():
        assert getattr(lineage_graph, name).__module__ == f"lineage_graph.{module}"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lineage_graph.nothing  # noqa: B018


@pytest.mark.parametrize("module", ROOMS)
def test_a_room_keeps_its_promise(module: str) -> None:
    room = importlib.import_module(f"lineage_graph.{module}")
    assert sorted(room.__all__) == sorted(ROOMS[module].split())
    for name in room.__all__:
        assert getattr(getattr(room, name), "__module__", room.__name__).startswith(room.__name__), name


def test_modules_of_users_are_there_after_a_plain_import() -> None:
    names = ["db", "errors", "relational", "settings", "types"]
    program = "import lineage_graph, sys; print(*(getattr(lineage_graph, name).__name__ for name in sys.argv[1:]))"
    shown = subprocess.run([sys.executable, "-c", program, *names], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == [f"lineage_graph.{name}" for name in names]


@pytest.mark.parametrize(("module", "promised"), [(relational, STORED), (types, DATA)])
def test_the_classes_of_the_reference_are_there(module: ModuleType, promised: str) -> None:
    """Defined there, not merely imported; `tests/lineapy/test_names.py` compares them with LineaPy's own."""
    defined = {
        name for name, found in inspect.getmembers(module, inspect.isclass) if found.__module__ == module.__name__
    }
    assert {name for name in defined if not name.startswith("_")} == set(promised.split())


# Raised where Python's own protocols, or pydantic's, ask for just that class.
PROTOCOLS = {
    ("__init__.py", "AttributeError"),  # a module's __getattr__
    ("integrations/lineapy.py", "OSError"),  # a loader without bytecode
    ("settings.py", "ValueError"),  # a validator
    ("tracing/calls.py", "ValueError"),  # what unpacking raises
}


def test_every_error_that_is_raised_is_ours() -> None:
    builtin = {name for name, value in vars(builtins).items() if isinstance(value, type)}
    raised = set()
    for path in sorted((REPOSITORY / "lineage_graph").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise):
                error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                if isinstance(error, ast.Name) and error.id in builtin:
                    raised.add((path.relative_to(REPOSITORY / "lineage_graph").as_posix(), error.id))
    assert raised == PROTOCOLS


@pytest.mark.parametrize(
    ("act", "error", "also"),
    [
        (lambda: parse_artifact_version("newest"), errors.InvalidArgument, ValueError),
        (lambda: parse_artifact_version(-1), errors.InvalidArgument, ValueError),
        (lambda: parse_artifact_version(float("nan")), errors.InvalidArgument, ValueError),
        (lambda: parse_artifact_version(None), errors.NotSupported, NotImplementedError),
        (lambda: type_of_literal(1j), errors.NotSupported, NotImplementedError),
        (lambda: node_type_of(["Other", "Label"]), errors.SchemaError, LineageGraphError),
        (lambda: decode(b"", "new", "sha256:0.new", allow_pickle=True), errors.UnsupportedValue, TypeError),
    ],
)
def test_ours_are_python_s_too(act: Callable[[], object], error: type[Exception], also: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        act()
    assert isinstance(caught.value, also)


def test_a_missing_value_is_a_value_error_as_lineapy_s_is() -> None:
    for base in (LineageGraphError, errors.RecordNotFound, LookupError, ValueError):
        assert issubclass(errors.NoValueSaved, base)
    assert str(errors.NoValueSaved()) == "No value saved for this node"


def test_every_error_is_in_one_tree_and_drawn_in_its_docstring() -> None:
    for name, error in inspect.getmembers(errors, inspect.isclass):
        assert issubclass(error, (LineageGraphError, Warning))
        assert name in (errors.__doc__ or "")
        assert error.__doc__


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/a/folder#1", "/a/folder#1"),
        ("s3://bucket/values", "s3://bucket/values"),
        ("ftp://ada:secret@host/x", "ftp://***@host/x"),
        ("ftp://ada:sec/ret?a#b@host/x", "ftp://***@host/x"),
        ("simplecache::ftp://ada:secret@host/x", "simplecache::ftp://***@host/x"),
        ("https://host/x?token=secret#secret", "https://host/x?***"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert errors.public_url(url) == shown
