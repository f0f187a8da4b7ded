"""Opens a driver for a URL, and translates the driver's errors.

Sources: the manual of the Neo4j Python driver 6 (configuration, errors); the GQL status codes in the
Neo4j Operations Manual.
"""

from __future__ import annotations

import ssl

import neo4j
from neo4j import NotificationMinimumSeverity
from neo4j import exceptions as neo4j_errors

from lineage_graph import __version__
from lineage_graph.errors import (
    AuthenticationFailed,
    ConfigurationError,
    DatabaseError,
    DatabaseUnavailable,
    DuplicateRecord,
    LineageGraphError,
    TransactionTooLarge,
    UnsupportedServer,
)
from lineage_graph.settings import ClientSettings
from lineage_graph.store.retry import is_out_of_memory
from lineage_graph.store.url import Target, resolve_url

OLDEST_SERVER = (5, 26)


def open_driver(target: Target, settings: ClientSettings | None = None) -> neo4j.Driver:
    """A driver whose server has answered, and has a supported version.

    Raises
    ------
    DatabaseUnavailable, AuthenticationFailed, UnsupportedServer, ConfigurationError
    """
    settings = settings or ClientSettings()
    auth = neo4j.basic_auth(target.username or "neo4j", target.password) if target.password else None
    try:
        driver = neo4j.GraphDatabase.driver(
            target.full_uri,
            auth=auth,
            user_agent=f"lineage-graph/{__version__}",
            connection_timeout=settings.connection_timeout,
            # It also limits the wait for the first answer on a new connection, which the other time-out does not.
            connection_acquisition_timeout=settings.connection_timeout,
            max_transaction_retry_time=settings.retry_timeout,
            liveness_check_timeout=settings.liveness_check_timeout,
            telemetry_disabled=True,
            notifications_min_severity=NotificationMinimumSeverity.OFF,
        )
    except (neo4j_errors.ConfigurationError, ValueError) as error:
        raise ConfigurationError(f"the driver refuses the URL {target.uri}: {error}") from error
    try:
        info = driver.get_server_info()
        _require_supported(info.agent)
    except (neo4j_errors.DriverError, neo4j_errors.Neo4jError) as error:
        driver.close()
        raise translate(error, target.uri) from error
    except UnsupportedServer:
        driver.close()
        raise
    return driver


def _require_supported(agent: str) -> None:
    version = agent.partition("/")[2]
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers and numbers < OLDEST_SERVER:
        raise UnsupportedServer(f"the server is Neo4j {version}; 5.26 or later is needed")


def create_lineadb_engine(url: str) -> neo4j.Driver:
    """A connected Neo4j driver for a URL. LineaPy's function of this name returns an SQLAlchemy engine.

    Close it when you are done.

    Parameters
    ----------
    url : str
        As `RelationalLineaDB` takes it.

    Raises
    ------
    ConfigurationError, DatabaseUnavailable, AuthenticationFailed, UnsupportedServer
    """
    return open_driver(resolve_url(url))


def translate(error: BaseException, uri: str | None = None) -> LineageGraphError:
    """The error of this package for one of the driver. Its message says what to do and holds no password."""
    at = f" at {uri}" if uri else ""
    if isinstance(error, LineageGraphError):
        return error
    if isinstance(error, neo4j_errors.AuthError):
        return AuthenticationFailed(
            f"Neo4j{at} refused the user name or the password: "
            "set NEO4J_USERNAME and NEO4J_PASSWORD, or put them into the URL"
        )
    if isinstance(error, neo4j_errors.ConstraintError):
        return DuplicateRecord(f"a record with this key exists already: {error.message}")
    if isinstance(error, neo4j_errors.TransientError) and is_out_of_memory(error):
        return TransactionTooLarge(
            f"Neo4j{at} has too little memory for this in one transaction: ask for less or commit more often, or raise "
            f"dbms.memory.transaction.total.max or server.memory.heap.max_size there ({error.message})"
        )
    if isinstance(error, neo4j_errors.TransientError):
        return DatabaseUnavailable(f"Neo4j{at} was too busy for too long: {error.message}")
    if isinstance(error, neo4j_errors.Neo4jError):
        return DatabaseError(f"Neo4j{at} refused the request: {error.message}")
    if isinstance(error, neo4j_errors.ConnectionAcquisitionTimeoutError):
        return DatabaseUnavailable(f"all connections to Neo4j{at} were in use for too long: {error}")
    if certificate := _certificate_error(error):
        return ConfigurationError(f"the certificate of the server{at} is not trusted: {certificate.verify_message}")
    if isinstance(error, (neo4j_errors.ConfigurationError, neo4j_errors.UnsupportedServerProduct)):
        return ConfigurationError(f"the driver cannot talk to what answers{at}: {error}")
    return DatabaseUnavailable(f"Neo4j{at} does not answer: {error}. Is it running, and is the address right?")


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The certificate error that caused the driver's error, if any."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None
