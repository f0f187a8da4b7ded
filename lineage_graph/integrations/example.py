"""An example that is traced live, on the Python at hand."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from lineage_graph.settings import environment_with

# What the example imports.
_NEEDS = ("lineapy", "pandas", "sklearn")


def trace_example(script: Path, url: str) -> tuple[bool, str]:
    """Trace a script into a database, in a process and a folder of its own.

    Parameters
    ----------
    script : Path
        The script; a copy of it is run.
    url : str
        The database.

    Returns
    -------
    tuple of bool and str
        Whether it was traced; and what happened, or why not.
    """
    here = f"on Python {platform.python_version()}"
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        return (
            False,
            f"Nothing was traced live {here}, for want of {', '.join(missing)}: what follows was recorded before",
        )
    with tempfile.TemporaryDirectory(prefix="lineage-graph-") as folder:
        shutil.copy(script, folder)
        environment = environment_with(
            {
                "LINEAPY_DO_NOT_TRACK": "true",
                "NEO4J_URI": url,
                # A demonstration keeps its lineage, and not its values.
                "LINEAPY_HOME_DIR": folder,
            }
        )
        ended = subprocess.run(
            [sys.executable, "-m", "lineage_graph", "trace", script.name],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    last = next(reversed(ended.stderr.strip().splitlines()), f"it ended with status {ended.returncode}")
    if ended.returncode:
        return False, f"{script.name} could not be traced {here} ({last}): what follows was recorded before"
    return True, f"{script.name}, live {here}: {last}"
