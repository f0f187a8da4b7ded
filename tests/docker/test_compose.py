"""The compose file as a user meets it; on a real Docker engine, where there is one."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import AuthError

from lineage_graph import RelationalLineaDB
from lineage_graph.server import DEFAULT_VERSION
from tests.support.docker_server import docker_is_available
from tests.support.records import write_session

FILE = Path(__file__).resolve().parent.parent.parent / "docker-compose.yml"
VERSION = os.environ.get("LINEAGE_GRAPH_NEO4J_VERSION", DEFAULT_VERSION)


@dataclass(frozen=True)
class Project:
    """A project of Docker Compose under a name and ports of its own."""

    name: str
    environment: dict[str, str] = field(repr=False)

    def compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``docker compose``."""
        return subprocess.run(
            ["docker", "compose", "--file", FILE, "--project-name", self.name, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def start(self) -> None:
        """Start Neo4j and wait until its health check passes."""
        done = self.compose("up", "--wait", "--quiet-pull")
        assert done.returncode == 0, done.stderr + self.compose("logs").stdout

    def stop(self, *arguments: str) -> None:
        """Remove the container, not the volumes."""
        done = self.compose("down", *arguments)
        assert done.returncode == 0, done.stderr


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def project() -> Project:
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("no Docker Compose here")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    chosen = {
        "NEO4J_PASSWORD": secrets.token_urlsafe(12),
        "NEO4J_BOLT_PORT": free_port(),
        "NEO4J_HTTP_PORT": free_port(),
        "LINEAGE_GRAPH_NEO4J_VERSION": VERSION,
    }
    return Project(f"lineage-graph-test-{secrets.token_hex(4)}", kept | chosen)


def test_the_default_version_is_the_local_servers() -> None:
    assert f"neo4j:${{LINEAGE_GRAPH_NEO4J_VERSION:-{DEFAULT_VERSION}}}-community" in FILE.read_text(encoding="utf-8")


def test_nothing_starts_without_a_password(project: Project) -> None:
    del project.environment["NEO4J_PASSWORD"]
    done = project.compose("config")
    assert done.returncode != 0
    assert "set NEO4J_PASSWORD" in done.stderr


@pytest.mark.skipif(not docker_is_available(), reason="no Docker engine answers")
def test_it_serves_on_loopback_and_keeps_its_data(project: Project) -> None:
    password, port = project.environment["NEO4J_PASSWORD"], project.environment["NEO4J_BOLT_PORT"]
    url = f"bolt://neo4j:{password}@127.0.0.1:{port}"
    try:
        project.start()
        assert project.compose("port", "neo4j", "7687").stdout.strip() == f"127.0.0.1:{port}"
        assert project.compose("port", "neo4j", "7474").stdout.startswith("127.0.0.1:")
        with (
            neo4j.GraphDatabase.driver(f"bolt://127.0.0.1:{port}", auth=("neo4j", "neo4j")) as driver,
            pytest.raises(AuthError),
        ):
            driver.verify_connectivity()
        db = RelationalLineaDB(url)
        written = write_session(db)
        db.close()

        project.stop()
        project.start()
        db = RelationalLineaDB(url)
        assert db.get_session_context(written.id) == written
        db.close()
    finally:
        project.stop("--volumes")
