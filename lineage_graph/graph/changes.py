"""What a transaction has written that edges across sessions may follow from, told from the pending records alone.

Few calls can read or write anything outside their session, and their functions and literals are mostly at hand. So
most commits ask the database nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from lineage_graph.graph.pending import PendingRecord
from lineage_graph.model.accesses import NAMES, PATH_NAMES
from lineage_graph.model.references import Reference

_NAMES = frozenset(NAMES)
_OPEN = "open()"

# LineaPy's function for an import: of the module that its first argument names, inside that of its second.
IMPORT = "l_import"


@dataclass
class Changes:
    """What edges across sessions are to be derived from.

    Attributes
    ----------
    calls : set of str
        Calls that may read or write an artifact, a file, a table or a URL.
    saves : set of str
        Calls that may save an artifact.
    imports : set of str
        Calls that may import a module.
    importing : set of str
        Sessions that an import node came to without the call that imports its package.
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
    saves: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    importing: set[str] = field(default_factory=set)
    artifacts: set[int] = field(default_factory=set)
    readers: set[str] = field(default_factory=set)
    arrived: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    losers: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return any(vars(self).values())


# The most operations that are kept of one transaction, and the most that all searches among them visit.
KEPT = 100_000
VISITED = 1_000_000


class Operations:
    """The operations that a transaction has written, as far as memory allows.

    It tells which calls may be accesses, from their functions and arguments, and what operations need. What it does not
    know, the database does.

    Parameters
    ----------
    name_functions : callable
        The names of those of these functions that were written before this transaction, by their ids.
    before : mapping of str to sequence of str
        What operations need that the same writer has committed before.

    Attributes
    ----------
    ends : dict of str to sequence of str
        What the operations of this transaction need.
    """

    def __init__(
        self,
        name_functions: Callable[[set[str]], Mapping[str, str | None]] = lambda _: {},
        before: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self._name_functions = name_functions
        self._before = before
        # What each needs; functions by their names; texts that are names; texts.
        self.ends: dict[str, Sequence[str]] = {}
        self._records: dict[str, PendingRecord] = {}
        self._functions: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._texts: set[str] = set()

    def is_new(self, id_: str) -> bool:
        """Whether this transaction has written an operation."""
        return id_ in self.ends

    def record(self, id_: str) -> PendingRecord | None:
        """An operation that this transaction has written."""
        return self._records.get(id_)

    def __contains__(self, id_: str) -> bool:
        return id_ in self.ends or id_ in self._before

    def add(self, records: Iterable[PendingRecord], changes: Changes) -> None:
        """Take in operations that were just written, and add what edges may follow from to the changes.

        A call that refers to an operation which is still missing is looked at again when that arrives.
        """
        if len(self.ends) > KEPT:
            self.ends.clear()
            self._records.clear()
            self._functions.clear()
            self._names.clear()
            self._texts.clear()
        calls: list[PendingRecord] = []
        imported: list[PendingRecord] = []
        for record in records:
            assert record.group is not None
            kind, id_ = record.group[0], record.row["id"]
            self._records[id_] = record
            # Kept as long as the client, so in as little memory as it takes: no id is there twice.
            self.ends[id_] = tuple(self._same(reference.end_id) for reference in record.references)
            if kind == "CallNode":
                calls.append(record)
            elif kind == "ImportNode":
                imported.append(record)
            elif kind == "LookupNode":
                # Of functions that are no attributes, open alone is an access.
                if record.row["name"] == "open":
                    self._functions[id_] = _OPEN
                elif record.row["name"] == IMPORT:
                    self._functions[id_] = IMPORT
            elif kind == "LiteralNode" and record.row["value_type"] == "String":
                self._texts.add(id_)
                if record.row["value"] in _NAMES:
                    self._names[id_] = record.row["value"]
        for call in calls:
            # getattr(object, "name"), whose second argument is mostly written with it.
            for reference in call.references:
                if reference.type == "POSITIONAL_ARG" and reference.index == 1:
                    if name := self._names.get(reference.end_id):
                        self._functions[call.row["id"]] = name
                    elif reference.end_id not in self.ends:
                        self._functions[call.row["id"]] = ""
        elsewhere: dict[str, list[str]] = {}
        packages: set[tuple[str, str]] = set()
        for call in calls:
            for reference in call.references:
                if reference.type == "CALLS":
                    function = reference.end_id
                    if function not in self.ends:
                        elsewhere.setdefault(function, []).append(call.row["id"])
                        continue
                    name = self._functions.get(function)
                    if name == IMPORT:
                        changes.imports.add(call.row["id"])
                        packages.update((_session(call), text) for text in self._texts_given(call.references))
                        continue
                    if name == "save" and self._may_be_text(call.references, 1):
                        changes.saves.add(call.row["id"])
                    if name is not None and self._may_access(name, call.references):
                        changes.calls.add(call.row["id"])
        if elsewhere:
            for function, name in self._name_functions(set(elsewhere)).items():
                if name in _NAMES:
                    changes.calls.update(elsewhere[function])
                elif name == IMPORT:
                    changes.imports.update(elsewhere[function])
        for record in imported:
            if (_session(record), record.row["name"].partition(".")[0]) not in packages:
                changes.importing.add(_session(record))
        for record in records:
            # A mutation says that a call writes; mostly it is written with it.
            for reference in record.references:
                if reference.type == "MUTATED_BY" and reference.end_id not in self.ends:
                    changes.calls.add(reference.end_id)

    def _texts_given(self, references: Iterable[Reference]) -> Iterator[str]:
        """The texts that a call is given by position, as far as they are known."""
        for reference in references:
            if reference.type == "POSITIONAL_ARG" and reference.end_id in self._texts:
                yield self._records[reference.end_id].row["value"]

    def _same(self, id_: str) -> str:
        """The same id: that of the operation's own record, where it is known."""
        record = self._records.get(id_)
        return id_ if record is None else record.row["id"]

    def _may_access(self, name: str, references: Sequence[Reference]) -> bool:
        """Whether an argument that can name a dataset is a text, or was written before."""
        if not name or name in PATH_NAMES:
            return True
        # joblib.dump(value, path) is the only one whose path is second.
        return self._may_be_text(references, 1 if name == "dump" else 0)

    def _may_be_text(self, references: Iterable[Reference], index: int) -> bool:
        """Whether a positional argument, or one with a name, is a text or was written before."""
        return any(
            each.end_id in self._texts or each.end_id not in self.ends
            for each in references
            if each.type == "KEYWORD_ARG" or (each.type == "POSITIONAL_ARG" and each.index == index)
        )

    def needed_by(
        self, id_: str, more: Mapping[str, str], budget: list[int], *, only_new: bool = False
    ) -> set[str] | None:
        """The operations that one needs, itself included.

        Parameters
        ----------
        id_ : str
        more : mapping of str to str
            What operations need in addition.
        budget : list of int
            How many operations all searches may still visit.
        only_new : bool
            Whether those of earlier transactions are not enough.

        Returns
        -------
        set of str, or None
            None if it needs one that is not known, or there are too many.
        """
        seen = {id_}
        waiting = [id_]
        while waiting:
            here = waiting.pop()
            ends = self.ends.get(here)
            if ends is None and not only_new:
                ends = self._before.get(here)
            if ends is None:
                return None
            for end in ends:
                if end not in seen:
                    seen.add(end)
                    waiting.append(end)
            if (end := more.get(here, here)) not in seen:
                seen.add(end)
                waiting.append(end)
            budget[0] -= 1
            if budget[0] < 0:
                return None
        return seen


def _session(record: PendingRecord) -> str:
    assert record.group is not None
    return record.group[1]
