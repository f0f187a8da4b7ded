"""The code that an artifact was computed by: the places come from one statement, their lines are put together here.

As LineaPy 0.2.3 does it (``lineapy/graph_reader/program_slice.py``, Apache-2.0), byte for byte: the same lines, imports
first, ``pass`` where a branch has nothing left, and black's and isort's layout where these are installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lineage_graph.errors import DatabaseUnavailable, NameNotFound
from lineage_graph.graph import statements
from lineage_graph.graph.statements import Query
from lineage_graph.lineage.corrections import correct
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.results import Item, Result
from lineage_graph.lineage.starts import Found

GET_SLICE_SINKS = statements.load("lineage/get_slice_sinks")
GET_SLICE = statements.load("lineage/get_slice")
GET_SOURCES_OF_SESSION = statements.load("lineage/get_sources_of_session")
FIND_VALUE_OF_ARTIFACT = statements.load("lineage/find_value_of_artifact")

_FIRST, _LAST, _IS_IMPORT, _IS_EMPTY = range(4)
_LINEAPY_CALLS = re.compile(
    r"lineapy\.(?:save\(([\w]+),\s*[\"\']([\w\-\s]+)[\"\']\)|get\([\"\']([\w\-\s]+)[\"\']\)\.get_value\(\))"
)


class AddedLine(Result):
    """A line that a corrected slice has and LineaPy's has not: where it stands, its text, and why it is needed."""

    file: str
    line: int
    text: str
    reason: str


