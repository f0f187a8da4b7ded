"""The lineage of Python work, kept and questioned in Neo4j."""

__version__ = "0.1.0"

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
