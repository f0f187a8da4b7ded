from __future__ import annotations

import re
import traceback
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_graph.errors import ConfigurationError
from lineage_graph.store.url import resolve_url, scheme_of

NEO4J = ("NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEO4J:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("scheme", ["bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc", "BOLT", "Neo4j+S"])
def test_credentials_and_database_are_read_from_the_url(scheme: str) -> None:
    target = resolve_url(f"{scheme}://ada:p%40ss@db.example:7687/lineage")
    assert target.uri == target.full_uri == f"{scheme.lower()}://db.example:7687"
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


def test_a_routing_policy_reaches_the_driver_and_no_message() -> None:
    target = resolve_url("neo4j://db.example/lineage?policy=eu&region=north")
    assert target.full_uri == "neo4j://db.example?policy=eu&region=north"
    assert target.uri == "neo4j://db.example"
    assert "policy" not in repr(target)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:///lineage.sqlite",
        "bolt://",
        "localhost:7687",
        "bolt://secret-user:secret-word@host:notaport",
        "bolt://ada:secret@host:0",
        "bolt://ada:secret@host:99999",
        "http://secret-user:secret-word@host",
        "secret-word://ada@host:7687@",
        "secret:word@host",
        "local://host/path",
        "local:relative/path",
        "bolt://host?secret",
        "bolt://host?secret=word",
        "neo4j://host?secret",
        "neo4j://host?secret=",
        "neo4j://host?=secret",
        "neo4j://host?secret=1&secret=2",
        "neo4j://host?address=secret",
        "neo4j://host#secret",
        "neo4j://host/secret/word",
    ],
)
def test_other_urls_are_refused_without_showing_credentials(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve_url(url)
    if not url.startswith("secret-word:"):
        assert "secret" not in "".join(traceback.format_exception(caught.value)).partition("lineage_graph.errors")[2]


@pytest.mark.parametrize("character", "#/?[] \t\n\x7f")
@pytest.mark.parametrize("password", ["{}tail", "12{}tail", "head{}tail", "head{}tail{}end", "12{}34", "head{}"])
@pytest.mark.parametrize("host", ["db.example", "db.example:7687", "[::1]:7687", "db.example:7687/lineage?policy=eu"])
def test_a_password_that_is_not_encoded_is_refused_and_not_shown(character: str, password: str, host: str) -> None:
    word = password.replace("{}", character)
    with pytest.raises(ConfigurationError, match="percent-encode") as caught:
        resolve_url(f"neo4j://ada:{word}@{host}")
    shown = "".join(traceback.format_exception(caught.value)).partition("ConfigurationError: ")[2]
    for piece in (*re.split(r"[^a-z0-9]", password.replace("{}", "#")), "ada", "policy"):
        assert not piece or piece not in shown, piece
    assert caught.value.__context__ is None


@given(st.text(alphabet="aZ09#/?[]@:%&= \t", min_size=1))
def test_whatever_the_password_the_host_is_the_host_or_the_url_is_refused(password: str) -> None:
    try:
        target = resolve_url(f"neo4j://ada:{password}@db.example:7687")
    except ConfigurationError as error:
        assert "percent-encode" in str(error)  # noqa: PT017
    else:
        assert (target.uri, target.username) == ("neo4j://db.example:7687", "ada")
        assert target.routing == ""


@given(st.text(min_size=1))
def test_an_encoded_password_is_read_back(password: str) -> None:
    try:
        encoded = quote(password, safe="")
    except UnicodeEncodeError:
        return
    target = resolve_url(f"bolt://ada:{encoded}@db.example")
    assert (target.uri, target.password) == ("bolt://db.example", password)


@pytest.mark.parametrize(("url", "scheme"), [("BOLT://x", "bolt"), ("local:", "local"), ("/a", ""), (None, "")])
def test_the_scheme(url: object, scheme: str) -> None:
    assert scheme_of(url) == scheme
