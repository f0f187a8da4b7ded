import pytest

from lineage_graph.errors import ConfigurationError
from lineage_graph.store.driver import resolve_url

NEO4J = ("NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEO4J:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("scheme", ["bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"])
def test_credentials_and_database_are_read_from_the_url(scheme: str) -> None:
    target = resolve_url(f"{scheme}://ada:p%40ss@db.example:7687/lineage")
    assert target.uri == f"{scheme}://db.example:7687"
    assert (target.username, target.password, target.database) == ("ada", "p@ss", "lineage")
    assert "p@ss" not in repr(target)


def test_the_environment_fills_what_the_url_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(NEO4J, ("ada", "secret", "lineage"), strict=True):
        monkeypatch.setenv(name, value)
    target = resolve_url("neo4j://db.example")
    assert (target.username, target.password, target.database) == ("ada", "secret", "lineage")
    assert resolve_url("bolt://bob:other@db.example/x").username == "bob"


def test_an_ipv6_address_stays_one() -> None:
    assert resolve_url("bolt://[::1]:7687").uri == "bolt://[::1]:7687"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:///lineage.sqlite",
        "bolt://",
        "localhost:7687",
        "bolt://secret-user:secret-word@host:notaport",
        "http://secret-user:secret-word@host",
        "local://host/path",
        "local:relative/path",
    ],
)
def test_other_urls_are_refused_without_showing_credentials(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve_url(url)
    assert "secret" not in str(caught.value)
