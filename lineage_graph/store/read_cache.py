"""What was read and cannot change any more, kept so that it is read once."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

from cachetools import LRUCache

# What an entry takes beside its text, in characters: its maps, lists and keys, roughly.
OVERHEAD = 1000


class ReadCache:
    """A bounded cache of committed records that never change: the least recently used ones go first.

    Parameters
    ----------
    size : int
        How much it holds at the most, in characters of the records' text and `OVERHEAD` for each. 0 holds nothing.
    """

    def __init__(self, size: int) -> None:
        self._entries: LRUCache[Hashable, tuple[Any, int]] = LRUCache(size, getsizeof=lambda entry: entry[1])
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, kind: str, key: str) -> Any:
        """The record, or None when it is not held."""
        with self._lock:
            entry = self._entries.get((kind, key))
        return entry[0] if entry else None

    def put(self, kind: str, key: str, record: Any, characters: int = 0) -> None:
        """Hold a record; one that is larger than the whole cache is not held."""
        size = OVERHEAD + characters
        if size <= self._entries.maxsize:
            with self._lock:
                self._entries[kind, key] = (record, size)

    def clear(self) -> None:
        """Hold nothing."""
        with self._lock:
            self._entries.clear()
