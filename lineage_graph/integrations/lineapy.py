"""LineaPy on the graph: its tracer, its API and its commands, with all lineage in Neo4j.

A program calls `install`. Alternatively, set an environment variable::

    LINEAPY_DATABASE_URL=bolt://localhost lineapy python train.py

LineaPy's installed files stay as they are. Its modules are prepared while they are imported: those that use
pydantic get ``pydantic.v1``, which LineaPy 0.2.3 was written for, and the few names through which LineaPy
reaches its database lead here when the database's URL is one of ours. On an SQLite or PostgreSQL URL LineaPy
works as it always did.
"""

from __future__ import annotations

import ast
import functools
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lineage_graph import errors, relational
from lineage_graph.errors import ConfigurationError, LineageGraphError, MissingExtra, NameNotFound
from lineage_graph.integrations import lineapy_tracing
from lineage_graph.settings import fix_paths, from_environment
from lineage_graph.store.url import SCHEMES, check_url, environment_url, scheme_of

if TYPE_CHECKING:
    from lineage_graph.integrations.lineapy_db import LineaPyDB

_log = logging.getLogger(__name__)


def install(url: str | None = None) -> None:
    """Make LineaPy keep its lineage in the graph, in this process and in its child processes.

    Parameters
    ----------
    url : str, optional
        As `RelationalLineaDB` takes it; NEO4J_URI, or else the managed local server, when left out.

    Raises
    ------
    ConfigurationError
        If the URL is not one of ours, or LineaPy was imported before it could be prepared.
    MissingExtra
        If LineaPy is not installed.
    """
    url = url or environment_url()
    check_url(url)
    lineapy_tracing.is_lineapy_s_own()
    if "lineapy" in sys.modules and not isinstance(sys.modules["lineapy"].__spec__.loader, _Loader):  # type: ignore[union-attr]
        raise ConfigurationError("LineaPy was imported already: call install() before the first import of lineapy")
    if prepare().find_spec("lineapy", None) is None:
        raise MissingExtra("lineapy", "Tracing with LineaPy")
    # LineaPy's command changes to the script's folder, and scripts may change to others.
    fix_paths()
    os.environ["LINEAPY_DATABASE_URL"] = url
    if config := sys.modules.get("lineapy.utils.config"):
        config.options.set("database_url", url, verbose=False)


@dataclass(frozen=True)
class TracedSession:
    """The result of a trace.

    Attributes
    ----------
    id : str
        The session's id.
    nodes : int
        The number of its operations.
    artifacts : list of tuple of str and int
        Names and versions of the artifacts that it saved.
    exit_code : int, str or None
        The argument of the script's ``sys.exit``, which may be a text to print with status 1; None if it ended by
        itself.
    """

    id: str
    nodes: int
    artifacts: list[tuple[str, int]]
    exit_code: int | str | None = None


def trace_script(script: Path, arguments: Sequence[str] = (), url: str | None = None) -> TracedSession:
    """Run a script under LineaPy, in the script's folder, with all its lineage in the graph.

    The trace is stored even if the script fails.

    Parameters
    ----------
    script : Path
        The script. It runs as Python runs it: it declares its encoding, it is ``__main__``, and it has its own
        ``sys.argv`` and ``sys.path``.
    arguments : sequence of str
        The script's arguments.
    url : str, optional
        As `install` takes it.

    Raises
    ------
    ConfigurationError
        If the script cannot be read, and as `install`.
    ArtifactSaveException
        If the trace could not be stored.
    lineapy.exceptions.user_exception.UserException
        If the script failed; its ``__cause__`` is the exception that the script raised.
    """
    try:
        source = script.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"the script {str(script)!r} cannot be read: {error.strerror}") from error
    install(url)
    from lineapy.utils.config import options

    from lineage_graph.integrations.script import trace

    database: Any = sys.modules["lineapy.db.db"]
    db: LineaPyDB = database.RelationalLineaDB.from_config(options)
    try:
        id_, exit_code = trace(script, source, arguments, db)
        saved = [(artifact.name, artifact.version) for artifact in db.get_artifacts_for_session(id_)]
        return TracedSession(id_, len(db.get_nodes_for_session(id_)), saved, exit_code)
    finally:
        db.close()


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext lineage_graph.integrations.lineapy``: `install`, then LineaPy's own extension."""
    install()
    ipython.extension_manager.load_extension("lineapy")


def is_ours(url: object) -> bool:
    """Whether a database URL names a graph, and not a database of SQLAlchemy."""
    return scheme_of(url) in (*SCHEMES, "local")


