"""Upstream and downstream: one statement walks the graph, nearest first; here its rows become items.

The server's search visits each thing once and gives it with its smallest distance, and its rows come in the order of
the answer, so that a limited question stops early.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal

from lineage_graph.graph import statements
from lineage_graph.graph.mapping import native
from lineage_graph.graph.statements import Query
from lineage_graph.lineage import cursors
from lineage_graph.lineage.cursors import AFTER_START, BEFORE_ALL, Position
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.results import KIND_OF_TYPE, Answer, Edge, EdgeKind, Item
from lineage_graph.lineage.starts import Found

Level = Literal["artifact", "statement", "node"]
LEVELS: tuple[Level, ...] = ("artifact", "statement", "node")
Direction = Literal["upstream", "downstream"]

GET_SOURCE_CODES = statements.load("sources/get_source_codes")

# By direction and kind of start. A library has nothing upstream.
WALKS: dict[tuple[Direction, str], Query] = {
    ("upstream", "node"): statements.load("lineage/upstream_of_node"),
    ("upstream", "artifact"): statements.load("lineage/upstream_of_artifact"),
    ("upstream", "dataset"): statements.load("lineage/upstream_of_dataset"),
    ("upstream", "session"): statements.load("lineage/upstream_of_session"),
    ("downstream", "node"): statements.load("lineage/downstream_of_node"),
    ("downstream", "dataset"): statements.load("lineage/downstream_of_dataset"),
    ("downstream", "library"): statements.load("lineage/downstream_of_library"),
    ("downstream", "session"): statements.load("lineage/downstream_of_session"),
}
# The edges between artifacts that are kept for speed. They come in lists of a thousand: a row for each would
# take as long to send and decode as everything else together.
ARTIFACT_WALKS: dict[Direction, Query] = {
    "upstream": statements.load("lineage/artifacts_upstream"),
    "downstream": statements.load("lineage/artifacts_downstream"),
}
_COLUMNS = ("key", "kind", "distance", "written_at", "properties", "session", "source", "writes", "edges")

# The rows of the first statement where there is a depth; the least and the most where several rows make one item.
FIRST_PAGE, MIN_PAGE, MAX_PAGE = 100, 2_000, 20_000


@dataclass(frozen=True)
class Walk:
    """One question: where it begins, which way it goes, and how far.

    Attributes
    ----------
    question : str
        What was asked: two walks of the same text give the same answer on the same graph.
    depth : int, optional
        The largest number of edges to follow.
    until : datetime, optional
        Leave out artifacts that were saved later.
    later : tuple of str
        The ids of sessions that are left out, since they began later than that.
    """

    question: str
    found: Found
    direction: Direction
    level: Level
    kinds: frozenset[EdgeKind]
    depth: int | None
    limit: int
    until: datetime | None
    later: tuple[str, ...]


# The keys of its start and its end, and its relationship's type: of those that are found, few are in the answer.
FoundEdge = tuple[str, str, str]


@dataclass
class Collected:
    """What has been found so far, in the order of the answer."""

    items: list[Item] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    edges: list[FoundEdge] = field(default_factory=list)
    reason: Literal["limit", "depth", "time"] | None = None


def answer(walk: Walk, cursor: str | None, reader: Reader, deadline: Deadline) -> Answer:
    """What a walk finds, after a cursor where one is given.

    Raises
    ------
    InvalidArgument
        If the cursor is not one of this question.
    DatabaseError
    """
    after, offset = (None, 0) if cursor is None else cursors.decode(walk.question, cursor)
    if walk.direction == "upstream" and walk.found.item.kind == "library":
        collected = Collected()
    elif walk.level == "node" or _uses_artifact_edges(walk):
        collected = _single_rows(walk, after, reader, deadline)
    else:
        collected = _merged_rows(walk, after, reader, deadline)
    return _finish(walk, after, offset, collected)


def _finish(walk: Walk, after: Position | None, offset: int, collected: Collected) -> Answer:
    items = collected.items
    edges = collected.edges
    if walk.found.item.kind == "artifact" and walk.direction == "downstream":
        # The artifact stands for its node, where the walk began.
        own = f"node/{walk.found.node_id}"
        edges = [(start, walk.found.item.key if end == own else end, type_) for start, end, type_ in edges]
    keys = {walk.found.item.key, *(item.key for item in items)}
    last = collected.positions[-1] if collected.positions else after
    can_continue = collected.reason in ("limit", "time") and last is not None
    return Answer(
        question=walk.question,
        start=walk.found.item,
        items=tuple(items),
        edges=tuple(
            Edge(start=start, end=end, type=type_, kind=KIND_OF_TYPE.get(type_))
            for start, end, type_ in dict.fromkeys(edges)
            if start in keys and end in keys
        ),
        complete=collected.reason is None,
        reason=collected.reason,
        total=offset + len(items) if collected.reason is None else None,
        cursor=cursors.encode(walk.question, last, offset + len(items)) if can_continue and last is not None else None,
    )


def _uses_artifact_edges(walk: Walk) -> bool:
    return walk.level == "artifact" and walk.found.item.kind == "artifact" and walk.kinds == frozenset(EdgeKind)


def _parameters(walk: Walk) -> tuple[Query, dict[str, Any], Position, int]:
    """The statement of a walk, its parameters, where it begins, and what is added to its distances."""
    item = walk.found.item
    parameters: dict[str, Any] = {"until": walk.until, "later": list(walk.later)}
    if _uses_artifact_edges(walk):
        return ARTIFACT_WALKS[walk.direction], parameters | {"id": walk.found.artifact_id}, AFTER_START, 0
    parameters |= {"level": walk.level, "types": _types(walk)}
    if item.kind == "artifact" and walk.direction == "downstream":
        # An artifact is a name for its node: what was made from it was made from the node.
        query = WALKS["downstream", "node"]
        return query, parameters | {"id": walk.found.node_id}, AFTER_START, 0
    query = WALKS[walk.direction, item.kind]
    if item.kind == "dataset":
        # Upstream, the walk begins at the call that wrote it.
        begin, shift = (BEFORE_ALL, 1) if walk.direction == "upstream" else (AFTER_START, 0)
        return query, parameters | {"uri": item.name}, begin, shift
    if item.kind == "library":
        return query, parameters | {"package_name": item.name, "version": item.version}, AFTER_START, 0
    id_ = walk.found.artifact_id if item.kind == "artifact" else item.id
    return query, parameters | {"id": id_}, AFTER_START, 0


def _types(walk: Walk) -> list[str]:
    types = [type_ for type_, kind in KIND_OF_TYPE.items() if kind in walk.kinds]
    if "OF_NODE" not in types:
        types.append("OF_NODE")
    if walk.found.item.kind == "session":
        types.append("IN_SESSION")
        types += ["USED"] if EdgeKind.artifact in walk.kinds else []
        types += ["USED_DATA"] if EdgeKind.file in walk.kinds else []
    if walk.found.item.kind == "library" and "OF_LIBRARY" not in types:
        types.append("OF_LIBRARY")
    return types


def _single_rows(walk: Walk, after: Position | None, reader: Reader, deadline: Deadline) -> Collected:
    """The answer where each row is an item: one statement gives it."""
    query, parameters, begin, shift = _parameters(walk)
    begin = after or begin
    collected = Collected()
    # One row more says that there are more, another stands for the start, which may be met again.
    for page in _page_sizes(walk, walk.limit + 2):
        result = reader.read(query, deadline, **parameters, **_after(begin), limit=page)
        rows: Sequence[Mapping[str, Any]] = result.rows
        if _uses_artifact_edges(walk):
            rows = [dict(zip(_COLUMNS, row, strict=True)) for part in result.rows for row in part["rows"]]
        for row in rows:
            if row["key"] == walk.found.item.key:
                continue
            distance = row["distance"] + shift
            if walk.depth is not None and distance > walk.depth:
                collected.reason = "depth"
                return collected
            if len(collected.items) == walk.limit:
                collected.reason = "limit"
                return collected
            item = _item(row, distance)
            if walk.level == "artifact" and row["writes"]:
                # A call that wrote a dataset stands for the dataset, as it was written there.
                item = item.model_copy(update={"kind": "dataset", "name": min(row["writes"]), "operation": None})
            collected.items.append(item)
            collected.positions.append(_position(row))
            collected.edges.extend(_edges(row))
        if not result.complete:
            collected.reason = "time"
        if collected.reason is not None or len(rows) < page:
            break
        begin = _position(rows[-1])
    return collected


def _merged_rows(walk: Walk, after: Position | None, reader: Reader, deadline: Deadline) -> Collected:
    """The answer where several rows make one item: each takes the place of its first row."""
    query, parameters, begin, shift = _parameters(walk)
    project = _Statements(reader, deadline) if walk.level == "statement" else _Artifacts(walk)
    collected = Collected()
    seen: set[str] = {walk.found.item.key}
    item_of: dict[str, str] = {}
    edges: list[FoundEdge] = []
    for page in _page_sizes(walk, min(max(2 * walk.limit, MIN_PAGE), MAX_PAGE)):
        result = reader.read(query, deadline, **parameters, **_after(begin), limit=page)
        project.prepare(result.rows)
        for row in result.rows:
            distance = row["distance"] + shift
            if walk.depth is not None and distance > walk.depth:
                collected.reason = "depth"
                break
            for item in project(row, distance):
                item_of.setdefault(row["key"], item.key)
                if item.key in seen:
                    continue
                seen.add(item.key)
                position = Position(row["distance"], row["written_at"], item.key)
                if after is not None:
                    # What came before the cursor, up to the item that it names.
                    is_beyond = (position.distance, position.written_at) > (after.distance, after.written_at)
                    if not is_beyond:
                        after = None if item.key == after.key else after
                        continue
                    after = None
                if len(collected.items) == walk.limit:
                    collected.reason = "limit"
                    break
                collected.items.append(item)
                collected.positions.append(position)
            if collected.reason is not None:
                break
            edges.extend(_edges(row))
        if collected.reason is None and not (result.complete and project.complete):
            collected.reason = "time"
        if collected.reason is not None or len(result.rows) < page:
            break
        begin = _position(result.rows[-1])
    collected.edges.extend(_contracted(edges, item_of))
    return collected


def _page_sizes(walk: Walk, size: int) -> Iterator[int]:
    """The numbers of rows to ask for, without end: few at first where a depth ends the walk."""
    first = FIRST_PAGE
    while walk.depth is not None and first < size:
        yield first
        first *= 10
    yield size
    while True:
        yield MAX_PAGE


def _contracted(edges: Iterable[FoundEdge], item_of: Mapping[str, str]) -> Iterator[FoundEdge]:
    """The edges between what things became, without those inside one."""
    for found_start, found_end, type_ in edges:
        start, end = item_of.get(found_start), item_of.get(found_end)
        if start is not None and end is not None and start != end:
            yield start, end, type_


def _after(position: Position) -> dict[str, Any]:
    return {
        "after_distance": position.distance,
        "after_written_at": position.written_at,
        "after_key": position.key,
    }


def _position(row: Mapping[str, Any]) -> Position:
    return Position(row["distance"], row["written_at"], row["key"])


_KINDS: dict[str, Literal["artifact", "dataset", "library", "session"]] = {
    "Artifact": "artifact",
    "Dataset": "dataset",
    "Library": "library",
    "Session": "session",
}


def _item(row: Mapping[str, Any], distance: int) -> Item:
    """The item that a row of a walk is."""
    kind = row["kind"]
    properties, session, source = row["properties"], row["session"] or {}, row["source"] or {}
    common: dict[str, Any] = {
        "key": row["key"],
        "distance": distance,
        "session": session.get("name"),
        "session_id": session.get("id"),
        "file": source.get("name"),
        "line": properties.get("lineno"),
        "end_line": properties.get("end_lineno"),
    }
    if kind == "Artifact":
        created = native(properties["date_created"])
        name, version = properties["name"], properties["version"]
        return Item(kind="artifact", name=name, version=version, created=created, **common)
    if kind == "Dataset":
        return Item(kind="dataset", name=properties["uri"], **common)
    if kind == "Library":
        return Item(kind="library", name=properties["package_name"], version=properties["version"], **common)
    if kind == "Session":
        return Item(kind="session", name=properties["name"], id=properties["id"], **common)
    return Item(kind="node", name=properties["name"], id=properties["id"], operation=kind, **common)


def _edges(row: Mapping[str, Any]) -> Iterator[FoundEdge]:
    return ((row["key"], end, type_) for type_, end in row["edges"])


class _Artifacts:
    """Rows as artifacts and datasets: those that they are, and those that point to them or were written by them."""

    complete = True

    def __init__(self, walk: Walk) -> None:
        # The node that an artifact points to is the artifact: what else points to it is an alias, not a source.
        self._own = walk.found.node_id if walk.found.item.kind == "artifact" else None
        self._is_upstream = walk.direction == "upstream"

    def prepare(self, rows: Collection[Mapping[str, Any]]) -> None:
        """Nothing to fetch."""

    def __call__(self, row: Mapping[str, Any], distance: int) -> Iterator[Item]:
        if row["kind"] in ("Artifact", "Dataset"):
            yield _item(row, distance)
            return
        item = _item(row, distance)
        if item.id == self._own:
            return
        for uri in sorted(row["writes"]):
            yield item.model_copy(update={"kind": "dataset", "name": uri, "operation": None})
        if self._is_upstream:
            for saved in sorted(row["artifacts"], key=itemgetter("id")):
                yield item.model_copy(
                    update={
                        "key": f"artifact/{saved['id']}",
                        "kind": "artifact",
                        "id": None,
                        "operation": None,
                        "name": saved["name"],
                        "version": saved["version"],
                        "created": native(saved["date_created"]),
                    }
                )


class _Statements:
    """Rows as the statements that they are part of: the innermost ones, as Python's parser sees them."""

    def __init__(self, reader: Reader, deadline: Deadline) -> None:
        self._reader = reader
        self._deadline = deadline
        self._sources: dict[str, SourceStatements] = {}
        self.complete = True

    def prepare(self, rows: Collection[Mapping[str, Any]]) -> None:
        """Fetch the source codes that rows name for the first time."""
        ids = {row["source"]["id"] for row in rows if row["source"]} - self._sources.keys()
        if not ids:
            return
        result = self._reader.read(GET_SOURCE_CODES, self._deadline, ids=sorted(ids))
        self.complete = self.complete and result.complete
        for row in result.rows:
            self._sources[row["id"]] = SourceStatements(row["properties"]["code"])

    def __call__(self, row: Mapping[str, Any], distance: int) -> Iterator[Item]:
        if not row["source"] or row["source"]["id"] not in self._sources:
            return
        item = _item(row, distance)
        assert item.line is not None
        assert item.end_line is not None
        source = self._sources[row["source"]["id"]]
        first, last = source.around(item.line, item.end_line)
        code = source.text(first, last)
        yield item.model_copy(
            update={
                "key": f"statement/{row['source']['id']}/{first}-{last}",
                "kind": "statement",
                "name": code.strip().partition("\n")[0],
                "id": None,
                "operation": None,
                "line": first,
                "end_line": last,
                "code": code,
            }
        )


class SourceStatements:
    """Where the statements of a source code begin and end, by line.

    Parameters
    ----------
    code : str
        The source code. What Python cannot parse (a cell with magics) is taken line by line.
    """

    def __init__(self, code: str) -> None:
        self._lines = code.split("\n")
        spans: set[tuple[int, int]] = set()
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = ast.Module(body=[], type_ignores=[])
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and node.end_lineno is not None:
                spans.add((node.lineno, node.end_lineno))
        self._spans = sorted(spans)
        self._firsts = [first for first, _ in self._spans]

    def around(self, first: int, last: int) -> tuple[int, int]:
        """The lines of the innermost statement that holds these; these where none does."""
        for index in range(bisect_right(self._firsts, first) - 1, -1, -1):
            begin, end = self._spans[index]
            if end >= last:
                return begin, end
        return first, last

    def text(self, first: int, last: int) -> str:
        """The lines from a first to a last one, both from 1."""
        return "\n".join(self._lines[first - 1 : last])
