"""What a program wrote is kept when it ends, however it ends short of being killed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lineage_graph import RelationalLineaDB

PROGRAM = """
import sys
from lineage_graph import RelationalLineaDB
from tests.support.records import artifact, literal, write_session

db = RelationalLineaDB(sys.argv[1])
session = write_session(db)
node = literal(session, 42)
db.write_node(node)
db.write_artifact(artifact(session, node.id, sys.argv[2]))
{ending}
"""


@pytest.mark.parametrize(
    ("ending", "status"),
    [("", 0), ("raise ValueError('the traced code failed')", 1), ("sys.exit(3)", 3)],
)
def test_what_is_pending_is_committed_at_exit(url: str, db: RelationalLineaDB, ending: str, status: int) -> None:
    program = PROGRAM.format(ending=ending)
    ended = subprocess.run([sys.executable, "-c", program, url, "model"], check=False, capture_output=True, text=True)
    assert ended.returncode == status, ended.stderr
    assert db.get_node_by_id(db.get_artifactorm_by_name("model").node_id).value == 42  # type: ignore[union-attr]


def test_what_a_client_has_pending_that_was_dropped_is_committed_at_exit(url: str, db: RelationalLineaDB) -> None:
    program = PROGRAM.format(ending="del db; import gc; gc.collect()")
    subprocess.run([sys.executable, "-c", program, url, "model"], check=True)
    assert db.get_node_by_id(db.get_artifactorm_by_name("model").node_id).value == 42  # type: ignore[union-attr]


def test_what_cannot_be_stored_at_exit_is_said(url: str, db: RelationalLineaDB) -> None:
    program = PROGRAM.format(ending="db.write_artifact(artifact(session, 'nowhere', 'other'))")
    ended = subprocess.run([sys.executable, "-c", program, url, "model"], check=False, capture_output=True, text=True)
    assert "could not be stored at exit" in ended.stderr
    assert "nowhere" in ended.stderr
    assert db.get_all_artifacts() == []
