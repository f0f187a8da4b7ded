"""The stored classes of the reference (``lineapy.db.relational``), under their names.

They are plain records, built with keyword arguments and compared by identity. They stay readable, whatever is written,
deleted or closed later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Union

from lineage_graph.types import LineaID, LiteralType, NodeType, SessionType, ValueType


@dataclass(kw_only=True, eq=False)
class SessionContextORM:
    """One trace of one script or notebook."""

    id: LineaID
    environment_type: SessionType | None = None
    python_version: str | None = None
    creation_time: datetime | None = None
    working_directory: str | None = None
    session_name: str | None = None
    user_name: str | None = None
    hardware_spec: str | None = None
    execution_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class ExecutionORM:
    """One interpreter run of some operations."""

    id: LineaID
    timestamp: datetime | None = None


@dataclass(kw_only=True, eq=False)
class SourceCodeORM:
    """Code that was executed, with a path or a notebook cell."""

    id: LineaID
    code: str
    path: str | None = None
    jupyter_execution_count: int | None = None
    jupyter_session_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class BaseNodeORM:
    """A stored operation. Its source location is complete or missing."""

    id: LineaID | None = None
    session_id: LineaID | None = None
    node_type: NodeType | None = NodeType.Node
    lineno: int | None = None
    col_offset: int | None = None
    end_lineno: int | None = None
    end_col_offset: int | None = None
    control_dependency: LineaID | None = None
    source_code_id: LineaID | None = None
    source_code: SourceCodeORM | None = field(default=None, repr=False)


@dataclass(kw_only=True, eq=False)
class LookupNodeORM(BaseNodeORM):
    """A name that the code did not define."""

    node_type: NodeType | None = NodeType.LookupNode
    name: str | None = None


@dataclass(kw_only=True, eq=False)
class ImportNodeORM(BaseNodeORM):
    """An imported module."""

    node_type: NodeType | None = NodeType.ImportNode
    name: str | None = None
    package_name: str | None = None
    version: str | None = None
    path: str | None = None


class LibraryRow(NamedTuple):
    """A library that a session imports: a row of ``get_libraries_for_session``."""

    package_name: str
    version: str


@dataclass(kw_only=True, eq=False)
class PositionalArgORM:
    """A positional argument of a call, by its index (from 0)."""

    arg_node_id: LineaID
    index: int
    starred: bool = False
    call_node_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class KeywordArgORM:
    """A keyword argument of a call, by its name."""

    arg_node_id: LineaID
    name: str
    starred: bool = False
    call_node_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class GlobalReferenceORM:
    """A global variable that a call read."""

    variable_node_id: LineaID
    variable_name: str
    call_node_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class ImplicitDependencyORM:
    """An operation that a call depends on without naming it, by its index (from 0)."""

    arg_node_id: LineaID
    index: int
    call_node_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class CallNodeORM(BaseNodeORM):
    """A call with its function and its arguments."""

    node_type: NodeType | None = NodeType.CallNode
    function_id: LineaID | None = None
    positional_args: set[PositionalArgORM] = field(default_factory=set, repr=False)
    keyword_args: set[KeywordArgORM] = field(default_factory=set, repr=False)
    global_reads: set[GlobalReferenceORM] = field(default_factory=set, repr=False)
    implicit_dependencies: set[ImplicitDependencyORM] = field(default_factory=set, repr=False)


@dataclass(kw_only=True, eq=False)
class LiteralNodeORM(BaseNodeORM):
    """A literal, as text and its type."""

    node_type: NodeType | None = NodeType.LiteralNode
    value_type: LiteralType | None = None
    value: str | None = None


@dataclass(kw_only=True, eq=False)
class MutateNodeORM(BaseNodeORM):
    """The value of an operation after a call changed it."""

    node_type: NodeType | None = NodeType.MutateNode
    source_id: LineaID | None = None
    call_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class GlobalNodeORM(BaseNodeORM):
    """A global variable that a call set."""

    node_type: NodeType | None = NodeType.GlobalNode
    name: str | None = None
    call_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class IfNodeORM(BaseNodeORM):
    """The branch taken when a test holds."""

    node_type: NodeType | None = NodeType.IfNode
    test_id: LineaID | None = None
    companion_id: LineaID | None = None
    unexec_id: LineaID | None = None


@dataclass(kw_only=True, eq=False)
class ElseNodeORM(BaseNodeORM):
    """The branch taken when its companion's test does not hold."""

    node_type: NodeType | None = NodeType.ElseNode
    companion_id: LineaID | None = None
    unexec_id: LineaID | None = None


NodeORM = Union[
    LookupNodeORM,
    ImportNodeORM,
    CallNodeORM,
    LiteralNodeORM,
    MutateNodeORM,
    GlobalNodeORM,
    IfNodeORM,
    ElseNodeORM,
]
"""A stored operation of any kind."""


@dataclass(kw_only=True, eq=False)
class VariableNodeORM:
    """A variable name that was assigned at an operation."""

    id: LineaID
    variable_name: str


@dataclass(kw_only=True, eq=False)
class NodeValueORM:
    """The place where the value of an operation in one execution is stored."""

    node_id: LineaID
    execution_id: LineaID
    value: str | None = None
    value_type: ValueType | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None


@dataclass(kw_only=True, eq=False)
class ArtifactORM:
    """A named, versioned pointer to an operation. The database gives ``id``, and never gives it again."""

    node_id: LineaID
    execution_id: LineaID
    name: str = "NONAME"
    date_created: datetime | None = None
    version: int = 0
    id: int | None = None
    node: BaseNodeORM | None = field(default=None, repr=False)
    execution: ExecutionORM | None = field(default=None, repr=False)


@dataclass(kw_only=True, eq=False)
class InputParameterORM:
    """A variable that a pipeline takes as a parameter."""

    variable_name: str
    pipeline_id: int | None = None


@dataclass(kw_only=True, eq=False)
class ArtifactDependencyORM:
    """Within a pipeline: ``post_artifact`` is made after all of ``pre_artifacts``."""

    post_artifact: ArtifactORM
    pre_artifacts: set[ArtifactORM] = field(default_factory=set)
    pipeline: PipelineORM | None = field(default=None, repr=False)
    id: int | None = None


@dataclass(kw_only=True, eq=False)
class PipelineORM:
    """Artifacts that are made together, the order among them, and the parameters they take."""

    name: str
    artifacts: set[ArtifactORM] = field(default_factory=set)
    dependencies: list[ArtifactDependencyORM] = field(default_factory=list)
    input_parameters: list[InputParameterORM] = field(default_factory=list)
    precomputed_artifacts: set[ArtifactORM] = field(default_factory=set)
    id: int | None = None


@dataclass(kw_only=True, eq=False)
class MLflowArtifactMetadataORM:
    """The place where MLflow keeps an artifact. ``delete_time`` is when it was deleted there."""

    artifact_id: int
    backend: str
    tracking_uri: str
    model_uri: str
    model_flavor: str
    registry_uri: str | None = None
    delete_time: datetime | None = None
    id: int | None = None
