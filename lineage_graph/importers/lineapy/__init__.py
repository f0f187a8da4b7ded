"""LineaPy databases, imported through the adapter."""

from lineage_graph.errors import MissingExtra

try:
    import sqlalchemy  # noqa: F401
except ImportError as error:
    raise MissingExtra("import", "Reading LineaPy databases") from error

from lineage_graph.importers.lineapy.importing import ImportReport, import_lineapy

__all__ = ["ImportReport", "import_lineapy"]
