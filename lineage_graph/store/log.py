"""What a unit of work records: entries and statements, in the order of writing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lineage_graph.graph.statements import Query
from lineage_graph.relational import MLflowArtifactMetadataORM, PipelineORM
from lineage_graph.types import Artifact, Execution, Node, NodeValue, SessionContext, SourceCode


@dataclass(frozen=True)
class AssignedVariable:
    """A variable name that was assigned at a node."""

    node_id: str
    name: str


@dataclass(frozen=True)
class NextArtifact:
    """An artifact that gets the version after the highest of its name when it is written."""

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
    | PipelineORM
    | MLflowArtifactMetadataORM
)


@dataclass
class Entry:
    """A record to write, and when it was recorded: nanoseconds since 1970, strictly increasing in a process.

    ``id`` is the number that the database gave to an artifact, pipeline or MLflow record, once it has one;
    ``version`` likewise, of a `NextArtifact`.
    """

    record: Record
    written_at: int
    id: int | None = None
    version: int | None = None
    dependency_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Statement:
    """A writing statement that ran at its place among the records, kept so that it can run again."""

    query: Query
    parameters: dict[str, Any]
