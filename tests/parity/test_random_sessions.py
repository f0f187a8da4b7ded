"""Random sessions, written to the graph and to LineaPy's own database on SQLite: every reader must agree.

Both get the very same records, so the graph is driven as LineaPy drives it. Where the two differ by choice
(docs/reference/parity.md), what is compared is what both promise: keyword arguments, global reads and implicit
dependencies without their order, and what others see only after a commit.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

if find_spec("lineapy") is None:
    pytest.skip("LineaPy is not installed: make test-lineapy", allow_module_level=True)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lineapy

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from lineapy.data import types
from lineapy.db import relational as lineapy_relational
from lineapy.db.db import RelationalLineaDB
from lineapy.exceptions.db_exceptions import ArtifactSaveException
from lineapy.exceptions.user_exception import UserException

from lineage_graph import relational
from tests.contract.records import Records, new_id

IS_LONG = os.environ.get("LINEAGE_GRAPH_PARITY") == "long"
EXAMPLES = 400 if IS_LONG else 25
STEPS = 60 if IS_LONG else 30

# How often every reader was compared, and how many steps led there: shown at the end.
counts = {"steps": 0, "comparisons": 0}

NAMES = st.sampled_from(["x", "y", "df", "é", "a b", "_", "__init__"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LITERALS = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.none(),
    st.just(...),
    st.binary(max_size=20),
)
KINDS = st.sampled_from(["Call", "Call", "Call", "Literal", "Lookup", "Import", "Mutate", "Global", "If", "Else"])
VERSIONS = st.one_of(st.integers(0, 12), st.just("latest"), st.just("all"))


def node_of(node: Any) -> dict[str, Any]:
    """A node as both promise it."""
    fields = dict(node)
    location = fields.pop("source_location")
    if location:
        source = location.source_code
        fields["place"] = (location.lineno, location.col_offset, location.end_lineno, location.end_col_offset)
        fields["source"] = (source.id, source.code, source.location)
    if "value" in fields:
        fields["value"] = (type(node.value), repr(node.value))
    if "keyword_args" in fields:
        fields["keyword_args"] = sorted(
            (argument.key, argument.value, argument.starred) for argument in node.keyword_args
        )
        fields["implicit_dependencies"] = sorted(node.implicit_dependencies)
    return {"kind": type(node).__name__} | fields


def artifact_of(artifact: Any) -> tuple[Any, ...]:
    return (
        artifact.name,
        artifact.version,
        artifact.node_id,
        artifact.execution_id,
        artifact.date_created,
        artifact.node.session_id,
        artifact.execution.timestamp,
    )


def pipeline_of(pipeline: Any) -> tuple[Any, ...]:
    return (
        pipeline.name,
        sorted((a.name, a.version) for a in pipeline.artifacts),
        sorted(
            (d.post_artifact.name, d.post_artifact.version, sorted((a.name, a.version) for a in d.pre_artifacts))
            for d in pipeline.dependencies
            if d.post_artifact is not None
        ),
    )


def outcome(read: Any, *arguments: Any) -> Any:
    """What a reader gives, or the kind of error that it raises."""
    try:
        return read(*arguments)
    except UserException as error:
        return ("user error", str(error.__cause__))
    except ValueError as error:
        return ("value error", str(error))


class RandomSessions(RuleBasedStateMachine):
    """One program that traces into both databases."""

    url: str
    sqlite: str
    sessions = Bundle("sessions")
    nodes = Bundle("nodes")

    def __init__(self) -> None:
        super().__init__()
        self.make = Records(types)
        self.graph = RelationalLineaDB(self.url)
        self.lineapy = RelationalLineaDB(self.sqlite)
        # Names of this example alone: the databases are shared by all.
        self.prefix = new_id()[:8]
        self.all_sessions: list[Any] = []
        self.written: dict[str, Any] = {}
        self.coming: list[tuple[str, Any]] = []
        self.sources: dict[str, list[Any]] = {}
        self.artifact_names: set[str] = set()
        self.pipelines: set[str] = set()

    def both(self, method: str, *arguments: Any) -> Any:
        counts["steps"] += 1
        mine = outcome(getattr(self.graph, method), *arguments)
        theirs = outcome(getattr(self.lineapy, method), *arguments)
        return mine, theirs

    def write(self, method: str, *arguments: Any) -> None:
        assert self.both(method, *arguments) == (None, None)

    def teardown(self) -> None:
        self.readers_agree()
        self.graph.close()
        self.lineapy.close()

    @initialize(target=sessions, kind=st.sampled_from(["SCRIPT", "JUPYTER"]))
    def first_session(self, kind: str) -> Any:
        return self.session(kind)

    @rule(target=sessions, kind=st.sampled_from(["SCRIPT", "JUPYTER"]))
    def another_session(self, kind: str) -> Any:
        return self.session(kind)

    def session(self, kind: str) -> Any:
        execution = self.make.execution()
        context = self.make.context(execution.id, kind)
        self.write("write_execution", execution)
        self.write("write_context", context)
        self.all_sessions.append(context)
        self.sources[context.id] = []
        return context

    @rule(session=sessions, code=TEXTS)
    def source(self, session: Any, code: str) -> None:
        written = self.sources[session.id]
        if session.environment_type is types.SessionType.JUPYTER:
            source = self.make.cell(session, len(written) + 1, code)
        elif written:
            return
        else:
            source = self.make.script(code)
        self.write("write_source_code", source)
        written.append(source)

    @rule(target=nodes, session=sessions, kind=KINDS, data=st.data())
    def node(self, session: Any, kind: str, data: st.DataObject) -> Any:
        draw: Any = data.draw
        known = [id_ for id_, node in self.written.items() if node.session_id == session.id]
        known += [id_ for id_, owner in self.coming if owner is session]

        def other(name: str) -> Any:
            # Mostly something that is there, at times a node that comes later.
            if not known or draw(st.integers(0, 9), label=name) == 0:
                id_ = new_id()
                self.coming.append((id_, session))
                known.append(id_)
                return id_
            return draw(st.sampled_from(known), label=name)

        values: dict[str, Any] = {}
        if self.coming and draw(st.booleans(), label="the one that was referred to"):
            id_, owner = draw(st.sampled_from(self.coming))
            if owner is session:
                self.coming.remove((id_, owner))
                values["id"] = id_
        if self.sources[session.id] and draw(st.booleans(), label="located"):
            source = draw(st.sampled_from(self.sources[session.id]))
            values["source_location"] = self.make.location(source, draw(st.integers(1, 3)))
        if draw(st.integers(0, 4), label="controlled") == 0:
            values["control_dependency"] = other("control")
        if kind == "Call":
            values["function_id"] = other("function")
            values["positional_args"] = [
                self.make.positional(other("argument"), draw(st.booleans())) for _ in range(draw(st.integers(0, 3)))
            ]
            arguments = {
                (key, other("keyword")): draw(st.booleans())
                for key in draw(st.lists(st.sampled_from(["a", "b", "**"])))
            }
            values["keyword_args"] = [self.make.keyword(key, id_, starred) for (key, id_), starred in arguments.items()]
            values["global_reads"] = {name: other("global") for name in draw(st.sets(NAMES, max_size=2))}
            values["implicit_dependencies"] = [other("implicit") for _ in range(draw(st.integers(0, 2)))]
        elif kind == "Literal":
            values["value"] = draw(LITERALS)
        elif kind == "Lookup":
            values["name"] = draw(NAMES)
        elif kind == "Import":
            values |= {
                "name": draw(NAMES),
                "package_name": draw(st.sampled_from(["pandas", "numpy", None])),
                "version": draw(st.sampled_from(["1.0", "2.0", None])),
                "path": draw(st.sampled_from(["a.py", None])),
            }
        elif kind == "Mutate":
            values |= {"source_id": other("source"), "call_id": other("call")}
        elif kind == "Global":
            values |= {"name": draw(NAMES), "call_id": other("call")}
        else:
            if kind == "If":
                values["test_id"] = other("test")
            if kind == "Else" or draw(st.booleans()):
                values["companion_id"] = other("companion")
            if draw(st.booleans()):
                values["unexec_id"] = other("not executed")
        node = self.make.node(f"{kind}Node", session, **values)
        self.write("write_node", node)
        self.written[node.id] = node
        return node

    @rule(node=nodes, name=NAMES)
    def variable(self, node: Any, name: str) -> None:
        self.write("write_assigned_variable", node.id, name)

    def execution_of(self, node: Any) -> Any:
        return next(s.execution_id for s in self.all_sessions if s.id == node.session_id)

    @rule(node=nodes)
    def value(self, node: Any) -> None:
        execution_id = self.execution_of(node)
        there = self.both("node_value_in_db", node.id, execution_id)
        assert there[0] == there[1]
        if not there[0]:
            session = next(s for s in self.all_sessions if s.id == node.session_id)
            self.write("write_node_value", self.make.value(session, node.id, f"pre-{node.id}-post.pkl"))

    @rule(node=nodes)
    def delete_value(self, node: Any) -> None:
        mine, theirs = self.both("delete_node_value_from_db", node.id, self.execution_of(node))
        assert mine == theirs

    @rule(node=nodes, name=NAMES)
    def save(self, node: Any, name: str) -> None:
        session = next(s for s in self.all_sessions if s.id == node.session_id)
        name = f"{self.prefix} {name}"
        mine, theirs = self.both("get_latest_artifact_version", name)
        assert mine == theirs
        self.write("write_artifact", self.make.artifact(session, node.id, name, mine + 1))
        self.artifact_names.add(name)

    @rule(name=NAMES, version=VERSIONS)
    def delete(self, name: str, version: Any) -> None:
        name = f"{self.prefix} {name}"
        # An artifact that orders a pipeline cannot be deleted from SQLAlchemy's tables as LineaPy has them.
        if name in self.ordering():
            return
        if version == 0 and name not in self.artifact_names:
            return  # LineaPy's message leaves version 0 out.
        mine, theirs = self.both("delete_artifact_by_name", name, version)
        if version != 0:
            assert mine == theirs

    def ordering(self) -> set[str]:
        names = set()
        for pipeline in self.pipelines:
            for dependency in self.lineapy.get_pipeline_by_name(pipeline).dependencies:
                names.add(dependency.post_artifact.name)
                names.update(a.name for a in dependency.pre_artifacts)
        return names

    @rule(name=NAMES, data=st.data())
    def pipeline(self, name: str, data: st.DataObject) -> None:
        name = f"{self.prefix} {name}"
        there = sorted(n for n in self.artifact_names if self.lineapy.get_latest_artifact_version(n) >= 0)
        if name in self.pipelines or len(there) < 2:
            return
        contained = data.draw(st.lists(st.sampled_from(there), min_size=2, unique=True))
        for db, orm in ((self.graph, relational), (self.lineapy, lineapy_relational)):
            artifacts = {n: db.get_artifactorm_by_name(n) for n in contained}
            dependency = orm.ArtifactDependencyORM(
                post_artifact=artifacts[contained[0]], pre_artifacts={artifacts[n] for n in contained[1:]}
            )
            pipeline = orm.PipelineORM(name=name, artifacts=set(artifacts.values()), dependencies=[dependency])
            db.write_pipeline([dependency], pipeline)
        counts["steps"] += 1
        self.pipelines.add(name)

    @rule(node=nodes)
    def node_again(self, node: Any) -> None:
        """LineaPy on SQLite has committed what came before, so the graph is made to."""
        self.write("commit")
        for db in (self.graph, self.lineapy):
            with pytest.raises(ArtifactSaveException):
                db.write_node(node)
                db.commit()

    @rule()
    def commit(self) -> None:
        self.write("commit")

    @rule()
    def renew(self) -> None:
        self.write("renew_session")

    @rule()
    def close(self) -> None:
        """A later call opens again."""
        self.write("close")

    @rule()
    def reconnect(self) -> None:
        self.write("close")
        self.graph = RelationalLineaDB(self.url)
        self.lineapy = RelationalLineaDB(self.sqlite)

    @rule()
    def another_client_sees_the_same(self) -> None:
        self.write("commit")
        kept = self.graph, self.lineapy
        self.graph, self.lineapy = RelationalLineaDB(self.url), RelationalLineaDB(self.sqlite)
        self.readers_agree()
        self.write("close")
        self.graph, self.lineapy = kept

    @rule()
    def compare(self) -> None:
        self.readers_agree()

    def readers_agree(self) -> None:
        for question, mine, theirs in self.answers():
            counts["comparisons"] += 1
            assert mine == theirs, question

    def answers(self) -> Iterator[tuple[Any, ...]]:
        for session in self.all_sessions:
            mine, theirs = self.both("get_nodes_for_session", session.id)
            yield "nodes", [node_of(n) for n in mine], [node_of(n) for n in theirs]
            yield ("context", *self.both("get_session_context", session.id))
            mine, theirs = self.both("get_libraries_for_session", session.id)
            yield "libraries", *(sorted((r.package_name, r.version) for r in rows) for rows in (mine, theirs))
            mine, theirs = self.both("get_variables_for_session", session.id)
            yield "variables", sorted(mine), sorted(theirs)
            mine, theirs = self.both("get_artifacts_for_session", session.id)
            yield "artifacts of the session", *(sorted(map(artifact_of, a)) for a in (mine, theirs))
            # With one file a script's code is the same everywhere; a location is what links it.
            yield ("source code", *self.both("get_source_code_for_session", session.id))
        for node in list(self.written.values())[-5:]:
            mine, theirs = self.both("get_node_by_id", node.id)
            yield "node", node_of(mine), node_of(theirs)
            execution_id = self.execution_of(node)
            yield ("value", *self.both("node_value_in_db", node.id, execution_id))
            yield ("path", *self.both("get_node_value_path", node.id, execution_id))
            yield ("artifacts of the node", *self.both("number_of_artifacts_per_node", node.id, execution_id))
            mine, theirs = self.both("get_variable_by_id", node.id)
            yield "variables of the node", sorted(mine), sorted(theirs)
        mine, theirs = self.both("get_all_artifacts")
        yield (
            "all artifacts",
            *([artifact_of(a) for a in all_ if a.name.startswith(self.prefix)] for all_ in (mine, theirs)),
        )
        for name in sorted(self.artifact_names):
            yield ("latest version", *self.both("get_latest_artifact_version", name))
            mine, theirs = self.both("get_artifactorm_by_name", name)
            if isinstance(mine, tuple):
                yield "no artifact", mine, theirs
            else:
                yield "artifact", artifact_of(mine), artifact_of(theirs)
                key = (mine.node_id, mine.execution_id, name, mine.version)
                yield ("in the database", *self.both("artifact_in_db", *key))
        for name in sorted(self.pipelines):
            mine, theirs = self.both("get_pipeline_by_name", name)
            yield "pipeline", pipeline_of(mine), pipeline_of(theirs)


def test_every_reader_agrees_with_lineapy_s(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Machine(RandomSessions):
        pass

    Machine.url, Machine.sqlite = url, f"sqlite:///{tmp_path}/lineapy.sqlite"
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not IS_LONG,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if IS_LONG else [Phase.generate],
            print_blob=True,
        ),
    )
    with capsys.disabled():
        print(f"\nLineaPy {lineapy.__version__}: {counts['steps']:,} calls, {counts['comparisons']:,} answers compared")
    assert counts["comparisons"] > 100
