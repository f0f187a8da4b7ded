"""Every command, run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import lineage_graph
from lineage_graph import RelationalLineaDB
from lineage_graph.cli.app import app
from lineage_graph.settings import ClientSettings, CommandLineSettings, DatabaseSettings, ValueSettings
from tests.conftest import EXAMPLE_DATABASE, REPOSITORY, TestServer
from tests.support.command_line import run_here
from tests.support.records import artifact, literal, write_session


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    return subprocess.run(
        [sys.executable, "-m", "lineage_graph", *words],
        capture_output=True,
        text=True,
        timeout=300,
        env=kept | {"COLUMNS": "120", "TERM": "dumb"} | environment,
    )


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of ours."""
    for name in os.environ:
        if name.startswith(("NEO4J_", "LINEAGE_GRAPH_")):
            monkeypatch.delenv(name)


def commands(command: Any, words: tuple[str, ...] = ("lineage-graph",)) -> Iterator[tuple[str, ...]]:
    """Every command that the parser knows, as its words."""
    if not hasattr(command, "commands"):
        yield words
        return
    for name, inner in command.commands.items():
        yield from commands(inner, (*words, name))


def test_help_names_every_command_and_docs_describe_it() -> None:
    documented = (REPOSITORY / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    known = ["lineage-graph", *(" ".join(words) for words in commands(typer.main.get_command(app)))]
    assert sorted(re.findall(r"^## `(.+)`$", documented, re.MULTILINE)) == sorted(known)
    for command in known:
        # In the strictest encoding, so that no help needs another.
        shown = run_here(*command.split()[1:], "--help", encoding="ascii")
        assert shown.status == 0
        section = documented.partition(f"## `{command}`\n")[2].partition("\n## ")[0]
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", shown.stdout)) - {"--help"}
        assert options == set(re.findall(r"`(--[a-z0-9-]+)", section)), command
        assert ("--url" not in options) or "local:" in shown.stdout


def test_help_shows_where_defaults_come_from() -> None:
    """Brackets are text: Rich took them for markup, and left the default of --url out of every help."""
    for words in (["artifacts"], ["import", "lineapy"], ["outbox", "replay"], ["trace"], ["demo"], ["values", "gc"]):
        shown = " ".join(run_here(*words, "--help").stdout.split())
        assert "[default: $NEO4J_URI, or local:]" in shown
    assert "[default: $LINEAGE_GRAPH_OUTBOX]" in run_here("outbox", "list", "--help").stdout
    assert "[default: $LINEAGE_GRAPH_VALUES_URL]" in " ".join(run_here("values", "check", "--help").stdout.split())


def test_help_loads_nothing_that_takes_time() -> None:
    program = (
        "import sys\nfrom lineage_graph.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "artifacts" in shown.stdout
    heavy = {"neo4j", "numpy", "pandas", "pyarrow", "pydantic", "pydantic_settings", "rich", "sqlalchemy", "fsspec"}
    assert not heavy & {name.partition(".")[0] for name in shown.stderr.split()}


def test_the_version() -> None:
    assert run_here("--version").stdout == lineage_graph.__version__ + "\n"


def test_a_wrong_call_exits_with_2() -> None:
    for words in (["artifacts", "--nope"], ["nothing"], ["import", "lineapy"], [], ["server"], ["server", "nothing"]):
        failed = run_here(*words)
        assert failed.status == 2, words
        assert failed.stdout == ""
        assert "Usage: lineage-graph" in failed.stderr


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["artifacts", "--url", "sqlite:///x"], "a database URL begins with"),
        (["artifacts", "--url", ""], "the database URL is empty"),
        (["artifacts", "--url", "bolt://ada:secret#word@127.0.0.1:1"], "percent-encode"),
        (["artifacts", "--url", "bolt://ada:secret-word@127.0.0.1:1"], "does not answer"),
        (["server", "stop", "--url", "local://{tmp_path}"], "no server runs in"),
        (["server", "start", "--url", "bolt://x"], "local server's URL"),
        (["server", "start", "--neo4j-version", "4.4.0", "--url", "local://{tmp_path}"], "no Neo4j 4.4.0 here"),
        (["outbox", "list"], "no outbox is named"),
        (["outbox", "list", "--outbox", ""], "outbox '' is not allowed"),
        (["values", "check", "--values", "nope://ada:secret@x/y", "--url", "bolt://127.0.0.1:1"], "Protocol not known"),
    ],
)
def test_an_error_is_one_line_on_stderr(words: list[str], problem: str, tmp_path: Path, alone: None) -> None:
    failed = run_here(*(word.format(tmp_path=tmp_path) for word in words))
    assert failed.status == 1
    assert failed.stdout == ""
    assert failed.stderr.startswith("error: ")
    assert failed.stderr.count("\n") == 1
    assert re.search(problem, failed.stderr)
    assert "secret" not in failed.stderr


