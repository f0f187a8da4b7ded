"""Edges that follow from what is recorded: which artifacts and datasets calls read and write, and what that connects.

`derive` runs in the transaction that writes the records, so that these edges are there with the commit or not at all.
The same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lineage_graph.graph import statements
from lineage_graph.graph.calls import Surroundings
from lineage_graph.graph.changes import VISITED, Changes, Operations
from lineage_graph.graph.statements import batches
from lineage_graph.model.accesses import Access, Call, access, artifact_read

FIND_IN_SESSIONS = statements.load("derived/find_in_sessions")
FIND_CALLS_NEARBY = statements.load("derived/find_calls_nearby")
GET_SURROUNDINGS = statements.load("derived/get_surroundings")
GET_CONTEXTS = statements.load("derived/get_contexts")
FIND_READERS_OF_ARTIFACTS = statements.load("derived/find_readers_of_artifacts")
FIND_READERS_OF_SAVES = statements.load("derived/find_readers_of_saves")
FIND_MARKS = statements.load("derived/find_marks")
LOCK = statements.load("derived/lock_derivation")
LINK_ACCESSES = statements.load("derived/link_accesses")
UNLINK_ACCESSES = statements.load("derived/unlink_accesses")
NAME_ARTIFACT_READS = statements.load("derived/name_artifact_reads")
INFER_ARTIFACT_READS = statements.load("derived/infer_artifact_reads")
LINK_ARTIFACT_READS = statements.load("derived/link_artifact_reads")
FIND_LATER_READERS = statements.load("derived/find_later_readers")
LINK_READS_TO_WRITES = statements.load("derived/link_reads_to_writes")
FIND_INPUTS = statements.load("derived/find_inputs")
FIND_INPUTS_OF_SAVED = statements.load("derived/find_inputs_of_saved")
LINK_INPUTS = statements.load("derived/link_inputs")
LINK_SESSIONS = statements.load("derived/link_sessions")
UNLINK_SESSIONS = statements.load("derived/unlink_sessions")
FIND_IMPORTS = statements.load("derived/find_imports")
LINK_IMPORTS = statements.load("derived/link_imports")

# Runs one statement in a transaction: ``run(query, **parameters)`` gives its rows.
Run = Callable[..., Sequence[Mapping[str, Any]]]

# The most ids in one statement.
BATCH = 2_000

# The database searches for so many nodes faster than it lists what their sessions read, wrote and saved.
FEW = 3


def derive(run: Run, changes: Changes, operations: Operations | None = None, *, is_rebuild: bool = False) -> None:
    """Derive what follows from records that a transaction has written.

    Call it after these are written. Other transactions that derive wait until this one has ended.

    Parameters
    ----------
    run : callable
        Runs a statement in the transaction: ``run(query, **parameters)``, as `GraphWriter.run`.
    changes : Changes
    operations : Operations, optional
        The operations that the transaction has written. What they need is not asked of the database.
    is_rebuild : bool
        Whether to delete what is recorded of the calls and does not follow any more. In a commit nothing of the kind
        can be there: a call is an access as soon as everything that makes it one is there.
    """
    if changes:
        # What came after others referred to it is needed by operations of other transactions.
        known = Operations() if operations is None or changes.arrived else operations
        _Derivation(run, known).derive(changes, is_rebuild)


def link_imports(run: Run, changes: Changes) -> None:
    """Connect calls that import a package to the library that the import nodes of their session know.

    LineaPy records an import twice: as the call that imports, which others refer to, and as a node that knows the
    library and that nothing refers to. Call it after `derive`, and after the import nodes are connected.

    Parameters
    ----------
    run : callable
        As `derive` takes it.
    changes : Changes
    """
    calls = changes.imports | {row["id"] for row in _rows(run, FIND_IMPORTS, changes.importing)}
    # What arrived late may be a part of an import: its function, or the literal that names the package.
    calls.update(row["id"] for row in _rows(run, FIND_CALLS_NEARBY, changes.arrived))
    _rows(run, LINK_IMPORTS, calls)


class _Derivation:
    def __init__(self, run: Run, operations: Operations) -> None:
        self._run = run
        self._operations = operations
        # Calls that read datasets, write them, and got artifacts, of which edges may have changed.
        self._readers: set[str] = set()
        self._writers: set[str] = set()
        self._getters: set[str] = set()
        # Other nodes that outputs need anew, and what may be outputs themselves: nodes of artifacts, calls that write.
        self._seeds: set[str] = set()
        self._outputs: set[str] = set()
        # The nodes of artifacts among these.
        self._saved: set[str] = set()
        # Of calls that read what their own session wrote: the call that wrote it.
        self._read_from: dict[str, str] = {}
        # Sessions that may have lost what they used.
        self._losers: set[str] = set()

    def derive(self, changes: Changes, is_rebuild: bool) -> None:
        self._run(LOCK)
        calls, artifacts = set(changes.calls), set(changes.artifacts)
        self._getters |= changes.readers
        self._seeds |= changes.arrived
        self._losers |= changes.losers
        for row in self._rows(FIND_IN_SESSIONS, changes.sessions):
            calls.update(row["calls"])
            artifacts.update(row["artifacts"])
            self._getters.update(row["calls"])
        calls.update(row["id"] for row in self._rows(FIND_CALLS_NEARBY, changes.arrived))
        found = self._calls(calls)
        getters: set[str] = set()
        for row in self._rows(FIND_READERS_OF_ARTIFACTS, artifacts):
            self._saved.add(row["node_id"])
            self._getters.update(row["readers"])
            getters.update(row["getters"])
        self._outputs |= self._saved
        saves = changes.saves | {id_ for id_, call in found.items() if call.name == "save"}
        getters.update(row["id"] for row in self._rows(FIND_READERS_OF_SAVES, saves))
        self._link_datasets(found, calls if is_rebuild else set())
        self._link_artifacts(found, getters)
        self._link_inputs()
        self._rows(LINK_SESSIONS, self._readers | self._getters)
        self._rows(UNLINK_SESSIONS, self._losers)

    def _calls(self, ids: set[str]) -> dict[str, Call]:
        """Those of some calls whose function has a name of interest."""
        surroundings = Surroundings(self._operations.record, lambda missing: self._rows(GET_SURROUNDINGS, missing))
        calls = surroundings.calls(ids)
        needy = [id_ for id_, call in calls.items() if artifact_read(call) is None]
        for row in self._rows(GET_CONTEXTS, needy):
            calls[row["id"]] = replace(calls[row["id"]], folder=row["folder"], changes=row["changes"])
        return calls

    def _link_datasets(self, calls: Mapping[str, Call], checked: set[str]) -> None:
        accesses = {id_: what for id_, call in calls.items() if (what := access(call)) is not None}
        for row in self._batches(UNLINK_ACCESSES, [_uris(id_, accesses.get(id_)) for id_ in sorted(checked)]):
            self._readers.update(row["readers"])
        self._batches(
            LINK_ACCESSES,
            [
                {
                    "id": id_,
                    "uri": what.uri,
                    "name": what.name,
                    "reads": what.mode != "write",
                    "writes": what.mode != "read",
                }
                for id_, what in sorted(accesses.items())
            ],
        )
        self._writers = {id_ for id_, what in accesses.items() if what.mode != "read"}
        self._outputs |= self._writers
        self._readers.update(id_ for id_, what in accesses.items() if what.mode != "write")
        self._readers.update(row["id"] for row in self._rows(FIND_LATER_READERS, self._writers))
        for row in self._rows(LINK_READS_TO_WRITES, self._readers):
            if row["writer_id"] is not None:
                self._read_from[row["id"]] = row["writer_id"]
            if row["stale"] is not None:
                self._losers.add(row["stale"])

    def _link_artifacts(self, calls: Mapping[str, Call], getters: set[str]) -> None:
        named: list[dict[str, Any]] = [
            {"id": id_, "name": read.name, "version": read.version}
            for id_, call in calls.items()
            if (read := artifact_read(call)) is not None
        ]
        self._batches(NAME_ARTIFACT_READS, named)
        getters = getters | {row["id"] for row in named}
        self._losers.update(row["session_id"] for row in self._rows(INFER_ARTIFACT_READS, getters))
        self._rows(LINK_ARTIFACT_READS, getters)
        self._getters |= getters

    def _link_inputs(self) -> None:
        """Connect outputs to what they need: in memory as far as their operations are known, else by the database."""
        changed = self._seeds | self._outputs | self._readers | self._getters
        here = {id_ for id_ in changed if self._operations.is_new(id_)}
        # Only operations of this transaction need those of it.
        asked = changed - here
        rows: list[dict[str, Any]] = []
        budget = [VISITED]
        for id_ in sorted(self._outputs & here):
            needed = self._operations.needed_by(id_, self._read_from, budget, only_new=True)
            if needed is None:
                asked.add(id_)
            elif (inputs := needed & here) != {id_} or id_ in self._writers | self._readers | self._getters:
                rows.append({"id": id_, "inputs": sorted(inputs), "is_whole": True})
        if len(asked) > FEW and (more := self._in_memory(changed, asked, budget)) is not None:
            rows += more
        else:
            # To save a node changes nothing but that there is one input more for what needs it.
            saved = asked & self._saved - self._seeds - self._writers - self._readers - self._getters
            rows += map(dict, self._rows(FIND_INPUTS, asked - saved))
            rows += map(dict, self._rows(FIND_INPUTS_OF_SAVED, saved))
        self._batches(LINK_INPUTS, rows)

    def _in_memory(self, changed: set[str], asked: set[str], budget: list[int]) -> list[dict[str, Any]] | None:
        """The same as the database finds, from the operations that are known; None where they are not enough."""
        if not all(id_ in self._operations for id_ in asked):
            return None
        marks, outputs = set(), set()
        read_from = dict(self._read_from)
        for row in self._rows(FIND_MARKS, asked):
            marks.add(row["id"])
            if row["is_output"]:
                outputs.add(row["id"])
            # A call reads one dataset at most.
            read_from.update((row["id"], writer) for writer in row["read_from"])
        rows = []
        for id_ in sorted(outputs):
            needed = self._operations.needed_by(id_, read_from, budget)
            if needed is None:
                return None
            if needed & changed:
                rows.append({"id": id_, "inputs": sorted(needed & marks), "is_whole": True})
        return rows

    def _rows(self, query: statements.Query, ids: Iterable[Any]) -> list[Mapping[str, Any]]:
        return _rows(self._run, query, ids)

    def _batches(self, query: statements.Query, rows: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
        return [row for batch in batches(rows, BATCH) for row in self._run(query, rows=batch)]


def _rows(run: Run, query: statements.Query, ids: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The rows of a statement for ids, in one order for all writers; nothing is asked where there are none."""
    return [row for batch in batches(sorted(ids), BATCH) for row in run(query, ids=batch)]


def _uris(id_: str, what: Access | None) -> dict[str, Any]:
    return {
        "id": id_,
        "reads": what.uri if what and what.mode != "write" else None,
        "writes": what.uri if what and what.mode != "read" else None,
    }
