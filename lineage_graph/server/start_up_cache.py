"""What makes starts fast: the server's classes, loaded and linked, from a file that an earlier run recorded.

JDK 25 records it when the server stops (JEP 514, "Ahead-of-Time Command-Line Ergonomics"). With the class archives of
earlier Java, starts were not faster. The file lies in the cache of downloads, for all folders together; options name it
relative to the jars, since Java reads more into a path than its characters (``:`` and ``%p``).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from lineage_graph.server.java import Java

# A recording takes some 20 seconds; one that nobody has written to for so long is no longer written.
ABANDONED_AFTER = 600.0

_QUIET = ("-Xlog:aot*=off", "-Xlog:cds*=off")


@dataclass(frozen=True)
class StartUpCache:
    """How a run uses the cache.

    Attributes
    ----------
    options : list of str
        Java's options.
    used : Path or None
        The file that they read.
    """

    options: list[str]
    used: Path | None = None

    def drop(self) -> bool:
        """Remove the file, which may be damaged; False where it is not ours to remove."""
        try:
            if self.used is not None:
                self.used.unlink(missing_ok=True)
        except OSError:
            return False
        return True


def choose(
    java: Java, version: str, lib: Path, jars: list[str], java_options: tuple[str, ...], folder: Path
) -> StartUpCache:
    """Use what was recorded; where there is nothing yet, record it.

    Parameters
    ----------
    java : Java
        What runs the server.
    version : str
        The version of Neo4j.
    lib : Path
        The folder of the jars, where the server runs.
    jars : list of str
        Their names, in the order of the class path.
    java_options : tuple of str
        The other options that a cache depends on.
    folder : Path
        The server's folder: it names its recording.
    """
    if java.major < 25:
        return StartUpCache([])
    changed = max((lib / jar).stat().st_mtime_ns for jar in jars)
    key = repr((version, str(java.program), java.version, jars, changed, java_options))
    name = f"start-{version}-{_digest(key)}"
    cache = _place(lib) / f"{name}.aot"
    if os.access(cache, os.R_OK):
        # "on" ends Java when the cache does not suit; `start` then drops it, and records it anew.
        return StartUpCache([f"-XX:AOTCache=../{cache.name}", "-XX:AOTMode=on", *_QUIET], cache)
    if cache.exists() or not os.access(cache.parent, os.W_OK):
        return StartUpCache([])
    return StartUpCache([f"-XX:AOTCacheOutput=../{name}.{_digest(str(folder))}.recording", *_QUIET])


def keep_recordings(lib: Path, folder: Path, *, discard: bool = False) -> None:
    """Give what was recorded the name that later starts look for, and remove what was cut short.

    Parameters
    ----------
    lib : Path
        The folder of the jars.
    folder : Path
        The folder of a server that has stopped: nobody writes to its recordings any more.
    discard : bool
        Remove its recordings: it did not come up.
    """
    own = f".{_digest(str(folder))}.recording"
    place = _place(lib)
    # What cannot be removed is another user's to remove.
    with contextlib.suppress(OSError):
        # Java's notes on the way, which it removes unless it is killed, come before the recording itself.
        for path in sorted(place.glob("start-*.recording*"), reverse=True):
            with contextlib.suppress(OSError):
                is_own = path.name.endswith((own, f"{own}.config"))
                if is_own and discard:
                    path.unlink()
                elif is_own or _is_abandoned(path):
                    _keep(path)


def _keep(path: Path) -> None:
    if path.suffix == ".recording" and _is_whole(path):
        name = path.name.removesuffix(".recording").rpartition(".")[0]
        path.replace(path.with_name(f"{name}.aot"))
    else:
        path.unlink()


def _is_whole(recording: Path) -> bool:
    with recording.open("rb") as file:
        # Java writes the header last.
        return any(file.read(16))


def _is_abandoned(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > ABANDONED_AFTER


def _place(lib: Path) -> Path:
    # As the system finds `..` of a folder that is a link.
    return lib.resolve().parent


def _digest(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:16]
