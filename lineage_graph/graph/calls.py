"""Calls as `lineage_graph.model.accesses` takes them: put together from what surrounds them in the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lineage_graph.graph.pending import PendingRecord
from lineage_graph.model.accesses import NAMES, Call
from lineage_graph.model.references import Reference

# From a call to its function, the object that this is taken from, the package of that, and the name of the package.
LEVELS = 5


@dataclass(frozen=True)
class Part:
    """A node near a call: what it is, the name or the value that it has, and what it calls and is given."""

    kind: str
    text: str | None
    text_type: str | None
    references: Iterable[Reference]

    @classmethod
    def of_record(cls, record: PendingRecord) -> Part:
        """The same of an operation that is pending."""
        assert record.group is not None
        kind, row = record.group[0], record.row
        text = row["name"] if kind == "LookupNode" else row.get("value")
        return cls(kind, text, row.get("value_type"), record.references)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Part:
        """The same of a row of ``derived/get_surroundings``."""
        references = [
            Reference(type_, row["id"], end, index, name, starred)
            for type_, end, index, name, starred in row["references"]
        ]
        return cls(row["kind"], row["text"], row["text_type"], references)

    def end(self, type_: str, index: int | None = None) -> str | None:
        """The id of what a reference of a type points to, at an index if one is given."""
        for reference in self.references:
            if reference.type == type_ and (index is None or reference.index == index):
                return reference.end_id
        return None


class Surroundings:
    """What surrounds calls, from the transaction's own operations and else from the database.

    Parameters
    ----------
    own : callable
        The record of an operation that the transaction has written, if it is still known.
    find : callable
        The rows of ``derived/get_surroundings`` for some ids.
    """

    def __init__(
        self,
        own: Callable[[str], PendingRecord | None],
        find: Callable[[set[str]], Iterable[Mapping[str, Any]]],
    ) -> None:
        self._own = own
        self._find = find
        self._parts: dict[str, Part] = {}

    def calls(self, ids: Iterable[str]) -> dict[str, Call]:
        """Those of some calls whose function has a name of interest, without what ``derived/get_contexts`` knows."""
        front = set(ids)
        wanted = sorted(front)
        for level in range(LEVELS):
            front = self._load(front)
            if level == 2:
                # The names of all functions are known now; few go on.
                wanted = [id_ for id_ in wanted if self._name(id_) in NAMES]
                front = {end for id_ in wanted for end in self._near(id_, 3)}
        return {id_: self._call(id_) for id_ in wanted}

    def _load(self, ids: set[str]) -> set[str]:
        """Get some nodes; the ids of those that they refer to."""
        missing = set()
        for id_ in ids - self._parts.keys():
            if record := self._own(id_):
                self._parts[id_] = Part.of_record(record)
            else:
                missing.add(id_)
        for row in self._find(missing):
            self._parts[row["id"]] = Part.of_row(row)
        return {end for id_ in ids for end in self._ends(id_)}

    def _ends(self, id_: str) -> Iterator[str]:
        if part := self._parts.get(id_):
            for reference in part.references:
                if reference.type in ("CALLS", "POSITIONAL_ARG", "KEYWORD_ARG"):
                    yield reference.end_id

    def _near(self, id_: str, depth: int) -> set[str]:
        """The nodes that are so many references away."""
        front = {id_}
        for _ in range(depth):
            front = {end for near in front for end in self._ends(near)}
        return front

    def _part(self, id_: str | None) -> Part | None:
        return self._parts.get(id_) if id_ is not None else None

    def _end(self, part: Part | None, type_: str, index: int | None = None) -> Part | None:
        return self._part(part.end(type_, index)) if part else None

    def _text(self, part: Part | None, index: int) -> str | None:
        """The literal that something is given at a position."""
        given = self._end(part, "POSITIONAL_ARG", index)
        return given.text if given and given.kind == "LiteralNode" else None

    def _calls(self, part: Part | None, name: str) -> bool:
        """Whether a call is one of a function by its name."""
        function = self._end(part, "CALLS")
        return function is not None and function.kind == "LookupNode" and function.text == name

    def _made_by(self, part: Part | None, name: str) -> bool:
        """Whether a call is one of an attribute of this name."""
        function = self._end(part, "CALLS")
        return function is not None and function.kind == "CallNode" and self._text(function, 1) == name

    def _name(self, id_: str) -> str | None:
        function = self._end(self._part(id_), "CALLS")
        if function is None:
            return None
        return function.text if function.kind == "LookupNode" else self._attribute(function)

    def _attribute(self, function: Part) -> str | None:
        return self._text(function, 1) if self._calls(function, "getattr") else None

    def _call(self, id_: str) -> Call:
        part = self._parts[id_]
        function = self._end(part, "CALLS")
        is_method = self._calls(function, "getattr")
        base = self._end(function, "POSITIONAL_ARG", 0) if is_method else None
        is_path = self._made_by(base, "Path")
        return Call(
            name=self._name(id_) or "",
            modules=[*self._modules(base), *(["pathlib"] if is_path else [])],
            path=self._text(base, 0) if is_path else None,
            folder=None,
            changes=(),
            arguments=list(self._arguments(part)),
            is_method=is_method,
        )

    def _modules(self, base: Part | None) -> Iterator[str]:
        """The module that this is, and the package that it is imported from; "PIL." of what is imported from PIL."""
        package = self._end(base, "POSITIONAL_ARG", 1)
        if self._calls(base, "l_import") and (name := self._text(base, 0)):
            yield name
        if self._calls(package, "l_import") and (name := self._text(package, 0)):
            yield name
        origin = self._end(base, "POSITIONAL_ARG", 0)
        if self._calls(base, "getattr") and self._calls(origin, "l_import") and (name := self._text(origin, 0)):
            yield f"{name}."

    def _arguments(self, part: Part) -> Iterator[list[Any]]:
        """Index, keyword, value and type of literals, starred; and of engines the literal of their URL."""
        for reference in part.references:
            if reference.type not in ("POSITIONAL_ARG", "KEYWORD_ARG"):
                continue
            index = reference.index if reference.type == "POSITIONAL_ARG" else None
            given = self._part(reference.end_id)
            text, type_ = (given.text, given.text_type) if given and given.kind == "LiteralNode" else (None, None)
            if self._made_by(given, "create_engine"):
                text, type_ = self._text(given, 0), "String"
            yield [index, reference.name, text, type_ if text is not None else None, bool(reference.starred)]
