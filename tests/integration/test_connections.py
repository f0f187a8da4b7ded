"""The ways to reach a database."""

from __future__ import annotations

import neo4j
import pytest

from lineage_graph import RelationalLineaDB, create_lineadb_engine
from lineage_graph.errors import DatabaseError
from tests.conftest import TestServer
from tests.support.records import literal, write_session

pytestmark = pytest.mark.every_version


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
@pytest.mark.parametrize("database", ["", "/neo4j"])
def test_a_url_with_credentials(url: str, scheme: str, database: str) -> None:
    db = RelationalLineaDB(url.replace("bolt://", f"{scheme}://") + database)
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.commit()
    assert db.get_nodes_for_session(session.id) == [node]
    db.close()


def test_credentials_from_the_environment(url: str, server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_USERNAME", server.username)
    monkeypatch.setenv("NEO4J_PASSWORD", server.password)
    db = RelationalLineaDB.from_environment(server.address)
    assert db.get_all_artifacts() == []
    db.close()


def test_the_url_from_lineapy_s_options(url: str) -> None:
    class Options:
        def safe_get(self, name: str) -> str:
            return {"database_url": url}[name]

    db = RelationalLineaDB.from_config(Options())
    assert db.url == url
    assert db.get_all_artifacts() == []
    db.close()


def test_a_database_that_is_not_there(url: str) -> None:
    with pytest.raises(DatabaseError, match="nothing-of-this-name"):
        RelationalLineaDB(url + "/nothing-of-this-name")


def test_the_engine_is_a_connected_driver(url: str) -> None:
    with create_lineadb_engine(url) as driver:
        assert isinstance(driver, neo4j.Driver)
        assert driver.execute_query("RETURN 1 AS one").records[0]["one"] == 1
