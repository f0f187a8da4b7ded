"""Versions as users write them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from lineage_graph.model.versions import parse_artifact_version
from tests.contract.conftest import Backend


@pytest.fixture
def parse(backend: Backend) -> Any:
    if backend.name == "graph":
        return parse_artifact_version
    return import_module("lineapy.db.utils").parse_artifact_version


@pytest.mark.parametrize(
    ("version", "meant"),
    [(0, 0), (7, 7), ("7", 7), ("7.9", 7), (7.9, 7), ("all", "all"), ("ALL", "all"), ("Latest", "latest"), (True, 1)],
)
def test_what_users_write_for_a_version(parse: Any, version: Any, meant: Any) -> None:
    assert parse(version) == meant


@pytest.mark.parametrize(
    ("version", "error"),
    [
        (-1, ValueError),
        ("-1", ValueError),
        ("newest", ValueError),
        ("", ValueError),
        (float("nan"), ValueError),
        (None, NotImplementedError),
        ([1], NotImplementedError),
        (b"1", NotImplementedError),
    ],
)
def test_what_is_no_version(parse: Any, version: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(version)
