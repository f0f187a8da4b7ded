"""Why one thing depends on another: shortest paths between the two, step by step, down to the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from lineage_graph.errors import InvalidArgument
from lineage_graph.graph import statements
from lineage_graph.graph.statements import Query
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.results import KIND_OF_TYPE, EdgeKind, Item, Result
from lineage_graph.lineage.starts import Found
from lineage_graph.lineage.traversal import GET_SOURCE_CODES, SourceStatements

PATHS_TO_NODE = statements.load("lineage/paths_to_node")
PATHS_TO_DATASET = statements.load("lineage/paths_to_dataset")
PATHS_TO_LIBRARY = statements.load("lineage/paths_to_library")
PATHS_TO_SESSION = statements.load("lineage/paths_to_session")
FIND_WRITER = statements.load("lineage/find_writer")
GET_PLACES = statements.load("lineage/get_places")

MAX_ALTERNATIVES = 10


class Step(Result):
    """One step of an explanation: something depends on the next thing.

    Attributes
    ----------
    item : Item
        What depends, with its statement's code; its distance is the number of the step.
    kind : EdgeKind
        How it depends on the next.
    type : str
        The relationship's type.
    needs : Item
        What it depends on.
    """

    item: Item
    kind: EdgeKind
    type: str
    needs: Item


class Explanation(Result):
    """One way in which one thing depends on another; without steps where both are names for one node."""

    steps: tuple[Step, ...]

    def __len__(self) -> int:
        return len(self.steps)


class Why(Result):
    """How one thing depends on another.

    Attributes
    ----------
    start, end : Item
        What may depend, and what on.
    status : {"related", "absent", "unknown"}
        ``absent``: it is proved that there is no dependency. ``unknown``: the time ended first.
    explanations : tuple of Explanation
        All of the same, smallest length.
    """

    start: Item
    end: Item
    status: Literal["related", "absent", "unknown"]
    explanations: tuple[Explanation, ...] = ()

    def __bool__(self) -> bool:
        """Whether a dependency was found."""
        return self.status == "related"


def explain(
    a: Found,
    b: Found,
    alternatives: int,
    reader: Reader,
    deadline: Deadline,
    *,
    until: datetime | None = None,
    later: Sequence[str] = (),
) -> Why:
    """Why `a` depends on `b`.

    Parameters
    ----------
    alternatives : int
        The largest number of further explanations.
    until : datetime, optional
        Leave out what was not there then.
    later : sequence of str
        The ids of the sessions that began after it.

    Raises
    ------
    InvalidArgument
        If `a` is a session or a library: ask about what it made.
    """
    if a.item.kind in ("session", "library"):
        raise InvalidArgument(
            f"a {a.item.kind} is not computed: ask why an artifact, variable, node or dataset needs it"
        )
    start_id, prefix, is_known = _begin(a, until, reader, deadline)
    if start_id is None:
        return Why(start=a.item, end=b.item, status="absent" if is_known else "unknown")
    if b.node_id is not None and b.node_id == start_id:
        return Why(start=a.item, end=b.item, status="related", explanations=(Explanation(steps=()),))
    query, parameters = _paths(b)
    parameters |= {"start_id": start_id, "limit": 1 + alternatives, "until": until, "later": list(later)}
    result = reader.read(query, deadline, **parameters)
    if not result.rows:
        return Why(start=a.item, end=b.item, status="absent" if result.complete else "unknown")
    places = _Places(reader, deadline)
    places.fetch({thing["id"] for row in result.rows for thing in row["steps"] if _is_node(thing)})
    explanations = []
    steps: dict[tuple[str, int, str, str], Step] = {}
    for row in result.rows:
        things = [places.item(thing, number) for number, thing in enumerate(row["steps"], 1)]
        types = list(row["types"])
        if prefix is not None:
            things, types = [a.item, *things], [prefix, *types]
        names = [thing.key for thing in things]
        if b.item.key in names:
            # The artifact was read, and its node is where it points to.
            end = names.index(b.item.key)
            things, types = things[: end + 1], types[:end]
        elif b.item.kind == "artifact":
            things, types = [*things, b.item], [*types, "OF_NODE"]
        explanations.append(_explanation(things, types, steps))
    return Why(start=a.item, end=b.item, status="related", explanations=tuple(explanations))


def _begin(a: Found, until: datetime | None, reader: Reader, deadline: Deadline) -> tuple[str | None, str | None, bool]:
    """The node where paths begin, the type of the step to it, and whether there surely is none if there is none."""
    if a.item.kind == "dataset":
        result = reader.read(FIND_WRITER, deadline, uri=a.item.name, until=until)
        return (result.rows[0]["id"] if result.rows else None), "WRITES", result.complete
    return a.node_id, "OF_NODE" if a.item.kind == "artifact" else None, True


def _paths(b: Found) -> tuple[Query, dict[str, Any]]:
    item = b.item
    if item.kind == "dataset":
        return PATHS_TO_DATASET, {"uri": item.name}
    if item.kind == "library":
        return PATHS_TO_LIBRARY, {"package_name": item.name, "version": item.version}
    if item.kind == "session":
        return PATHS_TO_SESSION, {"end_id": item.id}
    return PATHS_TO_NODE, {"end_id": b.node_id}


def _explanation(
    things: Sequence[Item], types: Sequence[str], known: dict[tuple[str, int, str, str], Step]
) -> Explanation:
    """The steps from thing to thing. Explanations of one question have most of them in common."""
    steps = []
    for item, type_, needs in zip(things, types, things[1:], strict=False):
        key = (item.key, item.distance, type_, needs.key)
        step = known.get(key)
        if step is None:
            kind = KIND_OF_TYPE.get(type_, EdgeKind.data)
            step = known[key] = Step(item=item, kind=kind, type=type_, needs=needs)
        steps.append(step)
    return Explanation(steps=tuple(steps))


def _is_node(thing: Mapping[str, Any]) -> bool:
    return str(thing["key"]).startswith("node/")


class _Places:
    """The sessions and source codes of the nodes on paths, fetched at once."""

    def __init__(self, reader: Reader, deadline: Deadline) -> None:
        self._reader = reader
        self._deadline = deadline
        self._of: dict[str, Mapping[str, Any]] = {}
        self._sources: dict[str, SourceStatements] = {}
        self._items: dict[tuple[str, int], Item] = {}

    def fetch(self, ids: set[str]) -> None:
        rows = self._reader.read(GET_PLACES, self._deadline, ids=sorted(ids)).rows
        self._of = {row["id"]: row for row in rows}
        wanted = sorted({row["source_id"] for row in rows if row["source_id"]})
        for row in self._reader.read(GET_SOURCE_CODES, self._deadline, ids=wanted).rows:
            self._sources[row["id"]] = SourceStatements(row["properties"]["code"])

    def item(self, thing: Mapping[str, Any], distance: int) -> Item:
        """A thing on a path as an item, with the code of its statement."""
        key = (thing["key"], distance)
        if key not in self._items:
            self._items[key] = self._made(thing, distance)
        return self._items[key]

    def _made(self, thing: Mapping[str, Any], distance: int) -> Item:
        kind = thing["kind"]
        if kind == "Artifact":
            name, version = thing["name"], thing["version"]
            return Item(key=thing["key"], kind="artifact", name=name, version=version, distance=distance)
        if kind == "Dataset":
            return Item(key=thing["key"], kind="dataset", name=thing["name"], distance=distance)
        if kind == "Library":
            name, version = thing["name"], thing["version"]
            return Item(key=thing["key"], kind="library", name=name, version=version, distance=distance)
        if kind == "Session":
            return Item(key=thing["key"], kind="session", name=thing["name"], id=thing["id"], distance=distance)
        place: Mapping[str, Any] = self._of.get(thing["id"], {})
        source = self._sources.get(place.get("source_id", ""))
        line, end_line = place.get("lineno"), place.get("end_lineno")
        code = source.text(*source.around(line, end_line)) if source and line and end_line else None
        return Item(
            key=thing["key"],
            kind="node",
            name=thing["name"],
            distance=distance,
            id=thing["id"],
            operation=kind,
            session=place.get("session"),
            session_id=place.get("session_id"),
            file=place.get("source"),
            line=line,
            end_line=end_line,
            code=code,
        )
