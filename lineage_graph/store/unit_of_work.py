"""What one thread has written since its last commit: recorded in memory, sent in one transaction.

A write only records. A read that may depend on it first sends what is pending to a transaction that stays
open, and reads there; nobody else sees any of it before `UnitOfWork.commit`.

Each transaction begins by marking the commit that it is on a node of its own, ``(:Writer)``. When the
connection is lost and nobody knows whether a transaction was committed, the repeated one finds the mark
there, or does not: so a commit happens exactly once.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

import neo4j
from neo4j import exceptions as neo4j_errors

from lineage_graph.errors import (
    ArtifactSaveException,
    CommitUnsettled,
    DatabaseError,
    DatabaseUnavailable,
    DuplicateRecord,
    InvalidRecord,
    LineageGraphError,
    SpoolDamaged,
)
from lineage_graph.graph import statements
from lineage_graph.graph.statements import Query
from lineage_graph.model.checks import describe
from lineage_graph.store.connection import Store
from lineage_graph.store.driver import translate
from lineage_graph.store.log import Entry, Record, Statement
from lineage_graph.store.outbox import SpooledCommit
from lineage_graph.store.retry import Patience
from lineage_graph.store.writer import GraphWriter

MARK_COMMIT = statements.load("writers/mark_commit")
FORGET_WRITER = statements.load("writers/forget_writer")

# What the driver takes for a transaction without a time limit.
UNLIMITED = 0.0

# Ids of nodes and source codes remembered as being in the database, to save asking for them.
REMEMBERED = 200_000

# A transaction that somebody ended, or that was open for too long, says nothing about the next one
# (Neo4j Operations Manual, "Status codes for errors").
ENDED_EARLY = frozenset(
    f"Neo.{kind}.Transaction.{name}"
    for kind in ("ClientError", "TransientError")
    for name in (
        "LockAcquisitionTimeout",
        "LockClientStopped",
        "Terminated",
        "TransactionNotFound",
        "TransactionTimedOut",
        "TransactionTimedOutClientConfiguration",
    )
)

T = TypeVar("T")


class Clock:
    """Nanoseconds since 1970, strictly increasing within a process: the order of writing."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return self._last


_clock = Clock()


class AlreadyCommitted(Exception):
    """The commit that was to be repeated is in the database."""


