"""Fetching Neo4j's jars: checked, resumable, and clear about what went wrong."""

from __future__ import annotations

import os
import select
import shutil
import socket
import ssl
import stat
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from lineage_graph.errors import ConfigurationError, DownloadError
from lineage_graph.server import SUPPORTED_VERSIONS, jars
from lineage_graph.server.folders import cache_folder
from tests.server.conftest import serve_jars

NOWHERE = "http://127.0.0.1:1"

_all_jars_of = jars.jars_of


def _all_jars() -> list[jars.Jar]:
    return _all_jars_of("2026.08.1")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mirror: str) -> list[jars.Jar]:
    """The list cut to a few jars, an empty cache and the mirror."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    few = [jar for jar in jars.jars_of("2026.08.1") if jar.size < 100_000][:12]
    monkeypatch.setattr(jars, "jars_of", lambda version: few)
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(tmp_path))
    monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", mirror + "/")
    return few


def test_the_lists_name_neo4j_its_server_and_browser() -> None:
    assert SUPPORTED_VERSIONS == ("5.26.30", "2026.08.1")
    for version in SUPPORTED_VERSIONS:
        listed = jars.jars_of(version)
        names = {jar.coordinates.split(":")[1] for jar in listed}
        assert {"neo4j", "neo4j-server", "neo4j-browser"} <= names
        assert len({jar.file_name for jar in listed}) == len(listed) > 200
        assert all(len(jar.sha256) == 64 for jar in listed)


def test_what_is_there_and_whole_is_not_fetched_again(few: list[jars.Jar], monkeypatch: pytest.MonkeyPatch) -> None:
    progress: list[tuple[int, int]] = []
    folder = jars.fetch("x", lambda done, total: progress.append((done, total)))
    total = sum(jar.size for jar in few)
    assert progress[0] == (0, total)
    assert progress[-1] == (total, total)
    assert sorted(path.name for path in folder.glob("*.jar")) == sorted(jar.file_name for jar in few)
    monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", NOWHERE)
    assert jars.fetch("x") == folder


@pytest.mark.parametrize("damage", ["missing", "half", "other bytes", "empty"])
def test_a_damaged_jar_is_fetched_again(few: list[jars.Jar], damage: str) -> None:
    folder = jars.fetch("x")
    victim = folder / few[3].file_name
    content = victim.read_bytes()
    if damage == "missing":
        victim.unlink()
    else:
        victim.write_bytes({"half": content[: len(content) // 2], "empty": b""}.get(damage, b"\0" * len(content)))
    if damage == "other bytes":
        assert jars.verify("x") == [victim]
    jars.fetch("x")
    assert victim.read_bytes() == content
    assert jars.verify("x") == []


def test_without_network_and_cache_the_error_says_what_to_do(
    few: list[jars.Jar], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", NOWHERE)
    with pytest.raises(DownloadError, match="check the network, or set LINEAGE_GRAPH_MAVEN_MIRROR"):
        jars.fetch("x")


def test_a_mirror_that_lies_is_refused(few: list[jars.Jar]) -> None:
    few[5] = jars.Jar("0" * 64, few[5].size, few[5].coordinates)
    with pytest.raises(DownloadError, match="has the wrong checksum"):
        jars.fetch("x")
    assert not (cache_folder() / "neo4j-x" / few[5].file_name).exists()


def test_a_mirror_that_lacks_a_jar(few: list[jars.Jar]) -> None:
    few[5] = jars.Jar("0" * 64, 10, "org.example:nothing:1.0")
    with pytest.raises(DownloadError, match=r"nothing-1\.0\.jar could not be fetched"):
        jars.fetch("x")


def test_a_cache_that_one_user_fills_serves_another(few: list[jars.Jar]) -> None:
    before = os.umask(0o022)
    try:
        folder = jars.fetch("x")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.jar")} == {0o644}
    assert stat.S_IMODE((folder / "checked").stat().st_mode) == 0o644


def test_what_a_fetch_that_was_killed_has_left_is_removed(few: list[jars.Jar]) -> None:
    folder = jars.fetch("x")
    (folder / f"{few[3].file_name}.partial").write_bytes(b"half")
    (folder / few[3].file_name).unlink()
    jars.fetch("x")
    assert not list(folder.glob("*.partial"))


@pytest.fixture
def authority() -> trustme.CA:
    """A company's authority, which no list of Python's knows."""
    return trustme.CA()


@pytest.fixture
def tls_mirror(authority: trustme.CA) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serve_jars(context) as address:
        yield address


class Tunnel(BaseHTTPRequestHandler):
    """A proxy as companies have them: all goes through CONNECT."""

    used = 0

    def do_CONNECT(self) -> None:
        type(self).used += 1
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as target:
            self.send_response(200)
            self.end_headers()
            both = {self.connection: target, target: self.connection}
            while True:
                for ready in select.select(list(both), [], [])[0]:
                    if not (data := ready.recv(65536)):
                        return
                    both[ready].sendall(data)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[str]:
    server: HTTPServer = ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("through_proxy", [False, True])
def test_whom_the_operating_system_trusts_is_trusted(
    few: list[jars.Jar],
    authority: trustme.CA,
    tls_mirror: str,
    proxy: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    through_proxy: bool,
) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", tls_mirror)
    used = Tunnel.used
    if through_proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(
        DownloadError, match=r"certificate is not trusted .*have the operating system trust the authority"
    ):
        jars.fetch("x")
    # Where OpenSSL looks for the system's authorities.
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    assert len(list(jars.fetch("x").glob("*.jar"))) == len(few)
    assert (Tunnel.used > used) is through_proxy


def test_settings_of_the_network_that_are_wrong_are_named(few: list[jars.Jar], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", "https://127.0.0.1:1")
        patch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
        with pytest.raises(DownloadError, match=r"/no/such/file; REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names it"):
            jars.fetch("x")
    with monkeypatch.context() as patch:
        patch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", "https://127.0.0.1:1")
        patch.setenv("NO_PROXY", "")
        for proxy in ("http://127.0.0.1:1", "socks9://x", "https://"):
            patch.setenv("HTTPS_PROXY", proxy)
            with pytest.raises(DownloadError, match=r"the proxy cannot be used \(\w+\): look at HTTPS_PROXY"):
                jars.fetch("x")
    for mirror in ("repository", "ftp://host/x", "https://", "https://[x", "https://host:port"):
        monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", mirror)
        with pytest.raises(ConfigurationError, match="LINEAGE_GRAPH_MAVEN_MIRROR is not an address"):
            jars.fetch("x")


def test_a_mirror_s_password_is_not_shown(few: list[jars.Jar], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_MAVEN_MIRROR", NOWHERE.replace("//", "//ada:secret@"))
    with pytest.raises(DownloadError, match=r"from http://127\.0\.0\.1:1:") as refused:
        jars.fetch("x")
    assert "secret" not in str(refused.value)


def test_browser_s_jar_is_copied_where_its_folder_s_name_is_not_plain(
    few: list[jars.Jar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = next(jar for jar in _all_jars() if jar.file_name.startswith("neo4j-browser-"))
    few.append(browser)
    plain = jars.fetch("x")
    assert jars.class_path("x", plain) == [jar.file_name for jar in few]
    odd = tmp_path / "é"
    shutil.copytree(plain, odd)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(temporary))
    *others, copy = jars.class_path("x", odd)
    assert others == [jar.file_name for jar in few[:-1]]
    assert Path(copy).read_bytes() == (plain / browser.file_name).read_bytes()
    assert stat.S_IMODE(Path(copy).parent.stat().st_mode) == 0o700
    Path(copy).write_bytes(b"another's")
    assert Path(jars.class_path("x", odd)[-1]).read_bytes() == (plain / browser.file_name).read_bytes()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(odd))
    with pytest.raises(ConfigurationError, match="set LINEAGE_GRAPH_CACHE to a folder with a plain name"):
        jars.class_path("x", odd)


def test_a_cache_that_cannot_be_written(few: list[jars.Jar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(tmp_path / "file"))
    with pytest.raises(DownloadError, match="LINEAGE_GRAPH_CACHE"):
        jars.fetch("x")
