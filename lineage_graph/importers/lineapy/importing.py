"""Imports a LineaPy database into the graph: complete, repeatable, resumable, in bounded memory.

Each batch is read, stripped of what the graph has already, written through `RelationalLineaDB`, committed and
counted. So a second import writes nothing, and an import after a kill goes on where that stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lineage_graph.db import RelationalLineaDB
from lineage_graph.errors import DuplicateRecord, InvalidRecord, MissingExtra
from lineage_graph.graph import statements
from lineage_graph.graph.mapping import native
from lineage_graph.relational import (
    ArtifactDependencyORM,
    ArtifactORM,
    MLflowArtifactMetadataORM,
    PipelineORM,
)
from lineage_graph.types import Artifact, LiteralNode

if TYPE_CHECKING:
    from lineage_graph.importers.lineapy.source import LineaPySource, Row

FIND_EXECUTIONS = statements.load("sessions/find_executions")
FIND_SESSIONS = statements.load("sessions/find_sessions")
FIND_SOURCE_CODES = statements.load("sources/find_source_codes")
FIND_NODES = statements.load("nodes/find_nodes")
FIND_VARIABLES = statements.load("variables/find_variables")
FIND_NODE_VALUES = statements.load("values/find_node_values")
FIND_ARTIFACTS = statements.load("artifacts/find_artifacts")
GET_PIPELINES = statements.load("pipelines/get_pipelines_of_lineapy")
GET_MLFLOW_METADATA = statements.load("mlflow/get_metadata_of_artifacts")
COUNT_NODES = statements.load("nodes/count_nodes_by_kind")
COUNT_REFERENCES = statements.load("references/count_references")
COUNT_MISSING_NODES = statements.load("nodes/count_missing_nodes")

# Records in one commit, and the total length of literals (characters) that ends a batch early.
BATCH = 2000
BATCH_CHARACTERS = 4_000_000

# Records that are named one by one; further ones are only counted.
NAMED_CONFLICTS = 5
NAMED_SKIPS = 100

# Attempts for a batch that another import of the same source writes at the same time.
ATTEMPTS = 5

MLFLOW_FIELDS = ("backend", "tracking_uri", "registry_uri", "model_uri", "model_flavor", "delete_time")

Key = tuple[Any, ...]


@dataclass
class ImportReport:
    """The result of an import.

    Attributes
    ----------
    source, graph : Counter
        The number of records of each kind and references of each type in the source, and how many of exactly those
        the graph has now.
    skips : Counter
        The number of those in the source that were skipped.
    skipped : list of str
        The first hundred skipped records, each with the reason.
    written : int
        Records that this import wrote; the others were in the graph already.
    dangling : int
        Number of dangling references, which are kept.
    """

    source: Counter[str] = field(default_factory=Counter)
    graph: Counter[str] = field(default_factory=Counter)
    skips: Counter[str] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)
    written: int = 0
    dangling: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether the graph has everything that the source has, except for what was skipped with a reason."""
        kinds = {*self.source, *self.graph}
        return all(self.source[kind] - self.skips[kind] == self.graph[kind] for kind in kinds)

    def skip(self, what: str, reason: str, counts: dict[str, int]) -> None:
        """Note a skipped record of the source: what, why, and how many of which kind."""
        self.skips.update(counts)
        if len(self.skipped) < NAMED_SKIPS:
            self.skipped.append(f"{what}: {reason}")
        elif len(self.skipped) == NAMED_SKIPS:
            self.skipped.append("and more, which are only counted")


@dataclass
class _Item:
    """A record to be written, or the reason why a row of the source makes none."""

    kind: str
    key: Key
    record: Any
    problem: str | None = None
    references: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        shown = (repr(part) if isinstance(part, (str, int)) else f"({part})" for part in self.key)
        return f"{self.kind} {' '.join(shown)}"


def import_lineapy(
    url: str, db: RelationalLineaDB, on_progress: Callable[[int, int], None] | None = None
) -> ImportReport:
    """Import a LineaPy database.

    Parameters
    ----------
    url : str
        ``sqlite:///path``, ``postgresql://user:password@host/database``, or the path of an SQLite file.
    db : RelationalLineaDB
        The database to import into. The import has its own transaction and commits each batch; what this thread has
        pending stays pending.
    on_progress : callable
        Called with the number of rows done and of all rows.

    Returns
    -------
    ImportReport

    Raises
    ------
    ImportSourceError
        If the source cannot be read, or is not a LineaPy database of a known schema.
    DuplicateRecord
        If the graph has another artifact under the name and version of one in the source. Nothing is written then.
    MissingExtra
        If the extra ``import`` is not installed.
    ArtifactSaveException
        If a batch cannot be stored; the batches before it are stored.
    """
    try:
        from lineage_graph.importers.lineapy.source import LineaPySource
    except ModuleNotFoundError as error:
        raise MissingExtra("import", "Reading a LineaPy database") from error
    with LineaPySource(url) as source:
        # The import would wait for locks that this thread holds.
        db.unit_of_work.release()
        with db.transaction() as transaction:
            return _Import(source, transaction, on_progress or (lambda _done, _total: None)).run()


