"""Runs a command whose tests share one server: ``python -m tests.support.with_server make test-lineapy``.

Several runs of tests one after the other are faster on a server that has answered before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import started


def main() -> int:
    """Run the command of the arguments; its exit status."""
    with tempfile.TemporaryDirectory(prefix="neo4j") as folder, started(Path(folder) / "server") as server:
        named = {"NEO4J_URI": server.address, "NEO4J_USERNAME": server.username, "NEO4J_PASSWORD": server.password}
        return subprocess.run(sys.argv[1:], env=os.environ | named, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
