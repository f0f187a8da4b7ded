"""The data types of lineage: a tracer writes them, and the readers return them.

The names and fields are those of ``lineapy.data.types`` (LineaPy 0.2.3), on pydantic 2. All are frozen:
a record does not change after it was read or written.

A *linea ID* is a UUID4 string chosen by the client.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any, NewType, Union

from pydantic import BaseModel, ConfigDict, Field

LineaID = NewType("LineaID", str)
"""The id of a record: the text of a UUID4, chosen by the client."""


class SessionType(Enum):
    """The kind of a session: a notebook, traced cell by cell, or a script."""

    JUPYTER = 1
    SCRIPT = 2


class NodeType(Enum):
    """The kind of an operation."""

    Node = auto()
    CallNode = auto()
    LiteralNode = auto()
    ImportNode = auto()
    LookupNode = auto()
    MutateNode = auto()
    GlobalNode = auto()
    IfNode = auto()
    ElseNode = auto()


class LiteralType(Enum):
    """The Python type of a literal, which is stored as text."""

    String = auto()
    Integer = auto()
    Float = auto()
    Boolean = auto()
    NoneType = auto()
    Ellipsis = auto()
    Bytes = auto()


class ValueType(Enum):
    """The kind of a stored value, for people: a chart, an array, a table, code, or a plain value."""

    chart = 1
    array = 2
    dataset = 3
    code = 4
    value = 5


class Record(BaseModel):
    """Base of all stored data types: frozen, built from keywords or from an object's attributes."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class SessionContext(Record):
    """One trace of one script or notebook."""

    id: LineaID
    environment_type: SessionType
    python_version: str
    creation_time: datetime
    working_directory: str
    session_name: str | None = None
    user_name: str | None = None
    hardware_spec: str | None = None
    execution_id: LineaID


class Execution(Record):
    """One interpreter run of some operations."""

    id: LineaID
    timestamp: datetime | None = None


class NodeValue(Record):
    """The place where the value of an operation in one execution is stored. Operation and execution are its key."""

    node_id: LineaID
    execution_id: LineaID
    value: str
    value_type: ValueType | None = None
    start_time: datetime
    end_time: datetime


class Artifact(Record):
    """A named, versioned pointer to the value of an operation in one execution. Name and version are its key."""

    node_id: LineaID
    execution_id: LineaID
    date_created: datetime
    name: str
    version: int


class JupyterCell(Record):
    """A notebook cell as it was executed: its execution count (1-based) and its session."""

    execution_count: int
    session_id: LineaID


SourceCodeLocation = Union[Path, JupyterCell]
"""The place of source code: a file or a notebook cell."""


class SourceCode(Record):
    """Code that was executed, and its file or cell. Two are equal if their ids are, as in LineaPy."""

    id: LineaID
    code: str
    location: SourceCodeLocation

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SourceCode):
            return NotImplemented
        return self.id == other.id

    def __lt__(self, other: object) -> bool:
        """Order the cells of one session by execution count. Nothing else has an order."""
        if not isinstance(other, SourceCode):
            return NotImplemented
        mine, theirs = self.location, other.location
        if isinstance(mine, JupyterCell) and isinstance(theirs, JupyterCell):
            if mine.session_id != theirs.session_id:
                return NotImplemented
            return mine.execution_count < theirs.execution_count
        if isinstance(mine, Path) and isinstance(theirs, Path) and mine == theirs:
            return False
        return NotImplemented


class SourceLocation(Record):
    """Where an operation's text is: lines from 1, columns in UTF-8 bytes from 0, the end after its last byte."""

    lineno: int
    col_offset: int = Field(repr=False)
    end_lineno: int = Field(repr=False)
    end_col_offset: int = Field(repr=False)
    source_code: SourceCode = Field(repr=False)

    def __lt__(self, other: object) -> bool:
        """Order places in one file or one notebook session. Nothing else has an order."""
        if not isinstance(other, SourceLocation):
            return NotImplemented
        if self.source_code.location == other.source_code.location:
            return (self.lineno, self.col_offset) < (other.lineno, other.col_offset)
        return self.source_code < other.source_code


