"""`RelationalLineaDB` for LineaPy itself: it takes and returns LineaPy's types, and has its few uses of SQLAlchemy.

This module imports LineaPy, so it is imported only together with LineaPy.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, TypeVar

from lineapy.data import types as lineapy
from lineapy.db.relational import SessionContextORM as LineaPySessionContextORM
from lineapy.utils.config import options

from lineage_graph import types
from lineage_graph.db import RelationalLineaDB
from lineage_graph.errors import NotSupported
from lineage_graph.graph import statements
from lineage_graph.graph.mapping import native
from lineage_graph.graph.pending import NextArtifact
from lineage_graph.model.checks import check_name
from lineage_graph.relational import ArtifactORM, NodeORM, SessionContextORM

GET_VERSIONS = statements.load("artifacts/get_versions")
FIND_USED_LOCATIONS = statements.load("values/find_used_locations")
GET_SESSIONS = statements.load("sessions/get_sessions")
LOCK_ARTIFACT_NAMES = statements.load("artifacts/lock_artifact_names")

_NAMES = (
    "SessionContext",
    "Execution",
    "NodeValue",
    "Artifact",
    "JupyterCell",
    "SourceCode",
    "SourceLocation",
    "PositionalArgument",
    "KeywordArgument",
    *(node_class.__name__ for node_class in types.NODE_CLASSES.values()),
)
_OURS: dict[type[Any], tuple[type[Any], list[str]]] = {}
_THEIRS: dict[type[Any], tuple[type[Any], list[str]]] = {}
for _name in _NAMES:
    _ours, _theirs = getattr(types, _name), getattr(lineapy, _name)
    _fields = [field for field in _theirs.__fields__ if field in _ours.model_fields]
    _OURS[_theirs] = (_ours, [field for field in _fields if field != "node_type"])
    _THEIRS[_ours] = (_theirs, _fields)

T = TypeVar("T")


def to_ours(value: Any) -> Any:
    """Our record for one of LineaPy; any other value unchanged.

    Raises
    ------
    pydantic.ValidationError
        If a field has a wrong type, which LineaPy does not check on assignment.
    """
    if found := _OURS.get(type(value)):
        record_type, fields = found
        return record_type(**{field: to_ours(getattr(value, field)) for field in fields})
    if type(value) is list:
        return [to_ours(element) for element in value]
    if isinstance(value, (lineapy.SessionType, lineapy.ValueType)):
        return getattr(types, type(value).__name__)[value.name]
    return value


def to_theirs(value: Any) -> Any:
    """LineaPy's record for one of ours, without checking it again; any other value unchanged."""
    if found := _THEIRS.get(type(value)):
        record_type, fields = found
        return record_type.construct(**{field: to_theirs(getattr(value, field)) for field in fields})
    if type(value) is list:
        return [to_theirs(element) for element in value]
    if isinstance(value, Enum) and type(value).__module__ == types.__name__:
        return getattr(lineapy, type(value).__name__)[value.name]
    return value


class LineaPyDB(RelationalLineaDB):
    """The graph as LineaPy's database: it takes and returns LineaPy's types.

    Parameters and errors are those of `RelationalLineaDB`, whose errors are LineaPy's too where LineaPy has them.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._saving = threading.local()
        # The ids of artifacts that were handed out to calls which are not written yet. A call that fails never is.
        self._handed_out: dict[str, list[int]] = {}

    @property
    def session(self) -> _Session:
        """The parts of SQLAlchemy's session that LineaPy uses outside its own database module."""
        return _Session(self)

    @staticmethod
    def get_type_of_literal_value(val: Any) -> Any:
        return to_theirs(RelationalLineaDB.get_type_of_literal_value(val))

    def write_context(self, context: Any) -> None:
        super().write_context(to_ours(context))

    def write_execution(self, execution: Any) -> None:
        super().write_execution(to_ours(execution))

    def write_source_code(self, source_code: Any) -> None:
        super().write_source_code(to_ours(source_code))

    def write_node(self, node: Any) -> None:
        super().write_node(to_ours(node))
        for artifact_id in self._handed_out.pop(node.id, ()):
            self.write_artifact_read(node.id, artifact_id)

    def hand_out(self, artifact_id: int, to: str) -> None:
        """Note that an artifact was handed out to a call, by the call's id, which is written later."""
        self._handed_out.setdefault(to, []).append(artifact_id)

    def write_node_value(self, node_value: Any) -> None:
        super().write_node_value(to_ours(node_value))

    def write_artifact(self, artifact: Any) -> None:
        record: types.Artifact = to_ours(artifact)
        if getattr(self._saving, "name", None) != record.name:
            super().write_artifact(record)
            return
        # LineaPy has read the highest version while the name was locked. If the transaction has to be sent
        # again, that may have become another one.
        self.unit_of_work.add(NextArtifact(record.node_id, record.execution_id, record.date_created, record.name))

    def get_latest_artifact_version(self, artifact_name: str) -> int:
        if getattr(self._saving, "name", None) == artifact_name:
            self.unit_of_work.write(LOCK_ARTIFACT_NAMES, names=[artifact_name])
        return super().get_latest_artifact_version(artifact_name)

    @contextmanager
    def saving(self, artifact_name: str) -> Iterator[None]:
        """Lock the next version of an artifact while LineaPy saves it, then commit."""
        check_name("Artifact", "name", artifact_name)
        self._saving.name = artifact_name
        try:
            yield
        finally:
            self._saving.name = None
            self.commit()

    def get_node_by_id(self, linea_id: str) -> Any:
        return to_theirs(super().get_node_by_id(linea_id))

    def get_nodes_for_session(self, session_id: str) -> Any:
        return to_theirs(super().get_nodes_for_session(session_id))

    def get_session_context(self, linea_id: str) -> Any:
        return to_theirs(super().get_session_context(linea_id))

    def map_orm_to_pydantic(self, node: NodeORM) -> Any:
        return to_theirs(super().map_orm_to_pydantic(node))

    def get_versions(self, artifact_name: str) -> list[ArtifactORM]:
        """All versions of an artifact, the lowest first."""
        return self._artifacts(GET_VERSIONS, name=artifact_name)

    def get_sessions(self) -> list[SessionContextORM]:
        """All sessions, the newest first."""
        return [
            SessionContextORM(id=row["id"], creation_time=native(row["creation_time"]))
            for row in self._read(GET_SESSIONS)
        ]

    def used_values(self, values: Collection[str]) -> set[str]:
        """The ones of these places that hold the value of an operation."""
        return {row["location"] for row in self._read(FIND_USED_LOCATIONS, locations=sorted(values))}

    def _mlflow_uris(self) -> tuple[Any, Any]:
        return options.get("mlflow_tracking_uri"), options.get("mlflow_registry_uri")


class _Session:
    """The two methods of SQLAlchemy's session that LineaPy calls directly."""

    def __init__(self, db: LineaPyDB) -> None:
        self._db = db

    def commit(self) -> None:
        """Commit: LineaPy's executor calls this after it has run a graph."""
        self._db.commit()

    def query(self, entity: object) -> _Sessions:
        """Query sessions: LineaPy's pipelines call this to see whether there is any."""
        if entity is not LineaPySessionContextORM:
            raise NotSupported(f"the graph is not queried through SQLAlchemy: {entity!r}")
        return _Sessions(self._db)


class _Sessions:
    """The query for all sessions, the newest first, as LineaPy's pipelines make it."""

    def __init__(self, db: LineaPyDB) -> None:
        self._db = db

    def order_by(self, *_: object) -> _Sessions:
        return self

    def all(self) -> list[SessionContextORM]:
        return self._db.get_sessions()
