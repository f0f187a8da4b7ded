"""What a transaction has written that edges across sessions may follow from, told from the pending records alone.

Few calls can read or write anything outside their session, and their functions and literals are mostly at hand. So
most commits ask the database nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lineage_graph.graph.pending import PendingRecord
from lineage_graph.model.accesses import NAMES, PATH_NAMES
from lineage_graph.model.references import Reference

_NAMES = frozenset(NAMES)


@dataclass
class Changes:
    """What edges across sessions are to be derived from.

    Attributes
    ----------
    calls : set of str
        Calls that may read or write an artifact, a file, a table or a URL.
    artifacts : set of int
        Artifacts that were written.
    readers : set of str
        Calls that are known to have got an artifact, or whose artifact was deleted.
    arrived : set of str
        Nodes that others referred to before they came.
    sessions : set of str
        Sessions that came after nodes of theirs.
    losers : set of str
        Sessions that used an artifact which was deleted.
    """

    calls: set[str] = field(default_factory=set)
    artifacts: set[int] = field(default_factory=set)
    readers: set[str] = field(default_factory=set)
    arrived: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    losers: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return any((self.calls, self.artifacts, self.readers, self.arrived, self.sessions, self.losers))


class Candidates:
    """Tells which calls of a transaction may be accesses, from their functions and arguments.

    Parameters
    ----------
    is_function_of_interest : callable
        Which of these functions, which were written before this transaction, have a name of interest.
    """

    def __init__(self, is_function_of_interest: Callable[[set[str]], set[str]]) -> None:
        self._is_function_of_interest = is_function_of_interest
        # Of what this transaction has written: all nodes, functions by their names, and texts.
        self._written: set[str] = set()
        self._functions: dict[str, str] = {}
        self._texts: set[str] = set()

    def among(self, records: Iterable[PendingRecord]) -> set[str]:
        """The calls that may be accesses, of operations that were just written.

        A call that refers to an operation which is still missing is looked at again when that arrives.
        """
        calls: list[PendingRecord] = []
        names: dict[str, str] = {}
        for record in records:
            assert record.group is not None
            kind, id_ = record.group[0], record.row["id"]
            self._written.add(id_)
            if kind == "CallNode":
                calls.append(record)
            elif kind == "LookupNode":
                if record.row["name"] in _NAMES:
                    self._functions[id_] = record.row["name"]
            elif kind == "LiteralNode" and record.row["value_type"] == "String":
                self._texts.add(id_)
                if record.row["value"] in _NAMES:
                    names[id_] = record.row["value"]
        for call in calls:
            # getattr(object, "name"), whose second argument is mostly written with it.
            for reference in call.references:
                if reference.type == "POSITIONAL_ARG" and reference.index == 1:
                    if name := names.get(reference.end_id):
                        self._functions[call.row["id"]] = name
                    elif reference.end_id not in self._written:
                        self._functions[call.row["id"]] = ""
        found: set[str] = set()
        elsewhere: dict[str, list[str]] = {}
        for call in calls:
            for reference in call.references:
                if reference.type == "CALLS":
                    function = reference.end_id
                    if function not in self._written:
                        elsewhere.setdefault(function, []).append(call.row["id"])
                    elif (name := self._functions.get(function)) is not None and (
                        not name or name in PATH_NAMES or self._has_text(call.references)
                    ):
                        found.add(call.row["id"])
        if elsewhere:
            for function in self._is_function_of_interest(set(elsewhere)):
                found.update(elsewhere[function])
        for record in records:
            # A mutation says that a call writes; mostly it is written with it.
            for reference in record.references:
                if reference.type == "MUTATED_BY" and reference.end_id not in self._written:
                    found.add(reference.end_id)
        return found

    def _has_text(self, references: Iterable[Reference]) -> bool:
        return any(
            reference.end_id in self._texts or reference.end_id not in self._written
            for reference in references
            if reference.type in ("POSITIONAL_ARG", "KEYWORD_ARG")
        )