class BaseNode(Record):
    """One operation at the level of the syntax tree that was executed.

    ``control_dependency`` is the id of the if or else node that the operation ran under.
    """

    id: LineaID
    session_id: LineaID = Field(repr=False)
    node_type: NodeType = Field(NodeType.Node, repr=False)
    source_location: SourceLocation | None = Field(None, repr=False)
    control_dependency: LineaID | None = None

    def __lt__(self, other: object) -> bool:
        """Order operations by their place in the source, with those without a place first."""
        if not isinstance(other, BaseNode):
            return NotImplemented
        if not other.source_location:
            return False
        if not self.source_location:
            return True
        return self.source_location < other.source_location

    def parents(self) -> Iterator[LineaID]:
        """The ids of the operations that this one was computed from."""
        if self.control_dependency:
            yield self.control_dependency


class ImportNode(BaseNode):
    """An imported module. The name and version of its package may be missing, since only a run tells them."""

    node_type: NodeType = Field(NodeType.ImportNode, repr=False)
    name: str
    version: str | None = None
    package_name: str | None = None
    path: str | None = None


class PositionalArgument(Record):
    """A positional argument: the id of its operation, and whether it was given as ``*value``."""

    id: LineaID
    starred: bool = False


class KeywordArgument(Record):
    """A keyword argument: its name, the id of its operation, and whether it was given as ``**value``."""

    key: str
    value: LineaID
    starred: bool = False


class CallNode(BaseNode):
    """A call: its function, its arguments, the globals that it read, and its implicit dependencies."""

    node_type: NodeType = Field(NodeType.CallNode, repr=False)
    function_id: LineaID
    positional_args: list[PositionalArgument] = []
    keyword_args: list[KeywordArgument] = []
    global_reads: dict[str, LineaID] = {}
    implicit_dependencies: list[LineaID] = []

    def parents(self) -> Iterator[LineaID]:
        yield from super().parents()
        yield self.function_id
        for positional in self.positional_args:
            yield positional.id
        for keyword in self.keyword_args:
            yield keyword.value
        yield from self.global_reads.values()
        yield from self.implicit_dependencies


class LiteralNode(BaseNode):
    """A literal: str, int, float, bool, None, Ellipsis or bytes. Writing another type is an error."""

    node_type: NodeType = Field(NodeType.LiteralNode, repr=False)
    value: Any


class LookupNode(BaseNode):
    """A name that the code did not define, e.g. ``int`` or ``get_ipython``."""

    node_type: NodeType = Field(NodeType.LookupNode, repr=False)
    name: str


class MutateNode(BaseNode):
    """The value of an operation after a call changed it: ``source_id`` is the operation, ``call_id`` the call."""

    node_type: NodeType = Field(NodeType.MutateNode, repr=False)
    source_id: LineaID
    call_id: LineaID

    def parents(self) -> Iterator[LineaID]:
        yield from super().parents()
        yield self.source_id
        yield self.call_id


class GlobalNode(BaseNode):
    """A global variable that a call set as a side effect."""

    node_type: NodeType = Field(NodeType.GlobalNode, repr=False)
    name: str
    call_id: LineaID

    def parents(self) -> Iterator[LineaID]:
        yield from super().parents()
        yield self.call_id


class ControlFlowNode(BaseNode):
    """A branch. ``companion_id`` is its other branch, ``unexec_id`` the literal with the code that did not run."""

    companion_id: LineaID | None = None
    unexec_id: LineaID | None = None

    def parents(self) -> Iterator[LineaID]:
        yield from super().parents()
        if self.companion_id:
            yield self.companion_id
        if self.unexec_id:
            yield self.unexec_id


class IfNode(ControlFlowNode):
    """The branch taken when a test holds; ``test_id`` is the operation of the test."""

    node_type: NodeType = Field(NodeType.IfNode, repr=False)
    test_id: LineaID

    def parents(self) -> Iterator[LineaID]:
        yield from super().parents()
        yield self.test_id


class ElseNode(ControlFlowNode):
    """The branch taken when the companion's test does not hold."""

    node_type: NodeType = Field(NodeType.ElseNode, repr=False)
    companion_id: LineaID


ControlNode = Union[IfNode, ElseNode]
"""A branch of either kind."""

Node = Union[ImportNode, CallNode, LiteralNode, LookupNode, MutateNode, GlobalNode, IfNode, ElseNode]
"""An operation of any kind."""

NODE_CLASSES: dict[NodeType, type[BaseNode]] = {
    NodeType.ImportNode: ImportNode,
    NodeType.CallNode: CallNode,
    NodeType.LiteralNode: LiteralNode,
    NodeType.LookupNode: LookupNode,
    NodeType.MutateNode: MutateNode,
    NodeType.GlobalNode: GlobalNode,
    NodeType.IfNode: IfNode,
    NodeType.ElseNode: ElseNode,
}
"""The class of each kind of operation."""
