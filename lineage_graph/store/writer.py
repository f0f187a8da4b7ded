"""Writes records to the graph in batched statements, within a transaction that somebody else owns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import neo4j

from lineage_graph.errors import InvalidRecord
from lineage_graph.graph import mapping, statements
from lineage_graph.graph.mapping import Row
from lineage_graph.graph.statements import Query
from lineage_graph.model.captions import Captions
from lineage_graph.model.checks import describe
from lineage_graph.model.references import Reference, references_of
from lineage_graph.relational import ArtifactORM, InputParameterORM, MLflowArtifactMetadataORM, PipelineORM
from lineage_graph.store.log import AssignedVariable, Entry, NextArtifact
from lineage_graph.types import (
    Artifact,
    BaseNode,
    Execution,
    ImportNode,
    NodeType,
    NodeValue,
    SessionContext,
    SourceCode,
)

CREATE_EXECUTIONS = statements.load("sessions/create_executions")
CREATE_SESSIONS = statements.load("sessions/create_sessions")
CREATE_SOURCE_CODES = statements.load("sources/create_source_codes")
FIND_SOURCE_CODES = statements.load("sources/find_source_codes")
CREATE_NODES = {
    NodeType.ImportNode: statements.load("nodes/create_import_nodes"),
    NodeType.CallNode: statements.load("nodes/create_call_nodes"),
    NodeType.LiteralNode: statements.load("nodes/create_literal_nodes"),
    NodeType.LookupNode: statements.load("nodes/create_lookup_nodes"),
    NodeType.MutateNode: statements.load("nodes/create_mutate_nodes"),
    NodeType.GlobalNode: statements.load("nodes/create_global_nodes"),
    NodeType.IfNode: statements.load("nodes/create_if_nodes"),
    NodeType.ElseNode: statements.load("nodes/create_else_nodes"),
}
CREATE_REFERENCES = {
    "CALLS": statements.load("references/create_calls"),
    "POSITIONAL_ARG": statements.load("references/create_positional_args"),
    "KEYWORD_ARG": statements.load("references/create_keyword_args"),
    "READS_GLOBAL": statements.load("references/create_global_reads"),
    "IMPLICIT_DEPENDENCY": statements.load("references/create_implicit_dependencies"),
    "MUTATES": statements.load("references/create_mutates"),
    "MUTATED_BY": statements.load("references/create_mutated_by"),
    "SET_BY": statements.load("references/create_set_by"),
    "CONTROLLED_BY": statements.load("references/create_controlled_by"),
    "TESTS": statements.load("references/create_tests"),
    "COMPANION": statements.load("references/create_companions"),
    "NOT_EXECUTED": statements.load("references/create_not_executed"),
}
FIND_NODES = statements.load("nodes/find_nodes")
COUNT_MISSING = statements.load("nodes/count_missing_nodes")
TAKE_MISSING = statements.load("nodes/take_missing_nodes")
RESERVE_MISSING = statements.load("nodes/reserve_missing_nodes")
REUSE_MISSING = statements.load("nodes/reuse_missing_nodes")
RELEASE_MISSING = statements.load("nodes/release_missing_nodes")
WRITE_VARIABLES = statements.load("variables/write_variables")
LINK_LIBRARIES = statements.load("libraries/link_libraries")
CREATE_NODE_VALUES = statements.load("values/create_node_values")
CREATE_ARTIFACTS = statements.load("artifacts/create_artifacts")
CREATE_NEXT_ARTIFACT = statements.load("artifacts/create_next_artifact")
LOCK_ARTIFACT_NAMES = statements.load("artifacts/lock_artifact_names")
CREATE_PIPELINES = statements.load("pipelines/create_pipelines")
LINK_CONTAINED = statements.load("pipelines/link_contained_artifacts")
LINK_REUSED = statements.load("pipelines/link_reused_artifacts")
LINK_ORDERED = statements.load("pipelines/link_ordered_artifacts")
LINK_DEPENDENCIES = statements.load("pipelines/link_dependencies")
CREATE_MLFLOW_METADATA = statements.load("mlflow/create_metadata")


T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in slices of a size, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


class GraphWriter:
    """Writes entries within one transaction, and remembers what that transaction has written.

    Parameters
    ----------
    transaction : neo4j.Transaction
        Owned, committed and rolled back by the caller.
    is_known_node, is_known_source : callable
        Whether a node or source code is in the database already, as far as the caller remembers; what it
        does not remember is asked of the database.
    take_ids : callable
        Gives the last of so many new ids of a sequence: ``take_ids("artifact", 3)``.
    batch_size : int
        Rows that one statement writes at the most.
    """

    def __init__(
        self,
        transaction: neo4j.Transaction,
        *,
        is_known_node: Callable[[str], bool],
        is_known_source: Callable[[str], bool],
        take_ids: Callable[[str, int], int],
        batch_size: int,
    ) -> None:
        self._transaction = transaction
        self._is_known_node = is_known_node
        self._is_known_source = is_known_source
        self._take_ids = take_ids
        self._batch_size = batch_size
        self._captions = Captions()
        self._imports: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.nodes: set[str] = set()
        self.sources: set[str] = set()

    def run(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """Run one statement and give its rows."""
        return list(self._transaction.run(query.text, query.bind(parameters)))

    def write(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write entries, and give back those that wait for something which is not there yet.

        A session waits for its execution, a node for its source code, an artifact or a node value for its
        node and its execution. A reference from one node to another does not wait: it is kept on a missing
        node, which gives way to the real one when that comes.
        """
        by_type: dict[type, list[Entry]] = defaultdict(list)
        nodes: list[Entry] = []
        for entry in entries:
            if isinstance(entry.record, BaseNode):
                nodes.append(entry)
            else:
                by_type[type(entry.record)].append(entry)
        self._write_executions(by_type[Execution])
        self._write_sources(by_type[SourceCode])
        waiting = self._write_sessions(by_type[SessionContext])
        waiting += self._write_nodes(nodes, by_type[AssignedVariable])
        waiting += self._write_values(by_type[NodeValue])
        waiting += self._write_artifacts(by_type[Artifact], by_type[NextArtifact])
        self._write_pipelines(by_type[PipelineORM])
        self._write_mlflow_metadata(by_type[MLflowArtifactMetadataORM])
        return waiting

    def link_libraries(self) -> None:
        """Connect the import nodes written in this transaction to their libraries.

        Libraries are shared by all writers, so they are locked last, in one order, and for a short time.
        """
        rows = [
            {
                "package_name": package,
                "version": version,
                "name": f"{package} {version}",
                "node_ids": node_ids,
            }
            for (package, version), node_ids in sorted(self._imports.items())
        ]
        self._run_rows(LINK_LIBRARIES, rows)
        self._imports.clear()

    def _run_rows(self, query: Query, rows: Sequence[Row]) -> list[neo4j.Record]:
        return [record for batch in batches(rows, self._batch_size) for record in self.run(query, rows=batch)]

    def _create(self, query: Query, entries: Sequence[Entry], rows: Sequence[Row]) -> list[Entry]:
        """Run a statement that leaves out rows whose ends are not there; give the entries left out."""
        for position, row in enumerate(rows):
            row["position"] = position
        created = {record["position"] for record in self._run_rows(query, rows)}
        return [entry for position, entry in enumerate(entries) if position not in created]

    def _write_executions(self, entries: Sequence[Entry]) -> None:
        self._run_rows(CREATE_EXECUTIONS, [mapping.execution_row(_as(Execution, entry)) for entry in entries])

    def _write_sources(self, entries: Sequence[Entry]) -> None:
        self._run_rows(
            CREATE_SOURCE_CODES,
            [_SOURCE_FIELDS | mapping.source_code_row(_as(SourceCode, e)) for e in entries],
        )
        self.sources.update(_as(SourceCode, entry).id for entry in entries)

    def _write_sessions(self, entries: Sequence[Entry]) -> list[Entry]:
        rows = [mapping.session_row(_as(SessionContext, entry)) for entry in entries]
        return self._create(CREATE_SESSIONS, entries, rows)

    def _write_nodes(self, entries: Sequence[Entry], variables: Sequence[Entry]) -> list[Entry]:
        lost_sources = self._lost_sources(entries)
        ready: list[Entry] = []
        waiting: list[Entry] = []
        groups: dict[NodeType, dict[tuple[str, str | None], list[Row]]] = defaultdict(lambda: defaultdict(list))
        for entry in entries:
            node: Any = entry.record
            source_id = node.source_location.source_code.id if node.source_location else None
            if source_id in lost_sources:
                waiting.append(entry)
                continue
            ready.append(entry)
            row = mapping.node_row(node, entry.written_at, self._captions)
            groups[node.node_type][node.session_id, source_id].append(row)
        for node_type, rows_of in groups.items():
            self._create_nodes(CREATE_NODES[node_type], rows_of)
        self.nodes.update(entry.record.id for entry in ready)  # type: ignore[union-attr, misc]
        references, assigned = self._arrived(ready)
        for entry in ready:
            node = entry.record
            references.extend(references_of(node))
            if isinstance(node, ImportNode) and node.package_name is not None and node.version is not None:
                self._imports[node.package_name, node.version].append(node.id)
        for entry in variables:
            variable = _as(AssignedVariable, entry)
            assigned.append({"node_id": variable.node_id, "name": variable.name, "written_at": entry.written_at})
        self._write_references(references, assigned)
        return waiting

    def _create_nodes(self, query: Query, rows_of: dict[tuple[str, str | None], list[Row]]) -> None:
        groups: list[Row] = []
        room = self._batch_size
        for (session_id, source_id), rows in rows_of.items():
            for batch in batches(rows, self._batch_size):
                groups.append({"session_id": session_id, "source_code_id": source_id, "rows": batch})
                room -= len(batch)
                if room <= 0:
                    self.run(query, groups=groups)
                    groups, room = [], self._batch_size
        if groups:
            self.run(query, groups=groups)

    def _lost_sources(self, entries: Sequence[Entry]) -> set[str]:
        """The ids of source codes that nodes name and that are nowhere."""
        nodes: list[Any] = [entry.record for entry in entries]
        unknown = {node.source_location.source_code.id for node in nodes if node.source_location}
        unknown = {id_ for id_ in unknown if id_ not in self.sources and not self._is_known_source(id_)}
        for batch in batches(sorted(unknown), self._batch_size):
            found = {record["id"] for record in self.run(FIND_SOURCE_CODES, ids=batch)}
            self.sources |= found
            unknown -= found
        return unknown

    def _arrived(self, entries: Sequence[Entry]) -> tuple[list[Reference], list[Row]]:
        """The references and variables that waited on missing nodes for these."""
        references: list[Reference] = []
        assigned: list[Row] = []
        if not entries or not self.run(COUNT_MISSING)[0]["count"]:
            return references, assigned
        ids = [entry.record.id for entry in entries]  # type: ignore[union-attr]
        for batch in batches(ids, self._batch_size):
            for record in self.run(TAKE_MISSING, ids=batch):
                for type_, start_id, variable, index, name, starred in record["references"]:
                    if type_ == "ASSIGNED_AT":
                        assigned.append({"node_id": start_id, "name": variable, "written_at": None})
                    else:
                        references.append(Reference(type_, start_id, record["end_id"], index, name, starred))
        return references, assigned

    def _write_references(self, references: Sequence[Reference], assigned: Sequence[Row]) -> None:
        ends = {reference.end_id for reference in references}
        ends.update(row["node_id"] for row in assigned)
        missing = self._missing(ends)
        for batch in batches(missing, self._batch_size):
            self.run(RESERVE_MISSING, ids=batch)
            self.run(REUSE_MISSING, ids=batch)
        rows: dict[str, list[Row]] = defaultdict(list)
        for reference in references:
            rows[reference.type].append(
                {
                    "start_id": reference.start_id,
                    "end_id": reference.end_id,
                    "index": reference.index,
                    "name": reference.name,
                    "starred": reference.starred,
                }
            )
        for type_, rows_of_type in rows.items():
            self._run_rows(CREATE_REFERENCES[type_], rows_of_type)
        self._run_rows(WRITE_VARIABLES, assigned)
        for batch in batches(missing, self._batch_size):
            self.run(RELEASE_MISSING, ids=batch)

    def _missing(self, ids: set[str]) -> list[str]:
        """Those of these node ids that are nowhere, in one order for all writers."""
        unknown = {id_ for id_ in ids if id_ not in self.nodes and not self._is_known_node(id_)}
        for batch in batches(sorted(unknown), self._batch_size):
            found = {record["id"] for record in self.run(FIND_NODES, ids=batch)}
            self.nodes |= found
            unknown -= found
        return sorted(unknown)

    def _write_values(self, entries: Sequence[Entry]) -> list[Entry]:
        rows = [mapping.node_value_row(_as(NodeValue, entry)) for entry in entries]
        return self._create(CREATE_NODE_VALUES, entries, rows)

    def _write_artifacts(self, entries: Sequence[Entry], next_entries: Sequence[Entry]) -> list[Entry]:
        names = {entry.record.name for entry in (*entries, *next_entries)}  # type: ignore[union-attr]
        if not names:
            return []
        self._number("artifact", [*entries, *next_entries])
        # Locked in one order by all writers, so that each sees the versions of those before it.
        for batch in batches(sorted(names), self._batch_size):
            self.run(LOCK_ARTIFACT_NAMES, names=batch)
        rows = [_as(Artifact, entry).model_dump() | {"id": entry.id} for entry in entries]
        waiting = self._create(CREATE_ARTIFACTS, entries, rows)
        for entry in next_entries:
            created = self.run(CREATE_NEXT_ARTIFACT, **vars(_as(NextArtifact, entry)), id=entry.id)
            if created:
                entry.version = created[0]["version"]
            else:
                waiting.append(entry)
        return waiting

    def _number(self, sequence: str, entries: Sequence[Entry]) -> None:
        """Give each entry an id of the sequence, once: a repeated transaction keeps them."""
        unnumbered = [entry for entry in entries if entry.id is None]
        if unnumbered:
            last = self._take_ids(sequence, len(unnumbered))
            for id_, entry in enumerate(unnumbered, last - len(unnumbered) + 1):
                entry.id = id_

    def _write_pipelines(self, entries: Sequence[Entry]) -> None:
        self._number("pipeline", entries)
        for entry in entries:
            pipeline = _as(PipelineORM, entry)
            count = len(pipeline.dependencies)
            if count and not entry.dependency_ids:
                last = self._take_ids("dependency", count)
                entry.dependency_ids = list(range(last - count + 1, last + 1))
            parameters = [
                parameter.variable_name if isinstance(parameter, InputParameterORM) else str(parameter)
                for parameter in pipeline.input_parameters
            ]
            self.run(CREATE_PIPELINES, rows=[{"id": entry.id, "name": pipeline.name, "parameters": parameters}])
            self._link_pipeline(entry, pipeline)

    def _link_pipeline(self, entry: Entry, pipeline: PipelineORM) -> None:
        def link(query: Query, field: str, artifacts: Sequence[ArtifactORM], **more: Any) -> None:
            rows = [
                {"position": i, "pipeline_id": entry.id, "name": a.name, "version": a.version, **more}
                for i, a in enumerate(artifacts)
            ]
            linked = {record["position"] for record in self._run_rows(query, rows)}
            for row in rows:
                if row["position"] not in linked:
                    raise InvalidRecord(
                        f"Pipeline {pipeline.name!r}",
                        field,
                        f"names the artifact {row['name']!r} version {row['version']}, which is not there",
                    )

        link(LINK_CONTAINED, "artifacts", in_order(pipeline.artifacts))
        link(LINK_REUSED, "precomputed_artifacts", in_order(pipeline.precomputed_artifacts))
        for dependency_id, dependency in zip(entry.dependency_ids, pipeline.dependencies, strict=True):
            post = dependency.post_artifact
            link(LINK_ORDERED, "dependencies", [post], dependency_id=dependency_id)
            link(
                LINK_DEPENDENCIES,
                "dependencies",
                in_order(dependency.pre_artifacts),
                dependency_id=dependency_id,
                post_name=post.name,
                post_version=post.version,
            )

    def _write_mlflow_metadata(self, entries: Sequence[Entry]) -> None:
        self._number("mlflow_metadata", entries)
        rows = []
        for entry in entries:
            row = vars(_as(MLflowArtifactMetadataORM, entry)) | {"id": entry.id}
            rows.append(row | {"name": f"{row['model_flavor']} model in MLflow"})
        self._run_rows(CREATE_MLFLOW_METADATA, rows)


_SOURCE_FIELDS: Row = {"path": None, "execution_count": None, "session_id": None}


def in_order(artifacts: set[ArtifactORM]) -> list[ArtifactORM]:
    """Artifacts by name and version."""
    return sorted(artifacts, key=lambda artifact: (artifact.name, artifact.version))


def _as(record_type: type[T], entry: Entry) -> T:
    assert isinstance(entry.record, record_type), describe(entry.record)
    return entry.record
