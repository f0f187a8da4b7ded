"""Imports a LineaPy database into the graph: complete, repeatable, resumable, in bounded memory.

Each batch is read, stripped of what the graph has already, written through `RelationalLineaDB` and
committed. So a second import writes nothing, and one that was killed goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lineage_graph import queries
from lineage_graph.db import RelationalLineaDB
from lineage_graph.errors import ImportSourceError
from lineage_graph.importers import lineapy_source as tables
from lineage_graph.importers.lineapy_source import LineaPySource
from lineage_graph.literals import literal_from_text
from lineage_graph.mapping import native
from lineage_graph.relational import (
    ArtifactDependencyORM,
    ArtifactORM,
    MLflowArtifactMetadataORM,
    PipelineORM,
)
from lineage_graph.types import (
    NODE_CLASSES,
    Artifact,
    Execution,
    JupyterCell,
    KeywordArgument,
    LiteralType,
    Node,
    NodeType,
    NodeValue,
    PositionalArgument,
    SessionContext,
    SessionType,
    SourceCode,
    SourceLocation,
    ValueType,
)

FIND_EXECUTIONS = queries.load("import/find_executions")
FIND_SESSIONS = queries.load("import/find_sessions")
FIND_SOURCE_CODES = queries.load("sources/find_source_codes")
FIND_NODES = queries.load("nodes/find_nodes")
FIND_VARIABLES = queries.load("import/find_variables")
FIND_NODE_VALUES = queries.load("import/find_node_values")
FIND_ARTIFACTS = queries.load("import/find_artifacts")
GET_PIPELINES = queries.load("import/get_pipelines")
GET_MLFLOW_METADATA = queries.load("import/get_mlflow_metadata")
COUNT_NODES = queries.load("import/count_nodes")
COUNT_REFERENCES = queries.load("import/count_references")

# Conflicts that an error names before it only counts them.
NAMED = 5

_REFERENCE_COLUMNS = {
    "control_dependency": "CONTROLLED_BY",
    "function_id": "CALLS",
    "source_id": "MUTATES",
    "test_id": "TESTS",
    "companion_id": "COMPANION",
    "unexec_id": "NOT_EXECUTED",
}

Key = tuple[Any, ...]


@dataclass
class ImportReport:
    """What an import found and did.

    Attributes
    ----------
    source, graph : Counter
        How many records of each kind and references of each type the source has, and how many of just those
        the graph has now.
    written : int
        Records written by this import; the others were there.
    dangling : int
        References to nodes that are nowhere: kept, and listed by an audit.
    skipped : list of str
        Records of the source that cannot be kept, each with the reason.
    """

    source: Counter[str] = field(default_factory=Counter)
    graph: Counter[str] = field(default_factory=Counter)
    written: int = 0
    dangling: int = 0
    skipped: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether the graph has all that the source has, apart from what was skipped with a reason."""
        lacking = sum((self.source - self.graph).values())
        return lacking == len(self.skipped) and not self.graph - self.source


def import_lineapy(
    url: str, db: RelationalLineaDB, on_progress: Callable[[int, int], None] | None = None
) -> ImportReport:
    """Import a LineaPy database.

    Parameters
    ----------
    url : str
        ``sqlite:///path``, ``postgresql://user:password@host/database``, or the path of an SQLite file.
    db : RelationalLineaDB
        Where to; each batch is committed.
    on_progress : callable
        Told the rows done and the rows in all.

    Returns
    -------
    ImportReport

    Raises
    ------
    ImportSourceError
        If the source cannot be read, or has an artifact whose name and version the graph has for another
        node. Nothing was written then.
    ArtifactSaveException
        If a batch cannot be stored; the batches before it are.
    """
    source = LineaPySource(url)
    try:
        return _Import(source, db, on_progress or _silent).run()
    finally:
        source.close()


def _silent(_done: int, _total: int) -> None:
    pass


