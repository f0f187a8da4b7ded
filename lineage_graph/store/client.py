"""The store of one process: connected when it is needed, with a unit of work for each thread.

An orderly exit commits what is pending: at the interpreter's exit, and at the end of a child of `multiprocessing`,
which does not run the functions that `atexit` holds.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import warnings
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from lineage_graph.errors import CommitUnsettled, LineageGraphError, PendingElsewhereWarning
from lineage_graph.settings import ClientSettings
from lineage_graph.store.connection import Store
from lineage_graph.store.read_cache import ReadCache
from lineage_graph.store.unit_of_work import UnitOfWork

_log = logging.getLogger(__name__)


@dataclass
class _Connection:
    """A connected store with its units of work. It outlives a client that was dropped without being closed."""

    store: Store
    cache: ReadCache
    units: dict[threading.Thread, UnitOfWork] = field(default_factory=dict)
    # Those of transactions that have ended with an unknown outcome.
    unsettled: list[UnitOfWork] = field(default_factory=list)

    def pending(self) -> list[UnitOfWork]:
        return [unit for unit in (*self.units.values(), *self.unsettled) if not unit.is_empty]

    def close(self) -> None:
        """Commit what is pending, then release the connections, even if a commit fails."""
        units = [*self.units.values(), *self.unsettled]
        with ExitStack() as stack:
            stack.callback(self.store.close)
            stack.callback(self.store.forget_old_writers)
            for unit in units:
                stack.callback(unit.close)
            for unit in units:
                stack.callback(unit.commit)


class Client:
    """A store, and the unit of work of each thread.

    Parameters
    ----------
    url : str
        As `lineage_graph.RelationalLineaDB` takes it.

    Raises
    ------
    ConfigurationError, DatabaseUnavailable, AuthenticationFailed, UnsupportedServer, SchemaError
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # Read once: a relative path in them means the folder of now, also when it is opened again later.
        self._settings = ClientSettings()
        self._lock = threading.RLock()
        self._connection: _Connection | None = None
        _clients.add(self)
        self._connected()

    def _connected(self) -> _Connection:
        connection = self._connection
        if connection is not None:
            return connection
        with self._lock:
            if self._connection is None:
                store = Store(self.url, self._settings)
                self._connection = _Connection(store, ReadCache(store.settings.read_cache_size))
                weakref.finalize(self, _abandon, self._connection).atexit = False
                _close_at_the_end_of_a_child()
            return self._connection

    def forget_parent(self) -> None:
        """In a forked child: leave the parent's connections alone, and open new ones when they are needed."""
        self._lock = threading.RLock()
        # Garbage collection would close them for the parent too.
        _inherited.append(self._connection)
        self._connection = None

    def __repr__(self) -> str:
        return f"({self._connection.store.target.uri!r})" if self._connection else "(closed)"

    @property
    def store(self) -> Store:
        """The connected store; opened again after `close` and in a forked process."""
        return self._connected().store

    @property
    def cache(self) -> ReadCache:
        """The read cache of the connected store."""
        return self._connected().cache

    @property
    def unit_of_work(self) -> UnitOfWork:
        """The unit of work of the current thread."""
        thread = threading.current_thread()
        connection = self._connected()
        unit = connection.units.get(thread)
        if unit is not None:
            return unit
        with self._lock:
            connection = self._connected()
            ended = [other for other, unit in connection.units.items() if not other.is_alive() and unit.is_empty]
            forgotten = [connection.units.pop(other) for other in ended]
            unit = connection.units[thread] = UnitOfWork(connection.store)
        for other in forgotten:
            other.close()
        return unit

    def commit(self) -> None:
        """Commit what the current thread has written.

        Raises
        ------
        ArtifactSaveException
        """
        unit = self.unit_of_work
        if unit.is_empty and (others := self._others_pending()):
            warnings.warn(
                f"this thread has written nothing since its last commit, but {others} other "
                f"{'thread has' if others == 1 else 'threads have'}: each thread commits its own writes. To write in "
                "one thread and commit in another, use `with db.transaction() as transaction:`",
                PendingElsewhereWarning,
                stacklevel=3,
            )
        unit.commit()

    def _others_pending(self) -> int:
        with self._lock:
            return sum(not unit.is_empty for unit in self._connected().units.values())

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """A unit of work that belongs to no thread: committed at the end, dropped when an error leaves the block."""
        connection = self._connected()
        unit = UnitOfWork(connection.store)
        try:
            yield unit
            unit.commit()
        except CommitUnsettled:
            # The outcome is unknown, so it is kept, and settled when the client is closed.
            with self._lock:
                connection.unsettled.append(unit)
            raise
        except BaseException:
            unit.close()
            raise
        unit.close()

    def close(self) -> None:
        """Commit what every thread has written, then release the connections, even if a commit fails.

        Raises
        ------
        ArtifactSaveException
        """
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


# All clients of this process, so that the exit commits what a program wrote before it failed.
_clients: weakref.WeakSet[Client] = weakref.WeakSet()

# The connections of clients that were dropped without being closed, with pending records.
_abandoned: list[_Connection] = []

# The parent's connections, after a fork.
_inherited: list[_Connection | None] = []


def _abandon(connection: _Connection) -> None:
    """Release the connections of a client that was dropped; its pending records are committed at exit."""
    if connection.pending():
        _abandoned.append(connection)
    else:
        connection.store.close()


@atexit.register
def close_all() -> None:
    """Commit what is pending anywhere in this process, and release all connections."""
    parts: list[Client | _Connection] = [*_clients, *_abandoned]
    _abandoned.clear()
    for part in parts:
        try:
            part.close()
        except LineageGraphError:
            _log.exception("what was written since the last commit could not be stored at exit")


def _close_at_the_end_of_a_child() -> None:
    """Close everything when a child of `multiprocessing` ends, where `atexit` does not run."""
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is not None and multiprocessing.parent_process() is not None:
        from multiprocessing import util

        util.Finalize(None, close_all, exitpriority=10)


def _forget_parents() -> None:
    _inherited.extend(_abandoned)
    _abandoned.clear()
    for client in list(_clients):
        client.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents)
