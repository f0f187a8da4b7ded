"""Databases of earlier schemas: opened, migrated, read, and then just as today's version would have written them.

Each file is a session of the examples as the last version with that schema imported it: ``v001.json`` a script,
``v002.json`` a notebook, ``v003.json`` a script with branches, ``v004.json`` one with a module that has no version,
``v005.json`` another script.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from lineage_graph.store import migrations
from lineage_graph.store.rebuild import rebuild
from tests.conftest import drop_schema
from tests.lineage.recorded import forget
from tests.support import graph_files
from tests.support.known_sessions import whole_graph, wipe
from tests.support.lineapy_sources import session_copy
from tests.support.records import write_session

pytestmark = pytest.mark.every_version

HERE = Path(__file__).resolve().parent
SESSIONS = {
    1: "6f38fc6b-ffa5-4ef5-9d08-28c4d45d4fb3",
    2: "f55117ac-2cd7-4f77-b58c-ed6f6d7aa548",
    3: "4cec26ca-6947-4eab-8218-3cffb2f015ae",
    4: "95ed34a3-82a8-4339-af59-86aa576d1f7b",
    5: "d754f637-f477-4ccc-bb4c-bd1892f9778b",
}
# What later migrations change of the data; the others make keys and indexes only.
CHANGED = (1, 2, 3, 4)
CHANGES = {4: ("UPDATE import_node SET version = 'None' WHERE package_name = 'PIL'",)}


def everything(db: RelationalLineaDB, session_id: str) -> list[Any]:
    return [
        db.get_session_context(session_id),
        db.get_nodes_for_session(session_id),
        db.get_variables_for_session(session_id),
        [(row.package_name, row.version) for row in db.get_libraries_for_session(session_id)],
        db.get_source_code_for_session(session_id),
        [(a.name, a.version, a.node_id, a.execution_id, a.date_created) for a in db.get_all_artifacts()],
    ]


def schema(driver: neo4j.Driver) -> set[str]:
    names = driver.execute_query("SHOW CONSTRAINTS YIELD name").records
    names += driver.execute_query("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name").records
    return {row["name"] for row in names}


def test_there_is_a_database_of_every_earlier_schema() -> None:
    assert sorted(SESSIONS) == list(range(1, len(migrations.migrations())))


@pytest.mark.parametrize("version", SESSIONS)
def test_a_database_of_an_earlier_schema_is_as_today_s(
    url: str, driver: neo4j.Driver, tmp_path: Path, version: int
) -> None:
    source = session_copy(tmp_path, SESSIONS[version], *CHANGES.get(version, ()))
    today = RelationalLineaDB(url)
    import_lineapy(str(source), today)
    expected, derived_graph = everything(today, SESSIONS[version]), whole_graph(driver)
    forget(driver, with_reads=True)
    expected_graph = whole_graph(driver)
    expected_schema = schema(driver)
    today.close()
    wipe(driver)
    drop_schema(driver)
    graph_files.load(driver, HERE / f"v{version:03}.json")
    assert (whole_graph(driver) != expected_graph) == (version in CHANGED)

    db = RelationalLineaDB(url)
    recorded = driver.execute_query("MATCH (m:SchemaMigration) WHERE m.version > 0 RETURN m.version AS v ORDER BY v")
    assert [row["v"] for row in recorded.records] == [m.version for m in migrations.migrations()]
    assert schema(driver) == expected_schema
    assert everything(db, SESSIONS[version]) == expected
    assert whole_graph(driver) == expected_graph
    assert import_lineapy(str(source), db).written == 0

    # Migrations that an interrupted client had applied are applied again.
    driver.execute_query("MATCH (m:SchemaMigration) WHERE m.version > $version DELETE m", version=version)
    RelationalLineaDB(url).close()
    assert whole_graph(driver) == expected_graph
    rebuild(db.store)
    assert whole_graph(driver) == derived_graph
    added = write_session(db)
    db.commit()
    assert db.get_session_context(added.id) == added
    db.close()
