"""Seeded sessions that every backend writes: plain data, and the records made of it.

The mix of kinds and the number of references follow what LineaPy 0.2.3 recorded of the examples (examples/),
with calls of somewhat more arguments: some 2.1 references to other nodes for each node.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

NODES_PER_CELL = 40
LIBRARIES = [("pandas", "2.3.3"), ("numpy", "2.2.6"), ("sklearn", "1.7.2"), ("matplotlib", "3.10.7")]
START = datetime(2026, 1, 1, 9)


@dataclass
class Session:
    """One notebook's session. Nodes are in the order of tracing, and refer to earlier ones only."""

    id: str
    execution_id: str
    created: datetime
    sources: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    variables: list[tuple[str, str]] = field(default_factory=list)
    values: list[tuple[str, str]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def references(self) -> int:
        """How many references its nodes make to other nodes."""
        return sum(
            len(node.get("positional", ()))
            + len(node.get("keyword", ()))
            + len(node.get("globals", ()))
            + len(node.get("implicit", ()))
            + sum(
                1 for name in ("function_id", "source_id", "call_id", "control_dependency", "test_id") if node.get(name)
            )
            for node in self.nodes
        )


def make_session(number: int, size: int) -> Session:
    """The session of this number with so many nodes; the same whenever it is made.

    Parameters
    ----------
    number : int
        Its seed; it also sets the names and versions of its artifacts.
    size : int
        Nodes.
    """
    rng = random.Random(f"{number} of {size}")  # noqa: S311

    def new_id() -> str:
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))

    session = Session(new_id(), new_id(), START + timedelta(minutes=number))
    lookups: list[str] = []
    calls: list[str] = []
    earlier: list[str] = []
    under: str | None = None
    cell: dict[str, Any] = {}
    for position in range(size):
        line = position % NODES_PER_CELL
        if line == 0:
            code = "\n".join(
                f"value_{position + i} = frame.method_{rng.randrange(99)}({rng.random():.6f}, how='left')"
                for i in range(NODES_PER_CELL)
            )
            cell = {"id": new_id(), "code": code + "\n", "count": len(session.sources) + 1}
            session.sources.append(cell)
            under = None
        node: dict[str, Any] = {
            "id": new_id(),
            "source": cell["id"],
            "lines": (line + 1, 0, line + 1, 40 + rng.randrange(20)),
        }
        chance = rng.random()
        recent = earlier[-60:]
        if position < len(LIBRARIES):
            name, version = LIBRARIES[position]
            node |= {
                "kind": "ImportNode",
                "name": name,
                "package_name": name,
                "version": version,
                "path": f"/lib/{name}",
            }
        elif chance < 0.22 or (not calls and chance < 0.5):
            node |= {"kind": "LookupNode", "name": rng.choice(("getattr", "print", "len", "l_list", "range", "open"))}
            lookups.append(node["id"])
        elif chance < 0.49 or not lookups:
            value = rng.choice((rng.randrange(10**6), rng.random(), True, None, f"column {rng.randrange(99)}"))
            node |= {"kind": "LiteralNode", "value": value}
        elif chance < 0.55 and calls:
            node |= {"kind": "MutateNode", "source_id": rng.choice(recent), "call_id": calls[-1]}
        elif chance < 0.57 and calls:
            node |= {"kind": "GlobalNode", "name": f"total_{rng.randrange(9)}", "call_id": calls[-1]}
        elif chance < 0.575:
            node |= {"kind": "IfNode", "test_id": rng.choice(recent)}
        else:
            node |= {
                "kind": "CallNode",
                "function_id": rng.choice(lookups[-20:]),
                "positional": [
                    (rng.choice(recent), rng.random() < 0.02) for _ in range(rng.choice((1, 1, 2, 2, 4, 5)))
                ],
                "keyword": [(f"option_{i}", rng.choice(recent), False) for i in range(rng.choice((0, 0, 0, 1, 1, 3)))],
                "globals": [(f"total_{i}", rng.choice(recent)) for i in range(rng.random() < 0.1)],
                "implicit": [calls[-1]] if calls and rng.random() < 0.05 else [],
            }
            calls.append(node["id"])
            if rng.random() < 0.4:
                session.variables.append((node["id"], f"value_{position}"))
        if under:
            node["control_dependency"] = under
        if node["kind"] == "IfNode":
            under = node["id"]
        session.nodes.append(node)
        earlier.append(node["id"])
    for position in range(max(1, size // 500)):
        end = calls[-1 - position] if calls else earlier[-1]
        session.values.append((end, f"/values/{new_id()}.parquet"))
        session.artifacts.append({"node_id": end, "name": f"model {position}", "version": number})
    return session


def writes(session: Session, types: Any, named: bool = True) -> list[tuple[str, tuple[Any, ...]]]:
    """The calls that a tracer makes: method of `RelationalLineaDB`, and its arguments.

    Parameters
    ----------
    types : module
        ``lineage_graph.types`` or ``lineapy.data.types``: the records are of its classes.
    named : bool
        Whether its artifacts are saved.
    """
    calls: list[tuple[str, tuple[Any, ...]]] = [
        ("write_execution", (types.Execution(id=session.execution_id, timestamp=session.created),)),
        (
            "write_context",
            (
                types.SessionContext(
                    id=session.id,
                    environment_type=types.SessionType.JUPYTER,
                    python_version="3.10.13",
                    creation_time=session.created,
                    working_directory="/home/ada/work",
                    execution_id=session.execution_id,
                ),
            ),
        ),
    ]
    variables = dict(session.variables)
    sources: dict[str, Any] = {}
    waiting = {source["id"]: source for source in session.sources}
    for node in session.nodes:
        if source := waiting.pop(node["source"], None):
            location = types.JupyterCell(execution_count=source["count"], session_id=session.id)
            sources[source["id"]] = types.SourceCode(id=source["id"], code=source["code"], location=location)
            calls.append(("write_source_code", (sources[source["id"]],)))
        calls.append(("write_node", (_record(node, session.id, sources[node["source"]], types),)))
        if name := variables.get(node["id"]):
            calls.append(("write_assigned_variable", (node["id"], name)))
    # What was traced is committed before values of it are recorded: LineaPy on PostgreSQL needs that.
    calls.append(("commit", ()))
    for node_id, value in session.values:
        end = {"node_id": node_id, "execution_id": session.execution_id}
        record = types.NodeValue(
            value=value,
            value_type=types.ValueType.dataset,
            start_time=session.created,
            end_time=session.created,
            **end,
        )
        calls.append(("write_node_value", (record,)))
    for artifact in session.artifacts if named else ():
        calls.append(("write_artifact", (artifact_of(session, types, **artifact),)))
    return calls


def artifact_of(session: Session, types: Any, node_id: str, name: str, version: int) -> Any:
    """The record of an artifact of a session."""
    return types.Artifact(
        node_id=node_id,
        execution_id=session.execution_id,
        date_created=session.created,
        name=name,
        version=version,
    )


def _record(node: dict[str, Any], session_id: str, source: Any, types: Any) -> Any:
    plain = ("id", "name", "package_name", "version", "path", "value", "source_id", "call_id", "function_id", "test_id")
    fields = {name: node[name] for name in (*plain, "control_dependency") if name in node}
    lineno, col_offset, end_lineno, end_col_offset = node["lines"]
    fields["source_location"] = types.SourceLocation(
        lineno=lineno,
        col_offset=col_offset,
        end_lineno=end_lineno,
        end_col_offset=end_col_offset,
        source_code=source,
    )
    if node["kind"] == "CallNode":
        fields["positional_args"] = [
            types.PositionalArgument(id=end, starred=starred) for end, starred in node["positional"]
        ]
        fields["keyword_args"] = [
            types.KeywordArgument(key=key, value=end, starred=starred) for key, end, starred in node["keyword"]
        ]
        fields["global_reads"] = dict(node["globals"])
        fields["implicit_dependencies"] = node["implicit"]
    return getattr(types, node["kind"])(session_id=session_id, **fields)
