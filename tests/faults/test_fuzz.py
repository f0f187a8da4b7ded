"""Arbitrary arguments and arbitrary records: documented errors only, and nothing written by what was refused."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import neo4j
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph import LineageGraphError, RelationalLineaDB, create_lineadb_engine, parse_artifact_version, types
from lineage_graph.model.times import utc
from lineage_graph.relational import ArtifactDependencyORM, ArtifactORM, InputParameterORM, PipelineORM
from lineage_graph.values import ValueStore
from tests.faults.conftest import IS_LONG
from tests.support.known_sessions import wipe, write_known
from tests.support.records import NOW, literal, new_id, write_session

EXAMPLES = 2_000 if IS_LONG else 60
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Beside LineageGraphError, what the API page documents for some methods.
DOCUMENTED = (LineageGraphError, NotImplementedError, ValueError)
UNDOCUMENTED_VALUE_ERRORS = (UnicodeError,)

# These end the connection or start a server; the others are called with anything.
NOT_FUZZED = {"close", "from_config", "from_environment"}
METHODS = sorted(
    name
    for name, member in inspect.getmembers(RelationalLineaDB, callable)
    if not name.startswith("_") and name not in NOT_FUZZED
)

TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)
INJECTIONS = (
    "'}) DETACH DELETE n //",
    '"}) MATCH (n) DETACH DELETE n RETURN "',
    "x' OR 1=1 WITH 1 AS x MATCH (n) DETACH DELETE n //",
    "`) DETACH DELETE n //",
    "$rows",
    "{name: $name}",
    "\\u0027}) DETACH DELETE (n) //",
    "\\",
    "/* */ // \\'",
    "CALL { MATCH (n) DETACH DELETE n } IN TRANSACTIONS",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "\U0001d54c \ufdfd \u202e\u0000",
)
ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from((2**63, -(2**63) - 1, 2**200)),
        st.floats(),
        st.complex_numbers(),
        TEXTS,
        st.sampled_from(INJECTIONS),
        st.binary(max_size=20),
        st.datetimes(),
        st.dates(),
        st.uuids(),
        st.builds(object),
        st.just(int),
        st.just(Path("x")),
        st.just(SimpleNamespace(id="x", name="x", version=0)),
        st.builds(literal, st.just(SimpleNamespace(id="s")), st.integers()),
        st.builds(types.Execution, id=TEXTS),
        st.builds(ArtifactORM, node_id=TEXTS, execution_id=TEXTS, name=TEXTS),
        st.builds(PipelineORM, name=TEXTS),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3), st.tuples(inner, inner)
    ),
    max_leaves=5,
)


@contextmanager
def only_documented_errors() -> Iterator[None]:
    try:
        yield
    except DOCUMENTED as error:
        if isinstance(error, UNDOCUMENTED_VALUE_ERRORS) and not isinstance(error, LineageGraphError):
            raise


def contents(driver: neo4j.Driver) -> list[Any]:
    """How much is there of each kind, a writer's marks and the sequences' numbers aside."""
    records, _, _ = driver.execute_query(
        "MATCH (n) WHERE NOT n:Writer AND NOT n:Sequence RETURN labels(n) AS of, count(*) AS count ORDER BY of "
        "UNION ALL MATCH ()-[r]->() RETURN type(r) AS of, count(*) AS count ORDER BY of"
    )
    return [tuple(map(str, record)) for record in records]


@pytest.mark.parametrize("method", METHODS)
def test_any_arguments(method: str, url: str, driver: neo4j.Driver, tmp_path: Path) -> None:
    db = RelationalLineaDB(url)
    db.values = ValueStore(str(tmp_path))
    write_known(db, "session", shared_name="model")
    db.commit()
    session = write_session(db)
    db.commit()
    before = contents(driver)
    parameters = list(inspect.signature(getattr(db, method)).parameters)
    pending: list[types.LiteralNode] = []
    stored: list[types.LiteralNode] = []

    @FUZZ
    @given(st.fixed_dictionaries(dict.fromkeys(parameters, ANYTHING)))
    def call(arguments: dict[str, Any]) -> None:
        """What is pending outlives every refused call; what a call writes is rolled back."""
        pending.append(literal(session))
        db.write_node(pending[-1])
        with only_documented_errors():
            getattr(db, method)(**arguments)
            if method in ("commit", "close"):
                stored.extend(pending)
            else:
                db.unit_of_work.rollback()
            pending.clear()

    call()
    db.commit()
    stored += pending
    assert db.get_nodes_for_session(session.id) == stored
    driver.execute_query("MATCH (node:Node {session_id: $id}) DETACH DELETE node", id=session.id)
    assert contents(driver) == before
    db.close()


@FUZZ
@given(ANYTHING)
def test_any_version(version: Any) -> None:
    with only_documented_errors():
        parse_artifact_version(version)


@FUZZ
@given(ANYTHING.filter(lambda url: not str(url).startswith("local:")))
def test_any_url(url: Any) -> None:
    with only_documented_errors():
        create_lineadb_engine(url).close()


TIMES = st.datetimes() | st.datetimes(timezones=st.just(timezone.utc))
INTEGERS = st.integers() | st.integers(1, 100)
LITERALS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.binary(), st.just(...), st.just(1j)
)


@st.composite
def sessions(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[tuple[str, Any]]:
    """The writes of a session whose every text, number and time is drawn."""
    session_id, execution_id, source_id = new_id(), new_id(), new_id()
    location: Any = draw(
        st.builds(Path, texts.map(lambda text: text.replace("\0", "")))
        | st.builds(types.JupyterCell, execution_count=INTEGERS, session_id=st.just(session_id))
    )
    source = types.SourceCode(id=source_id, code=draw(texts), location=location)
    at = types.SourceLocation(
        lineno=draw(INTEGERS),
        col_offset=draw(INTEGERS),
        end_lineno=draw(INTEGERS),
        end_col_offset=draw(INTEGERS),
        source_code=source,
    )
    shared: dict[str, Any] = {"session_id": session_id, "source_location": at}
    ids = {kind: new_id() + draw(texts) for kind in ("import", "lookup", "literal", "call", "global")}
    nodes = [
        types.ImportNode(
            id=ids["import"],
            name=draw(texts),
            version=draw(texts),
            package_name=draw(texts),
            path=draw(texts),
            **shared,
        ),
        types.LookupNode(id=ids["lookup"], name=draw(texts), **shared),
        types.LiteralNode(id=ids["literal"], value=draw(texts | LITERALS), **shared),
        types.CallNode(
            id=ids["call"],
            function_id=ids["lookup"],
            positional_args=[types.PositionalArgument(id=ids["literal"])],
            keyword_args=[types.KeywordArgument(key=draw(texts), value=ids["literal"])],
            global_reads={draw(texts): ids["import"]},
            **shared,
        ),
        types.GlobalNode(id=ids["global"], name=draw(texts), call_id=ids["call"], **shared),
    ]
    context = types.SessionContext(
        id=session_id,
        environment_type=draw(st.sampled_from(types.SessionType)),
        python_version=draw(texts),
        creation_time=draw(TIMES),
        working_directory=draw(texts),
        session_name=draw(st.none() | texts),
        user_name=draw(st.none() | texts),
        hardware_spec=draw(st.none() | texts),
        execution_id=execution_id,
    )
    end: dict[str, Any] = {"node_id": ids["call"], "execution_id": execution_id}
    artifact = types.Artifact(name=draw(texts), version=draw(INTEGERS), date_created=draw(TIMES), **end)
    pipeline_artifact = ArtifactORM(name=artifact.name, version=artifact.version, **end)
    pipeline = PipelineORM(
        name=draw(texts),
        artifacts={pipeline_artifact},
        input_parameters=[InputParameterORM(variable_name=draw(texts))],
    )
    return [
        ("write_execution", (types.Execution(id=execution_id, timestamp=draw(st.none() | TIMES)),)),
        ("write_context", (context,)),
        ("write_source_code", (source,)),
        *(("write_node", (node,)) for node in nodes),
        ("write_assigned_variable", (ids["call"], draw(texts))),
        ("write_node_value", (types.NodeValue(value=draw(texts), start_time=NOW, end_time=draw(TIMES), **end),)),
        ("write_artifact", (artifact,)),
        ("write_pipeline", ([ArtifactDependencyORM(post_artifact=pipeline_artifact)], pipeline)),
    ]


def assert_read_back(db: RelationalLineaDB, writes: list[tuple[str, Any]]) -> None:
    """Everything that was written comes back as it was, from another client."""
    written: dict[str, list[Any]] = {}
    for method, arguments in writes:
        written.setdefault(method, []).append(arguments)
    context = written["write_context"][0][0]
    in_utc = context.model_copy(update={"creation_time": utc(context.creation_time)})
    assert db.get_session_context(context.id) == in_utc
    nodes = [arguments[0] for arguments in written["write_node"]]
    back = db.get_nodes_for_session(context.id)
    assert [comparable(node) for node in back] == [comparable(node) for node in nodes]
    for one, other in zip(back, nodes, strict=True):
        assert one.source_location
        assert other.source_location
        assert one.source_location.source_code.code == other.source_location.source_code.code
        assert one.source_location.source_code.location == other.source_location.source_code.location
    node_id, variable = written["write_assigned_variable"][0]
    assert db.get_variables_for_session(context.id) == [(node_id, variable)]
    value = written["write_node_value"][0][0]
    assert db.get_node_value_path(value.node_id, value.execution_id) == value.value
    artifact = written["write_artifact"][0][0]
    stored = db.get_artifactorm_by_name(artifact.name, artifact.version)
    assert (stored.node_id, stored.execution_id, stored.date_created) == (
        artifact.node_id,
        artifact.execution_id,
        utc(artifact.date_created),
    )
    _, pipeline = written["write_pipeline"][0]
    again = db.get_pipeline_by_name(pipeline.name)
    assert [parameter.variable_name for parameter in again.input_parameters] == [
        parameter.variable_name for parameter in pipeline.input_parameters
    ]


def comparable(node: Any) -> Any:
    """A node whose literal, a NaN too, is equal to itself."""
    return (type(node), repr(node), node.source_location)


def test_any_records(url: str, driver: neo4j.Driver) -> None:
    refused, stored = 0, 0

    @FUZZ
    @given(sessions(TEXTS) | sessions(st.text("ab\n'\"`\\$ é", min_size=1, max_size=9)))
    def write(writes: list[tuple[str, Any]]) -> None:
        nonlocal refused, stored
        before = contents(driver)
        db, other = RelationalLineaDB(url), RelationalLineaDB(url)
        try:
            for method, arguments in writes:
                getattr(db, method)(*arguments)
            db.commit()
        except (LineageGraphError, NotImplementedError):
            refused += 1
            db.unit_of_work.rollback()
            assert contents(driver) == before
        else:
            stored += 1
            assert_read_back(other, writes)
        finally:
            db.close()
            other.close()
        wipe(driver)

    write()
    assert refused
    assert stored


@pytest.mark.parametrize("injection", INJECTIONS)
def test_cypher_in_any_text_comes_back_unchanged(
    injection: str, db: RelationalLineaDB, other: RelationalLineaDB, driver: neo4j.Driver
) -> None:
    name = "".join(character for character in injection if character.isprintable())
    write_known(db, "bystander")
    db.commit()
    before = {labels: int(count) for labels, count in contents(driver)}
    session = write_session(
        db,
        working_directory=injection,
        session_name=injection,
        user_name=injection,
        hardware_spec=injection,
        python_version=injection,
    )
    node = literal(session, injection)
    imported = types.ImportNode(
        id=new_id() + injection, session_id=session.id, name=injection, version=injection, package_name=injection
    )
    lookup = types.LookupNode(id=new_id(), session_id=session.id, name=injection)
    db.write_node(node)
    db.write_node(imported)
    db.write_node(lookup)
    db.write_assigned_variable(node.id, name)
    artifact = types.Artifact(
        node_id=node.id, execution_id=session.execution_id, date_created=NOW, name=name, version=0
    )
    db.write_artifact(artifact)
    db.write_pipeline([], PipelineORM(name=name, artifacts={ArtifactORM(**artifact.model_dump())}))
    db.commit()
    assert other.get_session_context(session.id) == session
    assert [repr(each) for each in other.get_nodes_for_session(session.id)] == [
        repr(node),
        repr(imported),
        repr(lookup),
    ]
    assert other.get_node_by_id(imported.id) == imported
    assert other.get_variable_by_id(node.id) == [name]
    assert other.get_artifactorm_by_name(name).node_id == node.id
    assert other.get_pipeline_by_name(name).name == name
    assert [row.package_name for row in other.get_libraries_for_session(session.id)] == [injection]
    after = {labels: int(count) for labels, count in contents(driver)}
    assert all(after[labels] >= count for labels, count in before.items())
