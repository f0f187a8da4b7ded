"""One suite for every backend: ours, and where LineaPy is installed (`make test-lineapy`) ours as LineaPy meets it and
LineaPy's own on SQLite.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import lineage_graph
from lineage_graph import errors, relational, types
from tests.contract.records import Records

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PARITY = (REPOSITORY / "docs" / "reference" / "parity.md").read_text(encoding="utf-8")
DIFFERENCES = frozenset(
    re.findall(r"^\| `([a-z0-9-]+)` \|", PARITY.partition("## Differences")[2].partition("## Quirks")[0], re.MULTILINE)
)
BACKENDS = ["graph"]
if find_spec("lineapy"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module("lineapy")
    BACKENDS = ["live", "lineapy"]


@dataclass
class Backend:
    """A `RelationalLineaDB` with the types and classes that belong to it."""

    name: str
    url: str
    types: Any
    relational: Any
    database: Any
    _open: list[Any] = field(default_factory=list)

    @property
    def save_error(self) -> type[Exception]:
        """The error for what could not be stored: LineaPy's own, where LineaPy is what calls."""
        found: type[Exception] = errors.ArtifactSaveException
        if self.name != "graph":
            found = import_module("lineapy.exceptions.db_exceptions").ArtifactSaveException
        return found

    @property
    def user_error(self) -> type[Exception]:
        """The error for what the caller asked for by a name that nothing has; likewise."""
        found: type[Exception] = errors.UserException
        if self.name != "graph":
            found = import_module("lineapy.exceptions.user_exception").UserException
        return found

    @property
    def is_ours(self) -> bool:
        return self.name != "lineapy"

    def chose(self, difference: str) -> bool:
        """Whether this backend is ours, which differs by choice where docs/reference/parity.md has this name."""
        assert difference in DIFFERENCES, f"docs/reference/parity.md does not name the difference {difference}"
        return self.is_ours

    def open(self) -> Any:
        """Another client of the same database."""
        db = self.database(self.url)
        self._open.append(db)
        return db

    def close(self) -> None:
        for db in self._open:
            db.close()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    if request.param == "graph":
        url = request.getfixturevalue("url")
        backend = Backend("graph", url, types, relational, lineage_graph.RelationalLineaDB)
    else:
        lineapy_types = import_module("lineapy.data.types")
        database = import_module("lineapy.db.db").RelationalLineaDB
        if request.param == "live":
            backend = Backend("live", request.getfixturevalue("url"), lineapy_types, relational, database)
        else:
            url = f"sqlite:///{tmp_path}/lineapy.sqlite"
            backend = Backend("lineapy", url, lineapy_types, import_module("lineapy.db.relational"), database)
    yield backend
    backend.close()


@pytest.fixture
def db(backend: Backend) -> Any:
    return backend.open()


@pytest.fixture
def make(backend: Backend) -> Records:
    return Records(backend.types)
