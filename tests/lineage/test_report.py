"""`report` finds what plain Python finds in the same graph, and where a program stopped."""

from __future__ import annotations

import ast
from datetime import datetime, timedelta
from typing import Any

import neo4j
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph.errors import InvalidArgument
from lineage_graph.lineage import Finding, Lineage, Report
from lineage_graph.lineage.progress import stopped_at
from lineage_graph.store.connection import Store
from lineage_graph.store.rebuild import rebuild
from tests.lineage.worlds import BEGIN, World, worlds


class Oracle:
    """What a report says of a world, by the plain definitions."""

    def __init__(self, world: World, names: list[tuple[str, int]], gone: set[int], until: datetime | None) -> None:
        self.world = world
        self.names = dict(enumerate(names))
        self.artifacts = {
            number
            for number in range(len(world.artifacts))
            if number not in gone and (until is None or world.saved(number) <= until)
        }
        self.sessions = {
            number for number in range(world.sessions) if until is None or BEGIN + timedelta(days=number) <= until
        }

    def is_there(self, key: str) -> bool:
        kind, _, id_ = key.partition("/")
        if kind == "artifact":
            return int(id_) in self.artifacts
        return kind == "dataset" or self.world.session_of[int(id_)] in self.sessions

    def stale(self, derived: nx.DiGraph) -> set[tuple[str, str]]:
        """Pairs of an artifact and what it was made from that has a newer version."""
        found = set()
        for number in self.artifacts:
            name, version = self.names[number]
            if any(self.names[other][0] == name and self.names[other][1] > version for other in self.artifacts):
                continue
            key = f"artifact/{number}"
            inputs = {each for each in nx.descendants(derived, key) if self.is_there(each)} if key in derived else set()
            newest: dict[str, int] = {}
            for each in inputs:
                if each.startswith("artifact/") and self.names[int(each[9:])][0] != name:
                    of, at = self.names[int(each[9:])]
                    newest[of] = max(newest.get(of, -1), at)
            for other in self.artifacts:
                of, at = self.names[other]
                is_alias = self.world.artifacts[other] == self.world.artifacts[number]
                if of in newest and at > newest[of] and not is_alias:
                    used = next(n for n in self.names if self.names[n] == (of, newest[of]))
                    found.add((key, f"artifact/{used}"))
            for dataset in {d for _, d in self.world.files + self.world.writes}:
                writers = [node for node, what in self.world.writes if what == dataset]
                seen = [node for node in writers if f"node/{node}" in inputs]
                if not seen and f"dataset/file:///d{dataset}" not in inputs:
                    continue
                if any(self.is_there(f"node/{w}") and w > max(seen, default=-1) and w not in seen for w in writers):
                    found.add((key, f"dataset {dataset}"))
        return found

    def unused(self, derived: nx.DiGraph) -> set[str]:
        used_nodes = {
            self.world.artifacts[artifact]
            for reader, artifact in self.world.reads
            if self.world.session_of[reader] in self.sessions and artifact in self.names
        }
        found = set()
        for number in self.artifacts:
            names = [other for other, node in enumerate(self.world.artifacts) if node == self.world.artifacts[number]]
            users = (
                {user for other in names for user in derived.predecessors(f"artifact/{other}")} if derived else set()
            )
            is_read = self.world.artifacts[number] in used_nodes
            if not is_read and not any(self.is_there(user) for user in users):
                found.add(f"artifact/{number}")
        return found

    def inputs(self) -> list[tuple[str, int, int]]:
        of: dict[str, list[int]] = {}
        for reader, artifact in self.world.reads:
            of.setdefault(f"artifact/{artifact}", []).append(reader)
        for reader, dataset in self.world.files:
            of.setdefault(f"dataset/file:///d{dataset}", []).append(reader)
        rows = []
        for key, readers in of.items():
            there = [reader for reader in readers if self.is_there(f"node/{reader}")]
            if there:
                rows.append((key, len({self.world.session_of[reader] for reader in there}), len(there)))
        return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))


