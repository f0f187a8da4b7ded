"""Saving under the next version: contiguous and without errors, however many save at once."""

from __future__ import annotations

import multiprocessing

import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import ArtifactSaveException, InvalidRecord
from tests.support.records import artifact, literal, new_id, write_session

pytestmark = pytest.mark.every_version

SAVERS = 4
VERSIONS = 5


def save_versions(url: str, name: str) -> list[int]:
    db = RelationalLineaDB(url)
    session = write_session(db)
    saved = []
    for value in range(VERSIONS):
        node = literal(session, value)
        db.write_node(node)
        saved.append(db.save_as_next_version(node.id, session.execution_id, name))
    db.close()
    return saved


def test_the_first_version_is_0_and_the_next_follows_the_highest(
    db: RelationalLineaDB, other: RelationalLineaDB
) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    assert db.save_as_next_version(node.id, session.execution_id, "model") == 0
    assert [(a.name, a.version) for a in other.get_all_artifacts()] == [("model", 0)]
    db.write_artifact(artifact(session, node.id, version=7))
    assert db.save_as_next_version(node.id, session.execution_id, "model") == 8
    db.delete_artifact_by_name("model", 8)
    assert db.save_as_next_version(node.id, session.execution_id, "model") == 8
    assert db.save_as_next_version(node.id, session.execution_id, "other") == 0
    assert sorted(a.version for a in other.get_all_artifacts() if a.name == "model") == [0, 7, 8]


def test_processes_that_save_at_once_get_contiguous_versions(url: str, db: RelationalLineaDB) -> None:
    with multiprocessing.get_context("spawn").Pool(SAVERS) as pool:
        saved = pool.starmap(save_versions, [(url, "model")] * SAVERS)
    given = [version for versions in saved for version in versions]
    assert sorted(given) == list(range(SAVERS * VERSIONS))
    assert sorted(a.version for a in db.get_all_artifacts()) == list(range(SAVERS * VERSIONS))
    for versions in saved:
        assert versions == sorted(versions)


def test_an_artifact_of_nothing_is_refused_with_all_of_its_commit(db: RelationalLineaDB) -> None:
    session = write_session(db)
    with pytest.raises(ArtifactSaveException, match=r"NextArtifact.*is missing"):
        db.save_as_next_version(new_id(), session.execution_id, "model")
    assert db.get_latest_artifact_version("model") == -1
    node = literal(write_session(db))
    db.write_node(node)
    with pytest.raises(InvalidRecord, match="name has control characters"):
        db.save_as_next_version(node.id, session.execution_id, "mo\ndel")
