"""Servers that cannot be used, each with a typed error within a bounded time, and recovery where the fault passes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import neo4j
import pytest
import trustme

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import (
    AuthenticationFailed,
    CommitTooLarge,
    ConfigurationError,
    DatabaseUnavailable,
    LineageGraphError,
    TransactionTooLarge,
    UnsupportedServer,
)
from lineage_graph.graph import statements
from lineage_graph.server import ServerInfo
from tests.faults.conftest import issue
from tests.support.known_sessions import is_there, write_known
from tests.support.own_server import url_of
from tests.support.proxy import Fault, Proxy, TLSProxy
from tests.support.records import literal, write_session

pytestmark = [pytest.mark.every_version, pytest.mark.usefixtures("quick_java")]


@contextmanager
def refused_in_time(error: type[LineageGraphError], match: str, seconds: float) -> Iterator[None]:
    started = time.monotonic()
    with pytest.raises(error, match=match):
        yield
    assert time.monotonic() - started < seconds


def test_wrong_credentials(proxied: str, url: str) -> None:
    for wrong in (proxied.replace("://neo4j:", "://neo4j:not-"), proxied.replace("://neo4j:", "://nobody:")):
        with refused_in_time(AuthenticationFailed, "NEO4J_PASSWORD", 10):
            RelationalLineaDB(wrong)
    RelationalLineaDB(url).close()


def test_a_password_that_is_changed_under_a_client(info: ServerInfo) -> None:
    password = info.password.get_secret_value()
    db = RelationalLineaDB(url_of(info))
    with neo4j.GraphDatabase.driver(info.bolt_url, auth=(info.username, password)) as driver:

        def change(old: str, new: str) -> None:
            driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM $old TO $new", old=old, new=new, database_="system"
            )

        change(password, "another one")
        # Connections that are open stay so; a new one is refused.
        db.close()
        with refused_in_time(AuthenticationFailed, "NEO4J_PASSWORD", 10):
            write_known(db, "session")
        change("another one", password)
    write_known(db, "session")
    db.commit()
    assert is_there(db, "session")
    db.close()


def test_a_server_of_an_unsupported_version(proxied: str, proxy: Proxy) -> None:
    def grow_old(tag: str, message: bytes) -> bytes:
        start = message.find(b"Neo4j/")
        if tag != "HELLO" or start < 0:
            return message
        length = message[start - 1] & 0x0F if message[start - 1] < 0xD0 else message[start - 1]
        old = b"Neo4j/4.4.0".ljust(length, b"0")[:length]
        return message[:start] + old + message[start + length :]

    proxy.rewrite_reply = grow_old
    with refused_in_time(UnsupportedServer, r"Neo4j 4\.4.*5\.26 or later", 10):
        RelationalLineaDB(proxied)
    proxy.rewrite_reply = None
    RelationalLineaDB(proxied).close()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n", b"\x00\x00\x00\x00", b""])
def test_something_else_answers(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "2")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(100)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with refused_in_time(LineageGraphError, "127.0.0.1", 30):
            RelationalLineaDB(f"bolt://neo4j:secret@127.0.0.1:{port}")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_nothing_answers_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is accepted, and then there is silence."""
    monkeypatch.setenv("LINEAGE_GRAPH_CONNECTION_TIMEOUT", "1")
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "2")
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        refused_in_time(DatabaseUnavailable, "does not answer", 20),
    ):
        RelationalLineaDB(f"bolt://neo4j:secret@127.0.0.1:{listener.getsockname()[1]}")


