"""Loads the statements in ``cypher/`` by name, and checks each against its header.

A file holds one statement under a header of comment lines::

    // A title: what it answers or writes, in one sentence.
    //
    // More, if there is more to say.
    //
    // Parameters:
    //   name: STRING    what it is
    //   rows: LIST<MAP>    what the rows are
    //     id: STRING    what the field of a row is
    //     place: INTEGER | NULL    one that a row may leave out
    // Returns:
    //   column: INTEGER    what it is

Where there are none: ``Parameters: none`` and ``Returns: nothing``. The fields of rows are held to the text too,
since a misspelt ``row.naem`` is null to Cypher. No statement is ever put together from strings: a label or a
relationship type is chosen by choosing a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lineage_graph.errors import InvalidArgument, QueryFileError
from lineage_graph.model.checks import MAX_INTEGER, MIN_INTEGER

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # not in Python 3.10

_ENTRY = re.compile(r"//( +)(\w+): (\S.*)")
_TITLE = re.compile(r"\S.{,110}[^.:]\.")
_PARAMETER = re.compile(r"\$(\w+)")
_STRING_OR_COMMENT = re.compile(r"'[^']*'|\"[^\"]*\"|//[^\n]*")
_LIST_READ = re.compile(r"\bUNWIND (\$?[\w.]+) AS (\w+)|\b(\w+) IN (\$?[\w.]+)")
_TAIL = re.compile(r"\b(ORDER BY|SKIP|LIMIT)\b")

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """One statement with the contents of its header.

    Attributes
    ----------
    name : str
        Folder and file name without the ending, e.g. ``"artifacts/get_artifact"``.
    title : str
        What it answers or writes, in one sentence.
    description : str
        What else its header says of it; often empty.
    parameters, returns : dict of str to str
        Name to type and description, in the order of the header.
    fields : dict of str to dict
        The same for the rows of each parameter that is a list of maps: ``"groups"``, and ``"groups.rows"`` for a list
        within.
    text : str
        The whole file, as sent to the server.
    """

    name: str
    title: str
    description: str
    parameters: dict[str, str]
    fields: dict[str, dict[str, str]]
    returns: dict[str, str]
    text: str = field(repr=False)

    def bind(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters, if they are exactly those of the header and of its types.

        Of a list of rows the first is looked at: those of one list are made alike.

        Raises
        ------
        QueryFileError
            If one is missing or is not the statement's, or a field of a row.
        InvalidArgument
            If one has another type, or cannot be stored: text with lone surrogates, a number beyond 64 bits.
        """
        if parameters.keys() != self.parameters.keys():
            raise QueryFileError(f"{self.name} takes {sorted(self.parameters)}, but was given {sorted(parameters)}")
        for name, value in parameters.items():
            if problem := _problem_with(value, self.parameters[name]):
                raise InvalidArgument(f"{name} {problem}")
            if name in self.fields and value:
                self._check_row(name, value[0])
        return parameters

    def _check_row(self, path: str, row: Mapping[str, Any]) -> None:
        declared = self.fields[path]
        missing = [name for name in declared if name not in row and not _may_be_null(declared[name])]
        if missing or not row.keys() <= declared.keys():
            raise QueryFileError(f"{self.name} takes {path} of {sorted(declared)}, but was given {sorted(row)}")
        for name, value in row.items():
            if problem := _problem_with(value, declared[name]):
                raise InvalidArgument(f"{path}.{name} {problem}")
            if (inner := f"{path}.{name}") in self.fields and value:
                self._check_row(inner, value[0])


def _kind(declared: str) -> str:
    """The type of what a header declares, without ``| NULL``."""
    return declared.partition("  ")[0].removesuffix(" | NULL")


def _may_be_null(declared: str) -> bool:
    return declared.partition("  ")[0].endswith(" | NULL")


def _problem_with(value: object, declared: str) -> str | None:
    """What keeps a value from being the text or number that a header declares; None where nothing does."""
    if value is None and _may_be_null(declared):
        return None
    kind = _kind(declared)
    if kind == "STRING":
        if not isinstance(value, str):
            return f"is a {type(value).__name__}, not text"
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            return "has a lone surrogate"
    elif kind == "INTEGER":
        if not isinstance(value, int) or isinstance(value, bool):
            return f"is a {type(value).__name__}, not a whole number"
        if not MIN_INTEGER <= value <= MAX_INTEGER:
            return "does not fit into 64 bits"
    return None


def root() -> Traversable:
    """The folder ``cypher/``: inside the installed package, or next to it in a checkout."""
    packaged = resources.files("lineage_graph") / "cypher"
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).resolve().parent.parent.parent / "cypher"
    if checkout.is_dir():
        return checkout
    raise QueryFileError("the folder cypher/ is missing: install the package again")


@cache
def load(name: str) -> Query:
    """The statement of this name, e.g. ``load("artifacts/get_artifact")``.

    Raises
    ------
    QueryFileError
        If there is no such file, or its header and its text disagree.
    """
    file = root().joinpath(f"{name}.cypher")
    if not file.is_file():
        raise QueryFileError(f"there is no statement cypher/{name}.cypher")
    return parse(name, file.read_text(encoding="utf-8"))


