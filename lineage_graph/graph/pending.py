"""Pending records: recorded and not committed yet, each as the row that its statement takes.

A record is checked and converted once, when it is written. Later changes of it have no effect here, and a record that
the database cannot hold is refused when it is written, with its kind and field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from lineage_graph.errors import InvalidRecord
from lineage_graph.graph import mapping
from lineage_graph.graph.mapping import Row
from lineage_graph.graph.statements import Query
from lineage_graph.model.captions import Captions
from lineage_graph.model.checks import (
    check_integer,
    check_key,
    check_keys,
    check_name,
    check_row,
    check_text,
    check_version,
    describe,
)
from lineage_graph.model.references import Reference, references_of
from lineage_graph.relational import ArtifactORM, InputParameterORM, MLflowArtifactMetadataORM, PipelineORM
from lineage_graph.types import (
    Artifact,
    BaseNode,
    Execution,
    ImportNode,
    Node,
    NodeValue,
    SessionContext,
    SourceCode,
)


@dataclass(frozen=True)
class AssignedVariable:
    """A variable name that was assigned at an operation."""

    node_id: str
    name: str


@dataclass(frozen=True)
class ArtifactRead:
    """An artifact that was handed out to a call, by its id."""

    node_id: str
    artifact_id: int


@dataclass(frozen=True)
class NextArtifact:
    """An artifact that gets the version after the highest one of its name when it is written."""

    node_id: str
    execution_id: str
    date_created: datetime
    name: str


Record = (
    Execution
    | SessionContext
    | SourceCode
    | Node
    | AssignedVariable
    | NodeValue
    | Artifact
    | NextArtifact
    | ArtifactRead
    | PipelineORM
    | MLflowArtifactMetadataORM
)


class Kind(str, Enum):
    """The kind of a pending record. Files of the outbox hold its value, so the value never changes."""

    EXECUTION = "execution"
    SESSION = "session"
    SOURCE_CODE = "source_code"
    NODE = "node"
    VARIABLE = "variable"
    NODE_VALUE = "node_value"
    ARTIFACT = "artifact"
    NEXT_ARTIFACT = "next_artifact"
    ARTIFACT_READ = "artifact_read"
    PIPELINE = "pipeline"
    MLFLOW_METADATA = "mlflow_metadata"


@dataclass(slots=True)
class PendingRecord:
    """A record to write.

    Attributes
    ----------
    kind : Kind
    row : dict
        The row for its statement. ``id`` of an artifact, a pipeline or MLflow metadata is None until the database has
        given it a number, and ``version`` of a `NextArtifact` until it was sent.
    written_at : int
        When it was recorded: nanoseconds since 1970, strictly increasing in a process.
    group : tuple of str, optional
        For an operation: its kind, session and source code, which it shares with others.
    references : tuple of Reference
        For an operation: its references.
    """

    kind: Kind
    row: Row
    written_at: int
    group: tuple[str, str, str | None] | None = None
    references: tuple[Reference, ...] = ()

    @property
    def title(self) -> str:
        """The record as an error names it."""
        row = self.row
        if self.kind is Kind.NODE:
            assert self.group is not None
            return f"{self.group[0]} {row['id']!r}"
        if self.kind is Kind.ARTIFACT:
            return f"Artifact {row['name']!r} version {row['version']}"
        if self.kind is Kind.NODE_VALUE:
            return f"NodeValue of node {row['node_id']!r} in execution {row['execution_id']!r}"
        if self.kind is Kind.ARTIFACT_READ:
            return f"Artifact {row['artifact_id']} that node {row['node_id']!r} got"
        key = "id" if self.kind in (Kind.EXECUTION, Kind.SESSION, Kind.SOURCE_CODE) else "name"
        return f"{_TITLES[self.kind]} {row[key]!r}"


_TITLES = {
    Kind.EXECUTION: "Execution",
    Kind.SESSION: "SessionContext",
    Kind.SOURCE_CODE: "SourceCode",
    Kind.VARIABLE: "Variable",
    Kind.NEXT_ARTIFACT: "NextArtifact",
    Kind.PIPELINE: "Pipeline",
    Kind.MLFLOW_METADATA: "MLflow metadata",
}


@dataclass(frozen=True)
class PendingStatement:
    """A writing statement that ran at this place among the records, kept so that it can run again."""

    query: Query
    parameters: dict[str, Any]


def pending(record: Record, written_at: int, captions: Captions) -> PendingRecord:
    """The pending record of a record.

    Parameters
    ----------
    record : Record
    written_at : int
        Nanoseconds since 1970.
    captions : Captions
        The captions of the operations that are pending with it.

    Raises
    ------
    InvalidRecord
        If it cannot be stored as it is.
    NotSupported
        If it is a literal of a type that cannot be stored.
    """
    convert = _converter_of(type(record))  # type: ignore[arg-type]  # mypy takes a metaclass of Any for unhashable
    if convert is None:
        raise InvalidRecord(type(record).__name__, "it", "is of no kind that can be stored")
    try:
        return convert(record, written_at, captions)
    except (AttributeError, KeyError, TypeError) as error:
        # The record was made without validation.
        raise InvalidRecord(describe(record), "it", f"is not what its type says: {error}") from error


def _execution(record: Execution, written_at: int, _: Captions) -> PendingRecord:
    row = check_row(record, mapping.execution_row(record), keys=("id",))
    return PendingRecord(Kind.EXECUTION, row, written_at)


def _session(record: SessionContext, written_at: int, _: Captions) -> PendingRecord:
    row = check_row(record, mapping.session_row(record), keys=("id", "execution_id"))
    if record.session_name:
        check_key(record, "session_name", record.session_name)
    return PendingRecord(Kind.SESSION, row, written_at)


def _source_code(record: SourceCode, written_at: int, _: Captions) -> PendingRecord:
    row = check_row(record, mapping.source_code_row(record), keys=("id", "session_id"))
    return PendingRecord(Kind.SOURCE_CODE, row, written_at)


def _node(record: Node, written_at: int, captions: Captions) -> PendingRecord:
    try:
        row = mapping.node_row(record, written_at, captions)
    except ValueError as error:
        # An integer has more digits than Python converts to text (sys.set_int_max_str_digits).
        raise InvalidRecord(describe(record), "value", f"cannot be written out: {error}") from error
    check_row(record, row, keys=("id",))
    check_key(record, "session_id", record.session_id)
    location = record.source_location
    source_id = check_key(record, "source_location", location.source_code.id) if location else None
    references = tuple(references_of(record))
    for reference in references:
        check_key(record, "reference_id", reference.end_id)
        check_text(record, "reference name", reference.name)
    if isinstance(record, ImportNode) and record.package_name is not None and record.version is not None:
        check_keys(record, package_name=record.package_name, version=record.version)
    return PendingRecord(Kind.NODE, row, written_at, (record.node_type.name, record.session_id, source_id), references)


def _variable(record: AssignedVariable, written_at: int, _: Captions) -> PendingRecord:
    title = f"Variable {record.name!r}"
    check_name(title, "variable_name", record.name)
    check_keys(title, node_id=record.node_id, variable_name=record.name)
    return PendingRecord(Kind.VARIABLE, {"node_id": record.node_id, "name": record.name}, written_at)


def _node_value(record: NodeValue, written_at: int, _: Captions) -> PendingRecord:
    row = check_row(record, mapping.node_value_row(record), keys=("value",))
    check_keys(record, node_id=record.node_id, execution_id=record.execution_id)
    return PendingRecord(Kind.NODE_VALUE, row, written_at)


def _artifact(record: Artifact, written_at: int, _: Captions) -> PendingRecord:
    row = check_row(record, mapping.artifact_row(record, written_at), keys=("node_id", "execution_id"))
    check_name(record, "name", record.name)
    check_version(record, record.version)
    return PendingRecord(Kind.ARTIFACT, row, written_at)


def _next_artifact(record: NextArtifact, written_at: int, _: Captions) -> PendingRecord:
    row = check_row(record, vars(record) | {"written_at": written_at}, keys=("node_id", "execution_id"))
    check_name(record, "name", record.name)
    return PendingRecord(Kind.NEXT_ARTIFACT, row | {"id": None, "version": None}, written_at)


def _artifact_read(record: ArtifactRead, written_at: int, _: Captions) -> PendingRecord:
    title = "Artifact that was read"
    check_keys(title, node_id=record.node_id)
    check_integer(title, "artifact_id", record.artifact_id)
    row = {"node_id": record.node_id, "artifact_id": record.artifact_id}
    return PendingRecord(Kind.ARTIFACT_READ, row, written_at)


def _pipeline(record: PipelineORM, written_at: int, _: Captions) -> PendingRecord:
    title = f"Pipeline {record.name!r}"
    check_name(title, "name", record.name)

    def key(artifact: ArtifactORM) -> tuple[str, int]:
        if not isinstance(artifact, ArtifactORM):
            raise InvalidRecord(title, "artifacts", f"hold a {type(artifact).__name__}, not ArtifactORM")
        check_key(title, "artifact", artifact.name)
        check_integer(title, "version", artifact.version)
        return artifact.name, artifact.version

    def keys(artifacts: Iterable[ArtifactORM]) -> list[tuple[str, int]]:
        return sorted(map(key, artifacts))

    parameters = [
        parameter.variable_name if isinstance(parameter, InputParameterORM) else str(parameter)
        for parameter in record.input_parameters
    ]
    for parameter in parameters:
        check_text(title, "input_parameters", parameter)
    row = {
        "id": None,
        "name": record.name,
        "parameters": parameters,
        "written_at": written_at,
        "artifacts": keys(record.artifacts),
        "reused": keys(record.precomputed_artifacts),
        "dependencies": [
            {"id": None, "post": key(dependency.post_artifact), "pre": keys(dependency.pre_artifacts)}
            for dependency in record.dependencies
        ],
    }
    return PendingRecord(Kind.PIPELINE, row, written_at)


def _mlflow_metadata(record: MLflowArtifactMetadataORM, written_at: int, _: Captions) -> PendingRecord:
    row = vars(record) | {"id": None, "name": f"{record.model_flavor} model in MLflow"}
    return PendingRecord(Kind.MLFLOW_METADATA, check_row(f"MLflow metadata of {record.artifact_id}", row), written_at)


_CONVERTERS: dict[type[Any], Callable[..., PendingRecord]] = {
    Execution: _execution,
    SessionContext: _session,
    SourceCode: _source_code,
    BaseNode: _node,
    AssignedVariable: _variable,
    NodeValue: _node_value,
    Artifact: _artifact,
    NextArtifact: _next_artifact,
    ArtifactRead: _artifact_read,
    PipelineORM: _pipeline,
    MLflowArtifactMetadataORM: _mlflow_metadata,
}


@cache
def _converter_of(record_type: type[Any]) -> Callable[..., PendingRecord] | None:
    """The converter of a type of record, or of the class that it derives from; every kind of node derives from one."""
    return next((_CONVERTERS[base] for base in record_type.__mro__ if base in _CONVERTERS), None)
