"""`search` finds all that contains a text and nothing else, whatever the text is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import neo4j
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph.errors import InvalidArgument
from lineage_graph.lineage import Hit, Lineage
from lineage_graph.lineage.searching import query_of
from tests.lineage.worlds import BEGIN
from tests.support.known_sessions import wipe

PIECES = ["read", "csv", "_", "a-b", "x[0]", '"', "AND", "*", "c++", " ", "é", "7", "\\", "Table", "ßt"]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)

Thing = tuple[str, str, int, str]  # kind, key, session, text


def write(driver: neo4j.Driver, names: list[str]) -> list[Thing]:
    """A graph of three sessions in which each kind of thing has these names; what is in it."""
    wipe(driver)
    things: list[Thing] = []
    rows = []
    for number, name in enumerate(names):
        session = number % 3
        code = f"# {number}\n{name}\n\n  {name}({name})\n"
        rows.append({"n": number, "name": name, "session": f"s{session}", "code": code})
        things += [
            ("artifact", f"artifact/{number}", session, name),
            ("variable", f"variable/s{session}/{name}", session, name),
            ("dataset", f"dataset/u{number}", session, name),
            *(("code", f"code/c{number}/{line}", session, text) for line, text in enumerate(code.split("\n"), 1)),
        ]
    driver.execute_query(
        "UNWIND range(0, 2) AS i CREATE (s:Session {id: 's' + i, name: 'session ' + i, user_name: 'user' + i, "
        "creation_time: $begin + duration({days: i})}) "
        "CREATE (n:Node&ImportNode {id: 'i' + i, session_id: s.id, written_at: 0})-[:IN_SESSION]->(s) "
        "MERGE (l:Library {package_name: 'lib' + i, version: '1', name: 'lib' + i + ' 1'}) "
        "CREATE (n)-[:OF_LIBRARY]->(l)",
        begin=BEGIN,
    )
    for i in range(3):
        things += [("session", f"session/s{i}", i, f"session {i}"), ("library", f"library/lib{i}/1", i, f"lib{i} 1")]
    driver.execute_query(
        "UNWIND $rows AS row MATCH (s:Session {id: row.session}) "
        "CREATE (c:SourceCode {id: 'c' + row.n, name: 'file', code: row.code}) "
        "CREATE (n:Node&CallNode {id: toString(row.n), session_id: s.id, written_at: row.n, lineno: 2})"
        "-[:IN_SESSION]->(s), (n)-[:FROM_SOURCE]->(c) "
        "CREATE (:Artifact {id: row.n, name: row.name, version: row.n, "
        "date_created: s.creation_time + duration({minutes: row.n})})-[:OF_NODE]->(n) "
        "CREATE (:Variable {node_id: n.id, name: row.name, written_at: row.n})-[:ASSIGNED_AT]->(n) "
        "CREATE (n)-[:WRITES]->(:Dataset {uri: 'u' + row.n, name: row.name})",
        rows=rows,
    )
    driver.execute_query("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
    return things


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(TEXTS, min_size=1, max_size=8), data=st.data())
def test_all_that_contains_a_text_is_found(
    names: list[str], data: st.DataObject, lineage: Lineage, driver: neo4j.Driver
) -> None:
    things = write(driver, names)
    for _ in range(8):
        text = data.draw(TEXTS | st.sampled_from(names).map(lambda name: name[1:].upper() or name))
        if not text.strip():
            continue
        number = data.draw(st.sampled_from([None, 0, 1, 2]))
        by = data.draw(st.sampled_from(["user", "library", "time"]))
        begun = None if number is None else BEGIN + timedelta(days=number)
        every: dict[str, dict[str, Any]] = {
            "user": {"user": f"user{number}"},
            "library": {"library": f"lib{number}"},
            "time": {"after": begun, "before": begun and begun + timedelta(hours=1)},
        }
        conditions = {} if number is None else every[by]
        wanted = {
            key
            for _, key, session, name in things
            if text.lower() in name.lower() and (number is None or session == number)
        }
        answer = lineage.search(text, **conditions)
        keys = [hit.key for hit in answer]
        assert set(keys) == wanted, (text, conditions)
        assert len(keys) == len(wanted) == answer.total
        assert [hit.name.lower() == text.lower() for hit in answer if hit.kind in ("artifact", "variable")] == sorted(
            (hit.name.lower() == text.lower() for hit in answer if hit.kind in ("artifact", "variable")), reverse=True
        )
        kinds = data.draw(st.sets(st.sampled_from(["artifact", "variable", "dataset", "code"]), min_size=1))
        assert [hit.key for hit in lineage.search(text, kinds=kinds, **conditions)] == [
            hit.key for hit in answer if hit.kind in kinds
        ]
        pages: list[Hit] = []
        cursor, limit = None, data.draw(st.integers(1, 5))
        while True:
            page = lineage.search(text, limit=limit, cursor=cursor, **conditions)
            pages += page.hits
            cursor = page.cursor
            if page.complete:
                break
            assert (page.reason, len(page), page.total) == ("limit", limit, None)
        assert [hit.key for hit in pages] == keys


@pytest.mark.parametrize(
    "text",
    ["read_csv", "ead_cs", "READ_CSV", 'pd.read_csv("measurements.csv")', "written = pd.read_csv("],
)
def test_a_line_is_found_with_its_place(text: str, on_examples: Lineage) -> None:
    (hit,) = on_examples.search(text)
    assert (hit.kind, hit.file, hit.line, hit.session) == (
        "code",
        "prepare.py",
        40,
        "prepare.py of 2026-11-23 21:18",
    )
    assert (hit.code or "").startswith('written = pd.read_csv("measurements.csv")')


@pytest.mark.parametrize(
    "text",
    ["a-b", "x[0]", '"', "AND", "OR NOT", "*", "*:*", "c++", "\\", "{}", "a && b || !c", "~", "^2", "name:x", "/x/",
     "read csv" * 1_250, "x" * 10_000, "\n", "a\nb", "\0", "é", "名"],
)  # fmt: skip
def test_no_text_is_syntax(text: str, on_examples: Lineage) -> None:
    if not text.strip():
        with pytest.raises(InvalidArgument, match="needs a text"):
            on_examples.search(text)
        return
    answer = on_examples.search(text)
    assert answer.complete
    for hit in answer:
        assert text.lower() in (hit.code or f"{hit.name} {hit.version}").lower()


def test_names_that_are_the_text_come_first(on_examples: Lineage) -> None:
    hits = on_examples.search("classifier")
    assert [(hit.kind, hit.name, hit.version) for hit in hits][:3] == [
        ("artifact", "classifier", 2),
        ("artifact", "classifier", 1),
        ("artifact", "classifier", 0),
    ]
    assert hits.to_pandas()["kind"].iloc[-1] == "code"


def test_code_of_several_lines(on_examples: Lineage) -> None:
    (hit,) = on_examples.search("numbers.corr()\n")
    assert (hit.file, hit.line) == ("cell 3", 2)


def test_lucene_is_asked_for(on_examples: Lineage) -> None:
    assert {hit.name for hit in on_examples.search("classifier OR headline", kinds="artifact", lucene=True)} == {
        "classifier", "classifier_in_use", "headline",
    }  # fmt: skip
    assert len(on_examples.search("classifier OR headline")) == 0
    assert [hit.line for hit in on_examples.search('"read csv"', kinds=["code"], lucene=True)] == [1, 39, 40]
    for wrong in ("x[", '"', "AND", "(a", "a~~b^"):
        with pytest.raises(InvalidArgument, match="wrong in Lucene's syntax"):
            on_examples.search(wrong, lucene=True)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"text": ""}, "needs a text"),
        ({"text": " \n\t"}, "needs a text"),
        ({"text": None}, "needs a text"),
        ({"text": "x", "kinds": ["node"]}, "kinds to search"),
        ({"text": "x", "kinds": []}, "kinds to search"),
        ({"text": "x", "user": ""}, "user"),
        ({"text": "x", "library": 5}, "library"),
        ({"text": "x", "after": "2026"}, "after takes a datetime"),
        ({"text": "x", "limit": 0}, "limit"),
        ({"text": "x", "cursor": "x"}, "cursor"),
        ({"text": "\ud800"}, "surrogate"),
    ],
)
def test_a_wrong_argument_is_refused(arguments: dict[str, Any], problem: str, on_examples: Lineage) -> None:
    with pytest.raises(InvalidArgument, match=problem):
        on_examples.search(**arguments)


def test_as_of_leaves_out_what_came_later(on_examples: Lineage) -> None:
    before = on_examples.as_of(datetime(2026, 11, 23, 21, 18, 20))
    assert {hit.session for hit in before.search("measurements")} == {"prepare.py of 2026-11-23 21:18", None}
    assert [hit.version for hit in before.search("classifier", kinds="artifact")] == []
    between = datetime(2026, 11, 23, 21, 18, 15, 100_000)
    assert [hit.version for hit in on_examples.search("measurements", kinds="artifact", before=between)] == [0]
    assert [hit.version for hit in on_examples.search("measurements", kinds="artifact", after=between)] == [1]


def test_no_time_is_not_the_end(on_examples: Lineage) -> None:
    answer = on_examples.search("measurements", timeout=1e-9)
    assert (answer.complete, answer.reason, answer.total, len(answer)) == (False, "time", None, 0)


def test_the_index_is_asked_for_words_alone() -> None:
    assert query_of("pd.read_csv(") == "+read +csv +*pd"
    assert query_of("reads") == "+*reads*"
    assert query_of("123") == query_of("x" * 500) == "*:*"