class _Finder(MetaPathFinder):
    """Finds LineaPy's modules, and prepares them."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] != "lineapy":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            loader = _PatchingLoader if name in _PATCHES or name in lineapy_tracing.CHANGES else _Loader
            spec.loader = loader(spec.loader.name, spec.loader.path)
        return spec


_finder = _Finder()


def prepare() -> MetaPathFinder:
    """Prepare LineaPy's modules when they are imported. You may call this more than once."""
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    return _finder


class _Loader(SourceFileLoader):
    """Loads a module of LineaPy with pydantic 1's API.

    It runs no code of this package while the module runs, so that the traceback of a failing module has no frame of it.
    """

    def path_stats(self, path: str) -> Any:
        # The source is changed before it is compiled, so the bytecode must not be shared with the original.
        data = self.get_data(path)
        if b"pydantic" in data or lineapy_tracing.Adapted.is_needed(data):
            raise OSError
        return super().path_stats(path)

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:  # type: ignore[override]
        if not isinstance(data, bytes) or not (b"pydantic" in data or lineapy_tracing.Adapted.is_needed(data)):
            return super().source_to_code(data, path, _optimize=_optimize)
        tree = lineapy_tracing.Adapted().visit(_Pydantic1().visit(ast.parse(data, path)))
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True, optimize=_optimize)


class _PatchingLoader(_Loader):
    """Loads a module, and applies its entry of `_PATCHES` and the changes for the tracer."""

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if not lineapy_tracing.replaces(name):
            super().exec_module(module)
        lineapy_tracing.adapt(module)
        if patch := _PATCHES.get(name):
            patch(module)


class _Pydantic1(ast.NodeTransformer):
    """Turns imports of pydantic into imports of ``pydantic.v1``, which is a part of pydantic 2."""

    def visit_Import(self, node: ast.Import) -> ast.Import:
        for alias in node.names:
            if alias.name == "pydantic":
                alias.name, alias.asname = "pydantic.v1", alias.asname or "pydantic"
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        if node.module and node.level == 0 and node.module.partition(".")[0] == "pydantic":
            node.module = node.module.replace("pydantic", "pydantic.v1", 1)
        return node


def _patch_user_exception(module: Any) -> None:
    # An except clause asks for a real base class, so our errors take LineaPy's of the same name as one.
    errors.UserException.__bases__ = (LineageGraphError, module.UserException)


def _patch_save_exception(module: Any) -> None:
    errors.ArtifactSaveException.__bases__ = (LineageGraphError, module.ArtifactSaveException)


# The reason why the URL in LineaPy's configuration was refused while LineaPy was imported.
_refused: list[Exception] = []


def _patch_engine(module: Any) -> None:
    # LineaPy is about to read its configuration. An empty variable counts as unset; Compose passes such ones.
    if from_environment(["LINEAPY_DATABASE_URL"]).get("LINEAPY_DATABASE_URL") == "":
        del os.environ["LINEAPY_DATABASE_URL"]
    create_engine = module.create_lineadb_engine

    @functools.wraps(create_engine)
    def create_lineadb_engine(url: str) -> Any:
        try:
            return check_url(url) if is_ours(url) else create_engine(url)
        except Exception as error:
            _refused.append(error)
            raise

    module.create_lineadb_engine = create_lineadb_engine


def _patch_configuration(module: Any) -> None:
    if _refused:
        raise _refusal("LINEAPY_DATABASE_URL or LineaPy's configuration file")
    config = module.lineapy_config
    set_item = config.set

    @functools.wraps(set_item)
    def set_(self: Any, key: str, value: Any, verbose: bool = True) -> None:
        # LineaPy shows the URL with its password when it is verbose.
        set_item(self, key, value, verbose=verbose and not (key == "database_url" and is_ours(value)))
        if key == "database_url" and _refused:
            raise _refusal("options.set")

    config.set = set_


def _refusal(where: str) -> ConfigurationError:
    cause = _refused.pop()
    _refused.clear()
    problem = str(cause) if isinstance(cause, LineageGraphError) else type(cause).__name__
    error = ConfigurationError(f"the database URL that {where} names cannot be used: {problem}")
    error.__cause__ = cause
    return error


def _patch_database(module: Any) -> None:
    from lineage_graph.integrations.lineapy_db import LineaPyDB

    original = module.RelationalLineaDB

    class ByUrl(type):
        """Makes a graph or an SQL database, depending on the URL."""

        def __call__(cls, url: str) -> Any:
            return LineaPyDB(url) if is_ours(url) else super().__call__(url)

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, (LineaPyDB, original))

    module.RelationalLineaDB = ByUrl(
        "RelationalLineaDB", (original,), {"__module__": module.__name__, "__doc__": original.__doc__}
    )


