"""How long the faults are injected (LINEAGE_GRAPH_FAULTS=long, as `make faults` sets it, or short), and into what."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest
import trustme

from lineage_graph.server import ServerInfo
from tests.conftest import TestServer
from tests.support.own_server import Configured, empty, kill
from tests.support.proxy import Proxy

IS_LONG = os.environ.get("LINEAGE_GRAPH_FAULTS") == "long"


@pytest.fixture
def rounds() -> Callable[[int, int], int]:
    """So many rounds in an ordinary run, so many in a long one."""

    def choose(short: int, long: int) -> int:
        return long if IS_LONG else short

    return choose


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Seeded, so that a failure can be repeated: LINEAGE_GRAPH_FAULTS_SEED."""
    seed = os.environ.get("LINEAGE_GRAPH_FAULTS_SEED") or str(random.randrange(10**9))
    print(f"LINEAGE_GRAPH_FAULTS_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a count that docs/explanation/reliability.md states, in a long run."""

    def print_(text: str) -> None:
        if IS_LONG:
            with capsys.disabled():
                print(f"\n  {text}")

    return print_


@pytest.fixture
def proxy(server: TestServer) -> Iterator[Proxy]:
    host, _, port = server.address.partition("://")[2].partition(":")
    with Proxy(host, int(port)) as proxy:
        yield proxy


@pytest.fixture
def proxied(url: str, server: TestServer, proxy: Proxy) -> str:
    """The URL of the emptied database, through the proxy."""
    return f"bolt://{server.username}:{server.password}@127.0.0.1:{proxy.port}"


@pytest.fixture(scope="package")
def authority() -> trustme.CA:
    """Who signed the certificate of the tests' own server."""
    return trustme.CA()


def issue(authority: trustme.CA, lasts: timedelta) -> trustme.LeafCert:
    not_after = datetime.now(timezone.utc) + lasts
    return authority.issue_cert("localhost", "127.0.0.1", not_after=not_after)


SETTINGS = """
server.bolt.tls_level=OPTIONAL
dbms.ssl.policy.bolt.enabled=true
dbms.ssl.policy.bolt.base_directory={folder}
dbms.ssl.policy.bolt.client_auth=NONE
dbms.memory.transaction.total.max=24m
server.bolt.connection_keep_alive=3s
server.bolt.connection_keep_alive_for_requests=ALL
"""


@pytest.fixture(scope="package")
def own_server(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[Configured]:
    """A server for all tests that kill or configure one: with a certificate, little memory, and frequent signs of life.

    It gives one every three seconds. Where others are at work, one may come late.
    """
    folder = tmp_path_factory.mktemp("servers")
    certificate = issue(authority, timedelta(days=1))
    certificate.private_key_pem.write_to_path(folder / "private.key")
    (folder / "public.crt").write_bytes(b"".join(part.bytes() for part in certificate.cert_chain_pems))
    server = Configured(folder / "own")
    server.settings = SETTINGS.format(folder=folder)
    yield server
    if info := server.status().info:
        kill(info)


@pytest.fixture
def own(own_server: Configured, quick_java: None) -> Configured:
    """That server, which runs and is empty."""
    empty(own_server.start())
    return own_server


@pytest.fixture
def info(own: Configured) -> ServerInfo:
    """Where it is."""
    return own.info()
