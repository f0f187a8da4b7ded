"""How long what failed is tried again."""

from __future__ import annotations

import random
import time


class Patience:
    """How long something that failed is tried again, and how long to wait before that: longer each time.

    Parameters
    ----------
    timeout : float
        Seconds in all.
    """

    def __init__(self, timeout: float) -> None:
        self._deadline = time.monotonic() + timeout
        self._delay = 0.05

    def wait(self) -> bool:
        """Wait before the next attempt; False, at once, when there is no time for one."""
        if time.monotonic() + self._delay > self._deadline:
            return False
        # Not all clients of a server that was away come back at one moment.
        time.sleep(self._delay * random.uniform(0.5, 1))  # noqa: S311
        self._delay = min(2 * self._delay, 2.0)
        return True
