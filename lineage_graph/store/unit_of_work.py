"""The unit of work: what was written since the last commit, recorded in memory and sent in one transaction.

A write only records. A read that may depend on pending records first sends them to a transaction that stays open, and
reads there. Other clients see nothing of it before `UnitOfWork.commit`.

Each transaction begins by leaving a commit token on a node of its own, ``(:Writer)``. When the connection is lost and
the outcome of a commit is unknown, the repeated transaction looks for the token there: so a commit happens exactly
once.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import neo4j

from lineage_graph.errors import (
    ArtifactSaveException,
    CommitTooLarge,
    CommitUnsettled,
    DatabaseError,
    DatabaseUnavailable,
    DuplicateRecord,
    InvalidRecord,
    LineageGraphError,
    OutboxDamaged,
    TransactionTooLarge,
)
from lineage_graph.graph import statements
from lineage_graph.graph.changes import KEPT
from lineage_graph.graph.pending import Kind, PendingRecord, PendingStatement, Record, pending
from lineage_graph.graph.statements import Query
from lineage_graph.model.captions import Captions
from lineage_graph.model.checks import describe
from lineage_graph.store.connection import TOKEN_DAYS, Store
from lineage_graph.store.driver import translate
from lineage_graph.store.outbox import Outbox, WaitingCommit
from lineage_graph.store.retry import (
    DriverOrServerError,
    Retry,
    is_about_the_content,
    is_out_of_time,
    is_rolled_back,
    may_succeed_later,
)
from lineage_graph.store.writer import GraphWriter, text_size

LEAVE_COMMIT_TOKEN = statements.load("writers/leave_commit_token")
FORGET_WRITERS = statements.load("writers/forget_writers")

# The driver's value for a transaction without a time limit.
UNLIMITED = 0.0

# Ids of operations and source codes that are known to be in the database, to avoid asking for them.
REMEMBERED = 200_000

T = TypeVar("T")

_log = logging.getLogger(__name__)


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


class _KnownIds:
    """Ids that are in the database: at least the last `REMEMBERED`, at most twice as many."""

    def __init__(self) -> None:
        self._recent: set[str] = set()
        self._older: set[str] = set()

    def __contains__(self, id_: str) -> bool:
        return id_ in self._recent or id_ in self._older

    def add(self, ids: set[str]) -> None:
        self._recent |= ids
        if len(self._recent) > REMEMBERED:
            self._older, self._recent = self._recent, set()


@dataclass
class _Known:
    """What a unit of work remembers of the database: operations, source codes, sessions with a caption."""

    nodes: _KnownIds = field(default_factory=_KnownIds)
    sources: _KnownIds = field(default_factory=_KnownIds)
    captioned: _KnownIds = field(default_factory=_KnownIds)
    # What operations need.
    needed: dict[str, Sequence[str]] = field(default_factory=dict)

    def add(self, written: GraphWriter) -> None:
        self.nodes.add(written.nodes)
        self.sources.add(written.sources)
        self.captioned.add(written.captioned)
        if len(self.needed) > KEPT:
            self.needed.clear()
        self.needed.update(written.operations.ends)


@dataclass
class _Pending:
    """The contents of the next commit."""

    transaction_timeout: float
    limit: int
    commit_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    log: list[PendingRecord | PendingStatement] = field(default_factory=list)
    keys: set[Hashable] = field(default_factory=set)
    captions: Captions = field(default_factory=Captions)
    # The length of the log in the last COMMIT, whose outcome may be unknown.
    attempted: int = 0
    # Whether the log was too long for memory, so that only the open transaction holds it.
    is_held_by_transaction: bool = False


class _AlreadyCommitted(Exception):
    """The commit that was to be repeated is in the database."""


class _Attempt:
    """One open transaction, and the part of the log that it has."""

    def __init__(self, store: Store, writer_id: str, pending: _Pending, known: _Known) -> None:
        self._waiting: list[PendingRecord] = []
        self._session = store.session()
        try:
            self._transaction = self._session.begin_transaction(timeout=pending.transaction_timeout)
            self.writer = GraphWriter(
                self._transaction,
                is_known_node=known.nodes.__contains__,
                is_known_source=known.sources.__contains__,
                is_captioned=known.captioned.__contains__,
                needed_before=known.needed,
                batch_size=store.settings.batch_size,
            )
            last = self.writer.run(LEAVE_COMMIT_TOKEN, writer_id=writer_id, commit_id=pending.commit_id)[0]["last"]
            if last == pending.commit_id:
                raise _AlreadyCommitted  # noqa: TRY301
        except BaseException:
            self.close()
            raise
        self.sent = 0

    def send(self, log: list[PendingRecord | PendingStatement]) -> None:
        """Send the part of the log that the transaction does not have yet."""
        segment, self._waiting = self._waiting, []
        for entry in log[self.sent :]:
            if isinstance(entry, PendingRecord):
                segment.append(entry)
            else:
                segment = self.writer.write(segment)
                self.writer.apply(entry.query, **entry.parameters)
        self._waiting = self.writer.write(segment) if segment else []
        self.sent = len(log)

    def finish(self) -> None:
        """Send the last statements before the commit.

        Raises
        ------
        InvalidRecord
            If a record waits for something that was never written.
        """
        if self._waiting:
            raise _missing(self._waiting[0])
        self.writer.finish()

    def commit(self) -> None:
        self._transaction.commit()

    def close(self) -> None:
        """Roll back what is not committed, and release the connection. If it was lost, the server rolls back."""
        for part in (getattr(self, "_transaction", None), self._session):
            if part is not None:
                with suppress(*DriverOrServerError):
                    part.close()


class UnitOfWork:
    """The writes since the last commit, of one thread or in one `transaction`. Threads may share it.

    Parameters
    ----------
    store : Store
        The store to write to. It stays open when the unit of work is closed.
    retry_timeout : float, optional
        Seconds for which a failed request is retried; the store's setting when left out.
    """

    def __init__(self, store: Store, retry_timeout: float | None = None) -> None:
        self._store = store
        self._own_retry_timeout = retry_timeout
        self._lock = threading.RLock()
        self._writer_id = str(uuid.uuid4())
        self._has_left_token = False
        self._known = _Known()
        self._attempt: _Attempt | None = None
        self._pending = self._nothing()

    def _nothing(self) -> _Pending:
        settings = self._store.settings
        return _Pending(settings.transaction_timeout, settings.pending_limit)

    @property
    def _retry_timeout(self) -> float:
        return self._store.settings.retry_timeout if self._own_retry_timeout is None else self._own_retry_timeout

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written since the last commit."""
        return not self._pending.log and not self._pending.is_held_by_transaction and self._attempt is None

    def add(self, record: Record, *key: Hashable) -> PendingRecord:
        """Record one write.

        Parameters
        ----------
        record : Record
            Converted now, so a later change of it has no effect.
        *key : hashable
            A key that no other record of this unit of work may have; none for a record that may be repeated.

        Returns
        -------
        PendingRecord
            Holds the values that the database gives to the record, after it was sent.

        Raises
        ------
        InvalidRecord, NotSupported
            If it cannot be stored as it is; it is not recorded then.
        DuplicateRecord
            If a record with this key is pending.
        ArtifactSaveException
            If so much was pending that it had to be sent, and that failed.
        """
        with self._lock:
            waiting = self._pending
            if key and key in waiting.keys:
                raise DuplicateRecord(f"{describe(record)} was written twice")
            entry = pending(record, _clock(), waiting.captions)
            if key:
                waiting.keys.add(key)
            waiting.log.append(entry)
            if len(waiting.log) - (self._attempt.sent if self._attempt else 0) >= waiting.limit:
                self._relieve()
            return entry

    def _relieve(self) -> None:
        """Send the log and drop it, so that memory stays bounded: only the transaction holds it then."""
        waiting = self._pending
        if waiting.transaction_timeout != UNLIMITED:
            # A transaction that cannot be sent again must last until the commit.
            self._close_attempt()
            waiting.transaction_timeout = UNLIMITED
        try:
            self._in_transaction(lambda _: None)
        except CommitUnsettled:
            if self._store.outbox is None:
                raise
            # The log is kept until the commit puts it into the outbox; the next attempt waits for twice as many
            # records.
            waiting.limit *= 2
            return
        assert self._attempt is not None
        waiting.log.clear()
        self._attempt.sent = 0
        waiting.is_held_by_transaction = True

    def read(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """The rows of a reading statement, which sees pending records.

        Raises
        ------
        InvalidArgument
            If a parameter is not of its type.
        ArtifactSaveException
            If the pending records cannot be stored; they are dropped then, as by a failed commit.
        DatabaseError
            If the statement fails; pending records stay.
        """
        with self._lock:
            if self.is_empty:
                return self._store.read(query, **parameters)
            query.bind(parameters)
            return self._in_transaction(lambda attempt: attempt.writer.run(query, **parameters))

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
        with self._lock:
            rows = self.write(query, **parameters)
            self._pending.keys = {key for key in self._pending.keys if not frees(key)}
            return rows

    def write(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """The rows of a writing statement, run now, after what is pending, and committed with it.

        Raises
        ------
        As `read`.
        """
        with self._lock:
            query.bind(parameters)
            rows = self._in_transaction(lambda attempt: attempt.writer.apply(query, **parameters))
            self._pending.log.append(PendingStatement(query, parameters))
            assert self._attempt is not None
            self._attempt.sent = len(self._pending.log)
            return rows

    def commit(self) -> None:
        """Make everything written since the last commit durable and visible to others.

        Raises
        ------
        ArtifactSaveException
            If it cannot be stored: nothing of it is stored, and it is dropped. `CommitTooLarge`, a subclass, says that
            the server has too little memory for it.
        CommitUnsettled
            If the server went away and did not return in time, or failed in the middle of the commit, so that it may be
            stored: everything is kept, and a later commit settles it. With an outbox this is not an error: everything
            is on disk then, and a later commit sends it.
        """
        with self._lock:
            outbox = self._store.outbox
            if outbox is None:
                self._commit()
                return
            try:
                if not self._pending.is_held_by_transaction and outbox.waiting():
                    # What waits was committed first. It is sent over its own connection, so this one is released.
                    self._close_attempt()
                    self._replay(outbox)
                self._commit()
            except CommitUnsettled:
                if self._pending.is_held_by_transaction:
                    raise
                self._keep(outbox)

    def _replay(self, outbox: Outbox) -> None:
        try:
            replay(self._store, retry_timeout=0)
        except CommitUnsettled:
            raise
        except ArtifactSaveException as error:
            # The server would refuse what is pending for the same reason.
            self._keep(outbox)
            raise ArtifactSaveException(
                f"the server refuses what waits in the outbox {str(outbox.folder)!r}, and what was written since waits "
                f"there too: {error}"
            ) from error

    def _keep(self, outbox: Outbox) -> None:
        """Put the pending records into the outbox, and begin a new commit."""
        waiting = self._pending
        if not waiting.log:
            return
        try:
            outbox.keep(
                WaitingCommit(self._writer_id, waiting.commit_id, waiting.log, may_be_stored=waiting.attempted > 0)
            )
        except OSError as error:
            raise CommitUnsettled(
                f"the server is away, and the outbox {str(outbox.folder)!r} cannot be written: {error.strerror}. "
                "What was written is kept in memory: commit again"
            ) from error
        self._close_attempt()
        self._pending = self._nothing()
        # The commit may be in the database nevertheless, so its token stays until it was sent.
        self._writer_id = str(uuid.uuid4())
        self._has_left_token = False

    def _commit(self) -> None:
        if self.is_empty:
            return
        self._in_transaction(lambda _: None, is_commit=True)

    def rollback(self) -> None:
        """Drop everything written since the last commit."""
        with self._lock:
            self._close_attempt()
            self._pending = self._nothing()

    def release(self) -> None:
        """Release the connection and all locks. The writes are kept, and the next read or commit sends them.

        Writes that are too many to be kept stay in their transaction.
        """
        with self._lock:
            if not self._pending.is_held_by_transaction:
                self._close_attempt()

    def close(self) -> None:
        """Release the connection and drop pending records, so commit first."""
        with self._lock:
            self.rollback()
            if self._has_left_token:
                self._has_left_token = False
                # A token that stays does no harm, so it is no problem if the server is away.
                with suppress(DatabaseError):
                    self._store.write(FORGET_WRITERS, ids=[self._writer_id])

    def _resume(self, commit: WaitingCommit) -> None:
        """Take over the identity of the unit of work of a waiting commit, whose outcome may be unknown."""
        self._writer_id = commit.writer_id
        self._pending.commit_id = commit.commit_id
        self._pending.log = commit.log
        self._pending.attempted = len(commit.log)

    def _in_transaction(self, work: Callable[[_Attempt], T], *, is_commit: bool = False) -> T | Any:
        """Send what is pending, then do some work in the open transaction or commit it; retry where that may help.

        Only a failure to send or to commit drops what is pending. A failure of the work ends the transaction, and the
        next one sends again what is pending.
        """
        timeout = self._retry_timeout
        retry = Retry(timeout, self._store.settings.transaction_timeout if timeout else 0)
        while True:
            is_sent = False
            try:
                attempt = self._send()
                if is_commit:
                    self._finish(attempt)
                    return None
                is_sent = True
                return work(attempt)
            except _AlreadyCommitted:
                rest = self._pending.log[self._pending.attempted :]
                self._pending = self._nothing()
                self._pending.log = rest
                if is_commit and not rest:
                    return None
            except DriverOrServerError as error:
                self._close_attempt()
                if retry.again(error):
                    continue
                raise self._failure(error, is_sent=is_sent) from error
            except DatabaseUnavailable as error:
                # Raised by `take_ids`, which has its own retries.
                self._close_attempt()
                raise _unsettled(error) from error
            except LineageGraphError as error:
                self._close_attempt()
                if is_sent:
                    raise
                if self._pending.attempted:
                    raise _unsettled(error) from error
                self._pending = self._nothing()
                raise
            except BaseException:
                # After an interrupt, for example, the pending records stay.
                self._close_attempt()
                raise

    def _failure(self, error: Any, *, is_sent: bool) -> LineageGraphError:
        """The error for one of the driver that is not retried; pending records are dropped if they cannot be stored."""
        translated = translate(error, self._store.target.uri)
        is_too_large = isinstance(translated, TransactionTooLarge)
        if (self._pending.attempted and not is_sent) or (may_succeed_later(error) and not is_too_large):
            return _unsettled(translated)
        if is_sent:
            return translated
        waiting, self._pending = self._pending, self._nothing()
        if is_too_large:
            size = sum(text_size(entry) for entry in waiting.log if isinstance(entry, PendingRecord))
            return CommitTooLarge(
                f"nothing was stored: {len(waiting.log):,} records with {size / 1e6:,.1f} MB of text are too much for "
                f"one commit. {translated}"
            )
        if isinstance(translated, ArtifactSaveException):
            return translated
        return ArtifactSaveException(f"nothing was stored: {translated}")

    def _send(self) -> _Attempt:
        """An open transaction to which the whole log was sent."""
        waiting = self._pending
        # What an open transaction has was numbered before it was sent.
        unsent = waiting.log[self._attempt.sent :] if self._attempt else waiting.log
        if not waiting.is_held_by_transaction and any(_lacks_id(entry) for entry in unsent):
            # Taken before the transaction opens, since it needs its own connection.
            self._close_attempt()
            _number(unsent, partial(self._store.take_ids, retry_timeout=self._retry_timeout))
        if self._attempt is None:
            self._attempt = self._open()
            self._has_left_token = True
            # Its token is not there, so an earlier COMMIT of it was rolled back.
            waiting.attempted = 0
            if waiting.is_held_by_transaction:
                raise ArtifactSaveException(
                    "the server lost a transaction that was too large to be kept and sent again; nothing since "
                    "the last commit is stored: commit more often, or raise LINEAGE_GRAPH_PENDING_LIMIT"
                )
        if waiting.is_held_by_transaction:
            _number(unsent, self._attempt.writer.take_ids)
        self._attempt.send(waiting.log)
        return self._attempt

    def _open(self) -> _Attempt:
        return _Attempt(self._store, self._writer_id, self._pending, self._known)

    def _finish(self, attempt: _Attempt) -> None:
        attempt.finish()
        self._pending.attempted = len(self._pending.log)
        try:
            attempt.commit()
        except DriverOrServerError as error:
            if is_rolled_back(error):
                self._pending.attempted = 0
            raise
        self._known.add(attempt.writer)
        # An idle unit of work holds no connection, so a thread may end without closing its own.
        self._close_attempt()
        self._pending = self._nothing()

    def _close_attempt(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.close()


def _unsettled(error: LineageGraphError) -> CommitUnsettled:
    return CommitUnsettled(f"{error} What was written is kept: commit again")


def replay(store: Store, retry_timeout: float | None = None) -> int:
    """Send the commits that wait in the store's outbox, in their order.

    Parameters
    ----------
    store : Store
        One with an outbox.
    retry_timeout : float, optional
        As `UnitOfWork` takes it. When it is left out, this waits for another client that is sending them for as long as
        a transaction may last.

    Returns
    -------
    int
        The number of commits that are stored now. Those that can never be stored become dead letters.

    Raises
    ------
    CommitUnsettled
        If the server is away; the commits that were not sent still wait.
    ArtifactSaveException
        If the server refuses for a reason other than the content of a commit; the commits that were not sent still
        wait.
    """
    outbox = store.outbox
    assert outbox is not None
    delivered: list[str] = []
    settings = store.settings
    with outbox.replaying(settings.transaction_timeout if retry_timeout is None else settings.retry_timeout) as paths:
        try:
            for path in paths:
                if commit := _load(outbox, path):
                    unit = UnitOfWork(store, retry_timeout)
                    unit._resume(commit)
                    try:
                        unit._commit()
                    except ArtifactSaveException as error:
                        if not _is_about_the_commit(error):
                            raise
                        outbox.set_aside(path, str(error))
                    else:
                        outbox.drop(path)
                        delivered.append(commit.writer_id)
        finally:
            if delivered:
                # A token that stays does no harm.
                with suppress(DatabaseError):
                    store.write(FORGET_WRITERS, ids=delivered)
    return len(delivered)


def _load(outbox: Outbox, path: Path) -> WaitingCommit | None:
    """A commit that waits; None if it became a dead letter, or cannot be read now."""
    try:
        commit = outbox.load(path)
    except OutboxDamaged as error:
        outbox.set_aside(path, str(error))
        return None
    except OSError as error:
        _log.warning("the outbox's file %s cannot be read: %s", path, error.strerror)
        return None
    if commit.may_be_stored and outbox.age(path) > TOKEN_DAYS * 24 * 3600:
        outbox.set_aside(
            path,
            f"it may be stored already, and after {TOKEN_DAYS} days its token is gone: look for its records in the "
            "graph before you send it",
        )
        return None
    return commit


def _is_about_the_commit(error: ArtifactSaveException) -> bool:
    """Whether a commit was refused for its content, so that the others need not fail too."""
    if isinstance(error, CommitUnsettled):
        return is_out_of_time(error.__cause__)
    return not isinstance(error.__cause__, DriverOrServerError) or is_about_the_content(error.__cause__)


def _lacks_id(entry: PendingRecord | PendingStatement) -> bool:
    return isinstance(entry, PendingRecord) and entry.kind in _SEQUENCES and entry.row["id"] is None


_SEQUENCES = {
    Kind.ARTIFACT: "artifact",
    Kind.NEXT_ARTIFACT: "artifact",
    Kind.PIPELINE: "pipeline",
    Kind.MLFLOW_METADATA: "mlflow_metadata",
}


def _number(log: list[PendingRecord | PendingStatement], take_ids: Callable[[str, int], range]) -> None:
    """Give an id to each record that needs one. A repeated transaction keeps the ids."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for entry in log:
        if isinstance(entry, PendingRecord) and _lacks_id(entry):
            rows.setdefault(_SEQUENCES[entry.kind], []).append(entry.row)
            rows.setdefault("dependency", []).extend(entry.row.get("dependencies", ()))
    for sequence, unnumbered in rows.items():
        for row, id_ in zip(unnumbered, take_ids(sequence, len(unnumbered)) if unnumbered else (), strict=True):
            row["id"] = id_


def _missing(entry: PendingRecord) -> InvalidRecord:
    """The error for a record that waits for another one that is still missing at the commit."""
    if entry.kind is Kind.NODE:
        assert entry.group is not None
        return InvalidRecord(
            entry.title, "source_location", f"names the source code {entry.group[2]!r}, which is missing"
        )
    fields = [f"{name} {value!r}" for name in ("node_id", "execution_id") if (value := entry.row.get(name)) is not None]
    return InvalidRecord(entry.title, " or ".join(fields), "is missing: write it before or with this commit")
