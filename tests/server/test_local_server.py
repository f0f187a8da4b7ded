"""The managed local server, started for real, and what it survives."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from lineage_graph.server import (
    DEFAULT_VERSION,
    LocalServer,
    ServerInfo,
    folder_from_url,
    jars,
    local,
    start_up_cache,
)
from lineage_graph.server.folders import cache_folder
from lineage_graph.server.java import find_java
from lineage_graph.server.local import QUICK
from tests.support.own_server import kill

HOLD = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    print(flush=True)
    sys.stdin.read()
"""

START = """
import sys
from pathlib import Path
from lineage_graph.server import LocalServer
print(LocalServer(Path(sys.argv[1])).start().pid)
"""


# Every character that a name may hold where Java, its argument files, its class path, Neo4j's configuration or an
# address give one a meaning.
ODD = "a [b]:c; {d} %p%41 $x ${HOME} #?&= é漢 'q' \"Q\" \\ \n\r\t! *"

# What would change the server, or keep it from starting.
HOSTILE = {
    **dict.fromkeys(("LINEAGE_GRAPH_HOME", "LINEAGE_GRAPH_JAVA_HOME", "LINEAGE_GRAPH_NEO4J_VERSION"), ""),
    **dict.fromkeys(("LINEAGE_GRAPH_MAVEN_MIRROR", "JAVA_HOME", "XDG_DATA_HOME"), ""),
    **dict.fromkeys(("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTS"), "--no-such-option"),
    "CLASSPATH": "/nowhere",
    "LD_LIBRARY_PATH": "/nowhere",
    "TMPDIR": "/nowhere",
    "TZ": "No/Where",
    "LC_ALL": "C",
    "NEO4J_HOME": "/nowhere",
    "NEO4J_CONF": "/nowhere",
    "NEO4J_server_memory_heap_max__size": "1m",
    "HEAP_SIZE": "1",
}


pytestmark = pytest.mark.usefixtures("quick_java")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server in a folder whose name is not easy, started from an odd environment by a process that ended."""
    server = LocalServer(tmp_path_factory.mktemp("Ada's données") / (ODD + "😀"))
    cache = {"LINEAGE_GRAPH_CACHE": str(cache_folder())}
    subprocess.run(
        [sys.executable, "-c", START, server.folder],
        check=True,
        capture_output=True,
        timeout=180,
        env={name: value for name, value in os.environ.items() if name != "HOME"} | HOSTILE | cache,
    )
    yield server
    if server.status().running:
        server.stop()


@pytest.fixture
def running(server: LocalServer) -> ServerInfo:
    return server.start()


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the same jars that may be damaged, with no start-up cache yet, whose name is not easy."""
    cache = tmp_path_factory.mktemp("cache") / ODD
    cache.mkdir()
    copy = cache / f"neo4j-{DEFAULT_VERSION}"
    copy.mkdir()
    for file in jars.fetch(DEFAULT_VERSION).iterdir():
        if file.suffix == ".jar" or file.name == "checked":
            os.link(file, copy / file.name)
    return cache


def ask(info: ServerInfo, statement: str = "RETURN 1 AS answer") -> list[neo4j.Record]:
    auth = (info.username, info.password.get_secret_value())
    with neo4j.GraphDatabase.driver(info.bolt_url, auth=auth) as driver:
        return driver.execute_query(statement).records


def test_it_outlives_who_started_it_and_answers(server: LocalServer) -> None:
    info = server.info()
    assert ask(info)[0]["answer"] == 1
    assert server.status().info == info
    assert "Started" in server.logs()


