"""Fetching Neo4j's jars: checked, resumable, and clear about what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_graph.errors import DownloadError
from lineage_graph.server import SUPPORTED_VERSIONS, jars

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mirror: str) -> list[jars.Jar]:
    """The list cut to a few jars, an empty cache and the mirror."""
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
    with pytest.raises(DownloadError, match="not what its checksum says"):
        jars.fetch("x")
    assert not (jars.cache_folder() / "neo4j-x" / few[5].file_name).exists()


def test_a_mirror_that_lacks_a_jar(few: list[jars.Jar]) -> None:
    few[5] = jars.Jar("0" * 64, 10, "org.example:nothing:1.0")
    with pytest.raises(DownloadError, match=r"nothing-1\.0\.jar could not be fetched"):
        jars.fetch("x")


def test_a_cache_that_cannot_be_written(few: list[jars.Jar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LINEAGE_GRAPH_CACHE", str(tmp_path / "file"))
    with pytest.raises(DownloadError, match="LINEAGE_GRAPH_CACHE"):
        jars.fetch("x")