def _patch_migration(module: Any) -> None:
    engine_from_config = module.engine_from_config

    @functools.wraps(engine_from_config)
    def engine_from_config_(configuration: dict[str, Any], prefix: str = "sqlalchemy.", **options: Any) -> Any:
        if is_ours(configuration.get(f"{prefix}url")):
            raise ConfigurationError(
                "LineaPy's migrations are for its SQL databases: a graph is brought up to date when it is opened"
            )
        return engine_from_config(configuration, prefix, **options)

    module.engine_from_config = engine_from_config_


def _patch_pipelines(module: Any) -> None:
    """Record a pipeline of our artifacts in our classes, and one of SQLAlchemy's artifacts in SQLAlchemy's."""
    dependency_orm, pipeline_orm = module.ArtifactDependencyORM, module.PipelineORM

    def artifact_dependency(**values: Any) -> Any:
        is_graph = isinstance(values["post_artifact"], relational.ArtifactORM)
        return (relational.ArtifactDependencyORM if is_graph else dependency_orm)(**values)

    def pipeline(**values: Any) -> Any:
        is_graph = any(isinstance(artifact, relational.ArtifactORM) for artifact in values["artifacts"])
        return (relational.PipelineORM if is_graph else pipeline_orm)(**values)

    module.ArtifactDependencyORM, module.PipelineORM = artifact_dependency, pipeline


def _patch_api(module: Any) -> None:
    save, get, delete = module.save, module.get, module.delete

    @functools.wraps(save)
    def save_(reference: object, name: str, *args: Any, **kwargs: Any) -> Any:
        db = _database(module)
        if db is None:
            return save(reference, name, *args, **kwargs)
        with db.saving(name):
            return save(reference, name, *args, **kwargs)

    @functools.wraps(get)
    def get_(*args: Any, **kwargs: Any) -> Any:
        artifact = get(*args, **kwargs)
        if (db := _database(module)) is not None:
            # LineaPy writes the call that runs when it has ended.
            db.hand_out(artifact._artifact_id, to=module.get_context().node.id)
        return artifact

    @functools.wraps(delete)
    def delete_(artifact_name: str, version: int | str) -> None:
        db = _database(module)
        if db is None:
            delete(artifact_name, version)
        else:
            _delete(module, db, artifact_name, module.parse_artifact_version(version))

    module.save, module.get, module.delete = save_, get_, delete_


def _database(module: Any) -> LineaPyDB | None:
    """The graph of the running session, or None if the session is recorded elsewhere."""
    from lineage_graph.integrations.lineapy_db import LineaPyDB

    db = module.get_context().executor.db
    return db if isinstance(db, LineaPyDB) else None


def _delete(module: Any, db: LineaPyDB, name: str, version: int | str) -> None:
    """Delete versions of an artifact, and each of their values that no other artifact points to.

    This is what LineaPy's `delete` promises. The records are deleted first, so that no record names a missing file.
    """
    versions = db.get_versions(name)
    if version == "latest":
        versions = versions[-1:]
    elif version != "all":
        versions = [artifact for artifact in versions if artifact.version == version]
    if not versions:
        raise NameNotFound(
            f"{name}:{version} not found. Perhaps there was a typo. Please try lineapy.artifact_store() to inspect "
            "all your artifacts."
        )
    paths: set[str] = set()
    for artifact in versions:
        db.delete_artifact_by_name(name, artifact.version)
        assert artifact.id is not None
        db.delete_mlflow_metadata_by_artifact_id(artifact.id)
        if db.number_of_artifacts_per_node(artifact.node_id, artifact.execution_id):
            continue
        value = db.get_node_value_from_db(artifact.node_id, artifact.execution_id)
        if value is not None:
            db.delete_node_value_from_db(artifact.node_id, artifact.execution_id)
            if value.value and not value.value.startswith("runs:"):
                paths.add(value.value)
    db.commit()
    folder = str(module.options.safe_get("artifact_storage_dir")).rstrip("/")
    for path in sorted(paths - db.used_values(paths)):
        file_system, file = module.fsspec.core.url_to_fs(f"{folder}/{path}", **(module.options.storage_options or {}))
        try:
            file_system.rm_file(file)
        except FileNotFoundError:
            _log.info("the value %s was deleted already", path)


_PATCHES: dict[str, Callable[[Any], None]] = {
    "lineapy.exceptions.user_exception": _patch_user_exception,
    "lineapy.exceptions.db_exceptions": _patch_save_exception,
    "lineapy.db.utils": _patch_engine,
    "lineapy.utils.config": _patch_configuration,
    "lineapy.db.db": _patch_database,
    "lineapy.utils.migration": _patch_migration,
    "lineapy.api.models.pipeline": _patch_pipelines,
    "lineapy.api.api": _patch_api,
}
