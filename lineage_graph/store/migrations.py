"""The migrations that make the graph's keys and indexes.

Migrations are the files ``cypher/schema/V001__name.cypher`` and so on, each applied once to a database and
recorded in it as ``(:SchemaMigration {version, name, checksum, applied_at})``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import neo4j

from lineage_graph.errors import SchemaError
from lineage_graph.graph import statements

_MIGRATION_FILE = re.compile(r"V(\d+)__(\w+)\.cypher")
_AWAIT_INDEXES = statements.load("schema/await_indexes")
_PREPARE = statements.load("schema/prepare_migrations")
_APPLIED = statements.load("schema/get_migrations")
_LOCK = statements.load("schema/lock_migrations")
_RECORD = statements.load("schema/record_migration")


@dataclass(frozen=True)
class Migration:
    """One step of the schema: its number from 1, its name, its statements and their SHA-256."""

    version: int
    name: str
    statements: tuple[str, ...]
    checksum: str


def migrations() -> list[Migration]:
    """All migrations that this version of the package knows, oldest first."""
    found = []
    for file in (statements.root() / "schema").iterdir():
        if match := _MIGRATION_FILE.fullmatch(file.name):
            text = file.read_text(encoding="utf-8")
            parts = tuple(part.strip() for part in text.split(";\n") if part.strip())
            checksum = hashlib.sha256(text.encode()).hexdigest()
            found.append(Migration(int(match[1]), match[2], parts, checksum))
    return sorted(found, key=lambda migration: migration.version)


def migrate(driver: neo4j.Driver, database: str | None = None) -> list[Migration]:
    """Bring the database's schema to this version's, once, however many clients try at the same moment.

    Returns
    -------
    list of Migration
        Those that were applied now.

    Raises
    ------
    SchemaError
        If the database has a newer schema than this version knows, or another one under the same number.
    """
    known = migrations()
    with driver.session(database=database) as session, driver.session(database=database) as worker:
        if not _pending(session.execute_read(_applied), known):
            return []
        # Managed transactions, since clients that change the schema at the same moment may deadlock.
        session.execute_write(_run, _PREPARE.text)
        applied = session.execute_write(_apply, worker, known)
        session.execute_read(_run, _AWAIT_INDEXES.text)
    return applied


def _apply(lock: neo4j.ManagedTransaction, worker: neo4j.Session, known: list[Migration]) -> list[Migration]:
    """Apply what is pending while a transaction holds the lock.

    The statements run beside it: one that changes the schema cannot share a transaction with one that
    writes data. All of them can be repeated, so what an interrupted client left half done is made whole.
    """
    _run(lock, _LOCK.text)
    pending = _pending(_applied(lock), known)
    for migration in pending:
        for statement in migration.statements:
            worker.execute_write(_run, statement)
        lock.run(_RECORD.text, version=migration.version, name=migration.name, checksum=migration.checksum).consume()
    return pending


def _run(transaction: neo4j.ManagedTransaction, statement: str) -> None:
    transaction.run(statement).consume()


def _applied(transaction: neo4j.ManagedTransaction) -> dict[int, str]:
    return {record["version"]: record["checksum"] for record in transaction.run(_APPLIED.text)}


def _pending(applied: dict[int, str], known: list[Migration]) -> list[Migration]:
    newest = max(applied, default=0)
    if newest > len(known):
        raise SchemaError(
            f"the database has schema version {newest}, this version of lineage-graph knows up to "
            f"{len(known)}: upgrade lineage-graph"
        )
    for migration in known:
        if applied.get(migration.version, migration.checksum) != migration.checksum:
            raise SchemaError(
                f"the database's schema version {migration.version} is not the one that this version of "
                "lineage-graph knows: was it made by a development version?"
            )
    return [migration for migration in known if migration.version not in applied]