def names() -> Iterator[str]:
    """The names of all statements, without the migrations of the schema."""
    for folder in sorted(root().iterdir(), key=lambda entry: entry.name):
        if not folder.is_dir() or folder.name == "migrations":
            continue
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".cypher"):
                yield f"{folder.name}/{file.name.removesuffix('.cypher')}"


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in slices of a size, in order: as many as one statement takes."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def parse(name: str, text: str) -> Query:
    """A statement from the text of its file.

    Raises
    ------
    QueryFileError
        If the header is incomplete, or differs from the text.
    """
    prose: list[str] = []
    parameters: dict[str, str] = {}
    fields: dict[str, dict[str, str]] = {}
    returns: dict[str, str] = {}
    section: dict[str, str] | None = None
    path: list[str] = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        if line in ("// Parameters:", "// Parameters: none"):
            section, path = parameters, []
        elif line in ("// Returns:", "// Returns: nothing"):
            section, path = returns, []
        elif section is None:
            prose.append(line.removeprefix("//").strip())
        elif (entry := _ENTRY.fullmatch(line)) and (depth := len(entry[1]) - 3) in range(0, 2 * len(path) + 1, 2):
            path = [*path[: depth // 2], entry[2]]
            inside = ".".join(path[:-1])
            if inside and (section is returns or inside not in fields):
                raise QueryFileError(f"cypher/{name}.cypher: the header gives fields to {inside}, which has no rows")
            (fields[inside] if inside else section)[entry[2]] = entry[3]
            if section is parameters and _kind(entry[3]) == "LIST<MAP>":
                fields[".".join(path)] = {}
        else:
            raise QueryFileError(f"cypher/{name}.cypher: the header has a line that declares nothing: {line}")
    body = _STRING_OR_COMMENT.sub(" ", text)
    used = set(_PARAMETER.findall(body))
    if not any(prose):
        raise QueryFileError(f"cypher/{name}.cypher has no header that says what it does")
    if not _TITLE.fullmatch(prose[0]) or ". " in prose[0] or prose[1:2] != [""]:
        raise QueryFileError(
            f"cypher/{name}.cypher: the header begins with a title, a sentence of one line with an empty line below"
        )
    if used != parameters.keys():
        raise QueryFileError(
            f"cypher/{name}.cypher: the header names the parameters {sorted(parameters)}, the text uses {sorted(used)}"
        )
    _hold_rows(name, parameters, fields, body)
    if _returned_columns(body) != list(returns):
        raise QueryFileError(
            f"cypher/{name}.cypher: the header says that it returns {list(returns)}, "
            f"the text returns {_returned_columns(body)}"
        )
    return Query(name, prose[0], " ".join(filter(None, prose[1:])), parameters, fields, returns, text)


def _hold_rows(name: str, parameters: dict[str, str], fields: dict[str, dict[str, str]], body: str) -> None:
    """Refuse a statement that reads other fields of its rows than the header declares, or none that can be told."""
    if maps := [parameter for parameter, declared in parameters.items() if _kind(declared) == "MAP"]:
        raise QueryFileError(f"cypher/{name}.cypher: {maps} are maps: make each of their fields a parameter")
    # Variables that stand for a row, and what they are a row of.
    rows: dict[str, str] = {}
    for unwound, variable, element, source in _LIST_READ.findall(body):
        variable, source = variable or element, unwound or source
        first, _, inner = source.partition(".")
        path = first[1:] if first.startswith("$") else f"{rows[first]}.{inner}" if first in rows else ""
        if path in fields:
            if rows.get(variable, path) != path:
                raise QueryFileError(f"cypher/{name}.cypher: {variable} is a row of {rows[variable]} and of {path}")
            rows[variable] = path
    read: dict[str, set[str]] = {path: set() for path in fields}
    rest = _LIST_READ.sub(" ", re.sub(r"\bCALL \([^)]*\)|\bsize\([^)]*\)", " ", body))
    for variable, path in rows.items():
        read[path].update(re.findall(rf"(?<![.$\w]){variable}\.(\w+)", body))
        # Handed on as it is: all else that names the row without a field takes it as a whole.
        rest = re.sub(rf"(?:\bWITH(?: DISTINCT)?|,)\s*{variable}\b(?=\s*(?:,|$|(?!AS\b)[A-Z]))", " WITH ", rest)
        if re.search(rf"(?<![.$\w]){variable}\b(?!\s*\.)", rest):
            raise QueryFileError(
                f"cypher/{name}.cypher: {variable} is taken as a whole, so its fields cannot be held to the header"
            )
    if whole := [parameter for parameter in _PARAMETER.findall(rest) if parameter in fields]:
        raise QueryFileError(f"cypher/{name}.cypher: take the rows of {whole} apart with UNWIND or IN")
    for path, declared in fields.items():
        if read[path] != declared.keys():
            raise QueryFileError(
                f"cypher/{name}.cypher: the header gives {path} the fields {sorted(declared)}, "
                f"the text reads {sorted(read[path])}"
            )


def _returned_columns(body: str) -> list[str]:
    """The columns of the statement's last RETURN that is not inside a subquery."""
    depth = 0
    flat = ""
    for character in body:
        depth -= character in "}])"
        flat += character if depth == 0 else " "
        depth += character in "{[("
    found = re.split(r"\bRETURN\b", flat)
    if len(found) == 1:
        return []
    tail = _TAIL.split(found[-1])[0].removeprefix(" DISTINCT")
    return [column.split()[-1] for column in tail.split(",")]
