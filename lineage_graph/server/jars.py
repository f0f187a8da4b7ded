"""Neo4j's jars: fetched once into the user's cache, in parallel, each checked against its SHA-256."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from lineage_graph.errors import ConfigurationError, DownloadError, MissingExtra

LISTS = Path(__file__).resolve().parent

# Parallel requests to the repository: enough to hide latency, few enough to be a polite client.
CONNECTIONS = 8


@dataclass(frozen=True)
class Jar:
    """One jar of the list: what it is, and what it must be."""

    sha256: str
    size: int
    coordinates: str

    @property
    def path(self) -> str:
        """Where a Maven repository keeps it."""
        group, artifact, version, *_ = self.coordinates.split(":")
        return f"{group.replace('.', '/')}/{artifact}/{version}/{self.file_name}"

    @property
    def file_name(self) -> str:
        _, artifact, version, *classifier = self.coordinates.split(":")
        return f"{'-'.join([artifact, version, *classifier])}.jar"


def versions() -> list[str]:
    """The versions of Neo4j that there is a list for, oldest first."""
    names = (path.stem.removeprefix("jars-") for path in LISTS.glob("jars-*.txt"))
    return sorted(names, key=lambda version: [int(part) for part in version.split(".")])


def jars_of(version: str) -> list[Jar]:
    """The jars of a version of Neo4j.

    Raises
    ------
    ConfigurationError
        If there is no list for it.
    """
    path = LISTS / f"jars-{version}.txt"
    if not path.is_file():
        raise ConfigurationError(f"there is no Neo4j {version} here; choose one of {', '.join(versions())}")
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Jar(sha256, int(size), coordinates) for sha256, size, coordinates in map(str.split, lines)]


def cache_folder() -> Path:
    """Where jars and other things that can be fetched again are kept: LINEAGE_GRAPH_CACHE, or the user's cache."""
    if named := os.environ.get("LINEAGE_GRAPH_CACHE"):
        return Path(named).expanduser().resolve()
    try:
        import platformdirs
    except ImportError as error:
        raise MissingExtra("local", "The managed local server") from error
    return platformdirs.user_cache_path("lineage-graph")


def repository() -> str:
    """The address of the Maven repository: LINEAGE_GRAPH_MAVEN_MIRROR, or the one that jgo knows."""
    if mirror := os.environ.get("LINEAGE_GRAPH_MAVEN_MIRROR"):
        return mirror.rstrip("/")
    try:
        from jgo.constants import MAVEN_CENTRAL_URL
    except ImportError as error:
        raise MissingExtra("local", "The managed local server") from error
    return str(MAVEN_CENTRAL_URL).rstrip("/")


def fetch(version: str, on_bytes: Callable[[int, int], None] | None = None) -> Path:
    """The folder with all jars of a version, complete and checked.

    A jar that is there and whole is not fetched again, so an interrupted fetch goes on where it stopped.
    Whole means its size after the first check, which a file beside the jars records.

    Parameters
    ----------
    version : str
        The version of Neo4j.
    on_bytes : callable
        Told the bytes that are there and the bytes that there will be, as they come.

    Raises
    ------
    DownloadError
        If a jar cannot be fetched or is not what its checksum says, or the disk is full.
    """
    jars = jars_of(version)
    folder = cache_folder() / f"neo4j-{version}"
    marker = folder / "checked"
    listed = hashlib.sha256("".join(jar.sha256 for jar in jars).encode()).hexdigest()
    try:
        if _is_complete(jars, folder, marker, listed):
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        # One process fetches; another that needs the same jars waits, and finds them.
        with _only_one(folder):
            if not _is_complete(jars, folder, marker, listed):
                lacking = [jar for jar in jars if not _is_whole(folder / jar.file_name, jar)]
                marker.unlink(missing_ok=True)
                if lacking:
                    _download(jars, lacking, folder, on_bytes or _silent)
                marker.write_text(listed)
    except OSError as error:
        raise DownloadError(
            f"the cache folder {folder} cannot be used: {error.strerror}; "
            "free some space, or set LINEAGE_GRAPH_CACHE to another folder"
        ) from error
    return folder


def _only_one(folder: Path) -> AbstractContextManager[object]:
    try:
        import filelock
    except ImportError as error:
        raise MissingExtra("local", "The managed local server") from error
    return filelock.FileLock(folder / "lock")


def _is_complete(jars: list[Jar], folder: Path, marker: Path, listed: str) -> bool:
    """Whether all jars were checked in full before, and are there in their sizes."""
    if not marker.is_file() or marker.read_text() != listed:
        return False
    return all(path.is_file() and path.stat().st_size == jar.size for jar in jars if (path := folder / jar.file_name))


def _is_whole(path: Path, jar: Jar) -> bool:
    """Whether a jar is what the list says, byte for byte."""
    if not path.is_file() or path.stat().st_size != jar.size:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def verify(version: str) -> list[Path]:
    """Check every jar of a version in full, and remove those that are not what the list says.

    Returns
    -------
    list of Path
        Those that were removed; `fetch` brings them again.
    """
    folder = cache_folder() / f"neo4j-{version}"
    broken = [
        path for jar in jars_of(version) if (path := folder / jar.file_name).is_file() and not _is_whole(path, jar)
    ]
    for path in broken:
        path.unlink()
    return broken


def _silent(_done: int, _total: int) -> None:
    pass


def _download(jars: list[Jar], lacking: list[Jar], folder: Path, on_bytes: Callable[[int, int], None]) -> None:
    try:
        import pooch
    except ImportError as error:
        raise MissingExtra("local", "The managed local server") from error
    total = sum(jar.size for jar in jars)
    needed = sum(jar.size for jar in lacking)
    if shutil.disk_usage(folder).free < needed:
        raise DownloadError(
            f"Neo4j needs {needed / 1e6:.0f} MB more in {folder}: free some space, "
            "or set LINEAGE_GRAPH_CACHE to another folder"
        )
    source = repository()
    done = total - needed
    lock = threading.Lock()
    on_bytes(done, total)

    def download(jar: Jar) -> None:
        nonlocal done
        (folder / jar.file_name).unlink(missing_ok=True)
        # pooch writes to a temporary file, checks it, and only then gives it its name.
        pooch.retrieve(
            f"{source}/{jar.path}",
            known_hash=f"sha256:{jar.sha256}",
            fname=jar.file_name,
            path=folder,
            # Read whole, since pooch leaves the connection of a refused stream open; jars are small.
            downloader=pooch.HTTPDownloader(timeout=60, stream=False),
        )
        with lock:
            done += jar.size
            on_bytes(done, total)

    pooch.get_logger().setLevel("ERROR")
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        futures = [(jar, pool.submit(download, jar)) for jar in lacking]
        try:
            for jar, future in futures:
                _finish(jar, future.result, source)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _finish(jar: Jar, result: Callable[[], None], source: str) -> None:
    try:
        result()
    except ValueError as error:
        raise DownloadError(
            f"{jar.file_name} from {source} is not what its checksum says; try again, or set "
            "LINEAGE_GRAPH_MAVEN_MIRROR to a repository that you trust"
        ) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None and not _is_network(error):
            raise
        raise DownloadError(
            f"{jar.file_name} could not be fetched from {source} ({type(error).__name__}); Neo4j's jars are "
            "needed once: check the network, or set LINEAGE_GRAPH_MAVEN_MIRROR to a repository within reach"
        ) from error


def _is_network(error: OSError) -> bool:
    return type(error).__module__.split(".")[0] in {"requests", "urllib3"}
