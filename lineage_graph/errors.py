"""Every error this package raises, in one tree.

::

    LineageGraphError
    ├── ConfigurationError (ValueError)       a URL, a setting or an environment variable is wrong
    │   └── MissingExtra (ImportError)        an optional part of the package is not installed
    ├── DatabaseError                         the database refused or could not answer
    │   ├── DatabaseUnavailable               nothing answers there, or not in time
    │   ├── AuthenticationFailed              the user name or the password is wrong
    │   ├── TransactionTooLarge               the server has too little memory for it in one transaction
    │   ├── UnsupportedServer                 the server's version is not one we run on
    │   └── SchemaError                       the stored schema is not the one this version knows
    ├── ArtifactSaveException                 a commit failed; nothing of it was stored
    │   ├── InvalidRecord (ValueError)        a record cannot be stored as it is
    │   ├── DuplicateRecord                   a record with this key is there already
    │   ├── CommitTooLarge                    the server has too little memory for it; commit more often
    │   └── CommitUnsettled                   the server went away; call commit() again
    ├── InvalidArgument (ValueError)          an argument is not of the type that is asked for
    ├── NotSupported (NotImplementedError)    what is asked for is clear, and cannot be done
    ├── RecordNotFound (LookupError)          nothing is stored under this id
    │   └── NoValueSaved (ValueError)         no value is recorded for a node in an execution
    ├── UserException                         the caller asked for something that is not there
    │   └── NameNotFound (NameError)          no artifact, pipeline or value of that name
    ├── ValueStoreError                       a stored value could not be kept or given back
    │   ├── ValueMissing (LookupError)        it is not where it should be
    │   ├── ValueCorrupted                    its bytes are not those that were put
    │   ├── UnsupportedValue (TypeError)      no format that is allowed holds it
    │   └── PickleRefused                     it is a pickle, and loading one was not allowed
    ├── OutboxDamaged                         a commit in the outbox is not as it was written, or not one we know
    ├── QueryFileError                        a file in cypher/ does not keep its own header
    ├── ImportSourceError                     the database to import is not a LineaPy database we know
    └── LocalServerError                      the managed local server could not do as asked
        ├── UnsupportedPlatform               no Java or no Neo4j for this machine
        ├── DownloadError                     a part could not be fetched, or is not what it should be
        ├── ServerStartError                  the server was started and did not come up
        └── ServerNotRunning                  there is no server to stop or to ask

A `PendingElsewhereWarning` is a warning, no error.

Messages say what to do. None ever holds a password.
"""

from __future__ import annotations


def public_url(url: str) -> str:
    """A URL as a message may show it: without what may be a password, wherever that was put."""
    start, separator, rest = url.rpartition("://")
    if not separator:
        return url
    _, at, rest = rest.rpartition("@")
    for mark in "?#":
        rest, cut, _ = rest.partition(mark)
        rest += f"{mark}***" if cut else ""
    return f"{start}://{'***@' if at else ''}{rest}"


class LineageGraphError(Exception):
    """Base of every error of this package."""


class ConfigurationError(LineageGraphError, ValueError):
    """A URL, a setting or an environment variable is wrong."""


class MissingExtra(ConfigurationError, ImportError):
    """An optional part of the package is not installed.

    Parameters
    ----------
    extra : str
        Name of the extra, as in ``pip install 'lineage-graph[extra]'``.
    purpose : str
        What it is needed for, as the start of a sentence.
    """

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs an extra that is not installed: pip install 'lineage-graph[{extra}]'")


class DatabaseError(LineageGraphError):
    """The database refused a request, or could not answer it."""


class DatabaseUnavailable(DatabaseError):
    """Nothing answers at the address, or not in time."""


class AuthenticationFailed(DatabaseError):
    """The server refused the user name or the password."""


class TransactionTooLarge(DatabaseError):
    """The server has too little memory for a statement or a transaction. Trying again does not help."""


