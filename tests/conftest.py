"""One Neo4j for the whole run: a server that the environment names, else Docker, else the managed local one.

The tests wipe it before each test, so a database that holds anything they did not write is refused.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.server import DEFAULT_VERSION, LocalServer
from lineage_graph.server.local import QUICK
from lineage_graph.store.connection import Store
from tests.support.docker_server import docker_is_available, start_container

REPOSITORY = Path(__file__).resolve().parent.parent
EXAMPLE_DATABASE = REPOSITORY / "examples" / "lineage.sqlite"
GOLDEN = REPOSITORY / "examples" / "golden.json.gz"


@dataclass(frozen=True)
class TestServer:
    """The server of this run."""

    __test__ = False

    address: str
    username: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """Its address with credentials, as a user would give it."""
        scheme, _, host = self.address.partition("://")
        return f"{scheme}://{self.username}:{self.password}@{host}"


@contextmanager
def started(folder: Path) -> Iterator[TestServer]:
    """The server of this run, which is started unless the environment names one."""
    version = os.environ.get("LINEAGE_GRAPH_NEO4J_VERSION", DEFAULT_VERSION)
    if uri := os.environ.get("NEO4J_URI"):
        found = TestServer(uri, os.environ.get("NEO4J_USERNAME", "neo4j"), os.environ.get("NEO4J_PASSWORD", "x"))
        _refuse_foreign_data(found)
        yield found
    elif docker_is_available():
        with start_container(version) as (address, username, password):
            yield TestServer(address, username, password)
    else:
        local = LocalServer(folder, version=version)
        info = local.start()
        try:
            arguments = local.folder / "java.args"
            if "-XX:AOTCacheOutput=" in arguments.read_text(encoding="utf-8"):
                # The first stop on a machine records what makes all starts fast, those of the tests too.
                local.stop()
                info = local.start()
                assert "-XX:AOTCache=" in arguments.read_text(encoding="utf-8"), "nothing was recorded"
            yield TestServer(info.bolt_url, info.username, info.password.get_secret_value())
        finally:
            local.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestServer]:
    with started(tmp_path_factory.mktemp("neo4j")) as found:
        yield found


@pytest.fixture
def quick_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that a test starts for a few requests come up with two thirds of the work."""
    monkeypatch.setenv("LINEAGE_GRAPH_JAVA_OPTIONS", QUICK)


def _refuse_foreign_data(server: TestServer) -> None:
    with neo4j.GraphDatabase.driver(server.address, auth=(server.username, server.password)) as driver:
        records, _, _ = driver.execute_query(
            "OPTIONAL MATCH (marker:LineageGraphTests) "
            "WITH count(marker) AS markers "
            "OPTIONAL MATCH (other) WHERE NOT other:SchemaMigration AND NOT other:LineageGraphTests "
            "RETURN markers, count(other) AS others"
        )
        if records[0]["others"] and not records[0]["markers"]:
            pytest.exit(f"{server.address} holds data that is not the tests': it is not wiped", returncode=3)
        driver.execute_query("MERGE (:LineageGraphTests)")


@pytest.fixture(scope="session")
def driver(server: TestServer) -> Iterator[neo4j.Driver]:
    with neo4j.GraphDatabase.driver(server.address, auth=(server.username, server.password)) as driver:
        yield driver


@pytest.fixture
def url_as_it_is(server: TestServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of the database, with what earlier tests left in it."""
    for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    return server.url


@pytest.fixture
def url(url_as_it_is: str, driver: neo4j.Driver) -> str:
    """The URL of an empty database; its schema is kept."""
    with driver.session() as session:
        session.run(
            "MATCH (n) WHERE NOT n:SchemaMigration AND NOT n:LineageGraphTests "
            "CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
        ).consume()
    return url_as_it_is


def drop_schema(driver: neo4j.Driver) -> None:
    """Take away all keys and indexes, and the history of migrations."""
    with driver.session() as session:
        for name in session.run("SHOW CONSTRAINTS YIELD name").value():
            session.run(f"DROP CONSTRAINT `{name}`").consume()
        for name in session.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name").value():
            session.run(f"DROP INDEX `{name}`").consume()
        session.run("MATCH (migration:SchemaMigration) DELETE migration").consume()


@pytest.fixture
def no_schema(url: str, driver: neo4j.Driver) -> str:
    """The URL of a database without our schema."""
    drop_schema(driver)
    return url


@pytest.fixture
def db(url: str) -> Iterator[RelationalLineaDB]:
    db = RelationalLineaDB(url)
    yield db
    db.close()


@pytest.fixture
def other(url: str) -> Iterator[RelationalLineaDB]:
    """Another client of the same database."""
    other = RelationalLineaDB(url)
    yield other
    other.close()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter: pytest closes all of its own to them whenever another run of it starts."""
    with tempfile.TemporaryDirectory(prefix="lineage-graph-test-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path
