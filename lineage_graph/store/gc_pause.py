"""Python's cyclic garbage collector, paused while many records are made at once."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Pauses:
    """Counts the threads that have paused the collector, and keeps whether it ran before the first of them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.depth = 0
        self.was_enabled = False

    def begin(self) -> None:
        with self.lock:
            if self.depth == 0:
                self.was_enabled = gc.isenabled()
                gc.disable()
            self.depth += 1

    def end(self) -> None:
        with self.lock:
            self.depth -= 1
            if self.depth == 0 and self.was_enabled:
                gc.enable()

    def forget(self) -> None:
        """Start over in a forked child, which has none of the threads that paused the collector."""
        if self.depth and self.was_enabled:
            gc.enable()
        self.__init__()  # type: ignore[misc]


_pauses = _Pauses()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pauses.forget)


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause the garbage collector, in all threads, until the last block that paused it has ended.

    The collector looks through all living objects each time their number has grown by a quarter, so making ten thousand
    records that all stay alive takes twice as long with it (measured: docs/explanation/performance.md). Pause it for
    fractions of a second only: the garbage of other threads waits too.
    """
    _pauses.begin()
    try:
        yield
    finally:
        _pauses.end()
