"""Python lineage, stored and queried in Neo4j."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
"""The version of the package."""

if TYPE_CHECKING:
    from lineage_graph.db import RelationalLineaDB
    from lineage_graph.errors import LineageGraphError
    from lineage_graph.model.versions import parse_artifact_version
    from lineage_graph.store.driver import create_lineadb_engine

__all__ = [
    "LineageGraphError",
    "RelationalLineaDB",
    "__version__",
    "create_lineadb_engine",
    "parse_artifact_version",
]

# Loaded when they are asked for: Neo4j's driver loads NumPy, pandas and PyArrow where they are installed, which
# takes longer than everything else, and `lineage-graph --help` needs none of it.
_NAMES = {
    "LineageGraphError": "lineage_graph.errors",
    "RelationalLineaDB": "lineage_graph.db",
    "create_lineadb_engine": "lineage_graph.store.driver",
    "parse_artifact_version": "lineage_graph.model.versions",
}
_MODULES = ("db", "errors", "relational", "settings", "types")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"lineage_graph.{name}")
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_NAMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES, *_MODULES})
