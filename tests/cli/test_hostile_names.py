"""Every command, shown names that a markup, a terminal or an encoding would stumble over."""

from __future__ import annotations

import ast
import json
import shutil
import sqlite3
from pathlib import Path
from urllib.parse import quote

import neo4j
import pytest
import typer

from lineage_graph import RelationalLineaDB
from lineage_graph.cli.app import app
from tests.cli.test_commands import commands
from tests.conftest import EXAMPLE_DATABASE
from tests.support.command_line import Ended, run_here
from tests.support.records import artifact, literal, node_value, write_session
from tests.unit.test_console import HOSTILE, is_harmless

# A folder's name may hold them all but NUL and the slash.
NAME = "[draft] :smile: prices[column] \x1b[31mred\x1b[0m \u202e é名"
MARKUP = "[draft] :smile: prices[column] "
SHOWN = {"utf-8": MARKUP + r"\x1b[31mred\x1b[0m \u202e é名", "ascii": MARKUP + r"\x1b[31mred\x1b[0m \u202e \xe9\u540d"}

PRINTABLE = [text for text in HOSTILE if text.isprintable()]

pytestmark = pytest.mark.parametrize("encoding", list(SHOWN))


def show(*words: object, encoding: str, status: int = 0) -> Ended:
    ended = run_here(*words, encoding=encoding)
    assert ended.status == status, ended
    assert is_harmless(ended.stdout + ended.stderr)
    return ended


@pytest.fixture
def hostile(db: RelationalLineaDB, driver: neo4j.Driver) -> RelationalLineaDB:
    """A graph with such names everywhere, also those that only another program could have written."""
    session = write_session(db)
    for number, text in enumerate([*PRINTABLE, *(f"name {n}" for n in range(len(HOSTILE) - len(PRINTABLE)))]):
        node = literal(session, text)
        db.write_node(node)
        db.write_artifact(artifact(session, node.id, text, number))
        db.write_node_value(node_value(session, node.id, f"sha256:{number:064x}.txt"))
    db.commit()
    driver.execute_query("MATCH (s:Session) SET s.name = $name", name=NAME)
    rest = [text for text in HOSTILE if text not in PRINTABLE and "\udcff" not in text]
    driver.execute_query(
        "UNWIND range(0, size($names) - 1) AS n MATCH (a:Artifact {name: 'name ' + n})-[:OF_NODE]->(node) "
        "OPTIONAL MATCH (v:NodeValue {node_id: node.id}) "
        "SET a.name = $names[n], node.name = $names[n], v.value = 'sha256:' + $names[n]",
        names=rest,
    )
    return db


