"""Neo4j in a container, where there is a Docker engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def docker_is_available() -> bool:
    """Whether a Docker engine answers, within two seconds."""
    if not os.environ.get("DOCKER_HOST") and not Path("/var/run/docker.sock").exists():
        return False
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=2)
    except DockerException:
        return False
    try:
        return bool(client.ping())
    except Exception:
        return False
    finally:
        client.close()


@contextmanager
def start_container(version: str) -> Iterator[tuple[str, str, str]]:
    """Neo4j Community of a version in a container: its address, user name and password."""
    from testcontainers.community.neo4j import Neo4jContainer

    # Without a name it takes NEO4J_USER's, which the image does not know.
    with Neo4jContainer(f"neo4j:{version}-community", username="neo4j", password="lineage-tests") as container:
        yield container.get_connection_url(), container.username, container.password
