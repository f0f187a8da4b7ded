"""How long a host is waited for."""

from __future__ import annotations

import socket
import time

import pytest

from lineage_graph.errors import DatabaseUnavailable
from lineage_graph.settings import ClientSettings
from lineage_graph.store.driver import open_driver
from lineage_graph.store.url import Target


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_host_that_accepts_and_stays_silent_is_given_up_in_time(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            open_driver(Target(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"), ClientSettings(connection_timeout=1))
        assert time.monotonic() - started < 1.9
