"""How long the faults are injected: LINEAGE_GRAPH_FAULTS=long, as `make faults` sets it, or short."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import TestServer
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