def derived_edges(driver: neo4j.Driver, world: World) -> nx.DiGraph:
    rows, _, _ = driver.execute_query(
        "MATCH (a)-[:DERIVED_FROM]->(b) WITH [x IN [a, b] | CASE WHEN x:Node THEN 'node/' + x.id "
        "WHEN x:Artifact THEN 'artifact/' + toString(x.id) ELSE 'dataset/' + x.uri END] AS ends "
        "RETURN ends[0] AS a, ends[1] AS b"
    )
    graph = nx.DiGraph()
    graph.add_nodes_from(f"artifact/{number}" for number in range(len(world.artifacts)))
    graph.add_edges_from((row["a"], row["b"]) for row in rows)
    return graph


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(deletes=False), data=st.data())
def test_sections_are_what_the_definitions_say(
    world: World, data: st.DataObject, lineage: Lineage, store: Store, driver: neo4j.Driver
) -> None:
    world.write(driver)
    shared = [data.draw(st.sampled_from("xy")) for _ in world.artifacts]
    names = [(name, shared[:number].count(name)) for number, name in enumerate(shared)]
    driver.execute_query(
        "UNWIND $rows AS row MATCH (a:Artifact {id: row[0]}) SET a.name = row[1], a.version = row[2]",
        rows=[[number, *name] for number, name in enumerate(names)],
    )
    # One call gets one version.
    read = {row["c"]: row["a"] for row in driver.execute_query(
        "MATCH (c)-[r:READS_ARTIFACT]->(a) WITH c, collect(r) AS all, collect(a) AS ends "
        "FOREACH (r IN all[1..] | DELETE r) "
        "SET c.artifact_name = ends[0].name, c.artifact_version = ends[0].version, "
        "c.artifact_certainty = 'exact' "
        "RETURN c.id AS c, ends[0].id AS a"
    ).records}  # fmt: skip
    world.reads = [(int(call), artifact) for call, artifact in read.items()]
    rebuild(store)
    gone = data.draw(st.sets(st.integers(0, len(world.artifacts) - 1), max_size=1)) if world.artifacts else set()
    driver.execute_query("MATCH (a:Artifact) WHERE a.id IN $ids DETACH DELETE a", ids=sorted(gone))
    world.reads = [(reader, artifact) for reader, artifact in world.reads if artifact not in gone]
    moments = [None, *(world.saved(number) for number in range(len(world.artifacts)))]
    until = data.draw(st.sampled_from(moments))
    asked = lineage if until is None else lineage.as_of(until)
    oracle, derived = Oracle(world, names, gone, until), derived_edges(driver, world)
    report = asked.report(sections=["stale", "unused", "inputs"])
    assert report.complete
    stale = set()
    for finding in report["stale"]:
        last = finding.path[-1]
        assert finding.path[0].key == finding.key
        assert all(derived.has_edge(a.key, b.key) for a, b in zip(finding.path, finding.path[1:], strict=False))
        dataset = "file:///d" in finding.reason
        stale.add((finding.key, f"dataset {finding.reason.split('file:///d')[1][0]}" if dataset else last.key))
    assert stale == oracle.stale(derived)
    assert {finding.key for finding in report["unused"]} == oracle.unused(derived)
    assert [(f.key, f.sessions, f.calls) for f in report["inputs"]] == oracle.inputs()
    for section in report:
        assert section.total == len(section)
        pages: list[Finding] = []
        cursor = None
        while True:
            page = asked.report(sections=[section.name], limit=2, cursor=cursor)[section.name]
            pages += page.findings
            cursor = page.cursor
            if page.complete:
                break
            assert (page.reason, len(page)) == ("limit", 2)
        assert pages == list(section.findings)