def test_it_is_reached_from_this_machine_only(running: ServerInfo) -> None:
    addresses = {
        connection.laddr.ip
        for connection in psutil.Process(running.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {address.removeprefix("::ffff:") for address in addresses} <= {"127.0.0.1", "::1"}


def test_the_password_is_random_and_the_owners(server: LocalServer, running: ServerInfo) -> None:
    password = running.password.get_secret_value()
    assert len(password) >= 24
    assert server.password_path.stat().st_mode & 0o777 == 0o600
    assert server.folder.stat().st_mode & 0o777 == 0o700
    process = psutil.Process(running.pid)
    assert password not in " ".join(process.cmdline())
    assert password not in str(process.environ())
    assert password not in f"{running!r} {server.status()!r}"
    assert password not in (server.folder / "server.json").read_text()
    assert not list(server.folder.glob("*password.args*"))
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


def test_it_is_known_whatever_the_clock_and_its_files_say(
    server: LocalServer, running: ServerInfo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    state_path, configuration = server.folder / "server.json", server.folder / "conf" / "neo4j.conf"
    before = state_path.read_text(), configuration.read_text()
    created = psutil.Process.create_time
    # The times of processes are counted from the start of the machine, by a clock that was set.
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: created(self) + 3600)
    assert server.status().info == running == LocalServer(server.folder).start()
    other = {"pid": 1, "version": "5.26.30", "bolt_port": 1, "http_port": 2}
    for text in ("", "{", json.dumps(other), json.dumps(other | {"pid": os.getpid()})):
        state_path.write_text(text)
        assert server.status().info == running == LocalServer(server.folder).start()
    state_path.unlink()
    (tmp_path / "link").symlink_to(server.folder)
    assert LocalServer(tmp_path / "link").start() == ServerInfo(**(vars(running) | {"folder": tmp_path / "link"}))
    assert configuration.read_text() == before[1]
    state_path.write_text(before[0])


def test_a_password_that_was_changed_is_told(server: LocalServer, running: ServerInfo) -> None:
    kept = server.password_path.read_text()
    server.password_path.write_text("another")
    try:
        with pytest.raises(ServerStartError, match="refuses the password in its folder: was it changed"):
            server.start()
        assert server.status().running
    finally:
        server.password_path.write_text(kept)


def test_a_second_start_finds_the_first(server: LocalServer, running: ServerInfo) -> None:
    assert LocalServer(server.folder).start() == running


def test_a_server_that_falls_silent_is_told_and_not_waited_for_long(
    server: LocalServer, running: ServerInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "ANSWER_TIMEOUT", 1.0)
    monkeypatch.setattr(local, "SILENCE", 0.5)
    process = psutil.Process(running.pid)
    process.suspend()
    try:
        silent = server.status()
        assert (silent.running, silent.info, silent.pid) == (False, None, running.pid)
        for use, error in ((server.info, ServerNotRunning), (server.start, ServerStartError)):
            with pytest.raises(error, match=rf"process {running.pid} and does not answer.*server stop"):
                use()
    finally:
        process.resume()
    assert server.start() == running


def test_two_starts_at_once_make_one_server_after_a_kill_with_the_data_intact(
    server: LocalServer, running: ServerInfo
) -> None:
    ask(running, "CREATE (:Kept {number: 7})")
    kill(running)
    assert not server.status().running
    starts = [
        subprocess.Popen([sys.executable, "-c", START, server.folder], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    pids = {start.communicate(timeout=180)[0].strip() for start in starts}
    assert len(pids) == 1
    assert ask(server.info(), "MATCH (kept:Kept) RETURN kept.number AS number")[0]["number"] == 7


def test_ports_that_are_taken_meanwhile_are_not_fought_for(server: LocalServer, running: ServerInfo) -> None:
    server.stop()
    taken = int(running.bolt_url.rpartition(":")[2])
    with socket.socket() as occupant:
        occupant.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        occupant.bind(("127.0.0.1", taken))
        occupant.listen()
        info = server.start()
        assert info.bolt_url != running.bolt_url
        assert ask(info)[0]["answer"] == 1


def test_a_jar_that_was_damaged_since_it_was_checked_is_fetched_again(
    server: LocalServer, own_cache: Path, monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    server.start()
    server.stop()
    kernel = next(jar.file_name for jar in jars.jars_of(server.version) if "neo4j-kernel:" in jar.coordinates)
    victim = own_cache / f"neo4j-{server.version}" / kernel
    size = victim.stat().st_size
    victim.unlink()
    victim.write_bytes(b"\0" * size)
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(own_cache))
    monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", mirror)
    assert ask(server.start())[0]["answer"] == 1
    assert jars.verify(server.version) == []


def test_the_start_up_cache_is_recorded_whoever_ends_the_server_and_damage_to_it_breaks_no_start(
    server: LocalServer, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_java(server.version).major < 25:
        pytest.skip("a recorded cache is for Java 25")
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(own_cache))
    # A server with options of the compilers would record nothing.
    monkeypatch.setattr(start_up_cache, "_OF_COMPILERS", "none of these")
    if server.status().running:
        server.stop()
    process = psutil.Process(server.start().pid)
    process.terminate()
    process.wait(240)
    server.start()
    (cache,) = own_cache.glob("*.aot")
    assert f"-XX:AOTCache=../{cache.name}" in (server.folder / "java.args").read_text()

    server.stop()
    content = cache.read_bytes()
    quarter = len(content) // 4
    cache.write_bytes(content[:quarter] + os.urandom(2 * quarter) + content[3 * quarter :])
    assert ask(server.start())[0]["answer"] == 1
    assert not cache.exists()
    assert "-XX:AOTCacheOutput=" in (server.folder / "java.args").read_text()
    # One that cannot be finished in time leaves nothing behind.
    server.stop(timeout=2)
    assert not server.status().running
    assert [path.name for path in own_cache.iterdir()] == [f"neo4j-{server.version}"]


def test_a_start_that_was_interrupted_is_finished_by_the_next(server: LocalServer, running: ServerInfo) -> None:
    # Nothing but the process itself says that the server runs.
    state_path = server.folder / "server.json"
    state_path.write_text("")
    server.stop()
    assert not server.status().running
    starter = subprocess.Popen([sys.executable, "-c", START, server.folder], stdout=subprocess.DEVNULL)
    while not (text := state_path.read_text()):
        time.sleep(0.01)
    pid = json.loads(text)["pid"]
    starter.kill()
    starter.wait(10)
    assert not server.status().running
    info = server.start()
    assert info.pid == pid
    assert ask(info)[0]["answer"] == 1


def test_two_first_starts_that_choose_the_same_ports_and_passwords_that_begin_like_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose, random = LocalServer._ports, secrets.token_urlsafe
    same = LocalServer(tmp_path)._ports(fresh=True)
    monkeypatch.setattr(LocalServer, "_ports", lambda self, *, fresh: choose(self, fresh=True) if fresh else same)
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size: f"-{random(size)}")
    servers = [LocalServer(tmp_path / name) for name in ("one", "two")]
    with ThreadPoolExecutor() as pool:
        infos = list(pool.map(LocalServer.start, servers))
    try:
        assert [ask(info)[0]["answer"] for info in infos] == [1, 1]
        assert same[0] in {int(info.bolt_url.rpartition(":")[2]) for info in infos}
        assert all(info.password.get_secret_value().startswith("-") for info in infos)
    finally:
        for info in infos:
            kill(info)


def test_who_holds_the_data_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "data" / "databases" / "store_lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    with (
        subprocess.Popen([sys.executable, "-c", HOLD, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder,
        lock.open() as mine,
    ):
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(ServerStartError, match=rf"in use by process {holder.pid} \(python"):
            LocalServer(tmp_path).start()
        assert mine.fileno()
        holder.communicate()
    assert not (tmp_path / "server.json").exists()


def test_java_gets_further_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_JAVA_OPTIONS", f"{QUICK} -Xmx600m '-Dspaced=a b'")
    server = LocalServer(tmp_path)
    (heap,) = ask(server.start(), "CALL dbms.queryJmx('java.lang:type=Memory') YIELD attributes RETURN attributes")
    server.stop()
    # A little of the heap is kept from use.
    assert 500e6 < heap["attributes"]["HeapMemoryUsage"]["value"]["properties"]["max"] <= 600 * 2**20
    assert '"-Dspaced=a b"' in (tmp_path / "java.args").read_text()
    monkeypatch.setenv("LINEAGE_GRAPH_JAVA_OPTIONS", "-Dname='a")
    with pytest.raises(ConfigurationError, match=r"LINEAGE_GRAPH_JAVA_OPTIONS .*as a shell takes them"):
        server.start()


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("-Xmx900000g", "Could not reserve enough space for [0-9]+ KB object heap"),
        ("-XX:NoSuchOption", "Unrecognized VM option 'NoSuchOption'"),
    ],
)
def test_the_reason_of_a_failed_start_is_java_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, reason: str
) -> None:
    (tmp_path / "password").write_text("x")
    monkeypatch.setenv("LINEAGE_GRAPH_JAVA_OPTIONS", option)
    with pytest.raises(ServerStartError, match=f"ended while it started: .*{reason}.*server.log"):
        LocalServer(tmp_path).start()


def test_the_reason_of_a_failed_start_is_neo4j_s(tmp_path: Path) -> None:
    class Configured(LocalServer):
        def _write_configuration(self, bolt_port: int, http_port: int) -> None:
            super()._write_configuration(bolt_port, http_port)
            with (self.folder / "conf" / "neo4j.conf").open("a") as file:
                file.write("server.memory.pagecache.size=much\n")

    (tmp_path / "password").write_text("x")
    with pytest.raises(ServerStartError, match=r"ended while it started: .*much"):
        Configured(tmp_path).start()


def test_the_reason_is_the_innermost_cause() -> None:
    trace = (
        "java.lang.RuntimeException: Error starting the database server\n\tat org.neo4j.Some.start(Some.java:1)\n"
        "Caused by: org.neo4j.LifecycleException: Component 'x' failed.\n\tat org.neo4j.Some.start(Some.java:2)\n"
        "Caused by: java.lang.IllegalStateException: Failed to read the version.\n\t... 14 more\n"
    )
    logged = f"2026-11-25 13:11:39+0000 ERROR Failed to start Neo4j on 127.0.0.1:1.\n{trace}2026-11-25 INFO  Stopped.\n"
    assert local._reason(logged, 1) == "IllegalStateException: Failed to read the version."
    assert local._reason("", -9).startswith("it was ended by SIGKILL")
    assert local._reason("", 3) == "it gave no reason (exit status 3)"
    message = "Failed to start DatabaseId{00000000[system]}"
    plain = f"2026-11-25 13:16:08.668+0000 ERROR [o.n.d.d.DatabaseLifecycles] {message}\n{trace}"
    line = json.dumps({"time": "t", "level": "ERROR", "message": message, "stacktrace": trace}, separators=(",", ":"))
    for log in (plain, line + "\n"):
        assert (
            local._database_failure(b"before\n" + log.encode()) == "IllegalStateException: Failed to read the version."
        )
    assert local._database_failure(b"2026 INFO all is well\n") is None


def test_a_password_that_is_gone_is_not_made_anew_for_data_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "data" / "databases").mkdir(parents=True)
    with pytest.raises(ServerStartError, match="with its password is missing or empty"):
        LocalServer(tmp_path).start()


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


