"""A connected graph store: a driver, its database, and a schema that is up to date."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import neo4j

from lineage_graph.errors import DatabaseError
from lineage_graph.graph import statements
from lineage_graph.graph.statements import Query
from lineage_graph.settings import ClientSettings
from lineage_graph.store.driver import open_driver, translate
from lineage_graph.store.migrations import migrate
from lineage_graph.store.outbox import Outbox
from lineage_graph.store.retry import DriverOrServerError, repeat
from lineage_graph.store.url import Target, resolve_url

_GET_DATABASE_ID = statements.load("schema/get_database_id")
_FORGET_OLD_WRITERS = statements.load("writers/forget_old_writers")
_TAKE_IDS = statements.load("sequences/take_ids")

# Days for which a commit token is kept, so that a commit with an unknown outcome can be settled.
TOKEN_DAYS = 30

# Ids taken from a sequence at once, so that most commits need not ask for any.
ID_BLOCK = 20


class Store:
    """A connected graph store. It may be shared by threads, but not by processes.

    Parameters
    ----------
    url : str
        As `lineage_graph.store.driver.resolve_url` takes it.
    settings : ClientSettings, optional
        Time-outs and sizes; from the environment when left out.

    Raises
    ------
    ConfigurationError, DatabaseUnavailable, AuthenticationFailed, UnsupportedServer, SchemaError
    """

    def __init__(self, url: str, settings: ClientSettings | None = None) -> None:
        self.settings = settings or ClientSettings()
        self.target: Target = resolve_url(url)
        self.driver = open_driver(self.target, self.settings)
        self.outbox: Outbox | None = None
        self._ids: dict[str, range] = {}
        self._ids_lock = threading.Lock()
        try:
            migrate(self.driver, self.target.database)
            if self.settings.outbox:
                # Commits wait for the database that they were made for, wherever it is reached.
                database_id = self.read(_GET_DATABASE_ID)[0]["id"]
                self.outbox = Outbox(self.settings.outbox / database_id)
        except DriverOrServerError as error:
            self.driver.close()
            raise translate(error, self.target.uri) from error
        except BaseException:
            self.driver.close()
            raise

    def __repr__(self) -> str:
        return f"Store({self.target.uri!r})"

    def session(self, access: str = neo4j.WRITE_ACCESS) -> neo4j.Session:
        """A driver session that sees what this store has committed before, on a cluster too."""
        return self.driver.session(
            database=self.target.database,
            default_access_mode=access,
            bookmark_manager=self.driver.execute_query_bookmark_manager,
        )

    def read(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """The rows of a reading statement, of committed data.

        Raises
        ------
        InvalidArgument, DatabaseError
        """
        return self._run(neo4j.READ_ACCESS, query, parameters)

    def write(self, query: Query, *, retry_timeout: float | None = None, **parameters: Any) -> list[neo4j.Record]:
        """The rows of a writing statement in a transaction of its own. It may happen twice.

        Parameters
        ----------
        query : Query
        retry_timeout : float, optional
            Seconds for which it is retried; the setting when left out.
        **parameters
            The statement's parameters.

        Raises
        ------
        InvalidArgument, DatabaseError
        """
        return self._run(neo4j.WRITE_ACCESS, query, parameters, retry_timeout)

    def _run(
        self, access: str, query: Query, parameters: dict[str, Any], retry_timeout: float | None = None
    ) -> list[neo4j.Record]:
        bound = query.bind(parameters)
        timed = neo4j.Query(query.text, timeout=self.settings.transaction_timeout)

        def run() -> list[neo4j.Record]:
            # An auto-commit transaction takes one round trip less than a managed one.
            with self.session(access) as session:
                return list(session.run(timed, bound))

        try:
            timeout = self.settings.retry_timeout if retry_timeout is None else retry_timeout
            return repeat(run, timeout, self.settings.transaction_timeout if timeout else 0)
        except DriverOrServerError as error:
            raise translate(error, self.target.uri) from error

    def take_ids(self, sequence: str, count: int, retry_timeout: float | None = None) -> range:
        """New ids of a sequence. Each is given once; those that a store has left when it closes are never used.

        Do not call it within a transaction, since it may need a second connection: if all connections of a client are
        in transactions that wait for another one, none can go on.

        Raises
        ------
        DatabaseError
        """
        with self._ids_lock:
            left = self._ids.get(sequence, range(0))
            if len(left) < count:
                taken = max(count, ID_BLOCK)
                last: int = self.write(_TAKE_IDS, retry_timeout=retry_timeout, name=sequence, count=taken)[0]["last"]
                left = range(last - taken + 1, last + 1)
            self._ids[sequence] = left[count:]
            return left[:count]

    def forget_old_writers(self) -> None:
        """Forget the writers of clients that ended without closing, after the time for which their commits may wait."""
        # They do no harm, so it is no problem if the server is away.
        with suppress(DatabaseError):
            self.write(_FORGET_OLD_WRITERS, retry_timeout=0, days=TOKEN_DAYS)

    def close(self) -> None:
        """Close all connections."""
        self.driver.close()
