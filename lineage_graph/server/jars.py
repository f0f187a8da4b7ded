"""Neo4j's jars: fetched once into the user's cache, in parallel, each checked against its SHA-256."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import ssl
import stat
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import filelock

from lineage_graph.errors import ConfigurationError, DownloadError
from lineage_graph.server.folders import cache_folder, require_extra
from lineage_graph.settings import ServerSettings

LISTS = Path(__file__).resolve().parent

# Parallel requests to the repository: enough to hide latency, and few enough not to burden it.
CONNECTIONS = 8

# Seconds to connect, and between two pieces of an answer.
TIMEOUT = 60


@dataclass(frozen=True)
class Jar:
    """One jar of the list: its coordinates, size and checksum."""

    sha256: str
    size: int
    coordinates: str

    @property
    def path(self) -> str:
        """Its path in a Maven repository."""
        group, artifact, version, *_ = self.coordinates.split(":")
        return f"{group.replace('.', '/')}/{artifact}/{version}/{self.file_name}"

    @property
    def file_name(self) -> str:
        _, artifact, version, *classifier = self.coordinates.split(":")
        return f"{'-'.join([artifact, version, *classifier])}.jar"


# Characters that need no escapes in an address, on any system.
_PLAIN = re.compile(r"[A-Za-z0-9 /\\:._~+-]*" if os.name == "nt" else r"[A-Za-z0-9 /._~+-]*")


def versions() -> list[str]:
    """The versions of Neo4j with a list of jars, oldest first."""
    names = (path.stem.removeprefix("jars-") for path in LISTS.glob("jars-*.txt"))
    return sorted(names, key=lambda version: [int(part) for part in version.split(".")])


def jars_of(version: str) -> list[Jar]:
    """The jars of a version of Neo4j.

    Raises
    ------
    ConfigurationError
        If the version has no list.
    """
    path = LISTS / f"jars-{version}.txt"
    if not path.is_file():
        raise ConfigurationError(f"there is no Neo4j {version} here; choose one of {', '.join(versions())}")
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Jar(sha256, int(size), coordinates) for sha256, size, coordinates in map(str.split, lines)]


def folder_of(version: str) -> Path:
    """The folder of the jars of a version, which may not exist yet."""
    return cache_folder() / f"neo4j-{version}"


def repository() -> str:
    """The address of the Maven repository: LINEAGE_GRAPH_MAVEN_MIRROR, or else that of jgo.

    Raises
    ------
    ConfigurationError
        If the variable is not an address.
    """
    if mirror := ServerSettings().maven_mirror:
        try:
            parts = urlsplit(mirror)
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address:
            raise ConfigurationError("LINEAGE_GRAPH_MAVEN_MIRROR is not an address: give https://host/path")
        return mirror.rstrip("/")
    require_extra()
    from jgo.constants import MAVEN_CENTRAL_URL

    return str(MAVEN_CENTRAL_URL).rstrip("/")


def fetch(version: str, on_bytes: Callable[[int, int], None] | None = None) -> Path:
    """The folder with all jars of a version, complete and checked.

    Jars that are whole are not fetched again, so an interrupted fetch goes on where it stopped. After the first full
    check, which a file next to the jars records, a jar of the right size counts as whole.

    Parameters
    ----------
    version : str
        The version of Neo4j.
    on_bytes : callable
        Called with the number of bytes that have arrived and of all bytes.

    Raises
    ------
    DownloadError
        If a jar cannot be fetched or has the wrong checksum, or the disk is full.
    """
    require_extra()
    jars = jars_of(version)
    folder = folder_of(version)
    marker = folder / "checked"
    listed = hashlib.sha256("".join(jar.sha256 for jar in jars).encode()).hexdigest()
    try:
        if _is_complete(jars, folder, marker, listed):
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        # One process fetches; others that need the same jars wait, and then find them.
        with filelock.FileLock(folder / "lock"):
            if not _is_complete(jars, folder, marker, listed):
                marker.unlink(missing_ok=True)
                # The partial files of a fetch that was killed.
                for partial in folder.glob("*.partial"):
                    partial.unlink()
                missing = [jar for jar in jars if not _is_whole(folder / jar.file_name, jar)]
                if missing:
                    _download(jars, missing, folder, on_bytes or _silent)
                marker.write_text(listed, encoding="ascii")
    except OSError as error:
        raise _unusable(folder, error) from error
    return folder


def _unusable(folder: Path, error: OSError) -> DownloadError:
    remedy = "free some space, or set" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "set"
    return DownloadError(
        f"the cache folder {folder} cannot be used: {error.filename or folder}: {error.strerror or error}; "
        f"{remedy} LINEAGE_GRAPH_CACHE to a folder of your own"
    )


def _is_complete(jars: list[Jar], folder: Path, marker: Path, listed: str) -> bool:
    """Whether all jars were fully checked before, and have their sizes."""
    if not marker.is_file() or marker.read_text(encoding="ascii", errors="replace") != listed:
        return False
    paths = [(folder / jar.file_name, jar.size) for jar in jars]
    # A jar that this user cannot read counts as missing.
    return all(path.is_file() and path.stat().st_size == size and os.access(path, os.R_OK) for path, size in paths)


def _is_whole(path: Path, jar: Jar) -> bool:
    """Whether a jar has the checksum in the list."""
    if not path.is_file() or path.stat().st_size != jar.size:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def verify(version: str) -> list[Path]:
    """Check the checksum of every jar of a version, and remove the wrong ones.

    Returns
    -------
    list of Path
        The jars that were removed; `fetch` fetches them again.

    Raises
    ------
    DownloadError
        If one cannot be read, or cannot be removed.
    """
    folder = folder_of(version)
    try:
        broken = [
            path for jar in jars_of(version) if (path := folder / jar.file_name).is_file() and not _is_whole(path, jar)
        ]
        for path in broken:
            path.unlink()
    except OSError as error:
        raise _unusable(folder, error) from error
    return broken


def class_path(version: str, lib: Path) -> list[str]:
    """The class path for Java, which runs in the folder of the jars.

    It holds the names of the jars only, since the folder's own name may hold a separator of class paths. Neo4j's web
    server makes an address of the path of Browser's jar, and fails for many characters (``[``, ``?``, ``é``): that jar
    is then copied to a folder with a plain name.

    Raises
    ------
    ConfigurationError
        If there is no such folder.
    """
    names = [jar.file_name for jar in jars_of(version)]
    if _PLAIN.fullmatch(str(lib.resolve())):
        return names
    return [str(_in_plain_place(lib / name)) if name.startswith("neo4j-browser-") else name for name in names]


def _in_plain_place(path: Path) -> Path:
    place = Path(tempfile.gettempdir()).resolve() / f"lineage-graph-{os.getuid() if os.name != 'nt' else 'user'}"
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        details = place.lstat()
        is_ours = stat.S_ISDIR(details.st_mode) and (os.name == "nt" or details.st_uid == os.getuid())
        if is_ours and _PLAIN.fullmatch(str(place)):
            copy = place / path.name
            if copy.is_file() and _looks_like(copy, path):
                return copy
            partial = place / f"{path.name}.{os.getpid()}.partial"
            # With its modification time, by which a recorded cache of Java identifies it.
            shutil.copy2(path, partial)
            partial.replace(copy)
            return copy
    except OSError:
        pass
    raise ConfigurationError(
        f"Neo4j Browser cannot be served from {path.parent}, for the characters in its name, nor be copied to {place}: "
        "set LINEAGE_GRAPH_CACHE to a folder with a plain name, or TMPDIR to one of your own"
    )


def _looks_like(one: Path, other: Path) -> bool:
    ours, theirs = one.stat(), other.stat()
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)


def _silent(_done: int, _total: int) -> None:
    pass


def _download(jars: list[Jar], missing: list[Jar], folder: Path, on_bytes: Callable[[int, int], None]) -> None:
    total = sum(jar.size for jar in jars)
    needed = sum(jar.size for jar in missing)
    if shutil.disk_usage(folder).free < needed:
        raise DownloadError(
            f"Neo4j needs {needed / 1e6:.0f} MB more in {folder}: free some space, "
            "or set LINEAGE_GRAPH_CACHE to another folder"
        )
    source = repository()
    done = total - needed
    lock = threading.Lock()
    on_bytes(done, total)

    with _session() as session, ThreadPoolExecutor(CONNECTIONS) as pool:

        def download(jar: Jar) -> None:
            nonlocal done
            _download_one(session, source, jar, folder)
            with lock:
                done += jar.size
                on_bytes(done, total)

        futures = [pool.submit(download, jar) for jar in missing]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _download_one(session: Any, source: str, jar: Jar, folder: Path) -> None:
    """Fetch a jar under a temporary name, check it, and then rename it."""
    import requests

    try:
        # Read as a whole: jars are small, and a refused stream would leave its connection open.
        answer = session.get(f"{source}/{jar.path}", timeout=TIMEOUT)
        answer.raise_for_status()
        content = answer.content
    except requests.RequestException as error:
        raise DownloadError(f"{jar.file_name} could not be fetched from {_shown(source)}: {_why(error)}") from error
    except OSError as error:  # The bundle of certificates that the environment names is missing.
        raise DownloadError(
            f"{jar.file_name} could not be fetched: {error}; REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names it"
        ) from error
    if hashlib.sha256(content).hexdigest() != jar.sha256:
        raise DownloadError(
            f"{jar.file_name} from {_shown(source)} has the wrong checksum; try again, or set "
            "LINEAGE_GRAPH_MAVEN_MIRROR to a repository that you trust"
        )
    partial = folder / f"{jar.file_name}.partial"
    partial.write_bytes(content)
    partial.replace(folder / jar.file_name)


def _shown(source: str) -> str:
    """The address of a repository without credentials."""
    parts = urlsplit(source)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _why(error: Exception) -> str:
    """The reason why a fetch failed, and a remedy, without the parts of the error that hold an address."""
    from requests import exceptions

    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return (
            f"it answers {error.response.status_code}; Neo4j's jars are needed once: set LINEAGE_GRAPH_MAVEN_MIRROR "
            "to a repository that has them"
        )
    if isinstance(error, exceptions.SSLError):
        return (
            f"its certificate is not trusted ({_certificate_problem(error)}): have the operating system trust the "
            "authority that signed it, or name that authority's file in SSL_CERT_FILE or REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, (exceptions.ProxyError, exceptions.InvalidProxyURL, exceptions.InvalidSchema)):
        return f"the proxy cannot be used ({type(error).__name__}): look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
    return (
        f"{type(error).__name__}; Neo4j's jars are needed once: check the network, "
        "or set LINEAGE_GRAPH_MAVEN_MIRROR to a repository within reach"
    )


def _certificate_problem(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return str(getattr(cause, "verify_message", "") or cause.reason or "TLS failed")
        # urllib3 keeps the cause as an argument or a reason.
        inner = (getattr(cause, "reason", None), *cause.args, cause.__cause__, cause.__context__)
        cause = next((one for one in inner if isinstance(one, BaseException)), None)
    return "TLS failed"


def _session() -> Any:
    """A session that trusts the certificates of the operating system, as pip does: a company's proxy, for example."""
    import requests
    import truststore
    from requests.adapters import HTTPAdapter

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    class SystemTrust(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs, ssl_context=context)

        def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
            return super().proxy_manager_for(proxy, **kwargs, ssl_context=context, proxy_ssl_context=context)

    session = requests.Session()
    session.mount("https://", SystemTrust(pool_maxsize=CONNECTIONS))
    session.mount("http://", HTTPAdapter(pool_maxsize=CONNECTIONS))
    return session