def test_stale_by_a_file_and_by_an_artifact(lineage: Lineage, store: Store, driver: neo4j.Driver) -> None:
    # s0, s1 and s3 write a file; s2 reads what s1 wrote, and saves; s4 saves three versions, the last from the first.
    world = World(
        sessions=5,
        session_of=[0, 1, 2, 3, 4, 4, 4],
        edges=[(6, 4, "POSITIONAL_ARG")],
        artifacts=[2, 4, 5, 6],
        files=[(2, 0)],
        writes=[(0, 0), (1, 0), (3, 0)],
        read_from=[(2, 1)],
    )
    world.write(driver)
    driver.execute_query("MATCH (a:Artifact) WHERE a.id > 0 SET a.name = 'x', a.version = a.id - 1")
    rebuild(store)
    (found,) = lineage.report(sections="stale")["stale"]
    assert (found.name, found.reason) == (
        "a0",
        "it was made from file:///d0; the newest is as s3 wrote it",
    )
    assert [item.key for item in found.path] == ["artifact/0", "node/1"]
    assert not lineage.as_of(world.saved(0)).report(sections="stale")["stale"]
    # Another artifact that needs the first version, which has later ones.
    driver.execute_query("MATCH (a:Artifact {id: 3}) SET a.name = 'y', a.version = 0")
    assert {f.name: f.reason for f in lineage.report(sections="stale")["stale"]}["y"] == (
        "it was made from x version 0; the newest is version 1"
    )
    unused = lineage.as_of(world.saved(2)).report(sections="unused")["unused"]
    assert {finding.key for finding in unused} == {"artifact/0", "artifact/1", "artifact/2"}
    assert "artifact/1" not in {finding.key for finding in lineage.report(sections="unused")["unused"]}


def test_values_that_are_missing(lineage: Lineage, driver: neo4j.Driver) -> None:
    World(session_of=[0, 0, 0, 0], artifacts=[0, 1, 2, 3]).write(driver)
    driver.execute_query(
        "CREATE (e:Execution {id: 'e'}) WITH e MATCH (a:Artifact)-[:OF_NODE]->(n) CREATE (a)-[:IN_EXECUTION]->(e) "
        "WITH e, a, n WHERE a.id < 3 CREATE (v:NodeValue {node_id: n.id, execution_id: 'e'})-[:VALUE_OF]->(n) "
        "WITH a, v WHERE a.id < 2 SET v.value = 'sha256:x' WITH a WHERE a.id = 1 "
        "CREATE (:MLflowMetadata {artifact_id: a.id, delete_time: localdatetime()})"
    )
    found = lineage.report(sections="missing")["missing"]
    assert [(finding.name, finding.reason) for finding in found] == [
        ("a3", "no value was recorded for it"),
        ("a2", "a value was recorded for it, and not where it is stored"),
        ("a1", "MLflow has deleted its value"),
    ]


def test_the_report_of_the_examples(on_examples: Lineage) -> None:
    report = on_examples.report()
    (stale,) = report["stale"]
    assert (stale.name, stale.reason) == (
        "training_history",
        "it was made from classifier version 1; the newest is version 2",
    )
    assert [item.key for item in stale.path] == [stale.key, on_examples.upstream("classifier@1").start.key]
    assert len(report["missing"]) == len(report["failed"]) == 0
    assert report["inputs"].findings[0].name == "measurements"
    table = report.to_pandas()
    assert len(table) == sum(map(len, report))
    assert set(table["section"]) == {"stale", "unused", "inputs"}


def test_where_each_recorded_program_would_have_stopped(on_examples: Lineage, driver: neo4j.Driver) -> None:
    """What LineaPy recorded of the examples, cut before and inside each statement."""
    rows, _, _ = driver.execute_query(
        "MATCH (n:Node)-[:FROM_SOURCE]->(c:SourceCode) RETURN c.code AS code, "
        "collect(DISTINCT [n.lineno, n.col_offset, n.end_lineno, n.end_col_offset]) AS spans"
    )
    cuts = 0
    for row in rows:
        spans = {tuple(span) for span in row["spans"]}
        assert stopped_at(row["code"], spans) is None, row["code"]
        for statement in ast.parse(row["code"]).body:
            before = {span for span in spans if span[0] < statement.lineno}
            is_name = isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Name, ast.Constant))
            if is_name:
                continue
            assert stopped_at(row["code"], before) == statement.lineno
            cuts += 1
            if isinstance(statement, ast.Assign):
                value = statement.value
                end = (value.end_lineno, value.end_col_offset)
                inside = {span for span in spans if span[0] < statement.lineno or (
                    span[0] <= (statement.end_lineno or 0) and (span[2], span[3]) != end)}  # fmt: skip
                assert stopped_at(row["code"], inside) == statement.lineno
                cuts += 1
    assert cuts > 100


