"""Records to write in tests."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from lineage_graph import RelationalLineaDB
from lineage_graph.types import (
    Artifact,
    CallNode,
    Execution,
    LiteralNode,
    LookupNode,
    NodeValue,
    PositionalArgument,
    SessionContext,
    SessionType,
    SourceCode,
    SourceLocation,
)

NOW = datetime(2026, 11, 23, 12, 30, 45, 123456)


def new_id() -> str:
    return str(uuid.uuid4())


def write_session(db: RelationalLineaDB, **changes: Any) -> SessionContext:
    """Write an execution and a session that ran as it."""
    execution = Execution(id=new_id(), timestamp=NOW)
    context = SessionContext(
        **{
            "id": new_id(),
            "environment_type": SessionType.SCRIPT,
            "python_version": "3.10",
            "creation_time": NOW,
            "working_directory": "/home/ada",
            "execution_id": execution.id,
        }
        | changes
    )
    db.write_execution(execution)
    db.write_context(context)
    return context


def write_source(db: RelationalLineaDB, code: str = "df = load('iris.csv')\n") -> SourceCode:
    source = SourceCode(id=new_id(), code=code, location=Path("train.py"))
    db.write_source_code(source)
    return source


def location(source: SourceCode, lineno: int = 1, start: int = 0, end: int = 21) -> SourceLocation:
    return SourceLocation(lineno=lineno, col_offset=start, end_lineno=lineno, end_col_offset=end, source_code=source)


def literal(session: SessionContext, value: Any = 1, **changes: Any) -> LiteralNode:
    return LiteralNode(**{"id": new_id(), "session_id": session.id, "value": value} | changes)


def lookup(session: SessionContext, name: str = "load") -> LookupNode:
    return LookupNode(id=new_id(), session_id=session.id, name=name)


def call(session: SessionContext, function_id: str, *argument_ids: str, **changes: Any) -> CallNode:
    return CallNode(
        **{
            "id": new_id(),
            "session_id": session.id,
            "function_id": function_id,
            "positional_args": [PositionalArgument(id=id_) for id_ in argument_ids],
        }
        | changes
    )


def artifact(session: SessionContext, node_id: str, name: str = "model", version: int = 0) -> Artifact:
    return Artifact(node_id=node_id, execution_id=session.execution_id, date_created=NOW, name=name, version=version)


def node_value(session: SessionContext, node_id: str, value: str = "/values/1.pkl") -> NodeValue:
    return NodeValue(node_id=node_id, execution_id=session.execution_id, value=value, start_time=NOW, end_time=NOW)
