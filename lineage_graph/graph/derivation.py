"""Edges that follow from what is recorded: which artifacts and datasets calls read and write, and what that connects.

`derive` runs in the transaction that writes the records, with their ids, so that these edges are there with the
commit or not at all. The same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lineage_graph.graph import statements
from lineage_graph.model.accesses import NAMES, Call, access, artifact_read

FIND_ACCESSES = statements.load("derived/find_accesses")
LINK_READS = statements.load("derived/link_reads")
LINK_WRITES = statements.load("derived/link_writes")
NAME_ARTIFACT_READS = statements.load("derived/name_artifact_reads")
FIND_READERS_OF_ARTIFACTS = statements.load("derived/find_readers_of_artifacts")
FIND_READERS_OF_NODES = statements.load("derived/find_readers_of_nodes")
FIND_NODES_OF_ARTIFACTS = statements.load("derived/find_nodes_of_artifacts")
INFER_ARTIFACT_READS = statements.load("derived/infer_artifact_reads")
LINK_ARTIFACT_READS = statements.load("derived/link_artifact_reads")
FIND_LATER_READERS = statements.load("derived/find_later_readers")
LINK_READS_TO_WRITES = statements.load("derived/link_reads_to_writes")
FIND_OUTPUTS = statements.load("derived/find_outputs")
LINK_INPUTS = statements.load("derived/link_inputs")
LINK_SESSIONS = statements.load("derived/link_sessions")

# Runs one statement in a transaction: ``run(query, **parameters)`` gives its rows.
Run = Callable[..., Sequence[Mapping[str, Any]]]


def derive(
    run: Run,
    node_ids: Sequence[str],
    artifact_ids: Sequence[int],
    exact_reads: Iterable[tuple[str, str, int]] = (),
) -> None:
    """Derive what follows from records that a transaction has written.

    Call it after everything else of the transaction is written; more than some ten thousand ids go in batches.

    Parameters
    ----------
    run : callable
        Runs a statement in the transaction: ``run(query, **parameters)``, as `GraphWriter.run`.
    node_ids : sequence of str
        The nodes that were written, and the calls whose references arrived only now.
    artifact_ids : sequence of int
        The artifacts that were written.
    exact_reads : iterable of (call id, artifact name, version), optional
        What calls are known to have got, where the adapter handed it out; everything else is inferred.
    """
    exact: list[dict[str, Any]] = [{"id": id_, "name": name, "version": version} for id_, name, version in exact_reads]
    rows = [_call(row) for row in run(FIND_ACCESSES, ids=list(node_ids), names=list(NAMES))] if node_ids else []
    named: list[dict[str, Any]] = [
        {"id": id_, "name": read.name, "version": read.version}
        for id_, call in rows
        if (read := artifact_read(call)) is not None
    ]
    # Exact edges come first, since they stay.
    for reads in (exact, named):
        if reads:
            run(NAME_ARTIFACT_READS, rows=reads)
    getters = {read["id"] for read in (*exact, *named)}
    if artifact_ids:
        getters.update(row["id"] for row in run(FIND_READERS_OF_ARTIFACTS, ids=list(artifact_ids)))
    readers, writers = _link_datasets(run, rows)
    seeds = {*readers, *writers}
    if getters:
        run(INFER_ARTIFACT_READS, ids=sorted(getters))
        seeds.update(row["id"] for row in run(LINK_ARTIFACT_READS, ids=sorted(getters)))
    if artifact_ids:
        nodes = [row["id"] for row in run(FIND_NODES_OF_ARTIFACTS, ids=list(artifact_ids))]
        seeds.update(nodes)
        seeds.update(row["id"] for row in run(FIND_READERS_OF_NODES, ids=nodes))
    if not seeds:
        return
    outputs = sorted(row["id"] for row in run(FIND_OUTPUTS, ids=sorted(seeds)))
    if outputs:
        run(LINK_INPUTS, ids=outputs)
    if connected := sorted(readers | getters):
        run(LINK_SESSIONS, ids=connected)


def _call(row: Mapping[str, Any]) -> tuple[str, Call]:
    return row["id"], Call(
        name=row["name"],
        modules=row["modules"],
        path=row["path"],
        folder=row["folder"],
        changes=row["changes"],
        arguments=row["arguments"],
    )


def _link_datasets(run: Run, calls: Iterable[tuple[str, Call]]) -> tuple[set[str], set[str]]:
    """Connect calls to what they read and write; the ids of those that read, and of those that write."""
    found = [(id_, what) for id_, call in calls if (what := access(call)) is not None]
    # In one order by all writers, since datasets are shared.
    found.sort(key=lambda pair: (pair[1].uri, pair[0]))
    reads = [{"id": id_, "uri": what.uri, "name": what.name} for id_, what in found if what.mode != "write"]
    writes = [{"id": id_, "uri": what.uri, "name": what.name} for id_, what in found if what.mode != "read"]
    if reads:
        run(LINK_READS, rows=reads)
    if writes:
        run(LINK_WRITES, rows=writes)
    readers = {row["id"] for row in reads}
    writers = {row["id"] for row in writes}
    if writers:
        readers.update(row["id"] for row in run(FIND_LATER_READERS, ids=sorted(writers)))
    if readers:
        run(LINK_READS_TO_WRITES, ids=sorted(readers))
    return readers, writers
