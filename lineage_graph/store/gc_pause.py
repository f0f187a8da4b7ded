"""Python's cyclic garbage collector, out of the way while many records are made at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Have no cyclic garbage collected meanwhile.

    The collector looks through everything that lives each time a quarter more of it has been made, so making ten
    thousand records that all stay alive takes twice as long with it (docs/performance.md). Meant for fractions of
    a second: other threads' garbage waits too.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