class _Import:
    def __init__(self, source: LineaPySource, db: RelationalLineaDB, on_progress: Callable[[int, int], None]) -> None:
        self._source = source
        self._db = db
        self._report = ImportReport()
        self._on_progress = on_progress
        self._done = 0
        streamed = [
            tables.EXECUTION,
            tables.SOURCE_CODE,
            tables.SESSION,
            tables.NODE,
            tables.VARIABLE,
            tables.NODE_VALUE,
            tables.ARTIFACT,
            tables.PIPELINE,
        ]
        self._total = sum(source.count(table) for table in streamed)

    def run(self) -> ImportReport:
        self._check_artifacts()
        self._stream(tables.EXECUTION, "Execution", FIND_EXECUTIONS, self._execution)
        self._stream(tables.SOURCE_CODE, "SourceCode", FIND_SOURCE_CODES, self._source_code)
        self._stream(tables.SESSION, "Session", FIND_SESSIONS, self._session)
        for batch in self._source.batches(tables.NODE):
            self._nodes(batch)
        for batch in self._source.batches(tables.VARIABLE):
            self._variables(batch)
        for batch in self._source.batches(tables.NODE_VALUE):
            self._node_values(batch)
        for batch in self._source.batches(tables.ARTIFACT):
            self._artifacts(batch)
        for batch in self._source.batches(tables.PIPELINE):
            self._pipelines(batch)
        if self._source.has_mlflow:
            for batch in self._source.batches(tables.MLFLOW):
                self._mlflow(batch)
        return self._report

    def _advance(self, batch: Sequence[Any]) -> None:
        self._done += len(batch)
        self._on_progress(self._done, self._total)

    def _skip(self, what: str, reason: str) -> None:
        self._report.skipped.append(f"{what}: {reason}")

    def _there(self, query: queries.Query, ids: Iterable[str]) -> set[str]:
        return {row["id"] for row in self._db.store.read(query, ids=sorted(set(ids)))}

    def _stream(self, table: Any, kind: str, find: queries.Query, write: Callable[[Any], None]) -> None:
        """Import a table whose rows have an id and are a record each."""
        for batch in self._source.batches(table):
            ids = [row.id for row in batch]
            there = self._there(find, ids)
            for row in batch:
                if row.id not in there:
                    write(row)
            self._db.commit()
            self._report.written += len(self._there(find, ids)) - len(there)
            self._report.source[kind] += len(batch)
            self._report.graph[kind] += len(self._there(find, ids))
            self._advance(batch)

    def _execution(self, row: Any) -> None:
        self._db.write_execution(Execution(id=row.id, timestamp=row.timestamp))

    def _source_code(self, row: Any) -> None:
        self._db.write_source_code(_source_code(row))

    def _session(self, row: Any) -> None:
        if not self._there(FIND_EXECUTIONS, [row.execution_id or ""]):
            self._skip(f"session {row.id}", f"its execution {row.execution_id} is nowhere")
            return
        self._db.write_context(
            SessionContext(
                id=row.id,
                environment_type=SessionType[row.environment_type],
                python_version=row.python_version or "",
                creation_time=row.creation_time,
                working_directory=row.working_directory or "",
                session_name=row.session_name,
                user_name=row.user_name,
                hardware_spec=row.hardware_spec,
                execution_id=row.execution_id,
            )
        )

    def _nodes(self, batch: Sequence[Any]) -> None:
        ids = [row.id for row in batch]
        there = self._there(FIND_NODES, ids)
        nodes = _NodeBatch(self._source, batch)
        expected: Counter[str] = Counter()
        for row in batch:
            expected[row.node_type] += 1
            node = nodes.build(row)
            if node is None:
                self._skip(f"node {row.id}", f"it has no row of its kind, {row.node_type}")
                continue
            if row.source_code_id and node.source_location is None:
                self._report.skipped.append(f"source location of node {row.id}: its source code is nowhere")
                self._report.source["source location"] += 1
            if row.id not in there:
                self._db.write_node(node)
                self._report.written += 1
        expected.update(nodes.references)
        self._db.commit()
        self._report.source.update(expected)
        for row in self._db.store.read(COUNT_NODES, ids=ids):
            self._report.graph[row["kind"]] += row["count"]
        for row in self._db.store.read(COUNT_REFERENCES, ids=ids):
            self._report.graph[row["type"]] += row["count"]
            self._report.dangling += row["dangling"]
        self._advance(batch)

    def _variables(self, batch: Sequence[Any]) -> None:
        keys = [(row.id, row.variable_name) for row in batch]
        there = self._keys(FIND_VARIABLES, keys, "node_id", "name")
        for key in keys:
            if key not in there:
                self._db.write_assigned_variable(*key)
                self._report.written += 1
        self._db.commit()
        self._report.source["Variable"] += len(keys)
        self._report.graph["Variable"] += len(self._keys(FIND_VARIABLES, keys, "node_id", "name"))
        self._advance(batch)

    def _keys(self, query: queries.Query, keys: Sequence[Key], *columns: str) -> set[Key]:
        rows = self._db.store.read(query, keys=[dict(zip(columns, key, strict=True)) for key in keys])
        return {tuple(row[column] for column in columns) for row in rows}

    def _node_values(self, batch: Sequence[Any]) -> None:
        keys = [(row.node_id, row.execution_id) for row in batch]
        there = self._keys(FIND_NODE_VALUES, keys, "node_id", "execution_id")
        nodes = self._there(FIND_NODES, (row.node_id for row in batch))
        executions = self._there(FIND_EXECUTIONS, (row.execution_id for row in batch))
        for row, key in zip(batch, keys, strict=True):
            if key in there:
                continue
            name = f"value of node {row.node_id} in execution {row.execution_id}"
            if row.node_id not in nodes or row.execution_id not in executions:
                self._skip(name, "its node or its execution is nowhere")
            elif row.value is None or row.start_time is None or row.end_time is None:
                self._skip(name, "it has no path or no times")
            else:
                self._db.write_node_value(
                    NodeValue(
                        node_id=row.node_id,
                        execution_id=row.execution_id,
                        value=row.value,
                        value_type=ValueType[row.value_type] if row.value_type else None,
                        start_time=row.start_time,
                        end_time=row.end_time,
                    )
                )
                self._report.written += 1
        self._db.commit()
        self._report.source["NodeValue"] += len(keys)
        self._report.graph["NodeValue"] += len(self._keys(FIND_NODE_VALUES, keys, "node_id", "execution_id"))
        self._advance(batch)

    def _found_artifacts(self, keys: Sequence[Key]) -> dict[Key, Any]:
        rows = self._db.store.read(FIND_ARTIFACTS, keys=[{"name": name, "version": version} for name, version in keys])
        return {(row["name"], row["version"]): row for row in rows}

    def _check_artifacts(self) -> None:
        """Refuse a source with an artifact that the graph has, but for another node."""
        conflicts = []
        for batch in self._source.batches(tables.ARTIFACT):
            found = self._found_artifacts([(row.name, row.version) for row in batch])
            for row in batch:
                other = found.get((row.name, row.version))
                if other and (other["node_id"], other["execution_id"]) != (row.node_id, row.execution_id):
                    conflicts.append(f"{row.name!r} version {row.version}")
        if conflicts:
            more = f" and {len(conflicts) - NAMED} more" if len(conflicts) > NAMED else ""
            raise ImportSourceError(
                f"the graph has other artifacts under these names: {', '.join(conflicts[:NAMED])}{more}; nothing "
                "was imported: delete or rename them on one side"
            )

    def _artifacts(self, batch: Sequence[Any]) -> None:
        keys = [(row.name, row.version) for row in batch]
        there = self._found_artifacts(keys)
        nodes = self._there(FIND_NODES, (row.node_id for row in batch))
        executions = self._there(FIND_EXECUTIONS, (row.execution_id for row in batch))
        for row, key in zip(batch, keys, strict=True):
            if key in there:
                continue
            if row.node_id not in nodes or row.execution_id not in executions:
                self._skip(f"artifact {row.name!r} version {row.version}", "its node or its execution is nowhere")
                continue
            self._db.write_artifact(
                Artifact(
                    node_id=row.node_id,
                    execution_id=row.execution_id,
                    date_created=row.date_created,
                    name=row.name,
                    version=row.version,
                )
            )
            self._report.written += 1
        self._db.commit()
        self._report.source["Artifact"] += len(keys)
        self._report.graph["Artifact"] += len(self._found_artifacts(keys))
        self._advance(batch)

    def _pipelines(self, batch: Sequence[Any]) -> None:
        """Import pipelines. They have no key, so those of one name are compared by what they hold."""
        by_name: dict[str, list[PipelineORM]] = {}
        for pipeline in self._read_pipelines(batch):
            by_name.setdefault(pipeline.name, []).append(pipeline)
        for name, pipelines in by_name.items():
            there = self._pipelines_there(name)
            for pipeline in pipelines:
                content = _content(pipeline)
                if there[content]:
                    there[content] -= 1
                else:
                    self._db.write_pipeline(pipeline.dependencies, pipeline)
                    self._report.written += 1
        self._db.commit()
        for name, pipelines in by_name.items():
            wanted = Counter(_content(pipeline) for pipeline in pipelines)
            self._report.graph["Pipeline"] += sum((self._pipelines_there(name) & wanted).values())
        self._report.source["Pipeline"] += len(batch)
        self._advance(batch)

    def _pipelines_there(self, name: str) -> Counter[Key]:
        there: Counter[Key] = Counter()
        for row in self._db.store.read(GET_PIPELINES, name=name):
            dependencies = [
                (tuple(dependency["post"]), tuple(sorted(map(tuple, dependency["pre"]))))
                for dependency in row["dependencies"]
            ]
            there[tuple(sorted(map(tuple, row["artifacts"]))), tuple(sorted(dependencies))] += 1
        return there

    def _read_pipelines(self, batch: Sequence[Any]) -> list[PipelineORM]:
        ids = [row.id for row in batch]
        members = self._source.of(tables.PIPELINE_ARTIFACT, "pipeline_id", ids)
        dependencies = self._source.of(tables.DEPENDENCY, "pipeline_id", ids, "id")
        dependency_ids = [row.id for rows in dependencies.values() for row in rows]
        pre = self._source.of(tables.PRE_ARTIFACT, "dependency_id", dependency_ids)
        wanted = {row.artifact_id for rows in (*members.values(), *pre.values()) for row in rows}
        wanted |= {row.post_artifact_id for rows in dependencies.values() for row in rows}
        artifacts = {
            id_: ArtifactORM(
                name=rows[0].name,
                version=rows[0].version,
                node_id=rows[0].node_id,
                execution_id=rows[0].execution_id,
            )
            for id_, rows in self._source.of(tables.ARTIFACT, "id", sorted(wanted)).items()
        }
        # LineaPy leaves rows behind when it deletes an artifact; its own readers leave them out.
        return [
            PipelineORM(
                name=row.name,
                artifacts={artifacts[m.artifact_id] for m in members[row.id] if m.artifact_id in artifacts},
                dependencies=[
                    ArtifactDependencyORM(
                        post_artifact=artifacts[dependency.post_artifact_id],
                        pre_artifacts={
                            artifacts[p.artifact_id] for p in pre[dependency.id] if p.artifact_id in artifacts
                        },
                    )
                    for dependency in dependencies[row.id]
                    if dependency.post_artifact_id in artifacts
                ],
            )
            for row in batch
        ]

    def _mlflow(self, batch: Sequence[Any]) -> None:
        """Import MLflow's metadata under the ids that our graph gave to the artifacts."""
        rows_of = self._source.of(tables.ARTIFACT, "id", sorted({row.artifact_id for row in batch}))
        keys = {id_: (rows[0].name, rows[0].version) for id_, rows in rows_of.items()}
        found = self._found_artifacts(sorted(set(keys.values())))
        ids = {old: found[key]["id"] for old, key in keys.items() if key in found}
        there = self._mlflow_there(ids.values())
        wanted: Counter[Key] = Counter()
        for row in batch:
            if row.artifact_id not in ids:
                self._skip(f"MLflow metadata {row.id}", f"its artifact {row.artifact_id} is nowhere")
                continue
            content = (ids[row.artifact_id], row.model_uri, row.delete_time)
            wanted[content] += 1
            if there[content]:
                there[content] -= 1
                continue
            self._db.unit_of_work.add(
                MLflowArtifactMetadataORM(
                    artifact_id=ids[row.artifact_id],
                    backend=row.backend,
                    tracking_uri=row.tracking_uri,
                    registry_uri=row.registry_uri,
                    model_uri=row.model_uri,
                    model_flavor=row.model_flavor,
                    delete_time=row.delete_time,
                ),
                None,
            )
            self._report.written += 1
        self._db.commit()
        self._report.source["MLflowMetadata"] += len(batch)
        self._report.graph["MLflowMetadata"] += sum((self._mlflow_there(ids.values()) & wanted).values())

    def _mlflow_there(self, artifact_ids: Iterable[int]) -> Counter[Key]:
        rows = self._db.store.read(GET_MLFLOW_METADATA, artifact_ids=sorted(set(artifact_ids)))
        return Counter((row["artifact_id"], row["model_uri"], native(row["delete_time"])) for row in rows)


