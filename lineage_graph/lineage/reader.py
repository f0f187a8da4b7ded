"""Reads with a deadline that is the client's own.

The server is told the time-out too, but a server that does not keep it must not keep the caller: the statement runs on
a thread of its own, and what has arrived by the deadline is what there is.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import neo4j
from neo4j import exceptions as neo4j_errors

from lineage_graph.graph.statements import Query
from lineage_graph.store.connection import Store
from lineage_graph.store.driver import translate

# How long the server has to say that it ended a statement, after it should have.
GRACE = 1.0

TIMED_OUT = frozenset(
    f"Neo.ClientError.Transaction.{name}"
    for name in ("TransactionTimedOut", "TransactionTimedOutClientConfiguration", "Terminated")
)


class Deadline:
    """The moment at which a question stops, however many statements it takes.

    Parameters
    ----------
    timeout : float
        Seconds from now.
    """

    def __init__(self, timeout: float) -> None:
        self._end = time.monotonic() + timeout

    @property
    def remaining(self) -> float:
        """Seconds left, never less than 0."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.remaining == 0.0


@dataclass
class Rows:
    """What a statement returned, and whether that is all."""

    rows: list[neo4j.Record] = field(default_factory=list)
    complete: bool = False


class Reader:
    """Runs reading statements on a store, each within a deadline.

    Parameters
    ----------
    store : Store
        Stays open when the reader is not used any more.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, query: Query, deadline: Deadline, **parameters: Any) -> Rows:
        """The rows of a statement, those that came before the deadline.

        Raises
        ------
        InvalidArgument, DatabaseError
        """
        bound = query.bind(parameters)
        found = Rows()
        if deadline.passed:
            return found
        failure: list[BaseException] = []
        thread = threading.Thread(
            target=self._run, args=(query.text, bound, deadline, found, failure), name="lineage-question", daemon=True
        )
        thread.start()
        thread.join(deadline.remaining + GRACE)
        if thread.is_alive():
            # What arrives from now on is not looked at.
            return Rows(list(found.rows))
        if failure:
            error = failure[0]
            if isinstance(error, neo4j_errors.Neo4jError) and error.code in TIMED_OUT:
                return Rows(found.rows)
            if isinstance(error, (neo4j_errors.DriverError, neo4j_errors.Neo4jError)):
                raise translate(error, self._store.target.uri) from error
            raise error
        return found

    def _run(
        self, text: str, parameters: dict[str, Any], deadline: Deadline, found: Rows, failure: list[BaseException]
    ) -> None:
        attempt_until = min(deadline.remaining, self._store.settings.retry_timeout)
        attempts = Deadline(attempt_until)
        while True:
            try:
                with self._store.session(neo4j.READ_ACCESS) as session:
                    timed = neo4j.Query(text, timeout=max(deadline.remaining, 0.001))
                    for record in session.run(timed, parameters):
                        found.rows.append(record)
                found.complete = True
            except (neo4j_errors.DriverError, neo4j_errors.Neo4jError) as error:
                if error.is_retryable() and not found.rows and attempts.remaining > 0.1:
                    time.sleep(0.05)
                    continue
                failure.append(error)
            except BaseException as error:
                failure.append(error)
            return
