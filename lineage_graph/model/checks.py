"""Checks whether a record can be stored, when it is written, so that the error is raised there.

Each check takes the record, or its name, only for the error message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lineage_graph.errors import InvalidArgument, InvalidRecord
from lineage_graph.model.times import utc
from lineage_graph.model.versions import MAX_VERSION, MIN_VERSION
from lineage_graph.types import Artifact, NodeValue

# An index of Neo4j holds about 8 kB at most, all parts of a key together; longer text makes the whole transaction
# fail ("index limitations" in the Cypher manual; measured: 8,164 bytes, 8,161 in two parts).
KEY_BYTES = 8000

# Characters of one part of a key: it fits an index in any script, with our prefixes too.
KEY_LENGTH = 2000

# Cypher's integers have 64 bits.
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1


def describe(record: object) -> str:
    """A record as an error names it: its kind and its key. A text is returned unchanged."""
    if isinstance(record, str):
        return record
    if isinstance(record, Artifact):
        return f"Artifact {record.name!r} version {record.version}"
    if isinstance(record, NodeValue):
        return f"NodeValue of node {record.node_id!r} in execution {record.execution_id!r}"
    key = getattr(record, "id", None) or getattr(record, "name", "")
    return f"{type(record).__name__} {key!r}"


def check_type(value: object, expected: type[Any], field: str = "it") -> None:
    """Refuse a value that is not of a type.

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


def check_row(record: object, row: dict[str, Any], keys: Sequence[str] = ()) -> dict[str, Any]:
    """The row of a record, with its times in UTC, if the database can hold each of its values.

    Parameters
    ----------
    record : object
        The record, or its name.
    row : dict
        Changed in place.
    keys : sequence of str
        The fields that are keys by themselves; None is allowed and is not a key.

    Raises
    ------
    InvalidRecord
    """
    for field, value in row.items():
        if value is None:
            continue
        kind = type(value)
        if kind is str:
            if not value.isascii():
                check_text(record, field, value)
        elif isinstance(value, datetime):
            row[field] = check_time(record, field, value)
        elif isinstance(value, int):
            check_integer(record, field, value)
        elif isinstance(value, str):
            # Subclasses of str keep their plain value.
            row[field] = check_text(record, field, str.__str__(value))
    for field in keys:
        if row.get(field) is not None:
            check_key(record, field, row[field])
    return row


def check_integer(record: object, field: str, value: object) -> None:
    """Refuse a value that is not a whole number of 64 bits.

    Raises
    ------
    InvalidRecord
    """
    if not isinstance(value, int):
        raise InvalidRecord(describe(record), field, f"is a {type(value).__name__}, not int")
    if not MIN_INTEGER <= value <= MAX_INTEGER:
        raise InvalidRecord(describe(record), field, "does not fit into 64 bits")


def check_version(record: object, version: object) -> None:
    """Refuse a value that cannot be the version of an artifact.

    Raises
    ------
    InvalidRecord
    """
    check_integer(record, "version", version)
    if not MIN_VERSION <= version <= MAX_VERSION:  # type: ignore[operator]
        raise InvalidRecord(describe(record), "version", f"is not from {MIN_VERSION} to {MAX_VERSION}")


def check_key(record: object, field: str, value: object) -> str:
    """The value, if it can be a key: text that is not empty, not too long and valid Unicode.

    Raises
    ------
    InvalidRecord
        If it is not.
    """
    if not isinstance(value, str):
        raise InvalidRecord(describe(record), field, f"is a {type(value).__name__}, not text")
    if 0 < len(value) <= KEY_LENGTH and value.isascii():
        return value
    if not value:
        raise InvalidRecord(describe(record), field, "is empty")
    if len(value) > KEY_LENGTH:
        raise InvalidRecord(describe(record), field, f"has {len(value)} characters, a key has at most {KEY_LENGTH}")
    check_text(record, field, value)
    return value


def check_keys(record: object, **parts: object) -> None:
    """Refuse parts of one key that cannot be keys, or that one index cannot hold together.

    Parameters
    ----------
    record : object
        The record, or its name.
    **parts : str
        The parts of the key, by field.

    Raises
    ------
    InvalidRecord
    """
    size = 0
    for field, value in parts.items():
        size += len(check_key(record, field, value).encode())
    if size > KEY_BYTES:
        raise InvalidRecord(
            describe(record), " and ".join(parts), f"have {size} bytes together, a key has at most {KEY_BYTES}"
        )


def check_name(record: object, field: str, value: object) -> str:
    """The value, if it can be a readable name: a key without control characters.

    Raises
    ------
    InvalidRecord
        If it is not.
    """
    name = check_key(record, field, value)
    if not name.isprintable() and any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise InvalidRecord(describe(record), field, "has control characters")
    return name


def check_text(record: object, field: str, value: str | None) -> str | None:
    """The value, if it is valid Unicode: no database can store lone surrogates.

    Raises
    ------
    InvalidRecord
        If it is not.
    """
    if value is None or value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidRecord(describe(record), field, f"has a lone surrogate at character {error.start}") from error
    return value


def check_time(record: object, field: str, value: object) -> datetime:
    """A time in UTC without a zone.

    Raises
    ------
    InvalidRecord
        If it is not a time, or cannot be converted to UTC.
    """
    if not isinstance(value, datetime):
        raise InvalidRecord(describe(record), field, f"is a {type(value).__name__}, not a datetime")
    try:
        return utc(value)
    except InvalidArgument as error:
        raise InvalidRecord(describe(record), field, f"cannot be stored: {error}") from error
