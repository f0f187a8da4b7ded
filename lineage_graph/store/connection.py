"""A connected graph store: a driver, its database, and a schema that is up to date."""

from __future__ import annotations

from typing import Any

import neo4j
from neo4j import exceptions as neo4j_errors

from lineage_graph.graph import statements
from lineage_graph.graph.statements import Query
from lineage_graph.settings import ClientSettings
from lineage_graph.store.driver import Target, open_driver, resolve_url, translate
from lineage_graph.store.migrations import migrate
from lineage_graph.store.outbox import Spool
from lineage_graph.store.retry import Patience

_GET_DATABASE_ID = statements.load("schema/get_database_id")
_TAKE_IDS = statements.load("sequences/take_ids")


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
        self.spool: Spool | None = None
        try:
            migrate(self.driver, self.target.database)
            if self.settings.outbox:
                # Commits wait for the database that they were made for, wherever it is reached.
                database_id = self.read(_GET_DATABASE_ID)[0]["id"]
                self.spool = Spool(self.settings.outbox.expanduser() / database_id)
        except (neo4j_errors.DriverError, neo4j_errors.Neo4jError) as error:
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
        bound = query.bind(parameters)
        timed = self._timed(query)
        patience = Patience(self.settings.retry_timeout)
        while True:
            try:
                # In a transaction of the server's own making: a round trip less than in one of ours.
                with self.session(neo4j.READ_ACCESS) as session:
                    return list(session.run(timed, bound))
            except (neo4j_errors.DriverError, neo4j_errors.Neo4jError) as error:
                if not error.is_retryable() or not patience.wait():
                    raise translate(error, self.target.uri) from error

    def write(self, query: Query, **parameters: Any) -> list[neo4j.Record]:
        """The rows of a writing statement in a transaction of its own. It must be one that may happen twice.

        Raises
        ------
        InvalidArgument, DatabaseError
        """
        bound = query.bind(parameters)
        timed = self._timed(query)
        patience = Patience(self.settings.retry_timeout)
        while True:
            try:
                return self.driver.execute_query(timed, bound, database_=self.target.database).records
            except (neo4j_errors.DriverError, neo4j_errors.Neo4jError) as error:
                # The driver retries everything but this, since it cannot know that repeating does no harm here.
                if not isinstance(error, neo4j_errors.IncompleteCommit) or not patience.wait():
                    raise translate(error, self.target.uri) from error

    def _timed(self, query: Query) -> neo4j.Query:
        return neo4j.Query(query.text, timeout=self.settings.transaction_timeout)

    def take_ids(self, sequence: str, count: int) -> int:
        """The last of so many new ids of a sequence, in a transaction of its own, so that no lock is held."""
        last: int = self.write(_TAKE_IDS, name=sequence, count=count)[0]["last"]
        return last

    def close(self) -> None:
        """Close all connections."""
        self.driver.close()
