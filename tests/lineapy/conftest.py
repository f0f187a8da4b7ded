"""LineaPy as its users run it: in processes of its own, with nothing but an environment variable set."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPTS = Path(sys.executable).parent

# LineaPy traces on Python 3.10: `make test-lineapy` makes an environment with both.
collect_ignore_glob = [] if find_spec("lineapy") else ["test_*.py"]


@dataclass(frozen=True)
class Workplace:
    """A user's folder and environment."""

    folder: Path
    environment: dict[str, str]

    @property
    def values(self) -> Path:
        """Where LineaPy keeps values."""
        return self.folder / "lineapy" / "linea_pickles"

    def pickles(self) -> set[str]:
        return {path.name for path in self.values.glob("*.pkl")}

    def write(self, name: str, code: str) -> Path:
        path = self.folder / name
        path.write_text(code)
        return path

    def run(self, *command: str, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this environment's, and demand its exit status."""
        program, *arguments = command
        ended = subprocess.run(
            [str(SCRIPTS / program), *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ended.returncode == status, f"{ended.stdout}\n{ended.stderr}"
        return ended

    def trace(self, code: str, name: str = "script.py", status: int = 0) -> str:
        """Run a script as `lineapy python` does, and give what it printed."""
        self.write(name, code)
        return self.run("lineapy", "python", name, status=status).stdout


@pytest.fixture
def workplace(url: str, tmp_path: Path) -> Workplace:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SSL_CERT_FILE") if name in os.environ}
    return Workplace(
        tmp_path,
        kept
        | {
            "HOME": str(tmp_path),
            "LINEAPY_HOME_DIR": str(tmp_path / "lineapy"),
            "LINEAPY_DATABASE_URL": url,
            "LINEAPY_DO_NOT_TRACK": "true",
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
            "JUPYTER_DATA_DIR": str(tmp_path / "jupyter-data"),
            "MPLBACKEND": "Agg",
        },
    )


Ask = Callable[..., list[list[object]]]


@pytest.fixture
def ask(driver: object) -> Ask:
    """What the database answers to a statement of Cypher, as rows."""

    def run(statement: str, **parameters: object) -> list[list[object]]:
        records, _, _ = driver.execute_query(statement, parameters)  # type: ignore[attr-defined]
        return [list(record.values()) for record in records]

    return run
