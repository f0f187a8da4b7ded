"""A real Neo4j on this machine: fetched, configured, started and stopped (the extra ``local``)."""

from lineage_graph.server.folders import default_folder, folder_from_url
from lineage_graph.server.jars import versions
from lineage_graph.server.local import DEFAULT_VERSION, LocalServer, ServerInfo, ServerStatus

SUPPORTED_VERSIONS = tuple(versions())
"""The versions of Neo4j that the managed local server can run, oldest first."""

__all__ = [
    "DEFAULT_VERSION",
    "SUPPORTED_VERSIONS",
    "LocalServer",
    "ServerInfo",
    "ServerStatus",
    "default_folder",
    "folder_from_url",
]
