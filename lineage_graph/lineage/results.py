"""What questions about lineage are answered with: frozen models that say whether they are complete."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from lineage_graph.errors import MissingExtra

if TYPE_CHECKING:
    import networkx
    import pandas


class EdgeKind(Enum):
    """Why one thing depends on another."""

    data = "data"
    call = "call"
    control = "control"
    implicit = "implicit"
    artifact = "artifact"
    file = "file"


KIND_OF_TYPE = {
    "POSITIONAL_ARG": EdgeKind.data,
    "KEYWORD_ARG": EdgeKind.data,
    "READS_GLOBAL": EdgeKind.data,
    "MUTATES": EdgeKind.data,
    "MUTATED_BY": EdgeKind.data,
    "SET_BY": EdgeKind.data,
    "CALLS": EdgeKind.call,
    "OF_LIBRARY": EdgeKind.call,
    "CONTROLLED_BY": EdgeKind.control,
    "TESTS": EdgeKind.control,
    "COMPANION": EdgeKind.control,
    "NOT_EXECUTED": EdgeKind.control,
    "IMPLICIT_DEPENDENCY": EdgeKind.implicit,
    "READS_ARTIFACT": EdgeKind.artifact,
    "OF_NODE": EdgeKind.artifact,
    "READ_FROM": EdgeKind.file,
    "READS": EdgeKind.file,
    "WRITES": EdgeKind.file,
}


class Result(BaseModel):
    """Base of everything that a question returns: frozen."""

    model_config = ConfigDict(frozen=True)


Row = TypeVar("Row", bound=Result)


class Item(Result):
    """One thing that a question found.

    Attributes
    ----------
    key : str
        Which thing it is: its kind, a slash, and what identifies it; unique in the graph.
    kind : str
        ``node`` (an operation), ``statement``, ``artifact``, ``dataset``, ``library`` or ``session``.
    name : str
        What a person reads: source text, the artifact's name, a URI.
    distance : int
        The smallest number of edges from the start of the question to it.
    id : str, optional
        The id of a node or session; of a written dataset, the id of the call that wrote it.
    version : int or str, optional
        Of an artifact or a library.
    operation : str, optional
        The kind of a node: ``CallNode``, ``LiteralNode``, …
    session, session_id : str, optional
        The session that it belongs to: what a person reads, and its id.
    file : str, optional
        The script, or the notebook's cell.
    line, end_line : int, optional
        Its first and last line there, from 1.
    code : str, optional
        The text of a statement.
    created : datetime, optional
        When an artifact was saved, in UTC and without a zone.
    """

    key: str
    kind: Literal["node", "statement", "artifact", "dataset", "library", "session"]
    name: str
    distance: int
    id: str | None = None
    version: int | str | None = None
    operation: str | None = None
    session: str | None = None
    session_id: str | None = None
    file: str | None = None
    line: int | None = None
    end_line: int | None = None
    code: str | None = None
    created: datetime | None = None

    @property
    def title(self) -> str:
        """Its name and version, as a sentence has them."""
        return self.name if self.version is None else f"{self.name} version {self.version}"

    def __str__(self) -> str:
        return self.title if self.file is None else f"{self.title} ({self.file}:{self.line})"


class Listing(Result, Generic[Row]):
    """Base of what lists things: iterating over it gives them; ``len()`` is how many it holds."""

    row_type: ClassVar[type[Result]]

    @property
    @abstractmethod
    def rows(self) -> tuple[Row, ...]:
        """What it lists."""

    def __iter__(self) -> Iterator[Row]:  # type: ignore[override]
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        """Whether it lists anything."""
        return bool(self.rows)

    def to_pandas(self) -> pandas.DataFrame:
        """What it lists as a table, one column for each field.

        Raises
        ------
        MissingExtra
            If pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise MissingExtra("analysis", "An answer as a pandas table") from None
        rows: list[dict[str, Any]] = [row.model_dump() for row in self.rows]
        return pandas.DataFrame(rows, columns=list(self.row_type.model_fields))


class Edge(Result):
    """One thing depends on another: their keys, the relationship's type, and the kind of dependency."""

    start: str
    end: str
    type: str
    kind: EdgeKind | None = None


class Answer(Listing[Item]):
    """What a question found, in the order of distance, then of writing, then of key.

    Attributes
    ----------
    question : str
        What was asked, for a person.
    start : Item
        Where the question began.
    items : tuple of Item
    edges : tuple of Edge
        The dependencies among the items and the start.
    complete : bool
        Whether these are all there are. An answer that is not complete never means that there is no more.
    reason : str, optional
        What made it partial: ``limit``, ``depth`` or ``time``.
    total : int, optional
        How many there are in all, where that is known.
    cursor : str, optional
        Given to the same question, it continues after the last item.
    """

    row_type: ClassVar[type[Result]] = Item

    question: str
    start: Item
    items: tuple[Item, ...]
    edges: tuple[Edge, ...] = ()
    complete: bool
    reason: Literal["limit", "depth", "time"] | None = None
    total: int | None = None
    cursor: str | None = None

    @property
    def rows(self) -> tuple[Item, ...]:
        """The items."""
        return self.items

    def to_networkx(self) -> networkx.MultiDiGraph:
        """The items as nodes by key, the dependencies as edges, from what depends to what it depends on.

        Raises
        ------
        MissingExtra
            If networkx is not installed.
        """
        try:
            import networkx
        except ImportError:
            raise MissingExtra("analysis", "An answer as a networkx graph") from None
        graph = networkx.MultiDiGraph()
        for item in (self.start, *self.items):
            graph.add_node(item.key, **item.model_dump(exclude={"key"}, exclude_none=True))
        for edge in self.edges:
            graph.add_edge(edge.start, edge.end, key=edge.type, kind=edge.kind.value if edge.kind else None)
        return graph