@pytest.mark.parametrize(
    ("code", "spans", "line"),
    [
        ("", [], None),
        ("%magic", [], None),
        ("x", [], None),
        ("pass", [], None),
        ("f()", [], 1),
        ("f(a)\ng()", [(1, 2, 1, 3)], 1),
        ("f(a)\ng()", [(1, 0, 1, 4)], 2),
        ("if a:\n    f()\n    g()", [(1, 3, 1, 4)], None),
        ("if a:\n    f()\n    g()", [(1, 3, 1, 4), (2, 4, 2, 7)], 3),
        ("if a:\n    f()\nelse:\n    g()", [(1, 3, 1, 4), (4, 4, 4, 7)], None),
        ("@f\ndef g(): pass", [(1, 1, 1, 2)], None),
    ],
)
def test_where_a_program_stopped(code: str, spans: list[Any], line: int | None) -> None:
    assert stopped_at(code, set(spans)) == line


def test_sessions_that_stopped(lineage: Lineage, driver: neo4j.Driver) -> None:
    World(sessions=4, session_of=[0, 1, 2], edges=[]).write(driver)
    driver.execute_query(
        "UNWIND [['0', 'x = f()\ng()'], ['1', 'x = f()'], ['2', 'f()\n\nh(1)']] AS row MATCH (n:Node {id: row[0]}) "
        "SET n.lineno = 1, n.end_lineno = 1, n.col_offset = 0, "
        "n.end_col_offset = size(split(row[1], '\n')[0]) "
        "CREATE (n)-[:FROM_SOURCE]->(:SourceCode {id: row[0], name: 'it.py', code: row[1], path: 'it.py'})"
    )
    driver.execute_query(
        "MATCH (n:Node {id: '1'}) CREATE (n)-[:CALLS]->(:MissingNode {id: 'm'}) "
        "CREATE (:SourceCode {id: 'c', name: 'cell 1', code: '%ls', session_id: 's3', execution_count: 1}), "
        "(:SourceCode {id: 'd', name: 'cell 2', code: 'y = f()', session_id: 's3', execution_count: 2})"
    )
    found = lineage.report(sections=["failed"])["failed"]
    assert [(finding.id, finding.file, finding.line, finding.code) for finding in found] == [
        ("s3", "cell 2", 1, "y = f()"),
        ("s2", "it.py", 3, "h(1)"),
        ("s1", None, None, None),
        ("s0", "it.py", 2, "g()"),
    ]
    assert found.findings[2].reason == "its operations refer to others that are missing: 1"
    page = lineage.report(sections="failed", limit=3)["failed"]
    rest = lineage.report(sections="failed", cursor=page.cursor)["failed"]
    assert [*page, *rest] == list(found)
    then = lineage.as_of(BEGIN + timedelta(days=1)).report(sections="failed")["failed"]
    assert [finding.id for finding in then] == ["s1", "s0"]


def test_wrong_arguments_and_no_time(on_examples: Lineage) -> None:
    for arguments, problem in (
        ({"sections": ["old"]}, "sections"),
        ({"sections": []}, "sections"),
        ({"limit": 0}, "limit"),
        ({"cursor": "x"}, "alone"),
        ({"cursor": "x", "sections": "stale"}, "not a cursor"),
    ):
        with pytest.raises(InvalidArgument, match=problem):
            on_examples.report(**arguments)
    report: Report = on_examples.report(timeout=1e-9)
    assert [(section.complete, section.reason, section.total) for section in report] == [(False, "time", None)] * 5
