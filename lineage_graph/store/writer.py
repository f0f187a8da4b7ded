"""Writes pending records to the graph in batched statements, within a transaction that the caller owns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import neo4j

from lineage_graph.errors import InvalidRecord
from lineage_graph.graph import statements
from lineage_graph.graph.changes import Changes, Operations
from lineage_graph.graph.derivation import derive, link_imports
from lineage_graph.graph.mapping import Row
from lineage_graph.graph.pending import Kind, PendingRecord
from lineage_graph.graph.statements import Query, batches
from lineage_graph.model.references import Reference

CREATE_EXECUTIONS = statements.load("sessions/create_executions")
CREATE_SESSIONS = statements.load("sessions/create_sessions")
CREATE_SOURCE_CODES = statements.load("sources/create_source_codes")
FIND_SOURCE_CODES = statements.load("sources/find_source_codes")
CREATE_NODES = {
    "ImportNode": statements.load("nodes/create_import_nodes"),
    "CallNode": statements.load("nodes/create_call_nodes"),
    "LiteralNode": statements.load("nodes/create_literal_nodes"),
    "LookupNode": statements.load("nodes/create_lookup_nodes"),
    "MutateNode": statements.load("nodes/create_mutate_nodes"),
    "GlobalNode": statements.load("nodes/create_global_nodes"),
    "IfNode": statements.load("nodes/create_if_nodes"),
    "ElseNode": statements.load("nodes/create_else_nodes"),
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
CAPTION_MUTATIONS = statements.load("nodes/caption_mutations")
CAPTION_SESSIONS = statements.load("sessions/caption_sessions")
FIND_NODES = statements.load("nodes/find_nodes")
DELETE_MISSING = statements.load("nodes/delete_missing_nodes")
RESERVE_MISSING = statements.load("nodes/reserve_missing_nodes")
REUSE_MISSING = statements.load("nodes/reuse_missing_nodes")
RELEASE_MISSING = statements.load("nodes/release_missing_nodes")
WRITE_VARIABLES = statements.load("variables/write_variables")
LINK_LIBRARIES = statements.load("libraries/link_libraries")
CREATE_NODE_VALUES = statements.load("values/create_node_values")
CREATE_ARTIFACTS = statements.load("artifacts/create_artifacts")
CREATE_NEXT_ARTIFACT = statements.load("artifacts/create_next_artifact")
RECORD_ARTIFACT_READS = statements.load("artifacts/record_artifact_reads")
LOCK_ARTIFACT_NAMES = statements.load("artifacts/lock_artifact_names")
CREATE_PIPELINES = statements.load("pipelines/create_pipelines")
LINK_CONTAINED = statements.load("pipelines/link_contained_artifacts")
LINK_REUSED = statements.load("pipelines/link_reused_artifacts")
LINK_ORDERED = statements.load("pipelines/link_ordered_artifacts")
LINK_DEPENDENCIES = statements.load("pipelines/link_dependencies")
CREATE_MLFLOW_METADATA = statements.load("mlflow/create_metadata")
TAKE_IDS = statements.load("sequences/take_ids")
NAME_FUNCTIONS = statements.load("derived/name_functions")

# The most characters of text in one statement: the server holds the parameters of a statement in memory.
BATCH_CHARACTERS = 8_000_000


def text_size(entry: PendingRecord) -> int:
    """The number of characters of a record's long texts: its code or its literal."""
    return len(entry.row.get("code") or "") + len(entry.row.get("value") or "")


