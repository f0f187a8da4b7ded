"""Waits for LineaPy to be imported, and prepares it for Lineage Graph then.

Python runs this at its start, from lineage_graph_lineapy.pth beside it in site-packages: so that LineaPy's
own commands, Jupyter kernels and child processes work on the graph with nothing but an environment
variable. It must cost next to nothing where LineaPy is not used, so it imports nothing itself.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _WaitForLineaPy:
    """Finds no module; steps aside for the real finder when LineaPy is looked for."""

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "lineapy":
            return None
        sys.meta_path.remove(cls)
        from lineage_graph.integrations.lineapy import prepare

        return prepare().find_spec(name, path, target)


sys.meta_path.insert(0, _WaitForLineaPy)
