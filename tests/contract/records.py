"""Records of either backend's types."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 24, 8, 30, 15, 123456)


def new_id() -> str:
    return str(uuid.uuid4())


class Records:
    """Makes records of one module of types: ``lineage_graph.types`` or ``lineapy.data.types``."""

    def __init__(self, types: Any) -> None:
        self.types = types

    def execution(self) -> Any:
        return self.types.Execution(id=new_id(), timestamp=NOW)

    def context(self, execution_id: str, kind: str = "SCRIPT", **values: Any) -> Any:
        return self.types.SessionContext(
            id=new_id(),
            environment_type=self.types.SessionType[kind],
            python_version="3.10",
            creation_time=NOW,
            working_directory="/home/ada",
            execution_id=execution_id,
            **values,
        )

    def session(self, db: Any, kind: str = "SCRIPT", **values: Any) -> Any:
        """A session that was written, with the execution that it ran as."""
        execution = self.execution()
        context = self.context(execution.id, kind, **values)
        db.write_execution(execution)
        db.write_context(context)
        return context

    def script(self, code: str = "df = load('iris.csv')\n", path: str = "train.py") -> Any:
        return self.types.SourceCode(id=new_id(), code=code, location=Path(path))

    def cell(self, session: Any, count: int, code: str) -> Any:
        location = self.types.JupyterCell(execution_count=count, session_id=session.id)
        return self.types.SourceCode(id=new_id(), code=code, location=location)

    def location(self, source: Any, lineno: int = 1) -> Any:
        return self.types.SourceLocation(
            lineno=lineno, col_offset=0, end_lineno=lineno, end_col_offset=21, source_code=source
        )

    def node(self, kind: str, session: Any, **values: Any) -> Any:
        return getattr(self.types, kind)(**{"id": new_id(), "session_id": session.id} | values)

    def literal(self, session: Any, value: Any = 1, **values: Any) -> Any:
        return self.node("LiteralNode", session, value=value, **values)

    def lookup(self, session: Any, name: str = "load") -> Any:
        return self.node("LookupNode", session, name=name)

    def call(self, session: Any, function_id: str, *argument_ids: str, **values: Any) -> Any:
        arguments = [self.types.PositionalArgument(id=id_) for id_ in argument_ids]
        return self.node("CallNode", session, **{"function_id": function_id, "positional_args": arguments} | values)

    def positional(self, id_: str, starred: bool = False) -> Any:
        return self.types.PositionalArgument(id=id_, starred=starred)

    def keyword(self, key: str, id_: str, starred: bool = False) -> Any:
        return self.types.KeywordArgument(key=key, value=id_, starred=starred)

    def value(self, session: Any, of: str, path: str = "pre-1-post.pkl", **values: Any) -> Any:
        return self.types.NodeValue(
            **{
                "node_id": of,
                "execution_id": session.execution_id,
                "value": path,
                "value_type": self.types.ValueType.array,
                "start_time": NOW,
                "end_time": NOW,
            }
            | values
        )

    def artifact(self, session: Any, of: str, name: str = "model", version: int = 0, **values: Any) -> Any:
        return self.types.Artifact(
            **{
                "node_id": of,
                "execution_id": session.execution_id,
                "date_created": NOW,
                "name": name,
                "version": version,
            }
            | values
        )

    def written(self, db: Any, session: Any, value: Any = 1) -> Any:
        """A literal that was written."""
        node = self.literal(session, value)
        db.write_node(node)
        return node
