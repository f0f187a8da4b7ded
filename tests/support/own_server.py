"""A server of a test's own, to be configured, stopped and killed."""

from __future__ import annotations

import neo4j
import psutil

from lineage_graph.server import LocalServer, ServerInfo
from tests.support.known_sessions import wipe


class Configured(LocalServer):
    """A local server with settings of the test's."""

    settings = ""

    def _write_configuration(self, bolt_port: int, http_port: int) -> None:
        super()._write_configuration(bolt_port, http_port)
        with (self.folder / "conf" / "neo4j.conf").open("a", encoding="utf-8") as file:
            file.write(self.settings)


def kill(info: ServerInfo) -> None:
    process = psutil.Process(info.pid)
    process.kill()
    process.wait(30)


def url_of(info: ServerInfo) -> str:
    return info.bolt_url.replace("://", f"://{info.username}:{info.password.get_secret_value()}@")


def empty(info: ServerInfo) -> None:
    """Delete all its data; its schema is kept."""
    with neo4j.GraphDatabase.driver(info.bolt_url, auth=(info.username, info.password.get_secret_value())) as driver:
        wipe(driver)
