"""The start-up cache: the server's classes, loaded and linked, in a file that an earlier run recorded.

JDK 25 records it when the server stops (JEP 514, "Ahead-of-Time Command-Line Ergonomics"). With the class archives of
earlier Java, starts were not faster. All folders share the file, which is in the cache of downloads; options name it
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

# A recording takes some 20 seconds; one whose file did not change for this long has been abandoned.
ABANDONED_AFTER = 600.0

# Options of the just-in-time compilers change no class, so that a recording holds for all of them.
_OF_COMPILERS = "-XX:Tiered"

_QUIET = ("-Xlog:aot*=off", "-Xlog:cds*=off")


@dataclass(frozen=True)
class StartUpCache:
    """The use of the cache by one run.

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
        """Remove the file, which may be damaged. Return False if this user may not remove it."""
        try:
            if self.used is not None:
                self.used.unlink(missing_ok=True)
        except OSError:
            return False
        return True


def choose(
    java: Java, version: str, lib: Path, jars: list[str], java_options: tuple[str, ...], folder: Path
) -> StartUpCache:
    """Use the recorded cache; record one if there is none yet.

    Parameters
    ----------
    java : Java
        The Java that runs the server.
    version : str
        The version of Neo4j.
    lib : Path
        The folder of the jars, where the server runs.
    jars : list of str
        Their names, in the order of the class path.
    java_options : tuple of str
        The other options of Java, on which a cache depends. Where they choose a compiler, none is recorded: what the
        other compiler needs to know would be missing.
    folder : Path
        The server's folder: it names its recording.
    """
    if java.major < 25:
        return StartUpCache([])
    changed = max((lib / jar).stat().st_mtime_ns for jar in jars)
    of_classes = tuple(option for option in java_options if not option.startswith(_OF_COMPILERS))
    key = repr((version, str(java.program), java.version, jars, changed, of_classes))
    name = f"start-{version}-{_digest(key)}"
    cache = _place(lib) / f"{name}.aot"
    if os.access(cache, os.R_OK):
        # "on" ends Java when the cache does not suit; `start` then drops the cache, and records a new one.
        return StartUpCache([f"-XX:AOTCache=../{cache.name}", "-XX:AOTMode=on", *_QUIET], cache)
    if of_classes != java_options or cache.exists() or not os.access(cache.parent, os.W_OK):
        return StartUpCache([])
    return StartUpCache([f"-XX:AOTCacheOutput=../{name}.{_digest(str(folder))}.recording", *_QUIET])


def keep_recordings(lib: Path, folder: Path, *, has_answered: bool) -> None:
    """Rename a complete recording to the name that later starts look for, and remove other ones.

    Parameters
    ----------
    lib : Path
        The folder of the jars.
    folder : Path
        The folder of a server that has stopped, so its recordings do not change any more.
    has_answered : bool
        Whether that server answered. One that ended before has recorded a tenth of the classes, and all later starts
        would be slow.
    """
    own = f".{_digest(str(folder))}.recording"
    place = _place(lib)
    # A file that cannot be removed belongs to another user.
    with contextlib.suppress(OSError):
        # In this order, Java's intermediate file, which only a killed Java leaves, comes before the recording itself.
        for path in sorted(place.glob("start-*.recording*"), reverse=True):
            with contextlib.suppress(OSError):
                is_own = path.name.endswith((own, f"{own}.config"))
                if is_own and has_answered and path.suffix == ".recording" and _is_whole(path):
                    name = path.name.removesuffix(".recording").rpartition(".")[0]
                    path.replace(path.with_name(f"{name}.aot"))
                elif is_own or _is_abandoned(path):
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
