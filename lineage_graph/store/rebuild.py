"""Derives all edges across sessions again: for graphs of before these were kept. A healthy graph stays as it is."""

from __future__ import annotations

from typing import Any

import neo4j

from lineage_graph.graph import statements
from lineage_graph.graph.derivation import derive
from lineage_graph.graph.statements import Query
from lineage_graph.store.connection import Store

LIST_CALLS = statements.load("derived/list_calls")
LIST_ARTIFACTS = statements.load("derived/list_artifacts")
COUNT_DERIVED = statements.load("derived/count_derived")


def rebuild(store: Store, batch_size: int = 5_000) -> dict[str, int]:
    """Derive the edges across sessions of everything that is stored, a batch of records in a transaction.

    Returns
    -------
    dict of str to int
        How many edges more there are of each type than before.

    Raises
    ------
    DatabaseError
    """
    before = _counts(store)
    after: str = ""
    while ids := [row["id"] for row in store.read(LIST_CALLS, after=after, limit=batch_size)]:
        _derive(store, ids, [])
        after = ids[-1]
    last = -1
    while numbers := [row["id"] for row in store.read(LIST_ARTIFACTS, after=last, limit=batch_size)]:
        _derive(store, [], numbers)
        last = numbers[-1]
    return {type_: count - before.get(type_, 0) for type_, count in _counts(store).items()}


def _counts(store: Store) -> dict[str, int]:
    return {row["type"]: row["count"] for row in store.read(COUNT_DERIVED)}


def _derive(store: Store, node_ids: list[str], artifact_ids: list[int]) -> None:
    def work(transaction: neo4j.ManagedTransaction) -> None:
        def run(query: Query, **parameters: Any) -> list[neo4j.Record]:
            return list(transaction.run(query.text, query.bind(parameters)))

        derive(run, node_ids, artifact_ids)

    with store.session() as session:
        session.execute_write(work)
