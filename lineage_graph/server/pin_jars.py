"""Writes the list of Neo4j's jars for a version: ``python -m lineage_graph.server.pin_jars 2026.08.1``.

For maintainers, when a version of Neo4j is added. The jars are resolved by jgo, in pure Python, and fetched
once to compute their SHA-256; users then fetch exactly the jars of the list.
"""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lineage_graph.server.jars import LISTS

BROWSER_VERSION = "5.24.0"

# Neo4j's poms name these too, for its own tests only.
TESTS_ONLY = {"junit", "hamcrest", "mockito-core", "byte-buddy", "byte-buddy-agent", "objenesis"}


def pin(version: str) -> Path:
    """Write the list for one version of Neo4j.

    Returns
    -------
    Path
        The list: one line for each jar, with SHA-256, size in bytes and ``group:artifact:version[:classifier]``.
    """
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import Dependency, MavenContext, PythonResolver

    context = MavenContext(remote_repos={"central": MAVEN_CENTRAL_URL}, resolver=PythonResolver())
    roots = [
        context.project(group, artifact).at_version(number).artifact()
        for group, artifact, number in (
            ("org.neo4j", "neo4j", version),
            ("org.neo4j.app", "neo4j-server", version),
            ("org.neo4j.client", "neo4j-browser", BROWSER_VERSION),
        )
    ]
    _, dependencies = context.resolver.resolve([Dependency(root) for root in roots])
    jars = {
        (artifact.groupId, artifact.artifactId, artifact.version, artifact.classifier): artifact
        for artifact in [*roots, *(dependency.artifact for dependency in dependencies)]
        if artifact.packaging == "jar" and artifact.artifactId not in TESTS_ONLY
    }

    def line(key: tuple[str, str, str, str]) -> str:
        content = jars[key].resolve().read_bytes()
        coordinates = ":".join(part for part in key if part)
        return f"{hashlib.sha256(content).hexdigest()} {len(content)} {coordinates}\n"

    with ThreadPoolExecutor(8) as pool:
        lines = list(pool.map(line, sorted(jars)))
    path = LISTS / f"jars-{version}.txt"
    path.write_text("".join(lines), encoding="utf-8")
    return path


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        print(pin(wanted))
