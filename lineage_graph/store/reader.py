"""Reads what a unit of work sees, and keeps records that cannot change in the read cache.

The one rule of the cache: it keeps only records that were read while nothing was pending, since pending records may
still be dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lineage_graph.errors import RecordNotFound
from lineage_graph.graph import mapping, statements
from lineage_graph.graph.statements import Query
from lineage_graph.store.client import Client
from lineage_graph.store.gc_pause import paused_collector
from lineage_graph.store.unit_of_work import UnitOfWork
from lineage_graph.types import Node, SessionContext, SourceCode

GET_SESSION = statements.load("sessions/get_session")
GET_NODE = statements.load("nodes/get_node")
GET_NODES_OF_SESSION = statements.load("nodes/get_nodes_of_session")
GET_SOURCE_CODES = statements.load("sources/get_source_codes")

# Labels, properties and references of a node, as the statements return them.
NodeRow = Sequence[Any]

# An item for the cache: a kind, an id, a record, and the number of characters of its text.
Kept = tuple[str, str, Any, int]


class Reader:
    """Typed records, as a unit of work sees them.

    Parameters
    ----------
    client : Client
        The client whose cache all readers of one database share.
    unit_of_work : callable
        Returns the unit of work to read with.
    """

    def __init__(self, client: Client, unit_of_work: Callable[[], UnitOfWork]) -> None:
        self._client = client
        self._unit_of_work = unit_of_work

    def rows(self, query: Query, keep: Callable[[Any], Sequence[Kept]] | None = None, **parameters: Any) -> list[Any]:
        """The rows of a reading statement; the cache keeps what it may keep of them.

        Parameters
        ----------
        query : Query
        keep : callable, optional
            Returns the items for the cache from a row.
        **parameters
            The statement's parameters.

        Raises
        ------
        InvalidArgument, ArtifactSaveException, DatabaseError
            As `UnitOfWork.read`.
        """
        unit = self._unit_of_work()
        is_committed = unit.is_empty
        rows = unit.read(query, **parameters)
        if keep is not None and is_committed:
            for row in rows:
                for kept in keep(row):
                    self._client.cache.put(*kept)
        return rows

    def node(self, id_: str) -> Node:
        """One operation.

        Raises
        ------
        RecordNotFound
            If there is none.
        """
        row = self._client.cache.get("node", id_)
        if row is not None:
            return self._typed([row])[0]
        rows = self.rows(GET_NODE, _kept_of_node, id=id_)
        if not rows:
            raise RecordNotFound(f"there is no node {id_!r}")
        *row, source = rows[0]
        return mapping.node_from(row, {source["id"]: mapping.source_code_from(source)} if source else {})

    def nodes(self, session_id: str) -> list[Node]:
        """Every operation of a session, in the order of writing."""
        with paused_collector():
            pages = self.rows(GET_NODES_OF_SESSION, _kept_of_page, session_id=session_id)
            return self._typed([row for page in pages for row in page["page"]])

    def session(self, id_: str) -> SessionContext:
        """One session.

        Raises
        ------
        RecordNotFound
            If there is none.
        """
        context: SessionContext | None = self._client.cache.get("session", id_)
        if context is None:
            rows = self.rows(GET_SESSION, _kept_of_session, id=id_)
            if not rows:
                raise RecordNotFound(f"there is no session {id_!r}")
            context = mapping.session_from(rows[0]["properties"], rows[0]["execution_id"])
        return context

    def _typed(self, rows: Sequence[NodeRow]) -> list[Node]:
        ids = {reference[1] for row in rows for reference in row[2] if reference[0] == "FROM_SOURCE"}
        sources: dict[str, SourceCode] = {}
        for id_ in ids:
            if source := self._client.cache.get("source", id_):
                sources[id_] = source
        if unknown := ids - sources.keys():
            for row in self.rows(GET_SOURCE_CODES, _kept_of_source, ids=sorted(unknown)):
                sources[row["id"]] = mapping.source_code_from(row["properties"])
        return [mapping.node_from(row, sources) for row in rows]


def _node(row: NodeRow) -> Kept:
    return "node", row[1]["id"], row, len(row[1].get("value", ""))


def _source(properties: mapping.Row) -> Kept:
    return "source", properties["id"], mapping.source_code_from(properties), len(properties["code"])


def _kept_of_node(record: Any) -> Sequence[Kept]:
    *row, source = record
    return [_node(row), _source(source)] if source else [_node(row)]


def _kept_of_page(record: Any) -> Sequence[Kept]:
    return [_node(row) for row in record["page"]]


def _kept_of_session(record: Any) -> Sequence[Kept]:
    context = mapping.session_from(record["properties"], record["execution_id"])
    return [("session", context.id, context, 0)]


def _kept_of_source(record: Any) -> Sequence[Kept]:
    return [_source(record["properties"])]
