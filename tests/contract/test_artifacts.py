"""Artifacts, values, variables, libraries, pipelines and what MLflow keeps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lineage_graph.errors import InvalidRecord
from tests.contract.conftest import Backend
from tests.contract.records import NOW, Records, new_id


@pytest.fixture
def session(db: Any, make: Records) -> Any:
    return make.session(db)


@pytest.fixture
def node(db: Any, make: Records, session: Any) -> Any:
    return make.written(db, session)


def test_an_artifact_is_found_by_name_and_version(
    backend: Backend, db: Any, make: Records, session: Any, node: Any
) -> None:
    for version in (0, 2, 10):
        db.write_artifact(make.artifact(session, node.id, version=version))
    db.write_artifact(make.artifact(session, node.id, "other", 99))
    for reader in (db, None):
        if reader is None:
            db.commit()
            reader = backend.open()
        assert reader.get_artifactorm_by_name("model").version == 10
        assert reader.get_latest_artifact_version("model") == 10
        found = reader.get_artifactorm_by_name("model", 2)
        assert (found.name, found.version, found.node_id, found.execution_id, found.date_created) == (
            "model",
            2,
            node.id,
            session.execution_id,
            NOW,
        )
        assert isinstance(found.id, int)
        assert found.node.session_id == session.id
        assert found.execution.id == session.execution_id
        assert found.execution.timestamp == NOW
        assert [(a.name, a.version) for a in reader.get_all_artifacts()] == [
            ("model", 0),
            ("model", 2),
            ("model", 10),
            ("other", 99),
        ]


def test_an_artifact_that_is_not_there(backend: Backend, db: Any, make: Records, session: Any, node: Any) -> None:
    assert db.get_all_artifacts() == []
    assert db.get_latest_artifact_version("model") == -1
    db.write_artifact(make.artifact(session, node.id, version=1))
    for name, version, text in (
        ("nothing", None, "Artifact nothing not found. "),
        ("model", 3, r"Artifact model \(version 3\) not found. "),
    ):
        with pytest.raises(backend.user_error) as raised:
            db.get_artifactorm_by_name(name, version)
        assert isinstance(raised.value.__cause__, NameError)
        with pytest.raises(NameError, match=text):
            raise raised.value.__cause__
        with pytest.raises(backend.user_error):
            db.delete_artifact_by_name(name, "latest" if version is None else version)
    with pytest.raises(backend.user_error) as raised:
        db.get_artifactorm_by_name("nothing", 0)
    assert ("(version 0)" in str(raised.value.__cause__)) is backend.chose("version-0-named")


def test_what_is_known_of_an_artifact(db: Any, make: Records, session: Any, node: Any) -> None:
    assert not db.artifact_in_db(node.id, session.execution_id, "model", 0)
    assert db.number_of_artifacts_per_node(node.id, session.execution_id) == 0
    db.write_artifact(make.artifact(session, node.id))
    db.write_artifact(make.artifact(session, node.id, "again"))
    assert db.artifact_in_db(node.id, session.execution_id, "model", 0)
    for changed in (
        (new_id(), session.execution_id, "model", 0),
        (node.id, new_id(), "model", 0),
        (node.id, session.execution_id, "modell", 0),
        (node.id, session.execution_id, "model", 1),
    ):
        assert not db.artifact_in_db(*changed)
    assert db.number_of_artifacts_per_node(node.id, session.execution_id) == 2
    assert db.number_of_artifacts_per_node(node.id, new_id()) == 0


def test_the_artifacts_of_a_session(db: Any, make: Records, session: Any, node: Any) -> None:
    other = make.session(db)
    elsewhere = make.written(db, other)
    db.write_artifact(make.artifact(session, node.id))
    db.write_artifact(make.artifact(other, elsewhere.id, "other"))
    assert [a.name for a in db.get_artifacts_for_session(session.id)] == ["model"]
    assert [a.name for a in db.get_artifacts_for_session(other.id)] == ["other"]
    assert db.get_artifacts_for_session(new_id()) == []


@pytest.mark.parametrize(
    ("version", "left"), [(0, [3, 12]), (3, [0, 12]), ("latest", [0, 3]), (None, [0, 3]), ("all", [])]
)
def test_versions_are_deleted(db: Any, make: Records, session: Any, node: Any, version: Any, left: list[int]) -> None:
    for number in (0, 12, 3):
        db.write_artifact(make.artifact(session, node.id, version=number))
    db.write_artifact(make.artifact(session, node.id, "other"))
    db.write_node_value(make.value(session, node.id))
    db.delete_artifact_by_name("model", version)
    assert sorted(a.version for a in db.get_all_artifacts() if a.name == "model") == left
    assert [a.name for a in db.get_all_artifacts() if a.name != "model"] == ["other"]
    assert db.node_value_in_db(node.id, session.execution_id)
    assert db.get_nodes_for_session(session.id) == [node]


def test_deleting_all_of_nothing_is_no_error(db: Any) -> None:
    db.delete_artifact_by_name("nothing", "all")


def test_an_artifact_s_number_is_not_given_again(
    backend: Backend, db: Any, make: Records, session: Any, node: Any
) -> None:
    db.write_artifact(make.artifact(session, node.id))
    db.write_artifact(make.artifact(session, node.id, version=1))
    ids = [a.id for a in db.get_all_artifacts()]
    assert ids == sorted(ids)
    db.delete_artifact_by_name("model", "all")
    db.write_artifact(make.artifact(session, node.id))
    db.commit()
    (again,) = backend.open().get_all_artifacts()
    # SQLite gives the highest number again once its row is gone, PostgreSQL does not.
    assert (again.id > ids[-1]) is backend.chose("artifact-ids")


@pytest.mark.parametrize(
    ("name", "version", "field"),
    [
        ("", 0, "name"),
        ("mo\ndel", 0, "name"),
        ("\ud800", 0, "name"),
        ("model", -1, "version"),
        ("model", 2**63, "version"),
    ],
    ids=["empty", "control character", "surrogate", "negative", "beyond 64 bits"],
)
def test_a_name_or_version_that_cannot_be_used(
    backend: Backend, db: Any, make: Records, session: Any, node: Any, name: str, version: int, field: str
) -> None:
    artifact = make.artifact(session, node.id, name, version)
    if backend.chose("checked-names"):
        with pytest.raises(InvalidRecord, match=field):
            db.write_artifact(artifact)
        db.commit()
        assert backend.open().get_all_artifacts() == []
    elif name == "\ud800" or version == 2**63:
        with pytest.raises(backend.save_error):
            db.write_artifact(artifact)
    else:
        db.write_artifact(artifact)
        assert db.get_artifactorm_by_name(name, version).version == version


def test_a_node_s_value(backend: Backend, db: Any, make: Records, session: Any, node: Any) -> None:
    assert not db.node_value_in_db(node.id, session.execution_id)
    assert db.get_node_value_from_db(node.id, session.execution_id) is None
    with pytest.raises(ValueError, match="No value saved for this node"):
        db.get_node_value_path(node.id, session.execution_id)
    db.write_node_value(make.value(session, node.id, "pre-7-post.pkl"))
    assert db.node_value_in_db(node.id, session.execution_id)
    assert db.get_node_value_path(node.id, session.execution_id) == "pre-7-post.pkl"
    found = db.get_node_value_from_db(node.id, session.execution_id)
    assert (found.value, found.value_type.name, found.start_time, found.end_time) == (
        "pre-7-post.pkl",
        "array",
        NOW,
        NOW,
    )
    assert not db.node_value_in_db(node.id, new_id())
    db.delete_node_value_from_db(node.id, session.execution_id)
    assert not db.node_value_in_db(node.id, session.execution_id)
    with pytest.raises(backend.user_error) as raised:
        db.delete_node_value_from_db(node.id, session.execution_id)
    assert str(raised.value.__cause__) == f"NodeID {node.id} and ExecutionID {session.execution_id} does not exist"
    # The same key can be written again once it is gone.
    db.write_node_value(make.value(session, node.id, "pre-8-post.pkl"))
    assert db.get_node_value_path(node.id, session.execution_id) == "pre-8-post.pkl"


def test_an_empty_node_value(backend: Backend, db: Any, make: Records, session: Any, node: Any) -> None:
    value = make.value(session, node.id, "")
    if backend.chose("empty-value"):
        with pytest.raises(InvalidRecord, match="value is empty"):
            db.write_node_value(value)
        assert not db.node_value_in_db(node.id, session.execution_id)
    else:
        db.write_node_value(value)
        assert db.get_node_value_path(node.id, session.execution_id) == ""


def test_another_artifact_s_value_path(backend: Backend, db: Any, make: Records, session: Any, node: Any) -> None:
    elsewhere = make.written(db, session, 2)
    db.write_node_value(make.value(session, node.id, "one"))
    db.write_node_value(make.value(session, elsewhere.id, "two"))
    db.write_artifact(make.artifact(session, elsewhere.id))
    artifact = db.get_artifactorm_by_name("model")
    if backend.chose("value-path-of-another"):
        assert db.get_node_value_path(node.id, session.execution_id, other=artifact) == "two"
        assert db.get_node_value_path(node.id, session.execution_id, None) == "one"
    else:
        with pytest.raises(TypeError):
            db.get_node_value_path(node.id, session.execution_id, other=artifact)


def test_variables(db: Any, make: Records, session: Any, node: Any) -> None:
    other = make.written(db, session)
    for id_, name in ((node.id, "y"), (node.id, "x"), (other.id, "x"), (node.id, "y")):
        db.write_assigned_variable(id_, name)
    assert sorted(db.get_variable_by_id(node.id)) == ["x", "y"]
    assert db.get_variable_by_id(new_id()) == []
    assert sorted(db.get_variables_for_session(session.id)) == sorted([(node.id, "y"), (node.id, "x"), (other.id, "x")])
    assert db.get_variables_for_session(new_id()) == []


def test_variables_in_an_order(backend: Backend, db: Any, make: Records, session: Any, node: Any) -> None:
    for name in ("y", "z", "x"):
        db.write_assigned_variable(node.id, name)
    names = [db.get_variable_by_id(node.id), [name for _, name in db.get_variables_for_session(session.id)]]
    if backend.chose("order-of-variables"):
        assert names == [["y", "z", "x"]] * 2
    else:
        assert [sorted(of_one) for of_one in names] == [["x", "y", "z"]] * 2


def test_a_variable_of_a_node_that_is_not_there(backend: Backend, db: Any, make: Records, session: Any) -> None:
    later = make.literal(session)
    db.write_assigned_variable(later.id, "x")
    db.commit()
    other = backend.open()
    assert other.get_variable_by_id(later.id) == ["x"]
    assert other.get_variables_for_session(session.id) == []
    db.write_node(later)
    db.commit()
    assert other.get_variables_for_session(session.id) == [(later.id, "x")]


def test_the_libraries_of_a_session(db: Any, make: Records, session: Any) -> None:
    for package, version in (
        ("pandas", "2.3.3"),
        ("pandas", "2.3.3"),
        ("numpy", "2.2.6"),
        ("numpy", None),
        (None, "1"),
        # LineaPy's tracer records a module without a version so.
        ("math", "None"),
        ("None", "1"),
    ):
        db.write_node(make.node("ImportNode", session, name="module", package_name=package, version=version))
    db.write_node(make.node("ImportNode", make.session(db), name="module", package_name="scipy", version="1"))
    rows = db.get_libraries_for_session(session.id)
    assert sorted((row.package_name, row.version) for row in rows) == [("numpy", "2.2.6"), ("pandas", "2.3.3")]
    assert sorted(package for package, _ in rows) == ["numpy", "pandas"]
    assert dict(map(tuple, rows)) == {"numpy": "2.2.6", "pandas": "2.3.3"}
    assert db.get_libraries_for_session(new_id()) == []


@pytest.fixture
def artifacts(db: Any, make: Records, session: Any, node: Any) -> dict[str, Any]:
    for name in ("table", "model", "report"):
        db.write_artifact(make.artifact(session, node.id, name))
    return {name: db.get_artifactorm_by_name(name) for name in ("table", "model", "report")}


def nightly(backend: Backend, artifacts: dict[str, Any], **values: Any) -> tuple[list[Any], Any]:
    orm = backend.relational
    dependencies = [
        orm.ArtifactDependencyORM(post_artifact=artifacts["model"], pre_artifacts={artifacts["table"]}),
        orm.ArtifactDependencyORM(
            post_artifact=artifacts["report"], pre_artifacts={artifacts["table"], artifacts["model"]}
        ),
    ]
    return dependencies, orm.PipelineORM(
        name="nightly", artifacts=set(artifacts.values()), dependencies=dependencies, **values
    )


def order(pipeline: Any) -> dict[str, list[str]]:
    return {
        dependency.post_artifact.name: sorted(a.name for a in dependency.pre_artifacts)
        for dependency in pipeline.dependencies
    }


def test_a_pipeline_comes_back_as_it_was(backend: Backend, db: Any, artifacts: dict[str, Any]) -> None:
    db.write_pipeline(*nightly(backend, artifacts))
    for reader in (db, None):
        if reader is None:
            db.commit()
            reader = backend.open()
        pipeline = reader.get_pipeline_by_name("nightly")
        assert pipeline.name == "nightly"
        assert sorted(a.name for a in pipeline.artifacts) == ["model", "report", "table"]
        assert order(pipeline) == {"model": ["table"], "report": ["model", "table"]}
        assert all(isinstance(a.id, int) for a in pipeline.artifacts)


def test_a_pipeline_keeps_its_parameters_and_what_it_reuses(
    backend: Backend, db: Any, artifacts: dict[str, Any]
) -> None:
    if not backend.chose("input-parameter-class"):
        with pytest.raises(TypeError):
            nightly(backend, artifacts, input_parameters=[])
        return
    orm = backend.relational
    db.write_pipeline(
        *nightly(
            backend,
            artifacts,
            input_parameters=[orm.InputParameterORM(variable_name=name) for name in ("rate", "depth")],
            precomputed_artifacts={artifacts["table"]},
        )
    )
    db.commit()
    pipeline = backend.open().get_pipeline_by_name("nightly")
    assert [parameter.variable_name for parameter in pipeline.input_parameters] == ["rate", "depth"]
    assert [artifact.name for artifact in pipeline.precomputed_artifacts] == ["table"]


def test_a_pipeline_that_is_not_there(backend: Backend, db: Any) -> None:
    with pytest.raises(backend.user_error) as raised:
        db.get_pipeline_by_name("nothing")
    assert isinstance(raised.value.__cause__, NameError)
    assert "nothing" in str(raised.value.__cause__)


def test_of_two_pipelines_of_a_name_the_first_is_given(backend: Backend, db: Any, artifacts: dict[str, Any]) -> None:
    db.write_pipeline(*nightly(backend, artifacts))
    db.write_pipeline([], backend.relational.PipelineORM(name="nightly", artifacts={artifacts["table"]}))
    db.commit()
    assert len(backend.open().get_pipeline_by_name("nightly").artifacts) == 3


def test_a_deleted_artifact_leaves_its_pipelines(backend: Backend, db: Any, artifacts: dict[str, Any]) -> None:
    db.write_pipeline(*nightly(backend, artifacts))
    db.commit()
    db.delete_artifact_by_name("table", 0)
    db.commit()
    pipeline = backend.open().get_pipeline_by_name("nightly")
    assert sorted(a.name for a in pipeline.artifacts) == ["model", "report"]
    assert order(pipeline) == {"model": [], "report": ["model"]}


@pytest.fixture
def model_info(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What MLflow says of a model that was logged, with the addresses of its stores."""
    if backend.name == "graph":
        monkeypatch.setattr(backend.database, "_mlflow_uris", lambda _: ("file:///runs", None))
    else:
        from lineapy.utils.config import options

        monkeypatch.setitem(options.__dict__, "mlflow_tracking_uri", "file:///runs")
    return SimpleNamespace(flavors={"python_function": {}, "sklearn": {}}, model_uri="runs:/1/model")


