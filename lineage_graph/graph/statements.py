"""Loads the statements in ``cypher/`` by name, and checks each against its header.

A file holds one statement under a header of comment lines::

    // What it answers or writes.
    //
    // Parameters:
    //   name: STRING    what it is
    // Returns:
    //   column: INTEGER    what it is

A header without parameters or columns says ``Parameters: none`` or ``Returns: nothing``. No statement is ever built
from strings: choose a label or a relationship type by choosing a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage_graph.errors import InvalidArgument, QueryFileError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # not in Python 3.10

# Cypher's integers have 64 bits.
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1

_ENTRY = re.compile(r"//   (\w+): (\S.*)")
_PARAMETER = re.compile(r"\$(\w+)")
_STRING_OR_COMMENT = re.compile(r"'[^']*'|\"[^\"]*\"|//[^\n]*")
_TAIL = re.compile(r"\b(ORDER BY|SKIP|LIMIT)\b")


@dataclass(frozen=True)
class Query:
    """One statement with the contents of its header.

    Attributes
    ----------
    name : str
        Folder and file name without the ending, e.g. ``"artifacts/get_artifact"``.
    summary : str
        The first lines of the header: what the statement answers or writes.
    parameters, returns : dict of str to str
        Name to type and description, in the order of the header.
    text : str
        The whole file, as sent to the server.
    """

    name: str
    summary: str
    parameters: dict[str, str]
    returns: dict[str, str]
    text: str = field(repr=False)

    def bind(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters, if they are exactly those of the header and of its types.

        Raises
        ------
        QueryFileError
            If one is missing, or is not in the header.
        InvalidArgument
            If one has another type, or cannot be stored: text with lone surrogates, a number beyond 64 bits.
        """
        if parameters.keys() != self.parameters.keys():
            raise QueryFileError(f"{self.name} takes {sorted(self.parameters)}, but was given {sorted(parameters)}")
        for name, value in parameters.items():
            if problem := _problem_with(value, self.parameters[name]):
                raise InvalidArgument(f"{name} {problem}")
        return parameters


def _problem_with(value: object, declared: str) -> str | None:
    """The reason why a value is not the text or number that a header declares; None if it is."""
    kind = declared.partition("  ")[0]
    if value is None and kind.endswith(" | NULL"):
        return None
    kind = kind.removesuffix(" | NULL")
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


def parse(name: str, text: str) -> Query:
    """A statement from the text of its file.

    Raises
    ------
    QueryFileError
        If the header is incomplete, or differs from the text.
    """
    summary: list[str] = []
    parameters: dict[str, str] = {}
    returns: dict[str, str] = {}
    section: dict[str, str] | None = None
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        if line in ("// Parameters:", "// Parameters: none"):
            section = parameters
        elif line in ("// Returns:", "// Returns: nothing"):
            section = returns
        elif section is None:
            summary.append(line.removeprefix("//").strip())
        elif entry := _ENTRY.fullmatch(line):
            section[entry[1]] = entry[2]
    body = _STRING_OR_COMMENT.sub(" ", text)
    used = set(_PARAMETER.findall(body))
    if not any(summary):
        raise QueryFileError(f"cypher/{name}.cypher has no header that says what it does")
    if used != parameters.keys():
        raise QueryFileError(
            f"cypher/{name}.cypher: the header names the parameters {sorted(parameters)}, the text uses {sorted(used)}"
        )
    if _returned_columns(body) != list(returns):
        raise QueryFileError(
            f"cypher/{name}.cypher: the header says that it returns {list(returns)}, "
            f"the text returns {_returned_columns(body)}"
        )
    return Query(name, " ".join(summary).strip(), parameters, returns, text)


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