def test_a_connection_that_falls_silent(info: ServerInfo) -> None:
    """It stays open, and nothing comes any more: the server has said how long to wait for a sign of life."""
    host, _, port = info.bolt_url.removeprefix("bolt://").partition(":")

    def fall_silent_at(tag: str) -> None:
        with Proxy(host, int(port)) as proxy:
            db = RelationalLineaDB(f"bolt://neo4j:{info.password.get_secret_value()}@127.0.0.1:{proxy.port}")
            proxy.arm(Fault(tag, "silent"))
            write_known(db, f"session {tag}")
            started = time.monotonic()
            db.commit()
            assert time.monotonic() - started < 20
            assert proxy.cuts == 1
            proxy.arm(Fault("RUN", "silent"))
            assert is_there(db, f"session {tag}")
            db.close()

    # Side by side, since nearly all of it is waiting.
    with ThreadPoolExecutor() as threads:
        list(threads.map(fall_silent_at, ("BEGIN", "RUN", "PULL", "COMMIT")))


def test_a_commit_too_large_for_the_server_is_refused_with_its_size_and_stops_nobody(
    info: ServerInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server calls it transient, though it would fail for ever: with an outbox, everybody would wait behind it."""
    host, _, port = info.bolt_url.removeprefix("bolt://").partition(":")
    monkeypatch.setenv("LINEAGE_GRAPH_OUTBOX", str(tmp_path / "outbox"))
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "1")
    with Proxy(host, int(port)) as proxy:
        db = RelationalLineaDB(f"bolt://neo4j:{info.password.get_secret_value()}@127.0.0.1:{proxy.port}")
        session = write_session(db)
        db.commit()

        def write_large() -> None:
            for number in range(12):
                db.write_node(literal(session, f"{number}" * 4_000_000))

        write_large()
        with pytest.raises(CommitTooLarge, match=r"12 records with .* MB of text.*commit more often"):
            db.commit()
        proxy.go_away()
        write_large()
        db.commit()
        later = literal(session, "later")
        db.write_node(later)
        db.commit()
        proxy.come_back()
        # Each of these alone is not too large, however long its text.
        nodes = [literal(session, "x" * 2_000_000) for _ in range(3)]
        for node in nodes:
            db.write_node(node)
            db.commit()
        assert db.get_nodes_for_session(session.id) == [later, *nodes]
        assert db.store.outbox is not None
        assert len(db.store.outbox.dead()) == 1
        with pytest.raises(TransactionTooLarge):
            db.store.read(TOO_MUCH)
        db.close()


TOO_MUCH = statements.parse(
    "lineage/too_much",
    "// More than a transaction may hold.\n//\n// Parameters: none\n// Returns:\n//   size: INTEGER    its size\n"
    "UNWIND range(1, 2000000) AS number WITH collect(toString(number)) AS numbers RETURN size(numbers) AS size",
)


def test_tls_certificates(
    info: ServerInfo, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's own, of an authority that is unknown and then known; an expired one, and its successor."""
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "2")
    monkeypatch.setenv("LINEAGE_GRAPH_CONNECTION_TIMEOUT", "5")
    secure = url_of(info).replace("bolt://", "bolt+s://").replace("127.0.0.1", "localhost")
    with refused_in_time(LineageGraphError, "certificate|encrypt|TLS", 20):
        RelationalLineaDB(secure)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    db = RelationalLineaDB(secure)
    write_known(db, "session")
    db.commit()
    db.close()

    certificates = {"good": timedelta(days=1), "expired": -timedelta(minutes=5)}
    for name, lasts in certificates.items():
        issue(authority, lasts).private_key_and_cert_chain_pem.write_to_path(tmp_path / name)
    host, _, port = info.bolt_url.removeprefix("bolt://").partition(":")
    with TLSProxy(host, int(port), tmp_path / "good") as proxy:
        proxied = secure.replace(f":{port}", f":{proxy.port}")
        db = RelationalLineaDB(proxied)
        assert is_there(db, "session")
        proxy.replace(tmp_path / "expired")
        with refused_in_time(ConfigurationError, "expired", 20):
            RelationalLineaDB(proxied)
        write_known(db, "later")
        with refused_in_time(LineageGraphError, "expired", 20):
            db.commit()
        proxy.replace(tmp_path / "good")
        write_known(db, "renewed")
        db.commit()
        assert is_there(db, "renewed")
        db.close()
