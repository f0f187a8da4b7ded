"""Applies the migrations that make the graph's keys and indexes, and correct what earlier versions wrote.

Migrations are the files ``cypher/migrations/V001__name.cypher`` and so on, each applied once to a database and
recorded in it as ``(:SchemaMigration {version, name, checksum, applied_at})``. A released file never changes.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import neo4j
from neo4j import exceptions as neo4j_errors

from lineage_graph.errors import SchemaError
from lineage_graph.graph import statements

_MIGRATION_FILE = re.compile(r"V(\d+)__(\w+)\.cypher")

# Comments, strings and quoted names, words, and single characters.
_TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:``|[^`])*`|\w+|[^\s\w]""", re.DOTALL)

# Earlier databases recorded checksums of the files' raw text, which changed with every change of layout.
_RAW_CHECKSUMS = {
    1: frozenset(
        {
            "0d731cedbb11b3f4fb16ac3890bf4d1a117a0a94821c2db3036d89553cc03392",
            "c1455e4e7ebdf39662fefad71254f08392d7f6e19be1c5ad7ec3a4a427b45354",
        }
    ),
    2: frozenset({"4da522f3e0699cf3f6887609c340529f5a195eafe7ef805fe91e1c6714c6005d"}),
    3: frozenset({"0f89013bb6aa5f0bf33ecea40c368db059424d5ba140738a36665bf234aa8e77"}),
}

# Attempts for a statement that changes data while other clients' transactions conflict with it.
_ATTEMPTS = 10

_AWAIT_INDEXES = statements.load("schema/await_indexes")
_PREPARE = statements.load("schema/prepare_migrations")
_APPLIED = statements.load("schema/get_migrations")
_LOCK = statements.load("schema/lock_migrations")
_RECORD = statements.load("schema/record_migration")


@dataclass(frozen=True)
class Migration:
    """One step of the schema.

    Attributes
    ----------
    version : int
        Its number, from 1.
    name : str
    statements : tuple of str
    checksum : str
        SHA-256 of its statements without comments and layout, in hexadecimal digits.
    """

    version: int
    name: str
    statements: tuple[str, ...]
    checksum: str

    def is_recorded_as(self, checksum: str) -> bool:
        """Whether a database that recorded this checksum has this migration."""
        return checksum == self.checksum or checksum in _RAW_CHECKSUMS.get(self.version, ())


def migrations() -> list[Migration]:
    """All migrations that this version of the package knows, oldest first."""
    found = []
    for file in (statements.root() / "migrations").iterdir():
        if match := _MIGRATION_FILE.fullmatch(file.name):
            found.append(parse(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    return sorted(found, key=lambda migration: migration.version)


def parse(version: int, name: str, text: str) -> Migration:
    """A migration from the text of its file: statements that a semicolon ends."""
    parts: list[str] = []
    normal: list[str] = []
    words: list[str] = []
    start = 0
    for word, end in _tokens(text):
        if word != ";":
            words.append(word)
            continue
        if words:
            parts.append(text[start : end - 1].strip())
            normal.append(" ".join(words))
        words, start = [], end
    if words:
        parts.append(text[start:].strip())
        normal.append(" ".join(words))
    checksum = hashlib.sha256(";".join(normal).encode()).hexdigest()
    return Migration(version, name, tuple(parts), checksum)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """The tokens of Cypher, comments aside, each with its end; the case of a word matters only in quotes."""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if not token.startswith(("//", "/*")):
            yield token if token[0] in "'\"`" else token.lower(), match.end()


def migrate(driver: neo4j.Driver, database: str | None = None) -> list[Migration]:
    """Bring the database's schema to this version's, once, even if several clients try at the same time.

    Returns
    -------
    list of Migration
        The migrations that this call applied.

    Raises
    ------
    SchemaError
        If the database has a newer schema than this version knows, or a different one under the same number.
    """
    known = migrations()
    with driver.session(database=database) as session, driver.session(database=database) as worker:
        if not _pending(session.execute_read(_applied), known):
            return []
        # Managed transactions, since clients that change the schema at the same time may deadlock.
        session.execute_write(_run, _PREPARE.text)
        applied = session.execute_write(_apply, worker, known)
        session.execute_read(_run, _AWAIT_INDEXES.text)
    return applied


def _apply(lock: neo4j.ManagedTransaction, worker: neo4j.Session, known: list[Migration]) -> list[Migration]:
    """Apply the pending migrations while a transaction holds the lock.

    The statements run in transactions of their own: one that changes the schema cannot share a transaction with one
    that writes data, and one that changes much data commits in batches. All can be repeated, so a later client
    completes what an interrupted one has begun.
    """
    _run(lock, _LOCK.text)
    pending = _pending(_applied(lock), known)
    for migration in pending:
        for statement in migration.statements:
            _run_alone(worker, statement)
        lock.run(_RECORD.text, version=migration.version, name=migration.name, checksum=migration.checksum).consume()
    return pending


def _run_alone(session: neo4j.Session, statement: str) -> None:
    """Run a statement in one transaction, or in several where it says so; retry it where that may succeed."""
    words = " ".join(word for word, _ in _tokens(statement))
    if "} in transactions" not in words:
        session.execute_write(_run, statement)
        return
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            session.run(statement).consume()
        except (neo4j_errors.DriverError, neo4j_errors.Neo4jError) as error:
            if not error.is_retryable() or attempt == _ATTEMPTS:
                raise
            time.sleep(0.1 * attempt)
        else:
            return


def _run(transaction: neo4j.ManagedTransaction, statement: str) -> None:
    transaction.run(statement).consume()


def _applied(transaction: neo4j.ManagedTransaction) -> dict[int, str]:
    return {record["version"]: record["checksum"] for record in transaction.run(_APPLIED.text)}


def _pending(applied: dict[int, str], known: list[Migration]) -> list[Migration]:
    newest = max(applied, default=0)
    if newest > known[-1].version:
        raise SchemaError(
            f"the database has schema version {newest}, this version of lineage-graph knows up to "
            f"{known[-1].version}: upgrade lineage-graph"
        )
    for migration in known:
        recorded = applied.get(migration.version)
        if recorded is not None and not migration.is_recorded_as(recorded):
            raise SchemaError(
                f"the database's schema version {migration.version} is not the one that this version of "
                "lineage-graph knows: was it made by a development version?"
            )
    return [migration for migration in known if migration.version not in applied]