class _Import:
    def __init__(self, source: LineaPySource, db: RelationalLineaDB, on_progress: Callable[[int, int], None]) -> None:
        self._source = source
        self._db = db
        self._on_progress = on_progress
        self._report = ImportReport(source=source.counts())
        self._done = 0
        self._total = source.row_count

    def run(self) -> ImportReport:
        self._check_artifacts()
        for kind, count in self._source.orphans().items():
            self._report.skip(f"{count} rows of {kind}", "they belong to nothing", {kind: count})
        self._by_id("Execution", self._source.executions(BATCH), FIND_EXECUTIONS, self._db.write_execution)
        self._by_id("SourceCode", self._source.source_codes(BATCH), FIND_SOURCE_CODES, self._db.write_source_code)
        self._by_id("Session", self._source.sessions(BATCH), FIND_SESSIONS, self._db.write_context)
        self._nodes()
        self._variables()
        self._node_values()
        self._artifacts()
        self._pipelines()
        self._mlflow()
        self._count_dangling()
        return self._report

    def _advance(self, count: int) -> None:
        self._done += count
        self._on_progress(self._done, self._total)

    def _ids(self, query: statements.Query, ids: Iterable[str | None]) -> set[Any]:
        """The ones of these ids that the graph has."""
        wanted = sorted({id_ for id_ in ids if id_ is not None})
        return {row["id"] for row in self._db.store.read(query, ids=wanted)} if wanted else set()

    def _keys(self, query: statements.Query, keys: Iterable[Key], *names: str) -> set[Any]:
        """The ones of these keys that the graph has."""
        rows = self._db.store.read(query, keys=[dict(zip(names, key, strict=True)) for key in keys])
        return {tuple(row[name] for name in names) for row in rows}

    def _write(
        self,
        items: Sequence[_Item],
        find: Callable[[Iterable[Key]], set[Key]],
        write: Callable[[Any], object],
    ) -> None:
        """Write and commit records that the graph does not have, and note those that it cannot keep."""
        for attempt in range(1, ATTEMPTS + 1):
            written = 0
            problems: list[tuple[_Item, str]] = []
            for item in items:
                try:
                    if item.problem is None:
                        write(item.record)
                        written += 1
                    else:
                        problems.append((item, item.problem))
                except InvalidRecord as error:
                    problems.append((item, str(error).removeprefix(f"{error.record}: ")))
                except NotImplementedError as error:
                    # The literal has a type that cannot be stored.
                    problems.append((item, str(error)))
            try:
                self._db.commit()
            except DuplicateRecord:
                # Another import of the same source has written some of them in the meantime.
                there = find(_sound(item.key for item in items))
                items = [item for item in items if item.key not in there]
                if attempt == ATTEMPTS:
                    raise
                continue
            self._report.written += written
            for item, problem in problems:
                self._report.skip(item.name, problem, {item.kind: 1, **item.references})
            return

    def _import(
        self,
        kind: str,
        rows: Sequence[tuple[Key, Any]],
        find: Callable[[Iterable[Key]], set[Key]],
        write: Callable[[Any], object],
        ends: Callable[[Sequence[Any]], Callable[[Any], str | None]] | None = None,
    ) -> None:
        """Import one batch of keys with records (or `Unreadable`): write the new ones, then count.

        ``ends`` returns the reason why a record cannot be written, given all new ones.
        """
        from lineage_graph.importers.lineapy.source import Unreadable

        keys = _sound(key for key, _ in rows)
        there = find(keys)
        new = [(key, record) for key, record in rows if key not in there]
        readable = [record for _, record in new if not isinstance(record, Unreadable)]
        problem_of = ends(readable) if ends and readable else (lambda _: None)
        items = [
            _Item(kind, key, None, record.reason)
            if isinstance(record, Unreadable)
            else _Item(kind, key, record, problem_of(record))
            for key, record in new
        ]
        if items:
            self._write(items, find, write)
        self._report.graph[kind] += len(find(keys)) if items else len(there)
        self._advance(len(rows))

    def _by_id(
        self,
        kind: str,
        batches: Iterator[list[tuple[Row, Any]]],
        query: statements.Query,
        write: Callable[[Any], object],
    ) -> None:
        def find(keys: Iterable[Key]) -> set[Key]:
            return {(id_,) for id_ in self._ids(query, (key[0] for key in keys))}

        ends = self._lost_ends if kind == "Session" else None
        for batch in batches:
            self._import(kind, [((row["id"],), record) for row, record in batch], find, write, ends)

    def _lost_ends(self, records: Sequence[Any]) -> Callable[[Any], str | None]:
        """The missing ones of a record's operation and execution."""
        executions = self._ids(FIND_EXECUTIONS, (record.execution_id for record in records))
        nodes = self._ids(FIND_NODES, (getattr(record, "node_id", None) for record in records))

        def problem(record: Any) -> str | None:
            if record.execution_id not in executions:
                return f"its execution {record.execution_id} is missing"
            node_id = getattr(record, "node_id", None)
            if node_id is not None and node_id not in nodes:
                return f"its node {node_id} is missing"
            return None

        return problem

    def _nodes(self) -> None:
        def find(keys: Iterable[Key]) -> set[Key]:
            return {(id_,) for id_ in self._ids(FIND_NODES, (key[0] for key in keys))}

        for rows in self._source.node_rows(BATCH):
            ids = [id_ for (id_,) in _sound((row["id"],) for row in rows)]
            there = self._ids(FIND_NODES, ids)
            self._write_nodes([row for row in rows if row["id"] not in there], find)
            for found in self._db.store.read(COUNT_NODES, ids=ids):
                self._report.graph[found["kind"]] += found["count"]
            for found in self._db.store.read(COUNT_REFERENCES, ids=ids):
                self._report.graph[found["type"]] += found["count"]
            self._advance(len(rows))

    def _write_nodes(self, rows: Sequence[Row], find: Callable[[Iterable[Key]], set[Key]]) -> None:
        from lineage_graph.importers.lineapy.source import Unreadable

        items: list[_Item] = []
        characters = 0
        for part in self._source.nodes(rows):
            for node in part:
                kind, key, record = str(node.row["node_type"]), (node.row["id"],), node.record
                if isinstance(record, Unreadable):
                    items.append(_Item(kind, key, None, record.reason, node.references))
                    continue
                if node.lost_source:
                    reason = f"its source code {node.row['source_code_id']} is missing"
                    self._report.skip(f"source location of {kind} {node.row['id']}", reason, {})
                if isinstance(record, LiteralNode) and isinstance(record.value, str):
                    characters += len(record.value)
                items.append(_Item(kind, key, record, references=node.references))
            if characters > BATCH_CHARACTERS:
                self._write(items, find, self._db.write_node)
                items, characters = [], 0
        if items:
            self._write(items, find, self._db.write_node)

    def _variables(self) -> None:
        def find(keys: Iterable[Key]) -> set[Key]:
            return self._keys(FIND_VARIABLES, keys, "node_id", "name")

        for batch in self._source.variables(BATCH):
            rows = [((row["id"], row["variable_name"]), record) for row, record in batch]
            self._import(
                "Variable",
                rows,
                find,
                lambda row: self._db.write_assigned_variable(row["id"], row["variable_name"]),
            )

    def _node_values(self) -> None:
        def find(keys: Iterable[Key]) -> set[Key]:
            return self._keys(FIND_NODE_VALUES, keys, "node_id", "execution_id")

        for batch in self._source.node_values(BATCH):
            rows = [((row["node_id"], row["execution_id"]), record) for row, record in batch]
            self._import("NodeValue", rows, find, self._db.write_node_value, self._lost_ends)

    def _found_artifacts(self, keys: Collection[Key]) -> dict[Key, Any]:
        """The artifacts of these names and versions that the graph has."""
        if not keys:
            return {}
        rows = self._db.store.read(FIND_ARTIFACTS, keys=[{"name": name, "version": version} for name, version in keys])
        return {(row["name"], row["version"]): row for row in rows}

    def _check_artifacts(self) -> None:
        """Refuse a source with an artifact that the graph has for another operation."""
        conflicts = []
        for batch in self._source.artifacts(BATCH):
            artifacts = [record for _, record in batch if isinstance(record, Artifact)]
            found = self._found_artifacts([(artifact.name, artifact.version) for artifact in artifacts])
            for artifact in artifacts:
                other = found.get((artifact.name, artifact.version))
                if other and (other["node_id"], other["execution_id"]) != (artifact.node_id, artifact.execution_id):
                    conflicts.append(f"{artifact.name!r} version {artifact.version}")
        if conflicts:
            more = f" and {len(conflicts) - NAMED_CONFLICTS} more" if len(conflicts) > NAMED_CONFLICTS else ""
            raise DuplicateRecord(
                f"the graph has other artifacts under these names: {', '.join(conflicts[:NAMED_CONFLICTS])}{more}; "
                "nothing was imported: delete or rename them on one side"
            )

    def _artifacts(self) -> None:
        def find(keys: Iterable[Key]) -> set[Key]:
            return set(self._found_artifacts(list(keys)))

        for batch in self._source.artifacts(BATCH):
            rows = [((row["name"], row["version"]), record) for row, record in batch]
            self._import("Artifact", rows, find, self._db.write_artifact, self._lost_ends)

    def _pipelines(self) -> None:
        """Import pipelines. They have no key, so those of one name are compared by their contents."""
        met: Counter[Hashable] = Counter()
        for batch in self._source.pipelines(BATCH):
            pipelines = self._with_artifacts(self._readable_pipelines(batch))
            there = {name: self._pipelines_there(name) for name in {pipeline.name for pipeline in pipelines}}
            items = []
            for pipeline in pipelines:
                content = (pipeline.name, *_content(pipeline))
                met[content] += 1
                if met[content] > there[pipeline.name][content]:
                    references = Counter(
                        CONTAINS=len(pipeline.artifacts),
                        ORDERS=len(pipeline.dependencies),
                        DEPENDS_ON=sum(len(dependency.pre_artifacts) for dependency in pipeline.dependencies),
                    )
                    items.append(_Item("Pipeline", (pipeline.name,), pipeline, references=references))
            if items:
                self._write(items, lambda _: set(), lambda p: self._db.write_pipeline(p.dependencies, p))
                there = {name: self._pipelines_there(name) for name in there}
            wanted = Counter((pipeline.name, *_content(pipeline)) for pipeline in pipelines)
            for content, count in wanted.items():
                kept = min(there[content[0]][content] - (met[content] - count), count)
                self._report.graph["Pipeline"] += kept
                _, artifacts, dependencies = content
                self._report.graph["CONTAINS"] += kept * len(artifacts)
                self._report.graph["ORDERS"] += kept * len(dependencies)
                self._report.graph["DEPENDS_ON"] += kept * sum(len(pre) for _, pre in dependencies)
            self._advance(len(batch))

    def _readable_pipelines(self, batch: Sequence[Row]) -> list[Row]:
        """Pipelines with a name; the others are skipped with their contents."""
        readable = []
        for row in batch:
            if isinstance(row["name"], str):
                readable.append(row)
                continue
            references = {
                "CONTAINS": len(row["contained"]),
                "ORDERS": len(row["dependencies"]),
                "DEPENDS_ON": sum(len(dependency["pre"]) for dependency in row["dependencies"]),
            }
            self._report.skip(
                f"Pipeline {row['id']}", f"its name {row['name'] or 'is missing'}", {"Pipeline": 1, **references}
            )
        return readable

    def _pipelines_there(self, name: str) -> Counter[Key]:
        there: Counter[Key] = Counter()
        for row in self._db.store.read(GET_PIPELINES, name=name):
            dependencies = [
                (tuple(dependency["post"]), tuple(sorted(map(tuple, dependency["pre"]))))
                for dependency in row["dependencies"]
            ]
            there[name, tuple(sorted(map(tuple, row["artifacts"]))), tuple(sorted(dependencies))] += 1
        return there

    def _with_artifacts(self, batch: Sequence[Row]) -> list[PipelineORM]:
        """Pipelines as the graph can hold them: without missing artifacts.

        LineaPy keeps such rows when it deletes an artifact, and its own readers ignore them.
        """
        keys = {key for row in batch for key in row["contained"]}
        for row in batch:
            for dependency in row["dependencies"]:
                keys |= {dependency["post"], *dependency["pre"]}
        artifacts = {
            key: ArtifactORM(
                name=row["name"],
                version=row["version"],
                node_id=row["node_id"],
                execution_id=row["execution_id"],
            )
            for key, row in self._found_artifacts([key for key in keys if key]).items()
        }
        pipelines = []
        for row in batch:
            contained = self._there(row["name"], row["contained"], "CONTAINS", artifacts)
            dependencies = []
            for dependency in row["dependencies"]:
                post = artifacts.get(dependency["post"])
                if post is None:
                    self._report.skip(
                        f"dependency in pipeline {row['name']!r}",
                        f"its artifact {_named(dependency['post'])} is missing",
                        {"ORDERS": 1, "DEPENDS_ON": len(dependency["pre"])},
                    )
                    continue
                pre = self._there(row["name"], dependency["pre"], "DEPENDS_ON", artifacts)
                dependencies.append(ArtifactDependencyORM(post_artifact=post, pre_artifacts=pre))
            pipelines.append(PipelineORM(name=row["name"], artifacts=contained, dependencies=dependencies))
        return pipelines

    def _there(
        self, pipeline: str, keys: Sequence[Key | None], kind: str, artifacts: dict[Key, ArtifactORM]
    ) -> set[ArtifactORM]:
        found = set()
        for key in keys:
            artifact = artifacts.get(key) if key else None
            if artifact is None or artifact in found:
                reason = "is missing" if artifact is None else "is in it twice"
                self._report.skip(f"artifact {_named(key)} in pipeline {pipeline!r}", reason, {kind: 1})
            else:
                found.add(artifact)
        return found

    def _mlflow(self) -> None:
        """Import MLflow's metadata under the ids that the graph gave to the artifacts."""
        met: Counter[Hashable] = Counter()
        for batch in self._source.mlflow_metadata(BATCH):
            found = self._found_artifacts({row["artifact"] for row in batch if row["artifact"]})
            there = self._mlflow_there([row["id"] for row in found.values()])
            wanted: Counter[Key] = Counter()
            items = []
            for row in batch:
                artifact = found.get(row["artifact"])
                problem = _mlflow_problem(row)
                if artifact is None:
                    problem = problem or f"its artifact {row['artifact_id']} is missing"
                if artifact is None or problem:
                    self._report.skip(f"MLflow metadata {row['id']}", problem or "", {"MLflowMetadata": 1})
                    continue
                content = (artifact["id"], *(row[name] for name in MLFLOW_FIELDS))
                wanted[content] += 1
                met[content] += 1
                if met[content] > there[content]:
                    record = MLflowArtifactMetadataORM(
                        artifact_id=artifact["id"], **{name: row[name] for name in MLFLOW_FIELDS}
                    )
                    items.append(_Item("MLflowMetadata", (row["id"],), record))
            if items:
                self._write(items, lambda _: set(), lambda record: self._db.unit_of_work.add(record))
                there = self._mlflow_there([row["id"] for row in found.values()])
            for content, count in wanted.items():
                self._report.graph["MLflowMetadata"] += min(there[content] - (met[content] - count), count)
            self._advance(len(batch))

    def _mlflow_there(self, artifact_ids: Sequence[int]) -> Counter[Key]:
        rows = self._db.store.read(GET_MLFLOW_METADATA, artifact_ids=list(artifact_ids))
        return Counter(
            (row["artifact_id"], *(native(row["properties"].get(name)) for name in MLFLOW_FIELDS)) for row in rows
        )

    def _count_dangling(self) -> None:
        """Count the dangling references, after everything that they may refer to was imported."""
        if not self._db.store.read(COUNT_MISSING_NODES)[0]["count"]:
            return
        for rows in self._source.node_rows(BATCH):
            ids = [id_ for (id_,) in _sound((row["id"],) for row in rows)]
            for found in self._db.store.read(COUNT_REFERENCES, ids=ids):
                self._report.dangling += found["dangling"]


def _sound(keys: Iterable[Key]) -> list[Key]:
    """The ones of these keys that can identify a record."""
    from lineage_graph.importers.lineapy.source import is_sound

    return [key for key in keys if is_sound(key)]


def _mlflow_problem(row: Row) -> str | None:
    """The reason why MLflow's metadata cannot be kept, other than its artifact; None if there is none."""
    for name in MLFLOW_FIELDS:
        value = row[name]
        if value is None and name in ("registry_uri", "delete_time"):
            continue
        if value is None:
            return f"its {name} is missing"
        if not isinstance(value, datetime if name == "delete_time" else str):
            return f"its {name} {value}"
    return None


def _content(pipeline: PipelineORM) -> Key:
    """The contents of a pipeline, for comparison."""

    def key(artifact: ArtifactORM) -> Key:
        return artifact.name, artifact.version

    dependencies = [
        (key(dependency.post_artifact), tuple(sorted(map(key, dependency.pre_artifacts))))
        for dependency in pipeline.dependencies
    ]
    return tuple(sorted(map(key, pipeline.artifacts))), tuple(sorted(dependencies))


def _named(key: Key | None) -> str:
    return f"{key[0]!r} version {key[1]}" if key else "that was deleted"