def test_artifacts(hostile: RelationalLineaDB, url: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    listed = show("artifacts", "--url", url, encoding=encoding)
    for text in PRINTABLE:
        if text.isascii():
            # As its name, and as what made it.
            assert [line for line in listed.stdout.splitlines() if line.count(text) >= 2], text
    found = json.loads(show("artifacts", "--json", "--url", url, encoding=encoding).stdout)
    assert {text for text in HOSTILE if "\udcff" not in text} <= {row["name"] for row in found}
    for text, status in (("[/]", 0), ("[/] nothing\x1b[31m", 0), ("\udcff", 1)):
        show("artifacts", "--url", url, "--name", text, encoding=encoding, status=status)


def test_demo(hostile: RelationalLineaDB, url: str, encoding: str) -> None:
    shown = show("demo", "--url", url, encoding=encoding)
    assert "[draft] x" in shown.stdout
    assert SHOWN[encoding][:20] in shown.stdout


def test_import(url: str, encoding: str, tmp_path: Path) -> None:
    source = tmp_path / f"{NAME}.sqlite"
    shown = show("import", "lineapy", source, "--url", url, encoding=encoding, status=1)
    assert shown.stderr.startswith("error: there is no file ")
    assert SHOWN[encoding] in shown.stderr
    shutil.copy(EXAMPLE_DATABASE, source)
    with sqlite3.connect(source) as connection:
        connection.execute("UPDATE artifact SET name = ? WHERE rowid = 1", ("[/] \x1b[31m:smile:",))
    connection.close()
    shown = show("import", "lineapy", source, "--url", url, encoding=encoding)
    assert "[/] \\x1b[31m:smile:" in shown.stderr
    show("import", "lineapy", source, "--url", url, "--json", encoding=encoding)


def test_values(hostile: RelationalLineaDB, url: str, encoding: str, tmp_path: Path) -> None:
    folder = tmp_path / NAME
    place = ("--values", folder, "--url", url)
    (folder / "00").mkdir(parents=True)
    (folder / "00" / f"{'0' * 64}.txt").write_bytes(b"changed")
    shown = show("values", "check", *place, encoding=encoding, status=1)
    assert "sha256:\\x1b[31mred\\x1b[0m" in shown.stdout
    assert json.loads(show("values", "check", "--json", *place, encoding=encoding, status=1).stdout)["missing"]
    show("values", "gc", *place, encoding=encoding)
    show("values", "gc", "--json", *place, encoding=encoding)
    shown = show("values", "check", "--values", f"nope://{NAME}", "--url", url, encoding=encoding, status=1)
    assert "[draft] :smile:" in shown.stderr


def test_outbox(url: str, encoding: str, tmp_path: Path) -> None:
    folder = tmp_path / NAME
    (folder / "database" / "dead-letters").mkdir(parents=True)
    (folder / "database" / "dead-letters" / f"{NAME}.commit").write_bytes(b"")
    (folder / "database" / "dead-letters" / f"{NAME}.txt").write_text(f"[/] {NAME}", encoding="utf-8")
    (folder / "database" / f"{NAME}.commit").write_bytes(b"")
    shown = show("outbox", "list", "--outbox", folder, encoding=encoding)
    assert shown.stdout.count(SHOWN[encoding]) == 5
    assert ": [/] " in shown.stdout
    listed = json.loads(show("outbox", "list", "--json", "--outbox", folder, encoding=encoding).stdout)
    assert listed["dead_letters"] == {str(folder / "database" / "dead-letters" / f"{NAME}.commit"): f"[/] {NAME}"}
    show("outbox", "replay", "--outbox", folder, "--url", url, encoding=encoding)


def test_lineage(hostile: RelationalLineaDB, url: str, encoding: str) -> None:
    for text in PRINTABLE[:2]:
        show("lineage", "upstream", text, "--url", url, encoding=encoding)
        show("lineage", "downstream", text, "--csv", "--url", url, encoding=encoding)
        for form in ((), ("--csv",), ("--json",), ("--values",)):
            show("lineage", "diff", text, PRINTABLE[1], *form, "--url", url, encoding=encoding)
        for form in ((), ("--csv",), ("--json",)):
            show("lineage", "search", text, *form, "--url", url, encoding=encoding)
        for form in ((), ("--csv",), ("--json",)):
            show("lineage", "dependencies", text, *form, "--url", url, encoding=encoding)
            show("lineage", "ancestors", text, PRINTABLE[1], *form, "--url", url, encoding=encoding)
        show("lineage", "impact", text, "--url", url, encoding=encoding)
        show("lineage", "code", text, "--json", "--url", url, encoding=encoding)
        show("lineage", "why", text, PRINTABLE[0], "--url", url, encoding=encoding, status=int(text != PRINTABLE[0]))
        assert show("lineage", "upstream", f"no {text}", "--url", url, encoding=encoding, status=1).stderr
    for form in ((), ("--csv",), ("--json",)):
        show("lineage", "report", *form, "--url", url, encoding=encoding)
    show("lineage", "rebuild", "--url", url, encoding=encoding)


def test_server(encoding: str, tmp_path: Path) -> None:
    folder = tmp_path / NAME
    here = f"local://{quote(str(folder))}"
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "server.log").write_text(f"{NAME}\n\ttabbed\r\n[/] last\n", encoding="utf-8")
    assert SHOWN[encoding] in show("server", "status", "--url", here, encoding=encoding, status=1).stdout
    state = json.loads(show("server", "status", "--json", "--url", here, encoding=encoding, status=1).stdout)
    assert state["folder"] == str(folder)
    logs = show("server", "logs", "--url", here, encoding=encoding).stdout
    assert logs == f"{SHOWN[encoding]}\n        tabbed\n[/] last\n"
    assert SHOWN[encoding] in show("server", "stop", "--url", here, encoding=encoding, status=1).stderr
    wrong = show("server", "start", "--url", here, "--neo4j-version", NAME, encoding=encoding, status=1)
    assert SHOWN[encoding] in wrong.stderr


def test_trace(encoding: str, tmp_path: Path) -> None:
    script = tmp_path / f"{NAME}.py"
    assert "[draft] :smile:" in show("trace", script, encoding=encoding, status=2).stderr
    script.write_text("")
    assert show("trace", "--url", f"{NAME}://x", script, encoding=encoding, status=1).stderr.startswith("error: ")


def test_wrong_calls(encoding: str) -> None:
    for words in ([NAME], ["server", NAME], ["artifacts", f"--{NAME}"], ["artifacts", "--url", NAME], ["[/]"]):
        show(*words, encoding=encoding, status=1 if "--url" in words else 2)


def test_no_command_is_left_out(encoding: str) -> None:
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    shown = [
        tuple(word.value for word in node.args if isinstance(word, ast.Constant))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "show"
    ]
    for command in commands(typer.main.get_command(app), ()):
        assert any(words[: len(command)] == command for words in shown), command