class UnsupportedServer(DatabaseError):
    """The server's version is not one that this package runs on."""


class SchemaError(DatabaseError):
    """The schema stored in the database is not one that this version of the package knows."""


class ArtifactSaveException(LineageGraphError):
    """A commit failed, and nothing of it was stored (LineaPy's name for it)."""


class InvalidRecord(ArtifactSaveException, ValueError):
    """A record cannot be stored as it is.

    Parameters
    ----------
    record : str
        The kind and key of the record, e.g. ``"Artifact 'model' version 3"``.
    field : str
        The field that is wrong.
    problem : str
        What is wrong with it.
    """

    def __init__(self, record: str, field: str, problem: str) -> None:
        super().__init__(f"{record}: {field} {problem}")
        self.record = record
        self.field = field


class DuplicateRecord(ArtifactSaveException):
    """A record with this key is in the database already, or was written twice."""


class CommitTooLarge(ArtifactSaveException):
    """The server has too little memory for a commit. Nothing of it was stored; smaller ones can be."""


class CommitUnsettled(ArtifactSaveException, DatabaseUnavailable):
    """The server went away before it acknowledged the commit.

    What was written is kept in memory: a later ``commit()`` finds out whether it is stored already, and
    stores it if it is not.
    """


class PendingElsewhereWarning(UserWarning):
    """A commit found nothing to commit, while other threads' writes wait for a commit of their own."""


class InvalidArgument(LineageGraphError, ValueError):
    """An argument is not of the type that is asked for, or is none that a database can hold."""


class RecordNotFound(LineageGraphError, LookupError):
    """Nothing is stored under this id."""


class NoValueSaved(RecordNotFound, ValueError):
    """No value is recorded for a node in an execution."""

    def __init__(self) -> None:
        # LineaPy's words, which its callers may look for.
        super().__init__("No value saved for this node")


class NotSupported(LineageGraphError, NotImplementedError):
    """What is asked for is clear, and cannot be done: a literal of a type that the model does not know, say."""


class UserException(LineageGraphError):
    """The caller asked for something that is not there (LineaPy's name for it).

    The error it stands for is its ``__cause__``, as in LineaPy.
    """

    def __init__(self, cause: Exception) -> None:
        # Where LineaPy is there, its class of this name is a base too, and takes other arguments.
        Exception.__init__(self, str(cause))
        self.__cause__ = cause


class NameNotFound(UserException, NameError):
    """No artifact, pipeline or value has this name or key."""

    def __init__(self, message: str) -> None:
        super().__init__(NameError(message))


class ValueStoreError(LineageGraphError):
    """A stored value could not be kept, or not be given back."""


class ValueMissing(ValueStoreError, LookupError):
    """There is no value at a location."""


class ValueCorrupted(ValueStoreError):
    """A value's bytes are not those that were put."""


class UnsupportedValue(ValueStoreError, TypeError):
    """No format that is allowed can hold a value."""


class PickleRefused(ValueStoreError):
    """A value is a pickle, and loading pickles was not allowed."""


class OutboxDamaged(LineageGraphError):
    """A commit in the outbox is not as it was written, or holds what this version of the package does not know."""


class QueryFileError(LineageGraphError):
    """A file in ``cypher/`` is missing, or does not keep what its own header says."""


class ImportSourceError(LineageGraphError):
    """The database to import is not a LineaPy database, or not of a schema we know."""


class LocalServerError(LineageGraphError):
    """The managed local server could not do what was asked."""


class UnsupportedPlatform(LocalServerError):
    """There is no Java runtime, or no Neo4j, that runs on this machine."""


class DownloadError(LocalServerError):
    """A part of the server could not be fetched, or is not what its checksum says."""


class ServerStartError(LocalServerError):
    """The server was started and did not come up."""


class ServerNotRunning(LocalServerError):
    """There is no server to stop or to ask."""
