"""Waits for an import of LineaPy, and prepares LineaPy for Lineage Graph then.

Python runs this at its start, because of lineage_graph_lineapy.pth next to it in site-packages. So LineaPy's own
commands, Jupyter kernels and child processes work on the graph with an environment variable alone. It must cost
almost nothing where LineaPy is not used, so it imports nothing itself.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _WaitForLineaPy:
    """Finds no module. When LineaPy is imported, the real finder replaces it."""

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "lineapy":
            return None
        sys.meta_path.remove(cls)
        from lineage_graph.integrations.lineapy import prepare

        return prepare().find_spec(name, path, target)


sys.meta_path.insert(0, _WaitForLineaPy)