@pytest.mark.parametrize(("variable", "is_shown"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_debug_shows_where(variable: str, is_shown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_DEBUG", variable)
    failed = run_here("artifacts", "--url", "sqlite:///x")
    assert (failed.status, "Traceback" in failed.stderr) == (1, is_shown)
    failed = run_here("--debug", "artifacts", "--url", "sqlite:///x")
    assert (failed.status, "Traceback" in failed.stderr) == (1, True)
    # A word of the script's is none of ours.
    assert "Traceback" not in run_here("artifacts", "--name", "--debug", "--url", "x:").stderr or is_shown


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("LINEAGE_GRAPH_BATCH_SIZE", ["artifacts", "--url", "bolt://127.0.0.1:1"]),
        ("LINEAGE_GRAPH_DEBUG", ["artifacts", "--url", "sqlite:///x"]),
        ("LINEAGE_GRAPH_VALUES_OPTIONS", ["values", "check", "--url", "bolt://127.0.0.1:1"]),
        ("NEO4J_URI", ["artifacts"]),
    ],
)
def test_a_wrong_setting_is_named(
    variable: str, words: list[str], alone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "secret")
    failed = run_here(*words)
    assert failed.status == 1
    assert "should not happen" not in failed.stderr
    assert variable in failed.stderr
    assert "secret" not in failed.stderr or variable in ("LINEAGE_GRAPH_BATCH_SIZE", "LINEAGE_GRAPH_DEBUG")


def test_empty_variables_are_none_at_all(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Compose passes ${X} as an empty variable where X is not set."""
    for cls in (DatabaseSettings, ClientSettings, ValueSettings, CommandLineSettings):
        for field in cls.model_fields:
            monkeypatch.setenv(cls.variables(field)[0], "")
    monkeypatch.chdir(tmp_path)
    assert run_here("artifacts", "--url", url).stdout == "no artifacts\n"
    assert run_here("values", "check", "--values", tmp_path / "values", "--url", url).status == 0
    assert run_here("outbox", "list").stderr.startswith("error: no outbox is named")
    assert list(tmp_path.iterdir()) == []


def test_a_locale_without_utf_8(db: RelationalLineaDB, url: str) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.write_artifact(artifact(session, node.id, "prix é 名 [/]"))
    db.commit()
    # The interpreter must not make UTF-8 of it by itself.
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ":strict"}
    listed = run("artifacts", "--url", url, **locale)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "prix \\xe9 \\u540d [/]" in listed.stdout
    assert listed.stdout.isascii()
    found = json.loads(run("artifacts", "--json", "--url", url, **locale).stdout)
    assert found[0]["name"] == "prix é 名 [/]"


@pytest.mark.parametrize(
    ("absent", "words", "extra"),
    [
        ("sqlalchemy", ["import", "lineapy", "x.sqlite"], "import"),
        ("fsspec", ["values", "check"], "values"),
        ("platformdirs", ["values", "gc"], "values"),
    ],
)
def test_an_extra_that_is_not_installed_is_named(absent: str, words: list[str], extra: str) -> None:
    program = f"import sys; sys.modules[{absent!r}] = None; from lineage_graph.cli import main; main(sys.argv[1:])"
    failed = subprocess.run(
        [sys.executable, "-c", program, *words, "--url", "bolt://127.0.0.1:1"], capture_output=True, text=True
    )
    assert failed.returncode == 1
    assert f"pip install 'lineage-graph[{extra}]'" in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_import_and_artifacts(url: str, server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    # One that runs as a user's does: in a process of its own.
    done = run("import", "lineapy", EXAMPLE_DATABASE, "--url", url, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["complete"] is True
    assert report["source"] == report["graph"]
    assert report["source"]["CallNode"] > 300
    monkeypatch.setenv("NEO4J_URI", server.address)
    monkeypatch.setenv("NEO4J_USERNAME", server.username)
    monkeypatch.setenv("NEO4J_PASSWORD", server.password)
    again = run_here("import", "lineapy", f"sqlite:///{EXAMPLE_DATABASE}")
    assert again.status == 0, again.stderr
    assert "all of it was there already" in again.stdout
    listed = run_here("artifacts", "--name", "classifier")
    assert listed.status == 0, listed.stderr
    assert [line.split()[1] for line in listed.stdout.splitlines() if "classifier" in line] == ["0", "1", "2"]
    assert "model = forest" in listed.stdout
    found = json.loads(run_here("artifacts", "--json").stdout)
    assert len(found) == 20
    assert {"name", "version", "made_by", "session", "date_created"} <= found[0].keys()
    assert "no artifact 'nothing'" in run_here("artifacts", "--name", "nothing").stdout
    assert server.password not in done.stdout + done.stderr + again.stdout + listed.stderr


@pytest.mark.parametrize("columns", [80, 120])
def test_artifacts_are_identified_at_any_width(columns: int, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_here("import", "lineapy", EXAMPLE_DATABASE, "--url", url)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run_here("artifacts", "--url", url).stdout.splitlines()
    assert lines[2].split() == ["artifact", "version", "saved", "made", "by", "in"]
    assert all(len(line) <= columns for line in lines)
    rows = [line.split() for line in lines[4:-1]]
    found = json.loads(run_here("artifacts", "--json", "--url", url).stdout)
    assert [row[:3] for row in rows] == [[a["name"], str(a["version"]), a["date_created"][:10]] for a in found]
    assert all(re.fullmatch(r"\d\d:\d\d", row[3]) for row in rows)


def test_import_of_what_is_no_lineapy_database(url: str, tmp_path: Path) -> None:
    failed = run_here("import", "lineapy", tmp_path / "nothing.sqlite", "--url", url)
    assert failed.status == 1
    assert failed.stderr.startswith("error: there is no file")


def test_the_demonstration_twice(url: str) -> None:
    for times in (1, 2):
        shown = run_here("demo", "--url", url)
        assert shown.status == 0, shown.stderr
        assert ("all of it was there already" in shown.stdout) == (times == 2)
        for part in (
            "Sessions",
            "Artifacts",
            "Implicit dependencies",
            "What made classifier_in_use, in three sessions",
            "Why classifier_in_use version 0 depends on measurements version 0",
            "prepare.py    34",
            "+++ classifier version 2",
            "lineage-graph trace /home/ada/wine/report.py",
            "Browser",
        ):
            assert part in shown.stdout
        assert len(re.findall(r"^  RETURN", shown.stdout, re.MULTILINE)) == 3


def test_the_local_server(tmp_path: Path, alone: None, quick_java: None) -> None:
    here = f"local://{tmp_path / 'a [server] :smile:'}".replace(" ", "%20")
    stopped = run_here("server", "status", "--url", here)
    assert (stopped.status, "no server runs" in stopped.stdout) == (1, True)
    assert "a [server] :smile:" in stopped.stdout
    started = run_here("server", "start", "--url", here, "--json")
    assert started.status == 0, started.stderr
    info = json.loads(started.stdout)
    try:
        assert "password" not in info
        shown = json.loads(run_here("server", "status", "--url", here, "--json", "--show-password").stdout)
        assert shown["running"] is True
        assert shown["pid"] == info["pid"]
        assert shown["password"]
        plain = run_here("server", "status", "--url", here).stdout
        assert shown["password"] not in plain
        assert "a [server] :smile:" in plain
        assert "Started" in run_here("server", "logs", "--url", here, "--lines", "200").stdout
        listed = run_here("artifacts", "--url", here)
        assert (listed.status, listed.stdout) == (0, "no artifacts\n")
    finally:
        done = run_here("server", "stop", "--url", here)
    assert (done.status, done.stdout) == (0, "stopped\n")
    assert json.loads(run_here("server", "status", "--url", here, "--json").stdout)["running"] is False
