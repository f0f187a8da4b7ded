"""The read cache: committed records that cannot change, kept so that they are read once."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

from cachetools import LRUCache

# The memory of an entry in addition to its text, in characters: its maps, lists and keys, roughly.
OVERHEAD = 1000


class ReadCache:
    """A bounded cache of committed records that never change: the least recently used ones go first.

    Parameters
    ----------
    size : int
        The capacity, in characters of the records' text plus `OVERHEAD` for each record. 0 turns the cache off.
    """

    def __init__(self, size: int) -> None:
        self._entries: LRUCache[Hashable, tuple[Any, int]] = LRUCache(size, getsizeof=lambda entry: entry[1])
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, kind: str, key: str) -> Any:
        """The record, or None if the cache does not hold it."""
        with self._lock:
            entry = self._entries.get((kind, key))
        return entry[0] if entry else None

    def put(self, kind: str, key: str, record: Any, characters: int = 0) -> None:
        """Hold a record, unless it is larger than the whole cache."""
        size = OVERHEAD + characters
        if size <= self._entries.maxsize:
            with self._lock:
                self._entries[kind, key] = (record, size)

    def clear(self) -> None:
        """Drop all records."""
        with self._lock:
            self._entries.clear()
