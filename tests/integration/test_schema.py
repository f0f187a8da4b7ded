"""The schema: made once, by however many clients, and refused when it is not ours."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import SchemaError
from lineage_graph.graph import statements
from lineage_graph.graph.labels import LABELS, RELATIONSHIP_TYPES
from lineage_graph.store import migrations as schema
from lineage_graph.store.connection import Store

pytestmark = pytest.mark.every_version


def test_many_clients_at_once_make_it_once(no_schema: str, driver: neo4j.Driver) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(Store, [no_schema] * 8))
    for store in stores:
        store.close()
    records, _, _ = driver.execute_query("MATCH (m:SchemaMigration) WHERE m.version > 0 RETURN m.version AS version")
    assert [record["version"] for record in records] == [m.version for m in schema.migrations()]
    names = driver.execute_query("SHOW CONSTRAINTS YIELD name").records
    assert len(names) == 16


def test_every_key_and_index_is_online(store: Store, driver: neo4j.Driver) -> None:
    records, _, _ = driver.execute_query("SHOW INDEXES YIELD name, state RETURN name, state")
    assert {record["state"] for record in records} == {"ONLINE"}
    assert {"node_id", "node_session", "artifact_key"} <= {record["name"] for record in records}


def test_a_newer_schema_is_refused(store: Store, url: str, driver: neo4j.Driver) -> None:
    driver.execute_query("CREATE (:SchemaMigration {version: 99, checksum: 'x'})")
    try:
        with pytest.raises(SchemaError, match=r"99.*upgrade lineage-graph"):
            RelationalLineaDB(url)
    finally:
        driver.execute_query("MATCH (m:SchemaMigration {version: 99}) DELETE m")


def test_another_schema_under_our_number_is_refused(store: Store, url: str, driver: neo4j.Driver) -> None:
    driver.execute_query("MATCH (m:SchemaMigration {version: 1}) SET m.kept = m.checksum, m.checksum = 'x'")
    try:
        with pytest.raises(SchemaError, match="version 1 is not the one"):
            RelationalLineaDB(url)
    finally:
        driver.execute_query("MATCH (m:SchemaMigration {version: 1}) SET m.checksum = m.kept REMOVE m.kept")


def test_the_model_names_what_the_statements_use() -> None:
    """The lists in labels.py are what the linter gets; a label nobody uses would hide a typing error."""
    text = "\n".join(statements.load(name).text for name in statements.names())
    text += "\n".join(statement for m in schema.migrations() for statement in m.statements)
    body = re.sub(r"//[^\n]*", "", text)
    used = set(re.findall(r"[(\w]:([A-Z][A-Za-z]+)", body)) | set(re.findall(r"&([A-Z]\w+)", body))
    types = set(re.findall(r"[\[|:]([A-Z][A-Z_]+)\b", body))
    assert set(LABELS) == {label for label in used if label.upper() != label}
    assert set(RELATIONSHIP_TYPES) == {type_ for type_ in types if len(type_) > 3}
