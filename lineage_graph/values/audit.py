"""Compares the values that the graph records with those in the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import TypeVar

from lineage_graph.errors import ValueCorrupted, ValueMissing
from lineage_graph.graph import statements
from lineage_graph.settings import ValueSettings
from lineage_graph.store.connection import Store
from lineage_graph.values.store import StoredValue, ValueStore

LIST_LOCATIONS = statements.load("values/list_locations")
FIND_USED_LOCATIONS = statements.load("values/find_used_locations")

# Locations that one statement asks for.
BATCH = 1000

T = TypeVar("T")


@dataclass
class ValueReport:
    """The result of a check of all values.

    Attributes
    ----------
    checked : int
        Number of locations that node values record.
    elsewhere : int
        Number of those that MLflow keeps, which are not checked.
    missing, corrupted, unreferenced : list of str
        Locations of values that are missing, that have changed since they were stored, and that no node value records.
    """

    checked: int = 0
    elsewhere: int = 0
    missing: list[str] = field(default_factory=list)
    corrupted: list[str] = field(default_factory=list)
    unreferenced: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether every recorded value is in the store, unchanged."""
        return not self.missing and not self.corrupted


def check_values(store: Store, values: ValueStore) -> ValueReport:
    """Check every value that the graph records, and find those that it does not record.

    Parameters
    ----------
    store : Store
        The graph.
    values : ValueStore
        The asset manager that holds the values.
    """
    report = ValueReport()
    after = ""
    while rows := store.read(LIST_LOCATIONS, after=after, limit=BATCH):
        for row in rows:
            after = row["location"]
            report.checked += 1
            if after.startswith(("runs:", "models:")):
                report.elsewhere += 1
                continue
            try:
                values.check(after)
            except ValueMissing:
                report.missing.append(after)
            except ValueCorrupted:
                report.corrupted.append(after)
    report.unreferenced = [value.location for value in _unreferenced(store, values)]
    return report


def collect_garbage(
    store: Store, values: ValueStore, *, delete: bool = False, grace: timedelta | None = None
) -> list[StoredValue]:
    """The values that no node value refers to, and that were not put within the grace period.

    A writer puts a value before it records it, and `ValueStore.put` renews the age of a value that exists already. This
    reads the age of a value first and asks the graph afterwards. So no commit within the grace period can still record
    a value that is older than that and unreferenced.

    Parameters
    ----------
    store : Store
        The graph. A store of values belongs to one graph, since this asks that graph alone.
    values : ValueStore
        The asset manager that holds the values.
    delete : bool
        Whether to delete them, and the partial files of killed writers.
    grace : timedelta, optional
        LINEAGE_GRAPH_VALUES_GRACE_HOURS, or else an hour, when left out.
    """
    if grace is None:
        grace = timedelta(hours=ValueSettings().grace_hours)
    before = datetime.now(timezone.utc) - grace
    garbage = [value for value in _unreferenced(store, values) if value.modified < before]
    if delete:
        for value in garbage:
            values.delete(value.location)
        values.delete_abandoned(before)
    return garbage


def _unreferenced(store: Store, values: ValueStore) -> Iterator[StoredValue]:
    for batch in _batches(values):
        found = store.read(FIND_USED_LOCATIONS, locations=[value.location for value in batch])
        used = {row["location"] for row in found}
        yield from (value for value in batch if value.location not in used)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