class Code(Result):
    """The code that an artifact was computed by.

    ``str()`` of it is its text.

    Attributes
    ----------
    start : Item
        The artifact.
    text : str
    added : tuple of AddedLine
        Of corrected code: what was added to LineaPy's slice.
    """

    start: Item
    text: str
    added: tuple[AddedLine, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass
class SlicedSource:
    """One source code, and which of its lines are part of a slice, from 1."""

    id: str
    code: str
    path: str | None
    execution_count: int | None
    body: set[int] = field(default_factory=set)
    imports: set[int] = field(default_factory=set)
    empty: set[int] = field(default_factory=set)  # after these, a branch with nothing left ends

    @property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.code.split("\n")

    @property
    def place(self) -> str:
        """What a person knows it by."""
        return self.path if self.path is not None else f"cell {self.execution_count}"

    @property
    def order(self) -> tuple[int, str]:
        """Cells come in the order in which they ran."""
        return (self.execution_count or 0, self.id)


def slice_code(
    found: Found,
    reader: Reader,
    deadline: Deadline,
    *,
    use_lineapy_serialization: bool = True,
    keep_lineapy_save: bool = False,
    include_non_slice_as_comment: bool = False,
    corrected: bool = False,
    idle_branches: bool = True,
) -> Code:
    """The code of an artifact, with LineaPy's options.

    Parameters
    ----------
    idle_branches : bool
        Keep the branches of the session that did not run, as LineaPy does, and what these need.

    Raises
    ------
    DatabaseUnavailable
        If the deadline passes first: half a slice is none.
    NameNotFound
        If the code gets an artifact that is not there, and its location is asked for.
    """
    assert found.node_id is not None
    assert found.item.session_id is not None

    def read(query: Query, **parameters: Any) -> list[Any]:
        result = reader.read(query, deadline, **parameters)
        if not result.complete:
            raise DatabaseUnavailable("the database did not give the code in time: give the question more time")
        return list(result.rows)

    session_id = found.item.session_id
    sinks = [
        (row["save"] if keep_lineapy_save else None) or row["id"]
        for row in read(GET_SLICE_SINKS, id=found.node_id)
        if idle_branches or row["id"] == found.node_id
    ]
    sources = [_sliced(row) for row in read(GET_SLICE, ids=sinks, session_id=session_id)]
    added: tuple[AddedLine, ...] = ()
    as_comment = include_non_slice_as_comment
    if corrected or as_comment:
        known = {source.id for source in sources}
        others = [row for row in read(GET_SOURCES_OF_SESSION, session_id=session_id) if row["id"] not in known]
        sources += [_sliced(row) for row in others]
    sources.sort(key=lambda source: source.order)
    if corrected:
        added = _correct(sources)
    text = prettify("\n".join(_imports(sources, as_comment) + _body(sources, as_comment)) + "\n")
    if not use_lineapy_serialization:
        text = _without_lineapy(text, lambda name: _location(read(FIND_VALUE_OF_ARTIFACT, name=name), name))
    # A second time, as LineaPy does: black may lay out its own output once more.
    return Code(start=found.item, text=prettify(text), added=added)


def _sliced(row: Mapping[str, Any]) -> SlicedSource:
    source = SlicedSource(row["id"], row["code"], row["path"], row["execution_count"])
    for span in row.get("spans") or ():
        lines = range(span[_FIRST], span[_LAST] + 1)
        (source.imports if span[_IS_IMPORT] else source.body).update(lines)
        if span[_IS_EMPTY]:
            source.empty.add(span[_LAST])
    return source


def _imports(sources: Iterable[SlicedSource], as_comment: bool) -> list[str]:
    text: list[str] = []
    for source in sources:
        if source.imports and as_comment:
            text += _commented(source.lines, source.imports)
        else:
            text += [source.lines[line - 1] for line in sorted(source.imports)]
    return text


def _body(sources: Iterable[SlicedSource], as_comment: bool) -> list[str]:
    text: list[str] = []
    for source in sources:
        lines = source.lines
        if as_comment:
            text += _commented(lines, source.body)
            continue
        for line in sorted(source.body):
            text.append(lines[line - 1])
            if line in source.empty:
                indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
                text.append(" " * (indent + 1) + "pass")
    return text


def _commented(lines: list[str], kept: set[int]) -> list[str]:
    return [line if number in kept else f"# {line}" for number, line in enumerate(lines, 1)]


def prettify(code: str) -> str:
    """Code in the layout of isort and black, each where it is installed; what is not Python stays as it is."""
    laid_out = code
    try:
        import isort

        laid_out = isort.code(laid_out, float_to_top=True, profile="black")
    except ImportError:
        pass
    try:
        import black
    except ImportError:
        return laid_out
    try:
        return str(black.format_str(laid_out, mode=black.Mode()))
    except black.InvalidInput:
        return code


def _without_lineapy(code: str, location_of: Any) -> str:
    """Code that pickles and unpickles values itself, where it used LineaPy for that."""

    def replace(match: re.Match[str]) -> str:
        if match[1] is not None:
            return f'pickle.dump({match[1]},open("{location_of(match[2])}","wb"))'
        return f'pickle.load(open("{location_of(match[3])}","rb"))'

    swapped, count = _LINEAPY_CALLS.subn(replace, code)
    if not count:
        return code
    swapped = "import pickle\n" + swapped
    if not re.search(r"lineapy\.(.*)", swapped):
        swapped = re.sub(r"import lineapy\n", "\n", swapped)
    return swapped


def _location(rows: list[Any], name: str) -> str | None:
    if not rows:
        raise NameNotFound(f"the code uses the artifact {name!r}, which is not there any more")
    location: str | None = rows[0]["value"]
    return location


def _correct(sources: list[SlicedSource]) -> tuple[AddedLine, ...]:
    """Add to the lines of sources what their slice needs besides; the lines that were added."""
    correction = correct([(source.code, source.body | source.imports) for source in sources])
    for source, empty in zip(sources, correction.empty, strict=True):
        source.empty = empty
    added = []
    for addition in correction.additions:
        source = sources[addition.source]
        (source.imports if addition.is_import else source.body).add(addition.line)
        text = source.lines[addition.line - 1]
        added.append(
            (addition.source, AddedLine(file=source.place, line=addition.line, text=text, reason=addition.reason))
        )
    return tuple(line for _, line in sorted(added, key=lambda pair: (pair[0], pair[1].line)))