class UnitOfWork:
    """What one thread has written since its last commit.

    Parameters
    ----------
    store : Store
        Where it is written; stays open when the unit of work is closed.
    retry_timeout : float, optional
        Seconds for which what may be retried is retried; the store's setting when left out.
    """

    def __init__(self, store: Store, retry_timeout: float | None = None) -> None:
        self._store = store
        self._retry_timeout = store.settings.retry_timeout if retry_timeout is None else retry_timeout
        self._id = str(uuid.uuid4())
        self._marked = False
        self._is_resumed = False
        self._known_nodes: dict[str, None] = {}
        self._known_sources: dict[str, None] = {}
        self._session: neo4j.Session | None = None
        self._begin()

    def _begin(self) -> None:
        self._commit_id = str(uuid.uuid4())
        self._log: list[Entry | Statement] = []
        self._keys: set[Hashable] = set()
        self._attempted = 0
        self._replayable = True
        self._pending_limit = self._store.settings.pending_limit
        self._transaction_timeout = self._store.settings.transaction_timeout
        self._detach()

    def _detach(self) -> None:
        """Forget the open transaction, so that everything in the log is sent again."""
        self._transaction: neo4j.Transaction | None = None
        self._writer: GraphWriter | None = None
        self._sent = 0
        self._waiting: list[Entry] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written since the last commit."""
        return not self._log and self._transaction is None and self._replayable

    def add(self, record: Record, key: Hashable) -> Entry:
        """Record one thing to be written.

        Parameters
        ----------
        record : Record
            Checked already.
        key : hashable
            What no other record of this unit of work may have; None for a record that may be repeated.

        Returns
        -------
        Entry
            Holds what the database gives to the record, once it was sent.

        Raises
        ------
        DuplicateRecord
            If a record with this key is pending.
        ArtifactSaveException
            If there was so much pending that it had to be sent, and that failed.
        """
        if key is not None:
            if key in self._keys:
                raise DuplicateRecord(f"{describe(record)} was written twice")
            self._keys.add(key)
        entry = Entry(record, _clock())
        self._log.append(entry)
        if len(self._log) - self._sent >= self._pending_limit:
            if self._transaction_timeout != UNLIMITED:
                # A transaction that cannot be sent again must last until the commit.
                self._rollback_transaction()
                self._transaction_timeout = UNLIMITED
            try:
                self._in_transaction(lambda _: None)
            except CommitUnsettled:
                if self._store.spool is None:
                    raise
                # It is kept until the commit puts it on disk; the server is not asked again for each record.
                self._pending_limit *= 2
                return entry
            # The transaction alone holds them now: memory stays bounded, but they cannot be sent again.
            self._log.clear()
            self._sent = 0
            self._replayable = False
        return entry

    def read(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """The rows of a reading statement, with what is pending in them.

        Raises
        ------
        ArtifactSaveException
            If what is pending cannot be stored; it is dropped then, as by a failed commit.
        DatabaseError
        """
        if self.is_empty:
            return self._store.read(query, **parameters)
        return self._in_transaction(lambda writer: writer.run(query, **parameters))

    def delete(self, query: Query, frees: Callable[[Any], bool], **parameters: Any) -> list[neo4j.Record]:
        """The rows of a deleting statement, as `write`.

        Parameters
        ----------
        frees : callable
            Whether a record with this key can be written again afterwards.

        Raises
        ------
        As `read`.
        """
        rows = self.write(query, **parameters)
        self._keys = {key for key in self._keys if not frees(key)}
        return rows

    def write(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """The rows of a writing statement, run now, after what is pending, and committed with it.

        Raises
        ------
        As `read`.
        """
        rows = self._in_transaction(lambda writer: writer.run(query, **parameters))
        self._log.append(Statement(query, parameters))
        self._sent = len(self._log)
        return rows

    def commit(self) -> None:
        """Make everything written since the last commit durable and visible to others.

        Raises
        ------
        ArtifactSaveException
            If it cannot be stored: nothing of it is, and it is dropped.
        CommitUnsettled
            If the server went away and did not come back in time: everything is kept, and a later commit
            settles it. With a spool that is no error: everything is on disk then, and is sent by a later commit.
        """
        spool = self._store.spool
        if spool is None:
            self._commit()
            return
        try:
            self._send_what_waits()
            self._commit()
        except DatabaseUnavailable:
            if self.is_empty:
                return
            if not self._replayable:
                raise
            try:
                spool.keep(SpooledCommit(self._id, self._commit_id, self._log))
            except OSError as error:
                raise CommitUnsettled(
                    f"the server is away, and the spool cannot be written: {error}. What was written is kept in "
                    "memory: commit again"
                ) from error
            # The commit may be in the database all the same, so its mark must stay until it is sent again.
            self._marked = False
            self._begin()

    def _send_what_waits(self) -> None:
        """Send what the spool holds, which was committed before; once, since the next commit tries again."""
        try:
            replay(self._store, retry_timeout=0)
        except DatabaseUnavailable:
            raise
        except DatabaseError as error:
            raise ArtifactSaveException(f"{error} What was written since is kept: commit again") from error

    def _commit(self) -> None:
        if self.is_empty:
            return
        written = self._in_transaction(self._finish)
        _remember(self._known_nodes, written.nodes)
        _remember(self._known_sources, written.sources)
        # An idle unit of work holds no connection, so that threads may end without closing theirs.
        self._rollback_transaction()
        self._begin()

    def rollback(self) -> None:
        """Drop everything written since the last commit."""
        self._rollback_transaction()
        self._begin()

    def close(self) -> None:
        """Release the connection; what is pending is dropped, so commit first."""
        self.rollback()
        if self._marked:
            self._marked = False
            # A mark that stays does no harm, so a server that is away does not matter here.
            with suppress(DatabaseError):
                self._store.write(FORGET_WRITER, writer_id=self._id)

    def _resume(self, commit: SpooledCommit) -> None:
        """Become a unit of work that was kept on disk, whose commit may or may not have happened."""
        self._id, self._commit_id, self._log = commit.writer_id, commit.commit_id, commit.log
        self._attempted = len(self._log)
        self._is_resumed = True

    def _finish(self, writer: GraphWriter) -> GraphWriter:
        if self._waiting:
            raise _nowhere(self._waiting[0])
        writer.link_libraries()
        assert self._transaction is not None
        self._attempted = len(self._log)
        self._transaction.commit()
        self._transaction = None
        return writer

    def _in_transaction(self, work: Callable[[GraphWriter], T]) -> T:
        """Send what is pending and do some work in the open transaction; again, if that may be retried."""
        patience = Patience(self._retry_timeout)
        while True:
            try:
                return work(self._send())
            except (neo4j_errors.DriverError, neo4j_errors.Neo4jError) as error:
                self._rollback_transaction()
                if not _may_be_retried(error):
                    self.rollback()
                    raise _save_error(translate(error, self._store.target.uri)) from error
                if not patience.wait():
                    raise CommitUnsettled(
                        f"{translate(error, self._store.target.uri)} What was written is kept: commit again"
                    ) from error
            except AlreadyCommitted:
                self._rollback_transaction()
                if self._is_resumed:
                    raise
                log = self._log[self._attempted :]
                self._begin()
                self._log = log
            except DatabaseUnavailable as error:
                # From a statement outside the transaction, such as the taking of ids.
                self._rollback_transaction()
                if not patience.wait():
                    raise CommitUnsettled(f"{error} What was written is kept: commit again") from error
            except Exception:
                self.rollback()
                raise
            except BaseException:
                # Ctrl-C, say: what was written is kept, and a later commit settles it.
                self._rollback_transaction()
                raise

    def _send(self) -> GraphWriter:
        """Send what the open transaction lacks; opens one where there is none."""
        if self._writer is None:
            self._writer = self._open()
            if not self._replayable:
                raise ArtifactSaveException(
                    "the server lost a transaction that was too large to be kept and sent again; nothing since "
                    "the last commit is stored: commit more often, or raise LINEAGE_GRAPH_PENDING_LIMIT"
                )
        writer = self._writer
        segment: list[Entry] = self._waiting
        for position in range(self._sent, len(self._log)):
            entry = self._log[position]
            if isinstance(entry, Entry):
                segment.append(entry)
            else:
                segment = writer.write(segment)
                writer.run(entry.query, **entry.parameters)
        self._waiting = writer.write(segment) if segment else []
        self._sent = len(self._log)
        return writer

    def _open(self) -> GraphWriter:
        if self._session is None:
            self._session = self._store.session()
        self._transaction = self._session.begin_transaction(timeout=self._transaction_timeout)
        writer = GraphWriter(
            self._transaction,
            is_known_node=self._known_nodes.__contains__,
            is_known_source=self._known_sources.__contains__,
            take_ids=self._store.take_ids,
            batch_size=self._store.settings.batch_size,
        )
        last = writer.run(MARK_COMMIT, writer_id=self._id, commit_id=self._commit_id)[0]["last"]
        self._marked = True
        if last == self._commit_id:
            raise AlreadyCommitted
        return writer

    def _rollback_transaction(self) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            # The server rolls back what a lost connection leaves open.
            with suppress(neo4j_errors.DriverError, neo4j_errors.Neo4jError):
                transaction.close()
        if self._session is not None:
            session, self._session = self._session, None
            with suppress(neo4j_errors.DriverError, neo4j_errors.Neo4jError):
                session.close()
        self._detach()


def replay(store: Store, retry_timeout: float | None = None) -> int:
    """Send the commits that wait in the store's spool, in their order.

    Parameters
    ----------
    store : Store
        One with a spool.
    retry_timeout : float, optional
        As `UnitOfWork` takes it.

    Returns
    -------
    int
        How many are stored now. Those that can never be stored were put aside, as `Spool.refuse` says.

    Raises
    ------
    DatabaseUnavailable
        If the server is away; what was not sent still waits.
    DatabaseError
        If the server refuses for another reason than the records; what was not sent still waits.
    """
    spool = store.spool
    assert spool is not None
    if not spool.waiting():
        return 0
    stored = 0
    with spool.replaying():
        for path in spool.waiting():
            try:
                unit = UnitOfWork(store, retry_timeout)
                unit._resume(spool.load(path))
                with suppress(AlreadyCommitted):
                    unit._commit()
            except (SpoolDamaged, InvalidRecord, DuplicateRecord) as error:
                spool.refuse(path, str(error))
                continue
            except DatabaseUnavailable:
                raise
            except ArtifactSaveException as error:
                raise DatabaseError(f"a commit that waits in {path.parent} was refused: {error}.") from error
            spool.drop(path)
            stored += 1
    return stored


def _may_be_retried(error: neo4j_errors.DriverError | neo4j_errors.Neo4jError) -> bool:
    """Whether sending the transaction again may succeed, or tell whether it has succeeded."""
    if isinstance(error, neo4j_errors.Neo4jError):
        return error.is_retryable() or error.code in ENDED_EARLY
    return error.is_retryable() or isinstance(error, neo4j_errors.ServiceUnavailable)


def _save_error(error: LineageGraphError) -> LineageGraphError:
    if isinstance(error, ArtifactSaveException):
        return error
    return ArtifactSaveException(f"nothing was stored: {error}")


def _nowhere(entry: Entry) -> InvalidRecord:
    """The error for a record whose own ends are nowhere at commit."""
    record: Any = entry.record
    if source_location := getattr(record, "source_location", None):
        return InvalidRecord(
            describe(record),
            "source_location",
            f"names the source code {source_location.source_code.id!r}, which is nowhere",
        )
    fields = [
        f"{name} {value!r}"
        for name in ("node_id", "execution_id")
        if (value := getattr(record, name, None)) is not None
    ]
    return InvalidRecord(describe(record), " or ".join(fields), "is nowhere: write it before or with this commit")


def _remember(known: dict[str, None], ids: set[str]) -> None:
    known.update(dict.fromkeys(ids))
    for id_ in list(known)[: max(0, len(known) - REMEMBERED)]:
        del known[id_]
