"""What our readers give of the examples is what LineaPy's own readers gave of them, field by field.

``examples/golden.json.gz`` was written by LineaPy 0.2.3 itself; examples/record.py says in what form.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from lineage_graph.types import CallNode, LiteralNode, Node
from tests.conftest import EXAMPLE_DATABASE, GOLDEN, TestServer
from tests.support.known_sessions import wipe

pytestmark = pytest.mark.every_version

GOLD: dict[str, Any] = json.loads(gzip.decompress(GOLDEN.read_bytes()))


@pytest.fixture(scope="module")
def imported(server: TestServer, driver: Any) -> Iterator[RelationalLineaDB]:
    wipe(driver)
    db = RelationalLineaDB(server.url)
    report = import_lineapy(str(EXAMPLE_DATABASE), db)
    assert report.is_complete
    yield db
    db.close()


def plain(value: Any) -> Any:
    """A value as the golden file has it: enums by name, times in ISO format, paths as text."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return getattr(value, "name", value)


def node_fields(node: Node) -> dict[str, Any]:
    fields = {key: plain(value) for key, value in node if key not in {"source_location", "node_type"}}
    location = node.source_location
    fields["source_location"] = location and {
        **{key: plain(value) for key, value in location if key != "source_code"},
        "source_code_id": location.source_code.id,
    }
    if isinstance(node, LiteralNode):
        fields["value"] = {"type": type(node.value).__name__, "repr": repr(node.value)}
    if isinstance(node, CallNode):
        fields["positional_args"] = [argument.model_dump() for argument in node.positional_args]
        # LineaPy keeps these three in sets: they come back in any order.
        fields["keyword_args"] = sorted(
            (argument.model_dump() for argument in node.keyword_args),
            key=lambda argument: (argument["key"], argument["value"]),
        )
        fields["global_reads"] = dict(sorted(node.global_reads.items()))
        fields["implicit_dependencies"] = sorted(node.implicit_dependencies)
    return {"node_type": node.node_type.name, **fields}


SESSIONS = pytest.mark.parametrize(
    "session", GOLD["sessions"], ids=[session["context"]["id"][:8] for session in GOLD["sessions"]]
)


@SESSIONS
def test_a_session_is_read_back_as_lineapy_reads_it(imported: RelationalLineaDB, session: dict[str, Any]) -> None:
    id_ = session["context"]["id"]
    context = imported.get_session_context(id_)
    assert {key: plain(getattr(context, key)) for key in session["context"]} == session["context"]
    nodes = imported.get_nodes_for_session(id_)
    assert len(nodes) == len(session["nodes"]) > 0
    for node, gold in zip(nodes, session["nodes"], strict=True):
        assert node_fields(node) == gold
    assert [list(pair) for pair in imported.get_variables_for_session(id_)] == session["variables"]
    libraries = imported.get_libraries_for_session(id_)
    assert sorted([row.package_name, row.version] for row in libraries) == session["libraries"]
    assert imported.get_source_code_for_session(id_) == session["source_code"]


@SESSIONS
def test_each_node_is_found_by_its_id(imported: RelationalLineaDB, session: dict[str, Any]) -> None:
    for gold in session["nodes"][::10]:
        assert node_fields(imported.get_node_by_id(gold["id"])) == gold


def test_source_code_is_the_same_to_the_letter(imported: RelationalLineaDB) -> None:
    gold = {source["id"]: source for source in GOLD["source_codes"]}
    seen = set()
    for session in GOLD["sessions"]:
        for node in imported.get_nodes_for_session(session["context"]["id"]):
            if node.source_location:
                source = node.source_location.source_code
                assert source.code == gold[source.id]["code"]
                seen.add(source.id)
    assert len(seen) > 8


def test_artifacts_are_the_same(imported: RelationalLineaDB) -> None:
    fields = ("name", "version", "node_id", "execution_id", "date_created")
    artifacts = imported.get_all_artifacts()
    assert [{field: plain(getattr(a, field)) for field in fields} for a in artifacts] == [
        {field: gold[field] for field in fields} for gold in GOLD["artifacts"]
    ]
    sessions = [artifact.node.session_id for artifact in artifacts if artifact.node]
    assert sessions == [gold["session_id"] for gold in GOLD["artifacts"]]
    key_of = {gold["id"]: (gold["name"], gold["version"]) for gold in GOLD["artifacts"]}
    for session in GOLD["sessions"]:
        found = imported.get_artifacts_for_session(session["context"]["id"])
        assert {(a.name, a.version) for a in found} == {key_of[id_] for id_ in session["artifact_ids"]}
    for name in {gold["name"] for gold in GOLD["artifacts"]}:
        latest = max(gold["version"] for gold in GOLD["artifacts"] if gold["name"] == name)
        assert imported.get_latest_artifact_version(name) == latest
        assert imported.get_artifactorm_by_name(name).version == latest


def test_node_values_are_the_same(imported: RelationalLineaDB) -> None:
    assert len(GOLD["node_values"]) > 10
    for gold in GOLD["node_values"]:
        found = imported.get_node_value_from_db(gold["node_id"], gold["execution_id"])
        assert {field: plain(getattr(found, field)) for field in gold} == gold


def test_pipelines_are_the_same(imported: RelationalLineaDB) -> None:
    key_of = {gold["id"]: (gold["name"], gold["version"]) for gold in GOLD["artifacts"]}
    for gold in GOLD["pipelines"]:
        found = imported.get_pipeline_by_name(gold["name"])
        assert {(a.name, a.version) for a in found.artifacts} == {key_of[id_] for id_ in gold["artifact_ids"]}
        assert [
            (
                (d.post_artifact.name, d.post_artifact.version),
                {(a.name, a.version) for a in d.pre_artifacts},
            )
            for d in found.dependencies
        ] == [
            (key_of[d["post_artifact_id"]], {key_of[id_] for id_ in d["pre_artifact_ids"]})
            for d in gold["dependencies"]
        ]