def test_folders_that_java_cannot_open_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in (Path(os.fsdecode(b"/tmp/\xff")), Path("/tmp/a\0b")):
        with pytest.raises(ConfigurationError, match=r"LINEAGE_GRAPH_HOME.*is not UTF-8"):
            LocalServer(folder)
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(tmp_path / "😀"))
    with pytest.raises(ConfigurationError, match="for the 😀 in its name: set LINEAGE_GRAPH_CACHE"):
        cache_folder()


@pytest.mark.parametrize("variable", ["LINEAGE_GRAPH_HOME", "LINEAGE_GRAPH_CACHE"])
@pytest.mark.parametrize("text", ["some/folder", "~no-such-user/folder"])
def test_folders_are_named_in_full(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigurationError, match=f"{variable} is '{text}', .*give the folder in full"):
        LocalServer()
        cache_folder()


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalServerError, match="cannot be used"):
        LocalServer(tmp_path / "file" / "below").start()


def test_no_java_that_suits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_JAVA_HOME", str(tmp_path))
    with pytest.raises(UnsupportedPlatform, match=r"LINEAGE_GRAPH_JAVA_HOME has no Java that runs here.*or not at all"):
        LocalServer(tmp_path / "data", version="2026.08.1").start()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").write_text("")
    (tmp_path / "bin" / "java").chmod(0o755)
    (tmp_path / "release").write_text('JAVA_VERSION="25.0.2"')
    # It claims to be one, and the system cannot run it.
    with pytest.raises(UnsupportedPlatform, match=r"cannot be run.*set LINEAGE_GRAPH_JAVA_HOME to another"):
        LocalServer(tmp_path / "data", version="2026.08.1").start()


def test_an_unknown_version(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no Neo4j 2025\.13\.0 here; choose one of 5\.26\.30"):
        LocalServer(tmp_path, version="2025.13.0").start()


def test_local_urls() -> None:
    for default in ("local:", "local://", "local:///"):
        assert folder_from_url(default) is None
    assert folder_from_url("local:///a\n\tb [c]:%25%3F%0A") == Path("/a\n\tb [c]:%?\n")
    assert folder_from_url("local:///some/folder%20of%20mine") == Path("/some/folder of mine")
    for wrong in (
        "local://host/folder",
        "local://[x",
        "local:relative",
        "bolt://host",
        "local",
        "local:///x?y",
        "local:///#",
    ):
        with pytest.raises(ConfigurationError):
            folder_from_url(wrong)