class _NodeBatch:
    """A batch of node rows with the rows of all other tables that belong to them."""

    def __init__(self, source: LineaPySource, batch: Sequence[Any]) -> None:
        ids_of: dict[str, list[str]] = {}
        for row in batch:
            ids_of.setdefault(row.node_type, []).append(row.id)
        self._kinds: dict[str, Any] = {}
        for kind, ids in ids_of.items():
            if kind not in tables.KINDS:
                raise ImportSourceError(f"the node {ids[0]} is of the kind {kind!r}, which LineaPy 0.2 does not have")
            rows = source.of(tables.KINDS[kind], "id", ids)
            self._kinds.update((id_, found[0]) for id_, found in rows.items())
        calls = ids_of.get("CallNode", [])
        self._positional = source.of(tables.POSITIONAL_ARG, "call_node_id", calls, "index")
        self._keyword = source.of(tables.KEYWORD_ARG, "call_node_id", calls, "name", "arg_node_id")
        self._globals = source.of(tables.GLOBAL_REFERENCE, "call_node_id", calls, "variable_name")
        self._implicit = source.of(tables.IMPLICIT_DEPENDENCY, "call_node_id", calls, "index")
        source_ids = sorted({row.source_code_id for row in batch if row.source_code_id})
        self._sources = {
            id_: _source_code(rows[0]) for id_, rows in source.of(tables.SOURCE_CODE, "id", source_ids).items()
        }
        self.references: Counter[str] = Counter()
        for type_, rows in (
            ("POSITIONAL_ARG", self._positional),
            ("KEYWORD_ARG", self._keyword),
            ("READS_GLOBAL", self._globals),
            ("IMPLICIT_DEPENDENCY", self._implicit),
        ):
            self.references[type_] += sum(map(len, rows.values()))

    def build(self, row: Any) -> Node | None:
        """The typed node of a row, or None when its kind's row is missing."""
        own = self._kinds.get(row.id)
        if own is None:
            return None
        values: dict[str, Any] = {
            "id": row.id,
            "session_id": row.session_id,
            "control_dependency": row.control_dependency or None,
        }
        values.update((column, value) for column, value in own._mapping.items() if column != "id")
        if source := self._sources.get(row.source_code_id):
            values["source_location"] = SourceLocation(
                lineno=row.lineno,
                col_offset=row.col_offset,
                end_lineno=row.end_lineno,
                end_col_offset=row.end_col_offset,
                source_code=source,
            )
        for column, type_ in _REFERENCE_COLUMNS.items():
            self.references[type_] += bool(values.get(column))
        if row.node_type == "LiteralNode":
            values["value"] = literal_from_text(own.value, LiteralType[own.value_type])
            del values["value_type"]
        elif row.node_type == "CallNode":
            values |= self._arguments(row.id)
        elif row.node_type in ("MutateNode", "GlobalNode"):
            self.references["MUTATED_BY" if row.node_type == "MutateNode" else "SET_BY"] += 1
        return NODE_CLASSES[NodeType[row.node_type]](**values)  # type: ignore[return-value]

    def _arguments(self, call_id: str) -> dict[str, Any]:
        return {
            "positional_args": [
                PositionalArgument(id=argument.arg_node_id, starred=argument.starred)
                for argument in self._positional[call_id]
            ],
            "keyword_args": [
                KeywordArgument(key=argument.name, value=argument.arg_node_id, starred=argument.starred)
                for argument in self._keyword[call_id]
            ],
            "global_reads": {read.variable_name: read.variable_node_id for read in self._globals[call_id]},
            "implicit_dependencies": [dependency.arg_node_id for dependency in self._implicit[call_id]],
        }


def _source_code(row: Any) -> SourceCode:
    location: Path | JupyterCell = (
        Path(row.path)
        if row.path
        else JupyterCell(execution_count=row.jupyter_execution_count, session_id=row.jupyter_session_id)
    )
    return SourceCode(id=row.id, code=row.code or "", location=location)


def _content(pipeline: PipelineORM) -> Key:
    """What a pipeline holds, to compare it by."""

    def key(artifact: ArtifactORM) -> Key:
        return artifact.name, artifact.version

    dependencies = [
        (key(dependency.post_artifact), tuple(sorted(map(key, dependency.pre_artifacts))))
        for dependency in pipeline.dependencies
    ]
    return tuple(sorted(map(key, pipeline.artifacts))), tuple(sorted(dependencies))
