"""Whether a record can be stored as it is, asked when it is written, so that the caller learns it there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from lineage_graph.errors import InvalidArgument, InvalidRecord
from lineage_graph.model.literals import literal_to_text
from lineage_graph.model.references import references_of
from lineage_graph.model.versions import MAX_VERSION, MIN_VERSION
from lineage_graph.relational import ArtifactDependencyORM, ArtifactORM, PipelineORM
from lineage_graph.types import (
    Artifact,
    BaseNode,
    JupyterCell,
    LiteralNode,
    NodeValue,
    SourceCode,
    SourceLocation,
)

# Neo4j refuses to index a string of more than about 8 kB (Cypher Manual, "index limitations").
KEY_LENGTH = 2000

# Cypher's integers have 64 bits.
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1


def describe(record: object) -> str:
    """A record as an error names it: its kind and its key."""
    if isinstance(record, Artifact):
        return f"Artifact {record.name!r} version {record.version}"
    if isinstance(record, NodeValue):
        return f"NodeValue of node {record.node_id!r} in execution {record.execution_id!r}"
    key = getattr(record, "id", None) or getattr(record, "name", "")
    return f"{type(record).__name__} {key!r}"


def check_type(value: object, expected: type[Any], field: str = "it") -> None:
    """Refuse what is not of a type.

    Raises
    ------
    InvalidRecord
    """
    if not isinstance(value, expected):
        raise InvalidRecord(expected.__name__, field, f"is a {type(value).__name__}, not {expected.__name__}")


def check_argument(name: str, value: object, *expected: type[Any]) -> None:
    """Refuse an argument that is of none of these types.

    Raises
    ------
    InvalidArgument
    """
    if not isinstance(value, expected):
        wanted = " or ".join(each.__name__ for each in expected)
        raise InvalidArgument(f"{name} is a {type(value).__name__}, not {wanted}")


def check_record(record: Any) -> None:
    """Refuse a record that cannot be stored as it is, naming its field.

    Raises
    ------
    InvalidRecord
    NotImplementedError
        For a literal of a type that cannot be stored.
    """
    name = describe(record)
    keys, others = _fields_of(type(record))  # type: ignore[arg-type]  # mypy takes a metaclass of Any for unhashable
    for field in keys:
        value = getattr(record, field)
        if value is not None:
            check_key(name, field, value)
    for field in others:
        _check_value(name, field, getattr(record, field))
    if isinstance(record, BaseNode):
        _check_node(name, record)
    elif isinstance(record, Artifact):
        check_name(name, "name", record.name)
        if not MIN_VERSION <= record.version <= MAX_VERSION:
            raise InvalidRecord(name, "version", f"is not from {MIN_VERSION} to {MAX_VERSION}")
    elif isinstance(record, NodeValue):
        check_key(name, "value", record.value)
    elif isinstance(record, SourceCode):
        if isinstance(record.location, JupyterCell):
            check_key(name, "session_id", record.location.session_id)
            _check_value(name, "execution_count", record.location.execution_count)
        else:
            check_text(name, "location", str(record.location))


# What holds other things is checked with the kinds of records that have it.
_HOLDING = frozenset(
    (
        "environment_type",
        "global_reads",
        "implicit_dependencies",
        "keyword_args",
        "location",
        "node_type",
        "positional_args",
        "source_location",
        "value_type",
    )
)


@cache
def _fields_of(record_type: type[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of a type of record that hold keys, and those that hold text, a number or a time."""
    fields = [field for field in record_type.model_fields if field not in _HOLDING]
    keys = tuple(field for field in fields if field == "id" or field.endswith("_id"))
    literal = {"value"} if issubclass(record_type, LiteralNode) else set()
    return keys, tuple(field for field in fields if field not in keys and field not in literal)


def _check_node(name: str, node: Any) -> None:
    if isinstance(node, LiteralNode):
        try:
            text, _ = literal_to_text(node.value)
        except ValueError as error:
            # An integer of more digits than Python writes out (sys.set_int_max_str_digits).
            raise InvalidRecord(name, "value", f"cannot be written out: {error}") from error
        check_text(name, "value", text)
    for reference in references_of(node):
        check_key(name, "reference_id", reference.end_id)
        check_text(name, "reference name", reference.name)
    location: SourceLocation | None = node.source_location
    if location is not None:
        for field in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            _check_value(name, field, getattr(location, field))


def _check_value(record: str, field: str, value: object) -> None:
    if isinstance(value, str):
        check_text(record, field, value)
    elif isinstance(value, int):
        if not MIN_INTEGER <= value <= MAX_INTEGER:
            raise InvalidRecord(record, field, "does not fit into 64 bits")
    elif isinstance(value, datetime):
        check_time(record, field, value)


def check_pipeline(pipeline: Any, dependencies: Any) -> None:
    """Refuse a pipeline that cannot be stored as it is, with its dependencies.

    Raises
    ------
    InvalidRecord
    """
    check_type(pipeline, PipelineORM)
    name = f"Pipeline {pipeline.name!r}"
    check_name(name, "name", pipeline.name)
    check_type(dependencies, Iterable, "dependencies")
    artifacts = [*pipeline.artifacts, *pipeline.precomputed_artifacts]
    for dependency in (*dependencies, *pipeline.dependencies):
        check_type(dependency, ArtifactDependencyORM)
        artifacts += [dependency.post_artifact, *dependency.pre_artifacts]
    for artifact in artifacts:
        check_type(artifact, ArtifactORM)
        check_key(name, "artifact", artifact.name)
        check_type(artifact.version, int, "version")
        _check_value(name, "version", artifact.version)
    for parameter in pipeline.input_parameters:
        check_text(name, "input_parameters", getattr(parameter, "variable_name", str(parameter)))


def check_key(record: str, field: str, value: object) -> str:
    """The value, if it can be (part of) a key: text that is not empty, not too long and valid Unicode.

    Raises
    ------
    InvalidRecord
        If it is not.
    """
    if not isinstance(value, str):
        raise InvalidRecord(record, field, f"is a {type(value).__name__}, not text")
    if 0 < len(value) <= KEY_LENGTH and value.isascii():
        return value
    if not value:
        raise InvalidRecord(record, field, "is empty")
    if len(value) > KEY_LENGTH:
        raise InvalidRecord(record, field, f"has {len(value)} characters, {KEY_LENGTH} at most can be a key")
    check_text(record, field, value)
    return value


def check_name(record: str, field: str, value: object) -> str:
    """The value, if it can name something to a person: a key without control characters.

    Raises
    ------
    InvalidRecord
        If it is not.
    """
    name = check_key(record, field, value)
    if not name.isprintable() and any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise InvalidRecord(record, field, "has control characters")
    return name


def check_text(record: str, field: str, value: str | None) -> None:
    """Refuse text that is not valid Unicode (lone surrogates), which no database can store.

    Raises
    ------
    InvalidRecord
    """
    if value is None or value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidRecord(record, field, f"has a lone surrogate at character {error.start}") from error


def check_time(record: str, field: str, value: object) -> None:
    """Refuse what is not a datetime.

    Raises
    ------
    InvalidRecord
    """
    if not isinstance(value, datetime):
        raise InvalidRecord(record, field, f"is a {type(value).__name__}, not a datetime")
