"""What changed between two versions of an artifact: code, arguments, libraries, inputs and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Protocol

from lineage_graph.errors import DatabaseUnavailable, LineageGraphError
from lineage_graph.graph import statements
from lineage_graph.lineage.programs import changed_inputs, unified
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.results import Answer, Item, Listing, Result
from lineage_graph.lineage.starts import Found

GET_LIBRARIES_OF_SLICE = statements.load("lineage/get_libraries_of_slice")
GET_VALUE = statements.load("lineage/get_value")

Aspect = Literal["call", "library", "input", "value"]


class Description(Protocol):
    """What a store of values can tell of one: `lineage_graph.values.ValueDescription`."""

    size: int
    sha256: str
    shape: tuple[int, ...] | None
    columns: tuple[str, ...] | None


class DescribesValues(Protocol):
    """A store of values: `lineage_graph.values.ValueStore`."""

    def describe(self, location: str, /) -> Any:
        """A `Description` of the value at a location."""


class Value(Result):
    """The value of an artifact, as far as it is known without loading it; None is what cannot be told.

    Attributes
    ----------
    location : str, optional
        Where it is stored.
    type : str, optional
        Its kind, as LineaPy tells it: ``dataset``, ``array``, ``chart``, ``code`` or ``value``.
    format : str, optional
        The format of its bytes.
    size : int, optional
        Its size in bytes.
    sha256 : str, optional
        The checksum of its bytes.
    shape : tuple of int, optional
        Of an array, or of a table as rows and columns.
    columns : tuple of str, optional
        Of a table.
    """

    location: str | None = None
    type: str | None = None
    format: str | None = None
    size: int | None = None
    sha256: str | None = None
    shape: tuple[int, ...] | None = None
    columns: tuple[str, ...] | None = None


class Change(Result):
    """One difference.

    Attributes
    ----------
    aspect : {"call", "library", "input", "value"}
        ``call``: a call or an argument of it, a statement or its value. ``input``: an artifact or dataset that it was
        made from.
    what : str
        What differs: ``max_depth of DecisionTreeClassifier``, ``pandas``, ``artifact measurements``, ``size``.
    before, after : str, optional
        It in the first and in the second; None on the side where there is none.
    """

    aspect: Aspect
    what: str
    before: str | None
    after: str | None


class Diff(Listing[Change]):
    """What changed between two versions of an artifact. Iterating over it gives the changes.

    Attributes
    ----------
    a, b : Item
        The two that are compared.
    code : str
        The lines of their code that differ, as ``diff -u`` shows them; empty where none differs.
    changes : tuple of Change
    before, after : Value
        Their values, as far as they are known.
    unknown : tuple of str
        What could not be compared, and why.
    complete : bool
        Whether all inputs were compared; if not, `reason` says what stopped it.
    reason : str, optional
        ``limit`` or ``time``.
    """

    row_type: ClassVar[type[Result]] = Change

    a: Item
    b: Item
    code: str
    changes: tuple[Change, ...]
    before: Value
    after: Value
    unknown: tuple[str, ...] = ()
    complete: bool
    reason: Literal["limit", "depth", "time"] | None = None

    @property
    def rows(self) -> tuple[Change, ...]:
        """The changes."""
        return self.changes

    def __bool__(self) -> bool:
        """Whether any difference was found."""
        return bool(self.code or self.changes)


class Side(Result):
    """One of the two that are compared, with what has been read of it."""

    item: Item
    code: str
    libraries: dict[str, str]
    inputs: dict[str, str]
    value: Value
    unknown: tuple[str, ...]
    reason: Literal["limit", "depth", "time"] | None


def read_side(
    found: Found, code: str, upstream: Answer, values: DescribesValues | None, reader: Reader, deadline: Deadline
) -> Side:
    """What one side is made of.

    Parameters
    ----------
    code : str
        Its code.
    upstream : Answer
        The artifacts and datasets that it was made from.
    values : DescribesValues, optional
        Where sizes, checksums and shapes are read.

    Raises
    ------
    DatabaseUnavailable
        If the deadline passes first.
    """
    imported = reader.read(GET_LIBRARIES_OF_SLICE, deadline, id=found.node_id)
    libraries = _joined((row["name"], row["version"]) for row in _read(imported))
    row = _read(reader.read(GET_VALUE, deadline, id=found.node_id, artifact_id=found.artifact_id))[0]
    if row["python"]:
        libraries["Python"] = row["python"]
    value, unknown = _value(row, found.item.title, values)
    return Side(
        item=found.item,
        code=code,
        libraries=libraries,
        inputs=_joined(map(_input, upstream)),
        value=value,
        unknown=unknown,
        reason=upstream.reason,
    )


def _read(result: Any) -> list[Any]:
    if not result.complete:
        raise DatabaseUnavailable("the database did not answer in time: give the question more time")
    return list(result.rows)


def _joined(pairs: Any) -> dict[str, str]:
    """Of each name all that it has, in order."""
    found: dict[str, set[Any]] = {}
    for name, version in pairs:
        found.setdefault(name, set()).add(version)
    return {name: ", ".join(map(str, sorted(versions))) for name, versions in sorted(found.items())}


def _input(item: Item) -> tuple[str, Any]:
    if item.kind == "artifact":
        return f"artifact {item.name}", item.version
    if item.id is None:
        return f"dataset {item.name}", "read"
    return f"dataset {item.name}", f"as {item.file}:{item.line} of {item.session} wrote it (call {item.id})"


def _value(row: Mapping[str, Any], name: str, values: DescribesValues | None) -> tuple[Value, tuple[str, ...]]:
    """A value as far as it is known, and what of it cannot be told."""
    location: str | None = row["location"]
    if not location:
        return Value(type=row["type"]), (f"no value of {name} is recorded",)
    format_ = location.rpartition(".")[2] if "." in location.rpartition("/")[2] else None
    known: dict[str, Any] = {"location": location, "type": row["type"], "format": format_}
    if location.startswith("sha256:"):
        known["sha256"] = location.removeprefix("sha256:").partition(".")[0]
    if values is None:
        return Value(**known), (f"size and shape of the value of {name}: no store of values was given",)
    try:
        described = values.describe(location)
    except LineageGraphError as error:
        return Value(**known), (f"size and shape of the value of {name}: {error}",)
    known |= {"size": described.size, "sha256": described.sha256}
    known |= {"shape": described.shape, "columns": described.columns}
    unknown = (f"shape and columns of the value of {name}: it is a pickle, which is not loaded",)
    return Value(**known), unknown if format_ in ("pkl", "pickle") else ()


def compare(a: Side, b: Side) -> Diff:
    """The differences of two sides."""
    arguments = changed_inputs(a.code, b.code)
    unknown = list(dict.fromkeys((*a.unknown, *b.unknown)))
    if arguments is None:
        unknown.append("arguments of calls: the code of one of them is no Python by itself")
    changes = [Change(aspect="call", what=what, before=old, after=new) for what, old, new in arguments or ()]
    changes += _different("library", a.libraries, b.libraries)
    changes += _different("input", a.inputs, b.inputs)
    facts_of_a, facts_of_b = _facts(a.value), _facts(b.value)
    # What cannot be told of one of them is no difference.
    both = [name for name in facts_of_a if name in facts_of_b]
    changes += _different("value", {n: facts_of_a[n] for n in both}, {n: facts_of_b[n] for n in both})
    reason = a.reason or b.reason
    return Diff(
        a=a.item,
        b=b.item,
        code=unified(a.code, b.code, str(a.item), str(b.item)),
        changes=tuple(changes),
        before=a.value,
        after=b.value,
        unknown=tuple(unknown),
        complete=reason is None,
        reason=reason,
    )


def _different(aspect: Aspect, a: Mapping[str, str], b: Mapping[str, str]) -> Iterator[Change]:
    for what in sorted({*a, *b}):
        if a.get(what) != b.get(what):
            yield Change(aspect=aspect, what=what, before=a.get(what), after=b.get(what))


def _facts(value: Value) -> dict[str, str]:
    """The known facts of a value, as text."""
    facts: dict[str, str] = {"stored": "yes" if value.location else "no"}
    if value.type is not None:
        facts["type"] = value.type
    if value.size is not None:
        facts["size"] = f"{value.size:,} bytes"
    if value.sha256 is not None:
        facts["sha256"] = value.sha256
    if value.shape is not None:
        facts["shape"] = " x ".join(map(str, value.shape))
    if value.columns is not None:
        facts["columns"] = ", ".join(value.columns)
    return facts
