"""Every command, run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lineage_graph
from tests.conftest import EXAMPLE_DATABASE, REPOSITORY, TestServer

COMMANDS = (
    "lineage-graph server start",
    "lineage-graph server stop",
    "lineage-graph server status",
    "lineage-graph server logs",
    "lineage-graph import lineapy",
    "lineage-graph artifacts",
    "lineage-graph values check",
    "lineage-graph values gc",
    "lineage-graph outbox list",
    "lineage-graph outbox replay",
    "lineage-graph trace",
    "lineage-graph demo",
)


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    return subprocess.run(
        [sys.executable, "-m", "lineage_graph", *words],
        capture_output=True,
        text=True,
        timeout=300,
        env=kept | {"COLUMNS": "120", "TERM": "dumb"} | environment,
    )


def test_help_names_every_command_and_docs_describe_it() -> None:
    documented = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^## `(.+)`$", documented, re.MULTILINE)) == sorted(COMMANDS)
    for command in COMMANDS:
        words = command.split()[1:]
        shown = run(*words, "--help")
        assert shown.returncode == 0
        section = documented.partition(f"## `{command}`\n")[2].partition("\n## ")[0]
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", shown.stdout)) - {"--help"}
        assert options == set(re.findall(r"`(--[a-z0-9-]+)", section)), command


def test_the_version() -> None:
    assert run("--version").stdout == lineage_graph.__version__ + "\n"


def test_a_wrong_call_exits_with_2() -> None:
    for words in (["artifacts", "--nope"], ["nothing"], ["import", "lineapy"]):
        failed = run(*words)
        assert failed.returncode == 2
        assert failed.stdout == ""


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["artifacts", "--url", "sqlite:///x"], "a database URL begins with"),
        (["artifacts", "--url", "bolt://ada:secret-word@127.0.0.1:1"], "does not answer"),
        (["server", "stop", "--url", "local://{tmp_path}"], "no server runs in"),
        (["server", "start", "--url", "bolt://x"], "local server's URL"),
        (["server", "start", "--neo4j-version", "4.4.0", "--url", "local://{tmp_path}"], "no Neo4j 4.4.0 here"),
    ],
)
def test_an_error_is_one_line_on_stderr(words: list[str], problem: str, tmp_path: Path) -> None:
    failed = run(*(word.format(tmp_path=tmp_path) for word in words))
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr.startswith("error: ")
    assert failed.stderr.count("\n") == 1
    assert re.search(problem, failed.stderr)
    assert "secret-word" not in failed.stderr


def test_debug_shows_where() -> None:
    failed = run("--debug", "artifacts", "--url", "sqlite:///x")
    assert failed.returncode == 1
    assert "Traceback" in failed.stderr


def test_import_and_artifacts(url: str, server: TestServer) -> None:
    done = run("import", "lineapy", EXAMPLE_DATABASE, "--url", url, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["complete"] is True
    assert report["source"] == report["graph"]
    assert report["source"]["CallNode"] > 300
    environment = {
        "NEO4J_URI": server.address,
        "NEO4J_USERNAME": server.username,
        "NEO4J_PASSWORD": server.password,
    }
    again = run("import", "lineapy", f"sqlite:///{EXAMPLE_DATABASE}", **environment)
    assert again.returncode == 0, again.stderr
    assert "all of it was there already" in again.stdout
    listed = run("artifacts", "--name", "classifier", **environment)
    assert listed.returncode == 0, listed.stderr
    assert [line.split()[1] for line in listed.stdout.splitlines() if "classifier" in line] == ["0", "1", "2"]
    assert "model = forest" in listed.stdout
    found = json.loads(run("artifacts", "--json", **environment).stdout)
    assert len(found) == 20
    assert {"name", "version", "made_by", "session", "date_created"} <= found[0].keys()
    assert "no artifact 'nothing'" in run("artifacts", "--name", "nothing", **environment).stdout
    assert server.password not in done.stdout + done.stderr + again.stdout + listed.stderr


def test_import_of_what_is_no_lineapy_database(url: str, tmp_path: Path) -> None:
    failed = run("import", "lineapy", tmp_path / "nothing.sqlite", "--url", url)
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: there is no file")


def test_the_demonstration_twice(url: str) -> None:
    for times in (1, 2):
        shown = run("demo", "--url", url)
        assert shown.returncode == 0, shown.stderr
        assert ("all of it was there already" in shown.stdout) == (times == 2)
        for part in ("Sessions", "Artifacts", "Implicit dependencies", "What made 'classifier' version 2", "Browser"):
            assert part in shown.stdout
        assert len(re.findall(r"^  RETURN", shown.stdout, re.MULTILINE)) == 3


def test_the_local_server(tmp_path: Path) -> None:
    here = f"local://{tmp_path / 'a server'}".replace(" ", "%20")
    stopped = run("server", "status", "--url", here)
    assert (stopped.returncode, "no server runs" in stopped.stdout) == (1, True)
    started = run("server", "start", "--url", here, "--json")
    assert started.returncode == 0, started.stderr
    info = json.loads(started.stdout)
    try:
        assert "password" not in info
        shown = json.loads(run("server", "status", "--url", here, "--json", "--show-password").stdout)
        assert shown["running"] is True
        assert shown["pid"] == info["pid"]
        assert shown["password"]
        assert shown["password"] not in run("server", "status", "--url", here).stdout
        assert "Started" in run("server", "logs", "--url", here, "--lines", "200").stdout
        listed = run("artifacts", "--url", here)
        assert (listed.returncode, listed.stdout) == (0, "no artifacts\n")
    finally:
        done = run("server", "stop", "--url", here)
    assert (done.returncode, done.stdout) == (0, "stopped\n")
    assert json.loads(run("server", "status", "--url", here, "--json").stdout)["running"] is False