class GraphWriter:
    """Writes pending records within one transaction, and remembers what that transaction has written.

    Parameters
    ----------
    transaction : neo4j.Transaction
        The caller owns it, and commits it or rolls it back.
    is_known_node, is_known_source : callable
        Whether the caller remembers an operation or source code as being in the database. The writer asks the database
        for the others.
    is_captioned : callable
        Whether a session was captioned by its source code before; it takes an item of `captioned`.
    needed_before : mapping of str to sequence of str
        What operations need that the caller has committed before.
    batch_size : int
        The largest number of rows that one statement writes.
    """

    def __init__(
        self,
        transaction: neo4j.Transaction,
        *,
        is_known_node: Callable[[str], bool],
        is_known_source: Callable[[str], bool],
        is_captioned: Callable[[str], bool],
        needed_before: Mapping[str, Sequence[str]],
        batch_size: int,
    ) -> None:
        self._transaction = transaction
        self._is_known_node = is_known_node
        self._is_known_source = is_known_source
        self._is_captioned = is_captioned
        self._batch_size = batch_size
        self._imports: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.nodes: set[str] = set()
        self.sources: set[str] = set()
        self.captioned: set[str] = set()
        self.operations = Operations(self._names_of_functions, needed_before)
        self._changes = Changes()

    def run(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """Run one statement and return its rows."""
        return list(self._transaction.run(query.text, query.bind(parameters)))

    def apply(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """Run a statement that changes what was written before, and note what has to be derived anew."""
        rows = self.run(query, **parameters)
        for row in rows:
            for readers, sessions in zip(row.get("readers", ()), row.get("sessions", ()), strict=True):
                self._changes.readers.update(readers)
                self._changes.losers.update(sessions)
        return rows

    def take_ids(self, sequence: str, count: int) -> range:
        """New ids of a sequence. Others that take ids wait until this transaction has ended."""
        last: int = self.run(TAKE_IDS, name=sequence, count=count)[0]["last"]
        return range(last - count + 1, last + 1)

    def write(self, records: Sequence[PendingRecord]) -> list[PendingRecord]:
        """Write records, and return those that wait for another record that is missing.

        A session waits for its execution, an operation for its source code, an artifact or a node value for its
        operation and its execution. A reference from one operation to another does not wait: it ends at a missing
        node until the operation arrives.
        """
        of: dict[Kind, list[PendingRecord]] = defaultdict(list)
        for record in records:
            of[record.kind].append(record)
        self._run_rows(CREATE_EXECUTIONS, [record.row for record in of[Kind.EXECUTION]])
        self._write_sources(of[Kind.SOURCE_CODE])
        waiting = self._write_sessions(of[Kind.SESSION])
        waiting += self._write_nodes(of[Kind.NODE], of[Kind.VARIABLE])
        waiting += self._create(CREATE_NODE_VALUES, of[Kind.NODE_VALUE])
        waiting += self._write_artifacts(of[Kind.ARTIFACT], of[Kind.NEXT_ARTIFACT])
        waiting += self._write_artifact_reads(of[Kind.ARTIFACT_READ])
        for record in of[Kind.PIPELINE]:
            self._write_pipeline(record.row)
        self._run_rows(CREATE_MLFLOW_METADATA, [record.row for record in of[Kind.MLFLOW_METADATA]])
        return waiting

    def finish(self) -> None:
        """Derive edges across sessions, and connect the imports that this transaction has written to their libraries.

        All writers share these, so this locks them last, in one order, and for a short time.
        """
        derive(self.run, self._changes, self.operations)
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
        link_imports(self.run, self._changes)
        self._changes = Changes()
        self._imports.clear()

    def _run_rows(self, query: Query, rows: Sequence[Row], **parameters: Any) -> list[neo4j.Record]:
        return [
            record for batch in batches(rows, self._batch_size) for record in self.run(query, rows=batch, **parameters)
        ]

    def _create(self, query: Query, records: Sequence[PendingRecord], **parameters: Any) -> list[PendingRecord]:
        """Run a statement that skips rows with missing ends; return the records that it skipped."""
        return self._create_and_tell(query, records, **parameters)[1]

    def _create_and_tell(
        self, query: Query, records: Sequence[PendingRecord], **parameters: Any
    ) -> tuple[list[neo4j.Record], list[PendingRecord]]:
        """Run a statement that skips rows with missing ends; return what it says, and the records that it skipped."""
        rows = [record.row | {"position": position} for position, record in enumerate(records)]
        created = self._run_rows(query, rows, **parameters)
        there = {found["position"] for found in created}
        return created, [record for position, record in enumerate(records) if position not in there]

    def _write_sessions(self, records: Sequence[PendingRecord]) -> list[PendingRecord]:
        created, waiting = self._create_and_tell(CREATE_SESSIONS, records)
        self._changes.sessions.update(row["id"] for row in created if row["nodes"])
        return waiting

    def _write_sources(self, records: Sequence[PendingRecord]) -> None:
        rows: list[Row] = []
        characters = 0
        for record in records:
            rows.append(_SOURCE_FIELDS | record.row)
            characters += text_size(record)
            if len(rows) >= self._batch_size or characters >= BATCH_CHARACTERS:
                self.run(CREATE_SOURCE_CODES, rows=rows)
                rows, characters = [], 0
        self._run_rows(CREATE_SOURCE_CODES, rows)
        self.sources.update(record.row["id"] for record in records)

    def _write_nodes(self, records: Sequence[PendingRecord], variables: Sequence[PendingRecord]) -> list[PendingRecord]:
        missing_sources = self._missing_sources(records)
        ready: list[PendingRecord] = []
        waiting: list[PendingRecord] = []
        by_type: dict[str, list[PendingRecord]] = defaultdict(list)
        for record in records:
            node_type, _, source_id = _group(record)
            if source_id in missing_sources:
                waiting.append(record)
            else:
                ready.append(record)
                by_type[node_type].append(record)
        missing = 0
        for node_type, of_type in by_type.items():
            missing = self._create_nodes(CREATE_NODES[node_type], of_type)
        self.nodes.update(record.row["id"] for record in ready)
        references, assigned = self._arrived(ready) if missing else ([], [])
        self._changes.arrived.update(reference.end_id for reference in references)
        self.operations.add(ready, self._changes)
        for record in ready:
            references.extend(record.references)
            if _group(record)[0] == "ImportNode":
                package, version = record.row["package_name"], record.row["version"]
                if package is not None and version is not None:
                    self._imports[package, version].append(record.row["id"])
        assigned.extend(variable.row | {"written_at": variable.written_at} for variable in variables)
        self._write_references(references, assigned)
        self._write_captions(ready, references)
        return waiting

    def _write_captions(self, records: Sequence[PendingRecord], references: Sequence[Reference]) -> None:
        """Caption mutations by their calls, and sessions by their files, whichever was written first."""
        mutations = [{"id": each.start_id} for each in references if each.type == "MUTATED_BY"]
        self._run_rows(CAPTION_MUTATIONS, mutations)
        rows = []
        for record in records:
            _, session_id, source_id = _group(record)
            pair = f"{session_id} {source_id}"
            if source_id and pair not in self.captioned and not self._is_captioned(pair):
                self.captioned.add(pair)
                rows.append({"session_id": session_id, "source_code_id": source_id})
        self._run_rows(CAPTION_SESSIONS, rows)

    def _names_of_functions(self, ids: set[str]) -> dict[str, str | None]:
        """The names of these functions, which others or an earlier transaction wrote."""
        names: dict[str, str | None] = {}
        for batch in batches(sorted(ids), self._batch_size):
            names.update((row["id"], row["name"]) for row in self.run(NAME_FUNCTIONS, ids=batch))
        return names

    def _create_nodes(self, query: Query, records: Sequence[PendingRecord]) -> int:
        """Create operations of one kind, grouped by session and source code; return the number of missing nodes."""
        groups: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
        count = characters = missing = 0
        for position, record in enumerate(records, 1):
            groups[_group(record)[1:]].append(record.row)
            count += 1
            characters += text_size(record)
            if count >= self._batch_size or characters >= BATCH_CHARACTERS or position == len(records):
                rows = [
                    {"session_id": session_id, "source_code_id": source_id, "rows": rows}
                    for (session_id, source_id), rows in groups.items()
                ]
                missing = self.run(query, groups=rows)[0]["missing"]
                groups.clear()
                count = characters = 0
        return missing

    def _missing_sources(self, records: Sequence[PendingRecord]) -> set[str]:
        """The ids of missing source codes that operations name."""
        unknown = {
            id_
            for record in records
            if (id_ := _group(record)[2]) and id_ not in self.sources and not self._is_known_source(id_)
        }
        for batch in batches(sorted(unknown), self._batch_size):
            found = {record["id"] for record in self.run(FIND_SOURCE_CODES, ids=batch)}
            self.sources |= found
            unknown -= found
        return unknown

    def _arrived(self, records: Sequence[PendingRecord]) -> tuple[list[Reference], list[Row]]:
        """The references and variables that ended at missing nodes for these ids."""
        references: list[Reference] = []
        assigned: list[Row] = []
        ids = [record.row["id"] for record in records]
        for batch in batches(ids, self._batch_size):
            for found in self.run(DELETE_MISSING, ids=batch):
                for type_, start_id, variable, index, name, starred in found["references"]:
                    if type_ == "ASSIGNED_AT":
                        assigned.append({"node_id": start_id, "name": variable, "written_at": None})
                    else:
                        references.append(Reference(type_, start_id, found["end_id"], index, name, starred))
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
            # What its type has no use for is not sent.
            fields = CREATE_REFERENCES[reference.type].fields["rows"]
            rows[reference.type].append({field: getattr(reference, field) for field in fields})
        for type_, rows_of_type in rows.items():
            self._run_rows(CREATE_REFERENCES[type_], rows_of_type)
        self._run_rows(WRITE_VARIABLES, assigned)
        for batch in batches(missing, self._batch_size):
            self.run(RELEASE_MISSING, ids=batch)

    def _missing(self, ids: set[str]) -> list[str]:
        """The missing ones of these ids, in one order for all writers."""
        unknown = {id_ for id_ in ids if id_ not in self.nodes and not self._is_known_node(id_)}
        for batch in batches(sorted(unknown), self._batch_size):
            found = {record["id"] for record in self.run(FIND_NODES, ids=batch)}
            self.nodes |= found
            unknown -= found
        return sorted(unknown)

    def _write_artifacts(
        self, records: Sequence[PendingRecord], next_records: Sequence[PendingRecord]
    ) -> list[PendingRecord]:
        names = sorted({record.row["name"] for record in (*records, *next_records)})
        # All writers lock in one order, so that each sees the versions of those before it.
        if len(names) > 1:
            for batch in batches(names, self._batch_size):
                self.run(LOCK_ARTIFACT_NAMES, names=batch)
        waiting = self._create(CREATE_ARTIFACTS, records, names=names[:1])
        for record in next_records:
            parameters = {field: value for field, value in record.row.items() if field != "version"}
            created = self.run(CREATE_NEXT_ARTIFACT, **parameters)
            if created:
                record.row["version"] = created[0]["version"]
            else:
                waiting.append(record)
        late = {id(record) for record in waiting}
        self._changes.artifacts.update(
            record.row["id"] for record in (*records, *next_records) if id(record) not in late
        )
        return waiting

    def _write_artifact_reads(self, records: Sequence[PendingRecord]) -> list[PendingRecord]:
        recorded, waiting = self._create_and_tell(RECORD_ARTIFACT_READS, records)
        self._changes.readers.update(row["id"] for row in recorded)
        self._changes.losers.update(row["stale"] for row in recorded if row["stale"] is not None)
        return waiting

    def _write_pipeline(self, row: Row) -> None:
        fields = ("id", "name", "parameters", "written_at")
        self.run(CREATE_PIPELINES, rows=[{field: row[field] for field in fields}])

        def link(query: Query, field: str, artifacts: Sequence[tuple[str, int]], **more: Any) -> None:
            rows = [
                {"position": position, "pipeline_id": row["id"], "name": name, "version": version, **more}
                for position, (name, version) in enumerate(artifacts)
            ]
            linked = {record["position"] for record in self._run_rows(query, rows)}
            for position, (name, version) in enumerate(artifacts):
                if position not in linked:
                    raise InvalidRecord(
                        f"Pipeline {row['name']!r}",
                        field,
                        f"names the artifact {name!r} version {version}, which is missing",
                    )

        link(LINK_CONTAINED, "artifacts", row["artifacts"])
        link(LINK_REUSED, "precomputed_artifacts", row["reused"])
        for dependency in row["dependencies"]:
            post_name, post_version = dependency["post"]
            link(LINK_ORDERED, "dependencies", [dependency["post"]], dependency_id=dependency["id"])
            link(
                LINK_DEPENDENCIES,
                "dependencies",
                dependency["pre"],
                dependency_id=dependency["id"],
                post_name=post_name,
                post_version=post_version,
            )


_SOURCE_FIELDS: Row = {"path": None, "execution_count": None, "session_id": None}


def _group(record: PendingRecord) -> tuple[str, str, str | None]:
    assert record.group is not None, record.title
    return record.group
