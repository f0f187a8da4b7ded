"""Every error this package raises, in one tree.

::

    LineageGraphError
    ├── ConfigurationError (ValueError)       a URL, a setting or an environment variable is wrong
    │   └── MissingExtra (ImportError)        an optional part of the package is not installed
    ├── DatabaseError                         the database refused a request, or could not answer it
    │   ├── DatabaseUnavailable               the server does not answer, or not in time
    │   ├── AuthenticationFailed              the user name or the password is wrong
    │   ├── TransactionTooLarge               the server has too little memory for it in one transaction
    │   ├── UnsupportedServer                 this package does not support the server's version
    │   └── SchemaError                       this version does not know the stored schema
    ├── ArtifactSaveException                 a commit failed; nothing of it was stored
    │   ├── InvalidRecord (ValueError)        a record cannot be stored as it is
    │   ├── DuplicateRecord                   a record with this key exists already
    │   ├── CommitTooLarge                    the server has too little memory for it; commit more often
    │   └── CommitUnsettled                   the server went away or failed; call commit() again
    ├── InvalidArgument (ValueError)          an argument has the wrong type or value
    ├── NotSupported (NotImplementedError)    the request is valid, and this package cannot do it
    ├── RecordNotFound (LookupError)          nothing is stored under this id
    │   └── NoValueSaved (ValueError)         no value is recorded for a node in an execution
    ├── UserException                         the caller asked for something that is missing
    │   └── NameNotFound (NameError)          no artifact, pipeline or value of that name
    ├── ValueStoreError                       a value could not be stored or read
    │   ├── ValueMissing (LookupError)        there is no value at its location
    │   ├── ValueCorrupted                    its bytes have changed since it was stored
    │   ├── UnsupportedValue (TypeError)      no allowed format can hold it
    │   └── PickleRefused                     it is a pickle, and pickles are not allowed
    ├── OutboxDamaged                         a commit in the outbox is damaged or of an unknown format
    ├── QueryFileError                        a file in cypher/ is missing, or its header and text disagree
    ├── ImportSourceError                     the database to import is not a known LineaPy database
    └── LocalServerError                      the managed local server could not do what was asked
        ├── UnsupportedPlatform               no Java or no Neo4j for this machine
        ├── DownloadError                     a part could not be fetched, or has the wrong checksum
        ├── ServerStartError                  the server was started and did not come up
        └── ServerNotRunning                  there is no server to stop or to ask

`PendingElsewhereWarning` is a warning, not an error.

Messages say what to do. None ever holds a password.
"""

from __future__ import annotations


def public_url(url: str) -> str:
    """A URL without any part that may hold a password, for messages."""
    start, separator, rest = url.rpartition("://")
    if not separator:
        return url
    _, at, rest = rest.rpartition("@")
    for separator in "?#":
        rest, cut, _ = rest.partition(separator)
        rest += f"{separator}***" if cut else ""
    return f"{start}://{'***@' if at else ''}{rest}"


class LineageGraphError(Exception):
    """The base of every error of this package."""


class ConfigurationError(LineageGraphError, ValueError):
    """A URL, a setting or an environment variable is wrong."""


class MissingExtra(ConfigurationError, ImportError):
    """An optional part of the package is not installed.

    Parameters
    ----------
    extra : str
        Name of the extra, as in ``pip install 'lineage-graph[extra]'``.
    purpose : str
        The subject of the message: "Tracing with LineaPy", for example.
    """

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs an extra that is not installed: pip install 'lineage-graph[{extra}]'")


class DatabaseError(LineageGraphError):
    """The database refused a request, or could not answer it."""


class DatabaseUnavailable(DatabaseError):
    """The server does not answer, or not in time."""


class AuthenticationFailed(DatabaseError):
    """The server refused the user name or the password."""


class TransactionTooLarge(DatabaseError):
    """The server has too little memory for a statement or a transaction. A retry does not help."""


