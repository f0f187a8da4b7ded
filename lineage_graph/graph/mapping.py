"""Maps each record to the graph: rows for the statements that write it, and records from the rows that are read.

A row is a plain map of the fields that a statement names. This module knows nothing of transactions or drivers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lineage_graph.errors import InvalidRecord, SchemaError
from lineage_graph.model.captions import Captions, session_caption, shorten
from lineage_graph.model.literals import literal_from_text, literal_to_text
from lineage_graph.relational import (
    ArtifactDependencyORM,
    ArtifactORM,
    BaseNodeORM,
    CallNodeORM,
    ElseNodeORM,
    ExecutionORM,
    GlobalNodeORM,
    IfNodeORM,
    ImportNodeORM,
    InputParameterORM,
    LiteralNodeORM,
    LookupNodeORM,
    MLflowArtifactMetadataORM,
    MutateNodeORM,
    NodeORM,
    NodeValueORM,
    PipelineORM,
)
from lineage_graph.types import (
    NODE_CLASSES,
    Artifact,
    CallNode,
    ElseNode,
    Execution,
    GlobalNode,
    IfNode,
    ImportNode,
    JupyterCell,
    KeywordArgument,
    LiteralNode,
    LiteralType,
    LookupNode,
    MutateNode,
    Node,
    NodeType,
    NodeValue,
    PositionalArgument,
    SessionContext,
    SessionType,
    SourceCode,
    SourceLocation,
    ValueType,
)

Row = dict[str, Any]


def execution_row(execution: Execution) -> Row:
    timestamp = execution.timestamp
    name = f"run of {timestamp:%Y-%m-%d %H:%M:%S}" if timestamp else "run"
    return {"id": execution.id, "timestamp": timestamp, "name": name}


def session_row(context: SessionContext) -> Row:
    row = context.model_dump(exclude={"environment_type"})
    row["environment_type"] = context.environment_type.name
    row["name"] = session_caption(context)
    return row


def source_code_row(source: SourceCode) -> Row:
    location = source.location
    if isinstance(location, JupyterCell):
        return {
            "id": source.id,
            "name": f"cell {location.execution_count}",
            "code": source.code,
            "execution_count": location.execution_count,
            "session_id": location.session_id,
        }
    return {"id": source.id, "name": location.name, "code": source.code, "path": str(location)}


def node_row(node: Node, written_at: int, captions: Captions) -> Row:
    """The properties of an operation, without its session and source code, which its statement adds."""
    row: Row = {"id": node.id, "written_at": written_at, "name": captions.of(node)}
    if location := node.source_location:
        row["lineno"] = location.lineno
        row["col_offset"] = location.col_offset
        row["end_lineno"] = location.end_lineno
        row["end_col_offset"] = location.end_col_offset
    if isinstance(node, ImportNode):
        row["version"] = node.version
        row["package_name"] = node.package_name
        row["path"] = node.path
    elif isinstance(node, LiteralNode):
        text, literal_type = literal_to_text(node.value)
        row["value"] = text
        row["value_type"] = literal_type.name
    return row


def artifact_row(artifact: Artifact, written_at: int) -> Row:
    return artifact.model_dump() | {"id": None, "written_at": written_at}


def node_value_row(value: NodeValue) -> Row:
    row = value.model_dump(exclude={"value_type"})
    row["value_type"] = value.value_type.name if value.value_type else None
    row["name"] = shorten(value.value.rpartition("/")[2]) or "value"
    return row


def native(value: Any) -> Any:
    """A datetime of the driver as one of Python; any other value unchanged."""
    return value.to_native() if hasattr(value, "to_native") else value


def session_from(properties: Row, execution_id: str) -> SessionContext:
    values = {key: native(value) for key, value in properties.items() if key != "name"}
    environment_type = SessionType[values.pop("environment_type")]
    return SessionContext(environment_type=environment_type, execution_id=execution_id, **values)


def source_code_from(properties: Row) -> SourceCode:
    location: Path | JupyterCell = (
        Path(properties["path"])
        if "path" in properties
        else JupyterCell(execution_count=properties["execution_count"], session_id=properties["session_id"])
    )
    return SourceCode(id=properties["id"], code=properties["code"], location=location)


def node_type_of(labels: Iterable[str]) -> NodeType:
    """The kind of an operation from its labels."""
    for label in labels:
        if kind := _KINDS.get(label):
            return kind
    raise SchemaError(f"no kind of node has the labels {sorted(labels)}: did another program write it?")


_KINDS = {kind.name: kind for kind in NODE_CLASSES}

# A reference as statements return it: its type, the id of its end, its index, its name, whether it is starred.
_TYPE, _END, _INDEX, _NAME, _STARRED = range(5)

# The field of an operation for each type of reference that has one end.
_FIELDS = {
    "CONTROLLED_BY": "control_dependency",
    "CALLS": "function_id",
    "MUTATES": "source_id",
    "MUTATED_BY": "call_id",
    "SET_BY": "call_id",
    "TESTS": "test_id",
    "COMPANION": "companion_id",
    "NOT_EXECUTED": "unexec_id",
}
_OWN_FIELDS: dict[NodeType, tuple[str, ...]] = {
    NodeType.ImportNode: ("name", "version", "package_name", "path"),
    NodeType.LookupNode: ("name",),
    NodeType.GlobalNode: ("name",),
}


def node_from(row: Sequence[Any], sources: dict[str, SourceCode]) -> Node:
    """A typed operation from a row of a reading statement.

    Parameters
    ----------
    row : [labels, properties, references]
        The operation's own labels and fields, and a list [type, end id, index, name, starred] for each reference, the
        one to its source code included.
    sources : dict
        The source codes by id.
    """
    labels, properties, references = row
    kind = node_type_of(labels)
    values: Row = {"id": properties["id"], "session_id": properties["session_id"]}
    several: list[list[Any]] = []
    for reference in references:
        type_ = reference[_TYPE]
        if field := _FIELDS.get(type_):
            values[field] = reference[_END]
        elif type_ == "FROM_SOURCE":
            values["source_location"] = SourceLocation(
                lineno=properties["lineno"],
                col_offset=properties["col_offset"],
                end_lineno=properties["end_lineno"],
                end_col_offset=properties["end_col_offset"],
                source_code=sources[reference[_END]],
            )
        else:
            several.append(reference)
    if kind is NodeType.CallNode:
        _add_arguments(values, several)
    elif kind is NodeType.LiteralNode:
        values["value"] = literal_from_text(properties["value"], LiteralType[properties["value_type"]])
    for field in _OWN_FIELDS.get(kind, ()):
        values[field] = properties.get(field)
    return NODE_CLASSES[kind](**values)  # type: ignore[return-value]


def _add_arguments(values: Row, references: list[list[Any]]) -> None:
    """Add the references of a call that may repeat, in the order given."""
    references.sort(key=_index_of)
    positional: list[PositionalArgument] = []
    keyword: list[KeywordArgument] = []
    global_reads: dict[str, str] = {}
    implicit: list[str] = []
    for type_, end, _, name, starred in references:
        if type_ == "POSITIONAL_ARG":
            positional.append(PositionalArgument(id=end, starred=starred))
        elif type_ == "KEYWORD_ARG":
            keyword.append(KeywordArgument(key=name, value=end, starred=starred))
        elif type_ == "READS_GLOBAL":
            global_reads[name] = end
        else:
            implicit.append(end)
    values["positional_args"] = positional
    values["keyword_args"] = keyword
    values["global_reads"] = global_reads
    values["implicit_dependencies"] = implicit


_index_of = itemgetter(_INDEX)


def node_value_from(properties: Row) -> NodeValueORM:
    values = {key: native(value) for key, value in properties.items() if key != "name"}
    value_type = values.pop("value_type", None)
    return NodeValueORM(value_type=ValueType[value_type] if value_type else None, **values)


def artifact_from(row: Row) -> ArtifactORM:
    node, execution = row["node"], row["execution"]
    return ArtifactORM(
        id=row["id"],
        name=row["name"],
        version=row["version"],
        date_created=native(row["date_created"]),
        node_id=node["id"],
        execution_id=execution["id"],
        node=BaseNodeORM(
            id=node["id"],
            session_id=node["session_id"],
            node_type=node_type_of(row["labels"]),
            lineno=node.get("lineno"),
            col_offset=node.get("col_offset"),
            end_lineno=node.get("end_lineno"),
            end_col_offset=node.get("end_col_offset"),
        ),
        execution=ExecutionORM(id=execution["id"], timestamp=native(execution.get("timestamp"))),
    )


def mlflow_metadata_from(properties: Row) -> MLflowArtifactMetadataORM:
    return MLflowArtifactMetadataORM(**{key: native(value) for key, value in properties.items() if key != "name"})


def artifact_ids_of_pipeline(row: Row, dependencies: Sequence[Row]) -> set[int]:
    """The ids of all artifacts that a pipeline names, from the rows of the two statements that read it."""
    ids = {*row["artifacts"], *row["reused"], *(dependency["post"] for dependency in row["dependencies"])}
    return ids | {dependency["pre"] for dependency in dependencies}


def pipeline_from(name: str, row: Row, dependencies: Sequence[Row], artifacts: Iterable[ArtifactORM]) -> PipelineORM:
    """A pipeline from the rows of the two statements that read it, and its artifacts."""
    by_id = {artifact.id: artifact for artifact in artifacts}
    pre: dict[int, list[int]] = {}
    for dependency in dependencies:
        pre.setdefault(dependency["dependency_id"], []).append(dependency["pre"])
    pipeline = PipelineORM(
        id=row["id"],
        name=name,
        artifacts={by_id[id_] for id_ in row["artifacts"]},
        precomputed_artifacts={by_id[id_] for id_ in row["reused"]},
        input_parameters=[
            InputParameterORM(variable_name=parameter, pipeline_id=row["id"]) for parameter in row["parameters"]
        ],
    )
    pipeline.dependencies = [
        ArtifactDependencyORM(
            id=dependency["id"],
            pipeline=pipeline,
            post_artifact=by_id[dependency["post"]],
            pre_artifacts={by_id[id_] for id_ in pre.get(dependency["id"], ())},
        )
        for dependency in sorted(row["dependencies"], key=lambda dependency: dependency["id"])
    ]
    return pipeline


def typed_node(node: NodeORM) -> Node:
    """The typed operation of a stored one.

    Parameters
    ----------
    node : NodeORM
        One of the node classes of `lineage_graph.relational`.

    Raises
    ------
    InvalidRecord
        If it is of another class, or a required field is missing.
    """
    if not isinstance(node, BaseNodeORM):
        raise InvalidRecord("node", "it", f"is a {type(node).__name__}, not a stored node")
    try:
        return _typed_node(node)
    except ValidationError as error:
        raise InvalidRecord(type(node).__name__, str(error.errors()[0]["loc"][0]), error.errors()[0]["msg"]) from error


def _typed_node(node: NodeORM) -> Node:
    base: dict[str, Any] = {
        "id": node.id,
        "session_id": node.session_id,
        "control_dependency": node.control_dependency,
    }
    if source := node.source_code:
        location: Path | JupyterCell
        if source.path is not None:
            location = Path(source.path)
        else:
            location = JupyterCell(execution_count=source.jupyter_execution_count, session_id=source.jupyter_session_id)
        base["source_location"] = SourceLocation(
            lineno=node.lineno,
            col_offset=node.col_offset,
            end_lineno=node.end_lineno,
            end_col_offset=node.end_col_offset,
            source_code=SourceCode(id=source.id, code=source.code, location=location),
        )
    if isinstance(node, LiteralNodeORM):
        if node.value is None or node.value_type is None:
            raise InvalidRecord("LiteralNodeORM", "value or value_type", "is missing")
        return LiteralNode(value=literal_from_text(node.value, LiteralType[node.value_type.name]), **base)
    if isinstance(node, ImportNodeORM):
        return ImportNode(name=node.name, version=node.version, package_name=node.package_name, path=node.path, **base)
    if isinstance(node, CallNodeORM):
        return CallNode(
            function_id=node.function_id,
            positional_args=[
                PositionalArgument(id=argument.arg_node_id, starred=argument.starred)
                for argument in sorted(node.positional_args, key=lambda argument: argument.index)
            ],
            keyword_args=[
                KeywordArgument(key=argument.name, value=argument.arg_node_id, starred=argument.starred)
                for argument in node.keyword_args
            ],
            global_reads={read.variable_name: read.variable_node_id for read in node.global_reads},
            implicit_dependencies=[
                dependency.arg_node_id
                for dependency in sorted(node.implicit_dependencies, key=lambda dependency: dependency.index)
            ],
            **base,
        )
    if isinstance(node, MutateNodeORM):
        return MutateNode(source_id=node.source_id, call_id=node.call_id, **base)
    if isinstance(node, GlobalNodeORM):
        return GlobalNode(name=node.name, call_id=node.call_id, **base)
    if isinstance(node, IfNodeORM):
        return IfNode(test_id=node.test_id, companion_id=node.companion_id, unexec_id=node.unexec_id, **base)
    if isinstance(node, ElseNodeORM):
        return ElseNode(companion_id=node.companion_id, unexec_id=node.unexec_id, **base)
    if isinstance(node, LookupNodeORM):
        return LookupNode(name=node.name, **base)
    raise InvalidRecord(type(node).__name__, "node_type", "is none of the kinds of nodes")
