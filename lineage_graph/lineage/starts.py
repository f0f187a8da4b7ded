"""Where a question begins: from what a person writes to what is in the graph."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from lineage_graph.errors import DatabaseUnavailable, InvalidArgument, NameNotFound
from lineage_graph.graph import statements
from lineage_graph.graph.mapping import native, node_type_of
from lineage_graph.graph.statements import Query
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.results import Item

FIND_ARTIFACT = statements.load("lineage/find_artifact")
FIND_VERSIONS = statements.load("lineage/find_versions")
FIND_NODE = statements.load("lineage/find_node")
FIND_VARIABLE = statements.load("lineage/find_variable")
FIND_DATASET = statements.load("lineage/find_dataset")
FIND_DATASETS_NAMED = statements.load("lineage/find_datasets_named")
FIND_LIBRARIES = statements.load("lineage/find_libraries")
FIND_SESSIONS = statements.load("lineage/find_sessions")
FIND_LATER_SESSIONS = statements.load("lineage/find_later_sessions")
FIND_SIMILAR_NAMES = statements.load("lineage/find_similar_names")

Kind = Literal["artifact", "node", "variable", "dataset", "library", "session"]
KINDS: tuple[Kind, ...] = ("artifact", "node", "variable", "dataset", "library", "session")

_LABELS: dict[Kind, str] = {
    "artifact": "Artifact",
    "variable": "Variable",
    "dataset": "Dataset",
    "library": "Library",
    "session": "Session",
}
_SUGGESTIONS = 3
_URI = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


@dataclass(frozen=True)
class Start:
    """What a question is about, by name.

    As text it is ``kind:name`` or ``kind:name@version``; without a kind it is an artifact: ``classifier``,
    ``classifier@2``, ``variable:model``, ``dataset:wine.csv``, ``library:pandas@2.3.3``, ``session:train``,
    ``node:<id>``.

    Attributes
    ----------
    kind : str
        One of ``artifact``, ``node``, ``variable``, ``dataset``, ``library``, ``session``.
    name : str
        The artifact's, variable's, library's or session's name; a node's or session's id; a dataset's URI, path or
        file name.
    version : int or str, optional
        Of an artifact or a library; the latest artifact when left out.
    session : str, optional
        The id of the session that a variable belongs to; any session when left out.
    """

    kind: Kind
    name: str
    version: int | str | None = None
    session: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidArgument(f"{self.kind!r} is not a kind of start: use one of {', '.join(KINDS)}")
        if not isinstance(self.name, str) or not self.name:
            raise InvalidArgument("a question needs the name of what it is about")
        if self.version is not None:
            self._check_version()

    def _check_version(self) -> None:
        if self.kind == "artifact":
            if not isinstance(self.version, int) or isinstance(self.version, bool) or self.version < 0:
                raise InvalidArgument(f"{self.version!r} is not the version of an artifact: use a number from 0")
        elif self.kind != "library" or not isinstance(self.version, str):
            raise InvalidArgument(f"a {self.kind} has no version {self.version!r}")

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}" + ("" if self.version is None else f" version {self.version}")

    @classmethod
    def parse(cls, text: str | Start) -> Start:
        """A start from its text.

        Raises
        ------
        InvalidArgument
            If it is empty, or not text.
        """
        if isinstance(text, Start):
            return text
        if not isinstance(text, str):
            raise InvalidArgument(f"a question begins at a name, not at a {type(text).__name__}")
        prefix, colon, rest = text.partition(":")
        kind: Kind = prefix if colon and prefix in KINDS else "artifact"
        name = rest if colon and prefix in KINDS else text
        head, at, version = name.rpartition("@")
        if at and head and kind == "artifact" and version.isascii() and version.isdigit():
            return cls(kind, head, int(version))
        if at and head and version and kind == "library":
            return cls(kind, head, version)
        return cls(kind, name)


@dataclass(frozen=True)
class Found:
    """A start that is in the graph: the item that it is, and its node where it has one."""

    item: Item
    node_id: str | None = None
    artifact_id: int | None = None


class Starts:
    """Finds what people name.

    Parameters
    ----------
    reader : Reader
    until : datetime, optional
        Leave out what was not there then.
    """

    def __init__(self, reader: Reader, until: datetime | None = None) -> None:
        self._reader = reader
        self._until = until

    def find(self, text: str | Start, deadline: Deadline) -> Found:
        """The thing that a text names.

        Raises
        ------
        InvalidArgument
            If the text names several.
        NameNotFound
            If it names nothing; the message has the nearest names.
        DatabaseUnavailable
            If the deadline passes first.
        """
        start = Start.parse(text)
        found: Found | None = getattr(self, f"_{start.kind}")(start, deadline)
        if found is None and isinstance(text, str) and start.kind == "artifact" and start.version is not None:
            # The name of an artifact may end like a version.
            found = self._artifact(Start("artifact", text.removeprefix("artifact:")), deadline)
        if found is None:
            raise NameNotFound(self._not_found(start, deadline))
        return found

    def later_sessions(self, deadline: Deadline) -> tuple[str, ...]:
        """The ids of the sessions that began after the time that the question is about.

        Raises
        ------
        DatabaseUnavailable
            If the deadline passes first.
        """
        if self._until is None:
            return ()
        return tuple(row["id"] for row in self._rows(FIND_LATER_SESSIONS, deadline, until=self._until))

    def _rows(self, query: Query, deadline: Deadline, **parameters: Any) -> list[Any]:
        result = self._reader.read(query, deadline, **parameters)
        if not result.complete:
            raise DatabaseUnavailable("the database did not answer in time: give the question more time")
        return list(result.rows)

    def _artifact(self, start: Start, deadline: Deadline) -> Found | None:
        for row in self._rows(FIND_ARTIFACT, deadline, name=start.name, version=start.version, until=self._until):
            item = Item(
                key=f"artifact/{row['id']}",
                kind="artifact",
                name=start.name,
                distance=0,
                version=row["version"],
                session=row["session"],
                session_id=row["session_id"],
                file=row["source"],
                line=row["lineno"],
                created=native(row["date_created"]),
            )
            return Found(item, node_id=row["node_id"], artifact_id=row["id"])
        return None

    def _node(self, start: Start, deadline: Deadline) -> Found | None:
        for row in self._rows(FIND_NODE, deadline, id=start.name, until=self._until):
            item = Item(
                key=f"node/{row['id']}",
                kind="node",
                name=row["name"],
                distance=0,
                id=row["id"],
                operation=node_type_of(row["labels"]).name,
                session=row["session"],
                session_id=row["session_id"],
                file=row["source"],
                line=row["lineno"],
                end_line=row["end_lineno"],
            )
            return Found(item, node_id=row["id"])
        return None

    def _variable(self, start: Start, deadline: Deadline) -> Found | None:
        rows = self._rows(FIND_VARIABLE, deadline, name=start.name, session_id=start.session, until=self._until)
        return self._node(Start("node", rows[0]["node_id"]), deadline) if rows else None

    def _dataset(self, start: Start, deadline: Deadline) -> Found | None:
        uris = [start.name] if _URI.match(start.name) else [Path(start.name).absolute().as_uri()]
        for uri in uris:
            for row in self._rows(FIND_DATASET, deadline, uri=uri, until=self._until):
                return _dataset_found(row["uri"])
        found = self._rows(FIND_DATASETS_NAMED, deadline, name=start.name, until=self._until, limit=6)
        named = [row["uri"] for row in found]
        if len(named) > 1:
            raise InvalidArgument(f"several datasets are named {start.name!r}: use one of {', '.join(named)}")
        return _dataset_found(named[0]) if named else None

    def _library(self, start: Start, deadline: Deadline) -> Found | None:
        rows = self._rows(
            FIND_LIBRARIES,
            deadline,
            package_name=start.name,
            version=start.version,
            until=self._until,
            limit=20,
        )
        if len(rows) > 1:
            versions = ", ".join(f"{start.name}@{row['version']}" for row in rows)
            raise InvalidArgument(f"sessions import several versions of {start.name!r}: use one of {versions}")
        for row in rows:
            name, version = row["package_name"], row["version"]
            return Found(Item(key=f"library/{name}/{version}", kind="library", name=name, distance=0, version=version))
        return None

    def _session(self, start: Start, deadline: Deadline) -> Found | None:
        for row in self._rows(FIND_SESSIONS, deadline, text=start.name, until=self._until, limit=1):
            item = Item(
                key=f"session/{row['id']}",
                kind="session",
                name=row["name"],
                distance=0,
                id=row["id"],
                session=row["name"],
                session_id=row["id"],
                created=native(row["creation_time"]),
            )
            return Found(item)
        return None

    def _not_found(self, start: Start, deadline: Deadline) -> str:
        message = f"there is no {start}"
        if self._until is not None:
            message += f" as of {self._until:%Y-%m-%d %H:%M:%S}"
        if start.kind == "node":
            return message
        if start.kind == "artifact" and start.version is not None:
            versions = [row["version"] for row in self._rows(FIND_VERSIONS, deadline, name=start.name, limit=5)]
            if versions:
                return f"{message}; its latest versions: {', '.join(str(version) for version in versions)}"
        near = self._nearest(start, deadline)
        return f"{message}; the nearest names: {', '.join(near)}" if near else message

    def _nearest(self, start: Start, deadline: Deadline) -> list[str]:
        words = [word.lower() for word in re.split(r"[\W\d_]+", start.name) if word]
        if not words:
            return []
        query = " OR ".join(f"{word}~ OR {word}*" for word in words[:8])
        rows = self._rows(FIND_SIMILAR_NAMES, deadline, text=query, label=_LABELS[start.kind], limit=50)
        names = [row["name"] for row in rows]
        ranked = difflib.get_close_matches(start.name, names, n=_SUGGESTIONS, cutoff=0.0)
        return ranked or names[:_SUGGESTIONS]


def _dataset_found(uri: str) -> Found:
    return Found(Item(key=f"dataset/{uri}", kind="dataset", name=uri, distance=0))