class UnsupportedServer(DatabaseError):
    """This package does not support the server's version."""


class SchemaError(DatabaseError):
    """This version of the package does not know the schema in the database."""


class ArtifactSaveException(LineageGraphError):
    """A commit failed, and nothing of it was stored. The name is LineaPy's."""


class InvalidRecord(ArtifactSaveException, ValueError):
    """A record cannot be stored as it is.

    Parameters
    ----------
    record : str
        The kind and key of the record, e.g. ``"Artifact 'model' version 3"``.
    field : str
        The field that is wrong.
    problem : str
        The problem, as a predicate: "is empty", for example.
    """

    def __init__(self, record: str, field: str, problem: str) -> None:
        super().__init__(f"{record}: {field} {problem}")
        self.record = record
        self.field = field


class DuplicateRecord(ArtifactSaveException):
    """A record with this key is already in the database, or was written twice."""


class CommitTooLarge(ArtifactSaveException):
    """The server has too little memory for a commit, and nothing of it was stored. Commit more often."""


class CommitUnsettled(ArtifactSaveException, DatabaseUnavailable):
    """The server went away before it acknowledged the commit, or failed after it may have stored it.

    The records stay in memory. A later ``commit()`` finds out whether they are stored, and stores them if they are
    not.
    """


class PendingElsewhereWarning(UserWarning):
    """A commit found nothing to commit, while the writes of other threads wait for their own commits."""


class InvalidArgument(LineageGraphError, ValueError):
    """An argument has the wrong type, or a value that the database cannot hold."""


class RecordNotFound(LineageGraphError, LookupError):
    """Nothing is stored under this id."""


class NoValueSaved(RecordNotFound, ValueError):
    """No value is recorded for a node in an execution."""

    def __init__(self) -> None:
        # The wording is LineaPy's, because its callers may compare it.
        super().__init__("No value saved for this node")


class NotSupported(LineageGraphError, NotImplementedError):
    """The request is valid, and this package cannot do it: a literal of an unknown type, for example."""


class UserException(LineageGraphError):
    """The caller asked for something that is missing. The name is LineaPy's.

    Its ``__cause__`` is the error that it stands for, as in LineaPy.
    """

    def __init__(self, cause: Exception) -> None:
        # LineaPy's class of this name becomes a base of this one where LineaPy is installed; it takes other arguments.
        Exception.__init__(self, str(cause))
        self.__cause__ = cause


class NameNotFound(UserException, NameError):
    """No artifact, pipeline or value has this name or key."""

    def __init__(self, message: str) -> None:
        super().__init__(NameError(message))


class ValueStoreError(LineageGraphError):
    """A value could not be stored or read."""


class ValueMissing(ValueStoreError, LookupError):
    """There is no value at a location."""


class ValueCorrupted(ValueStoreError):
    """The bytes of a value have changed since it was stored."""


class UnsupportedValue(ValueStoreError, TypeError):
    """No allowed format can hold a value."""


class PickleRefused(ValueStoreError):
    """A value is a pickle, and pickles are not allowed."""


class OutboxDamaged(LineageGraphError):
    """A commit in the outbox is damaged, or holds something that this version of the package does not know."""


class QueryFileError(LineageGraphError):
    """A file in ``cypher/`` is missing, or its header and its text disagree."""


class ImportSourceError(LineageGraphError):
    """The database to import is not a LineaPy database, or has an unknown schema."""


class LocalServerError(LineageGraphError):
    """The managed local server could not do what was asked."""


class UnsupportedPlatform(LocalServerError):
    """There is no Java runtime, or no Neo4j, that runs on this machine."""


class DownloadError(LocalServerError):
    """A part of the server could not be fetched, or has the wrong checksum."""


class ServerStartError(LocalServerError):
    """The server was started and did not come up."""


class ServerNotRunning(LocalServerError):
    """There is no server to stop or to ask."""