def test_what_mlflow_keeps(backend: Backend, db: Any, artifacts: dict[str, Any], model_info: SimpleNamespace) -> None:
    artifact_id = artifacts["model"].id
    db.write_mlflow_artifactmetadata(artifacts["model"], model_info)
    db.commit()
    other = backend.open()
    found = other.get_mlflowartifactmetadataorm_by_artifact_id(artifact_id)
    assert (found.artifact_id, found.backend, found.tracking_uri, found.registry_uri) == (
        artifact_id,
        "mlflow",
        "file:///runs",
        None,
    )
    assert (found.model_uri, found.model_flavor, found.delete_time) == ("runs:/1/model", "sklearn", None)
    assert isinstance(found.id, int)
    # It outlives its artifact.
    db.delete_artifact_by_name("model", 0)
    assert db.get_mlflowartifactmetadataorm_by_artifact_id(artifact_id).model_flavor == "sklearn"
    db.delete_mlflow_metadata_by_artifact_id(artifact_id)
    db.delete_mlflow_metadata_by_artifact_id(artifact_id)
    with pytest.raises(Exception, match=r"No row was found|there is no MLflow metadata"):
        db.get_mlflowartifactmetadataorm_by_artifact_id(artifact_id)


@pytest.mark.parametrize("flavors", [["sklearn", "onnx"], []])
def test_a_model_of_several_flavors_or_none(
    backend: Backend, db: Any, artifacts: dict[str, Any], model_info: SimpleNamespace, flavors: list[str]
) -> None:
    model_info.flavors = dict.fromkeys(["python_function", *flavors])
    if flavors or backend.chose("model-without-flavor"):
        with pytest.raises(NotImplementedError):
            db.write_mlflow_artifactmetadata(artifacts["model"], model_info)
    else:
        with pytest.raises(IndexError):
            db.write_mlflow_artifactmetadata(artifacts["model"], model_info)
