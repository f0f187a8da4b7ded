"""Derives all edges across sessions again, and deletes those that do not follow. A healthy graph stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import neo4j

from lineage_graph.graph import statements
from lineage_graph.graph.changes import Changes
from lineage_graph.graph.derivation import Run, derive, link_imports
from lineage_graph.graph.statements import Query
from lineage_graph.store.connection import Store

LOCK = statements.load("derived/lock_derivation")
LIST_CALLS = statements.load("derived/list_calls")
LIST_ARTIFACTS = statements.load("derived/list_artifacts")
LIST_SESSIONS = statements.load("derived/list_sessions")
COUNT_DERIVED = statements.load("derived/count_derived")
DELETE_UNUSED_DATASETS = statements.load("derived/delete_unused_datasets")


def rebuild(store: Store, batch_size: int = 2_000) -> dict[str, int]:
    """Derive the edges across sessions of everything that is stored, a batch of records in a transaction.

    What calls were handed out while they ran was recorded, and stays.

    Returns
    -------
    dict of str to int
        How many edges more there are of each type than before, and how many were ``created`` and ``deleted``; all are 0
        on a healthy graph.

    Raises
    ------
    DatabaseError
    """
    before = _counts(store)
    done: Counter[str] = Counter(created=0, deleted=0)
    for ids in _pages(store, LIST_CALLS, "", batch_size):
        done.update(_derive(store, Changes(calls=ids, imports=ids)))
    for ids in _pages(store, LIST_ARTIFACTS, -1, batch_size):
        done.update(_derive(store, Changes(artifacts=ids)))
    for ids in _pages(store, LIST_SESSIONS, "", batch_size):
        done.update(_derive(store, Changes(losers=ids)))
    done.update(_in_transaction(store, lambda run: (run(LOCK), run(DELETE_UNUSED_DATASETS))))
    after = _counts(store)
    return {type_: after[type_] - before[type_] for type_ in sorted({*before, *after})} | done


def _pages(store: Store, query: Query, after: Any, size: int) -> Iterator[set[Any]]:
    """The ids that a statement lists in order, after one that comes before all."""
    while ids := [row["id"] for row in store.read(query, after=after, limit=size)]:
        yield set(ids)
        after = ids[-1]


def _counts(store: Store) -> Counter[str]:
    return Counter({row["type"]: row["count"] for row in store.read(COUNT_DERIVED)})


def _derive(store: Store, changes: Changes) -> Counter[str]:
    def work(run: Run) -> None:
        derive(run, changes, is_rebuild=True)
        link_imports(run, changes)

    return _in_transaction(store, work)


def _in_transaction(store: Store, work: Callable[[Run], object]) -> Counter[str]:
    """Do some work in a transaction; how many edges it created and deleted."""

    def counted(transaction: neo4j.ManagedTransaction) -> Counter[str]:
        done: Counter[str] = Counter()

        def run(query: Query, **parameters: Any) -> list[neo4j.Record]:
            result = transaction.run(query.text, query.bind(parameters))
            rows = list(result)
            counters = result.consume().counters
            done.update(created=counters.relationships_created, deleted=counters.relationships_deleted)
            return rows

        work(run)
        return done

    with store.session() as session:
        return session.execute_write(counted)
