"""Retries: one policy for reads, statements and commits.

Every request may be sent twice. A read changes nothing; a statement of `Store.write` may happen twice; a commit
carries a token by which the graph recognises it. So the only question is whether the same request may succeed later:

- the connection was lost: yes;
- all connections of this client are in use: yes, for as long as a transaction may last, since its other threads end;
- the server calls the failure transient (a deadlock, a change of leader, a restart): yes;
- an administrator or a time limit ended the transaction: yes, the next one may last;
- it needs more memory than the server gives to one transaction: no, although the server calls that transient, since
  it would fail every time. It gets two attempts, because other transactions may have used the memory;
- anything else: no.

Source: "Status codes for errors" in Neo4j's manual.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from neo4j import exceptions as neo4j_errors

DriverOrServerError = (neo4j_errors.DriverError, neo4j_errors.Neo4jError)

_ENDED_EARLY = frozenset(
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

_OUT_OF_TIME = frozenset(code for code in _ENDED_EARLY if "TransactionTimedOut" in code)

_OUT_OF_MEMORY = frozenset(
    f"Neo.TransientError.General.{name}"
    for name in (
        "MemoryPoolOutOfMemoryError",
        "OutOfMemoryError",
        "StackOverFlowError",
        "TransactionMemoryLimit",
        "TransactionOutOfMemoryError",
    )
)

# Attempts for a request that needs too much memory.
_MEMORY_ATTEMPTS = 2

T = TypeVar("T")


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether the server refused a transaction because it needs more memory than one may have."""
    return isinstance(error, neo4j_errors.Neo4jError) and error.code in _OUT_OF_MEMORY


def is_out_of_time(error: BaseException | None) -> bool:
    """Whether the server ended a transaction because it exceeded its time limit."""
    return isinstance(error, neo4j_errors.Neo4jError) and error.code in _OUT_OF_TIME


def is_rolled_back(error: neo4j_errors.DriverError | neo4j_errors.Neo4jError) -> bool:
    """Whether a COMMIT that failed like this surely left nothing.

    It may be stored after any other failure: the connection was lost, or the server failed after it had written the
    transaction to its log, which it carries out when it starts again (a full disk, for example).
    """
    return is_out_of_memory(error) or isinstance(error, neo4j_errors.ClientError)


def is_about_the_content(error: BaseException | None) -> bool:
    """Whether the server refused the content of a request, and not the client or the moment."""
    return (
        isinstance(error, neo4j_errors.Neo4jError)
        and error.code is not None
        and error.code.startswith(_CONTENT)
        and error.code != "Neo.ClientError.Statement.AccessMode"
    ) or is_out_of_memory(error)


_CONTENT = tuple(
    f"Neo.{kind}.{subject}." for kind in ("ClientError", "DatabaseError") for subject in ("Statement", "Schema")
)


def may_succeed_later(error: neo4j_errors.DriverError | neo4j_errors.Neo4jError) -> bool:
    """Whether the same request may succeed later, or show that it has succeeded already."""
    if isinstance(error, neo4j_errors.Neo4jError):
        return error.is_retryable() or error.code in _ENDED_EARLY
    return error.is_retryable() or isinstance(
        error, (neo4j_errors.ServiceUnavailable, neo4j_errors.ConnectionAcquisitionTimeoutError)
    )


class Retry:
    """Decides whether a failed request is retried, after a wait that gets longer each time.

    Parameters
    ----------
    timeout : float
        Seconds in all.
    busy_timeout : float, optional
        Seconds in all while every connection of this client is in use, if that is longer.
    """

    def __init__(self, timeout: float, busy_timeout: float = 0) -> None:
        now = time.monotonic()
        self._deadline = now + timeout
        self._busy_deadline = now + max(timeout, busy_timeout)
        self._delay = 0.05
        self._memory_attempts = 0

    def again(self, error: neo4j_errors.DriverError | neo4j_errors.Neo4jError) -> bool:
        """Wait before the next attempt; return False at once if there is none."""
        if not may_succeed_later(error):
            return False
        if is_out_of_memory(error):
            self._memory_attempts += 1
            if self._memory_attempts >= _MEMORY_ATTEMPTS:
                return False
        is_busy = isinstance(error, neo4j_errors.ConnectionAcquisitionTimeoutError)
        if time.monotonic() + self._delay > (self._busy_deadline if is_busy else self._deadline):
            return False
        # A random wait, so that the clients of a server that was away do not all return at once.
        time.sleep(self._delay * random.uniform(0.5, 1))  # noqa: S311
        self._delay = min(2 * self._delay, 2.0)
        return True


def repeat(work: Callable[[], T], timeout: float, busy_timeout: float = 0) -> T:
    """The result of a statement in its own transaction, retried while that may help.

    A statement that exceeded the time limit of a transaction is not retried: it would exceed it again.

    Parameters
    ----------
    work : callable
        May be called several times.
    timeout, busy_timeout : float
        As `Retry` takes them.

    Raises
    ------
    neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError
        The error of the last attempt.
    """
    retry = Retry(timeout, busy_timeout)
    while True:
        try:
            return work()
        except DriverOrServerError as error:
            if is_out_of_time(error) or not retry.again(error):
                raise
