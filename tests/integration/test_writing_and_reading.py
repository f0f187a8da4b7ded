"""What is written comes back: every kind of record, in order, exactly."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import ArtifactSaveException, NameNotFound, RecordNotFound, UserException
from lineage_graph.relational import ArtifactDependencyORM, InputParameterORM, PipelineORM
from lineage_graph.types import (
    CallNode,
    ElseNode,
    GlobalNode,
    IfNode,
    ImportNode,
    JupyterCell,
    KeywordArgument,
    LiteralNode,
    MutateNode,
    Node,
    NodeValue,
    PositionalArgument,
    SessionType,
    SourceCode,
    ValueType,
)
from tests.support.records import (
    NOW,
    artifact,
    call,
    literal,
    location,
    lookup,
    new_id,
    node_value,
    write_session,
    write_source,
)

pytestmark = pytest.mark.every_version


def every_kind(db: RelationalLineaDB) -> tuple[str, list[Node]]:
    """Write a session with nodes of every kind that refer to each other in every way."""
    session = write_session(db)
    source = write_source(db, "import pandas\nif f(*a, k=1, **b):\n    g()\n")
    function, value = lookup(session), literal(session, "iris.csv", source_location=location(source, 2, 3, 8))
    else_id, test_id = new_id(), new_id()
    branch = IfNode(id=new_id(), session_id=session.id, test_id=test_id, companion_id=else_id, unexec_id=value.id)
    test = call(
        session,
        function.id,
        id=test_id,
        source_location=location(source, 2, 3, 19),
        positional_args=[
            PositionalArgument(id=value.id),
            PositionalArgument(id=function.id, starred=True),
            PositionalArgument(id=value.id),
        ],
        keyword_args=[
            KeywordArgument(key="z", value=value.id),
            KeywordArgument(key="**", value=value.id, starred=True),
            KeywordArgument(key="**", value=value.id, starred=True),
            KeywordArgument(key="a", value=function.id),
        ],
        global_reads={"z": function.id, "a": value.id},
        implicit_dependencies=[value.id, function.id, value.id],
        control_dependency=branch.id,
    )
    nodes: list[Node] = [
        ImportNode(
            id=new_id(),
            session_id=session.id,
            name="pandas",
            package_name="pandas",
            version="1.5.3",
            path="/lib/pandas",
            source_location=location(source, 1, 0, 13),
        ),
        ImportNode(id=new_id(), session_id=session.id, name="helpers"),
        function,
        value,
        branch,
        test,
        MutateNode(id=new_id(), session_id=session.id, source_id=value.id, call_id=test.id),
        GlobalNode(id=new_id(), session_id=session.id, name="total", call_id=test.id),
        ElseNode(id=else_id, session_id=session.id, companion_id=branch.id),
    ]
    for node in nodes:
        db.write_node(node)
    return session.id, nodes


def test_every_kind_of_node_comes_back_in_order_before_and_after_the_commit(
    db: RelationalLineaDB, other: RelationalLineaDB
) -> None:
    session_id, nodes = every_kind(db)
    assert db.get_nodes_for_session(session_id) == nodes
    assert other.get_nodes_for_session(session_id) == []
    db.commit()
    for client in (db, other):
        assert client.get_nodes_for_session(session_id) == nodes
        assert [client.get_node_by_id(node.id) for node in nodes] == nodes


def test_a_node_comes_back_with_its_whole_source(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    _, nodes = every_kind(db)
    db.commit()
    found = other.get_node_by_id(nodes[0].id)
    assert found.source_location is not None
    assert found.source_location.source_code.code.startswith("import pandas")
    assert found.source_location.source_code.location == Path("train.py")


def test_the_graph_is_direct(db: RelationalLineaDB, driver: neo4j.Driver) -> None:
    every_kind(db)
    db.commit()
    counts = driver.execute_query("MATCH (:Node)-[r]->() RETURN type(r) AS type, count(*) AS count").records
    assert {record["type"]: record["count"] for record in counts} == {
        "CALLS": 1,
        "COMPANION": 2,
        "CONTROLLED_BY": 1,
        "FROM_SOURCE": 3,
        "IMPLICIT_DEPENDENCY": 3,
        "IN_SESSION": 9,
        "KEYWORD_ARG": 4,
        "MUTATED_BY": 1,
        "MUTATES": 1,
        "NOT_EXECUTED": 1,
        "OF_LIBRARY": 1,
        "POSITIONAL_ARG": 3,
        "READS_GLOBAL": 2,
        "SET_BY": 1,
        "TESTS": 1,
    }
    labels = driver.execute_query("MATCH (n:Node) UNWIND labels(n) AS label RETURN DISTINCT label").records
    assert len(labels) == 9
    captions = driver.execute_query("MATCH (n) WHERE n.name IS NULL AND NOT n:LineageGraphTests RETURN n").records
    assert captions == []


LITERALS = [
    "True",
    "",
    "nul\x00 ä 🎉",
    "}) DETACH DELETE n //",
    True,
    False,
    0,
    -(10**40),
    1e300,
    math.inf,
    None,
    ...,
    b"",
    b"\x00\xff",
    "x" * 100_000,
]


def test_literals_come_back_with_their_type(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    nodes = [literal(session, value) for value in LITERALS]
    for node in nodes:
        db.write_node(node)
    db.commit()
    found = other.get_nodes_for_session(session.id)
    assert [node.value for node in found if isinstance(node, LiteralNode)] == LITERALS
    assert [type(node.value) for node in found if isinstance(node, LiteralNode)] == [type(v) for v in LITERALS]


def test_ten_megabytes_of_code_and_literal_come_back(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    source = write_source(db, "# ä\n" * 2_500_000)
    node = literal(session, "y" * 10_000_000, source_location=location(source))
    db.write_node(node)
    db.commit()
    found = other.get_node_by_id(node.id)
    assert found == node
    assert found.source_location is not None
    assert found.source_location.source_code.code == source.code


def test_contexts_and_code_of_scripts_and_notebooks(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    script = write_session(db, session_name="nightly", user_name="ada", hardware_spec="2 cores")
    source = write_source(db)
    db.write_node(literal(script, source_location=location(source)))
    notebook = write_session(db, environment_type=SessionType.JUPYTER)
    for count in (10, 2, 1):
        cell = JupyterCell(execution_count=count, session_id=notebook.id)
        db.write_source_code(SourceCode(id=new_id(), code=f"cell {count}\n", location=cell))
    empty = write_session(db)
    db.commit()
    for client in (db, other):
        assert client.get_session_context(script.id) == script
        assert client.get_session_context(notebook.id) == notebook
        assert client.get_source_code_for_session(script.id) == source.code
        assert client.get_source_code_for_session(notebook.id) == "cell 1\ncell 2\ncell 10\n"
        assert client.get_source_code_for_session(empty.id) == ""


def test_variables(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    first, second = literal(session), literal(session)
    db.write_node(first)
    db.write_node(second)
    for node_id, name in ((second.id, "z"), (first.id, "y"), (first.id, "a"), (second.id, "z"), ("nowhere", "w")):
        db.write_assigned_variable(node_id, name)
    db.commit()
    db.write_assigned_variable(first.id, "y")
    db.commit()
    assert other.get_variable_by_id(first.id) == ["y", "a"]
    assert other.get_variable_by_id("nowhere") == ["w"]
    assert other.get_variable_by_id("nothing") == []
    assert other.get_variables_for_session(session.id) == [(second.id, "z"), (first.id, "y"), (first.id, "a")]


def test_libraries_are_shared_and_distinct(
    db: RelationalLineaDB, other: RelationalLineaDB, driver: neo4j.Driver
) -> None:
    sessions = [write_session(client) for client in (db, other)]
    for client, session in zip((db, other), sessions, strict=True):
        for name, package, version in (
            ("pandas", "pandas", "1.5.3"),
            ("pandas.io", "pandas", "1.5.3"),
            ("sklearn", "scikit-learn", "1.1"),
            ("helpers", None, None),
            ("versionless", "versionless", None),
        ):
            client.write_node(
                ImportNode(id=new_id(), session_id=session.id, name=name, package_name=package, version=version)
            )
        client.commit()
        found = client.get_libraries_for_session(session.id)
        assert [(row.package_name, row.version) for row in found] == [("pandas", "1.5.3"), ("scikit-learn", "1.1")]
    libraries = driver.execute_query("MATCH (l:Library) RETURN l.name AS name ORDER BY name").records
    assert [record["name"] for record in libraries] == ["pandas 1.5.3", "scikit-learn 1.1"]


def test_node_values(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    value = NodeValue(
        node_id=node.id,
        execution_id=session.execution_id,
        value="s3://bucket/1.pkl",
        value_type=ValueType.dataset,
        start_time=NOW,
        end_time=datetime.max,
    )
    db.write_node_value(value)
    db.commit()
    found = other.get_node_value_from_db(node.id, session.execution_id)
    assert found is not None
    assert {field: getattr(found, field) for field in type(value).model_fields} == value.model_dump()
    assert other.get_node_value_path(node.id, session.execution_id) == value.value
    assert other.node_value_in_db(node.id, session.execution_id)
    assert not other.node_value_in_db(node.id, "nowhere")
    assert other.get_node_value_from_db(node.id, "nowhere") is None
    with pytest.raises(ValueError, match="No value saved for this node"):
        other.get_node_value_path(node.id, "nowhere")
    other.delete_node_value_from_db(node.id, session.execution_id)
    assert db.node_value_in_db(node.id, session.execution_id)
    other.commit()
    assert not db.node_value_in_db(node.id, session.execution_id)
    with pytest.raises(UserException) as caught:
        other.delete_node_value_from_db(node.id, session.execution_id)
    assert isinstance(caught.value, NameError)
    assert isinstance(caught.value.__cause__, NameError)


def test_artifacts_and_their_versions(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    node, second = literal(session), literal(session)
    db.write_node(node)
    db.write_node(second)
    for version in (0, 2, 10):
        db.write_artifact(artifact(session, node.id, "model", version))
    db.write_artifact(artifact(session, second.id, "chart ä", 1))
    assert db.get_latest_artifact_version("model") == 10
    assert other.get_latest_artifact_version("model") == -1
    db.commit()
    latest = other.get_artifactorm_by_name("model")
    assert (latest.version, latest.node_id, latest.execution_id) == (10, node.id, session.execution_id)
    assert latest.date_created == NOW
    assert latest.node is not None
    assert latest.node.session_id == session.id
    assert latest.execution is not None
    assert latest.execution.timestamp == NOW
    assert other.get_artifactorm_by_name("model", 2).version == 2
    assert other.get_artifactorm_by_name("model", 0).version == 0
    found = other.get_all_artifacts()
    assert [(a.name, a.version) for a in found] == [("model", 0), ("model", 2), ("model", 10), ("chart ä", 1)]
    assert [a.id for a in found] == sorted({a.id for a in found if a.id is not None})
    in_session = other.get_artifacts_for_session(session.id)
    assert [a.id for a in in_session] == [a.id for a in found]
    assert other.get_artifacts_for_session("nothing") == []
    assert other.number_of_artifacts_per_node(node.id, session.execution_id) == 3
    assert other.number_of_artifacts_per_node(node.id, "nowhere") == 0
    assert other.artifact_in_db(node.id, session.execution_id, "model", 10)
    for wrong in ((second.id, session.execution_id, "model", 10), (node.id, "x", "model", 10)):
        assert not other.artifact_in_db(*wrong)


def test_artifacts_are_deleted_by_version(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.write_node_value(node_value(session, node.id))
    for version in range(5):
        db.write_artifact(artifact(session, node.id, "model", version))
    db.commit()
    ids = [a.id for a in db.get_all_artifacts()]
    db.delete_artifact_by_name("model", 2)
    db.delete_artifact_by_name("model", "latest")
    assert other.get_latest_artifact_version("model") == 4
    db.commit()
    assert [a.version for a in other.get_all_artifacts()] == [0, 1, 3]
    with pytest.raises(NameNotFound, match=r"model \(version 2\) not found"):
        db.delete_artifact_by_name("model", 2)
    with pytest.raises(UserException, match="nothing not found"):
        db.delete_artifact_by_name("nothing", None)
    db.delete_artifact_by_name("model", "all")
    db.delete_artifact_by_name("model", "all")
    db.commit()
    assert other.get_all_artifacts() == []
    assert other.node_value_in_db(node.id, session.execution_id)
    db.write_artifact(artifact(session, node.id, "model", 0))
    db.commit()
    assert db.get_all_artifacts()[0].id not in ids
    with pytest.raises(UserException, match="version 7"):
        other.get_artifactorm_by_name("model", 7)
    with pytest.raises(NameError, match="Artifact nothing not found"):
        other.get_artifactorm_by_name("nothing")


def test_pipelines(db: RelationalLineaDB, other: RelationalLineaDB, driver: neo4j.Driver) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    for name in ("data", "model", "report", "cached"):
        db.write_artifact(artifact(session, node.id, name))
    data, model, report, cached = (db.get_artifactorm_by_name(n) for n in ("data", "model", "report", "cached"))
    dependencies = [
        ArtifactDependencyORM(post_artifact=model, pre_artifacts={data}),
        ArtifactDependencyORM(post_artifact=report, pre_artifacts={data, model}),
        ArtifactDependencyORM(post_artifact=data),
    ]
    pipeline = PipelineORM(
        name="nightly",
        artifacts={data, model, report},
        dependencies=dependencies,
        input_parameters=[InputParameterORM(variable_name="b"), InputParameterORM(variable_name="a")],
        precomputed_artifacts={cached},
    )
    db.write_pipeline(dependencies, pipeline)
    db.commit()
    db.write_pipeline([], PipelineORM(name="nightly", artifacts={data}))
    db.commit()
    found = other.get_pipeline_by_name("nightly")
    assert {a.name for a in found.artifacts} == {"data", "model", "report"}
    assert {a.name for a in found.precomputed_artifacts} == {"cached"}
    assert [p.variable_name for p in found.input_parameters] == ["b", "a"]
    assert [(d.post_artifact.name, {a.name for a in d.pre_artifacts}) for d in found.dependencies] == [
        ("model", {"data"}),
        ("report", {"data", "model"}),
        ("data", set()),
    ]
    other.delete_artifact_by_name("model", "latest")
    other.commit()
    left = db.get_pipeline_by_name("nightly")
    assert {a.name for a in left.artifacts} == {"data", "report"}
    assert [(d.post_artifact.name, {a.name for a in d.pre_artifacts}) for d in left.dependencies] == [
        ("report", {"data"}),
        ("data", set()),
    ]
    with pytest.raises(NameError, match="Pipeline weekly not found"):
        db.get_pipeline_by_name("weekly")


def test_a_pipeline_of_an_artifact_that_is_nowhere_is_refused(db: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.write_artifact(artifact(session, node.id))
    db.commit()
    model = db.get_artifactorm_by_name("model")
    db.delete_artifact_by_name("model", "all")
    db.write_pipeline([], PipelineORM(name="nightly", artifacts={model}))
    with pytest.raises(ArtifactSaveException, match=r"'nightly'.*'model' version 0"):
        db.commit()
    assert db.get_artifactorm_by_name("model").id == model.id


def test_implicit_dependencies_direct_and_transitive(db: RelationalLineaDB) -> None:
    session = write_session(db)
    function = lookup(session)
    db.write_node(function)
    chain = [call(session, function.id)]
    for _ in range(4):
        chain.append(call(session, function.id, implicit_dependencies=[chain[-1].id, chain[0].id]))
    for node in chain:
        db.write_node(node)
    db.commit()
    assert db.get_implicit_dependencies(chain[3].id) == [chain[2].id, chain[0].id]
    assert db.get_implicit_dependencies(chain[3].id, transitive=True) == [n.id for n in chain[:3]]
    assert db.get_implicit_dependencies(chain[0].id, transitive=True) == []


def test_a_ladder_of_diamonds_has_an_end(db: RelationalLineaDB) -> None:
    """2^1000 paths lead through it; each node must be visited once."""
    session = write_session(db)
    function = lookup(session)
    db.write_node(function)
    nodes: list[CallNode] = []

    def write(*below: str) -> str:
        node = call(session, function.id, implicit_dependencies=list(below))
        db.write_node(node)
        nodes.append(node)
        return node.id

    top = write()
    for _ in range(1000):
        top = write(write(top), write(top))
    db.commit()
    assert db.get_implicit_dependencies(top, transitive=True) == [node.id for node in nodes[:-1]]


def test_what_is_missing(db: RelationalLineaDB) -> None:
    with pytest.raises(RecordNotFound, match="no node 'x'"):
        db.get_node_by_id("x")
    with pytest.raises(LookupError, match="no session 'x'"):
        db.get_session_context("x")
    with pytest.raises(LookupError):
        db.get_source_code_for_session("x")
    with pytest.raises(LookupError):
        db.get_mlflowartifactmetadataorm_by_artifact_id(1)
    assert db.get_nodes_for_session("x") == []
    assert db.get_libraries_for_session("x") == []
    assert db.get_variables_for_session("x") == []
    assert db.get_all_artifacts() == []
    db.delete_mlflow_metadata_by_artifact_id(1)
    db.commit()


def test_objects_stay_readable_after_close(db: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.write_artifact(artifact(session, node.id))
    found = db.get_artifactorm_by_name("model")
    db.delete_artifact_by_name("model", "all")
    db.close()
    assert found.node is not None
    assert (found.name, found.node.session_id) == ("model", session.id)
