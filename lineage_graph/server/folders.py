"""The folders of a server: its data, and the cache of downloads."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

from lineage_graph.errors import ConfigurationError, LocalServerError, MissingExtra
from lineage_graph.files.whole import write_whole
from lineage_graph.settings import ServerSettings

# The packages of the extra ``local``, except for Java, which may come from elsewhere.
PACKAGES = ("jgo", "platformdirs", "psutil", "requests", "truststore")


def require_extra() -> None:
    """Refuse to go on without the extra ``local``.

    Raises
    ------
    MissingExtra
    """
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra("local", "The managed local server")


def folder_from_url(url: str) -> Path | None:
    """The folder that ``local:`` (None: the default one) or ``local:///some/folder`` names.

    Raises
    ------
    ConfigurationError
        If the URL is neither.
    """
    # Parsed by hand, since urlsplit drops line breaks and tabs, which a folder's name may hold.
    scheme, _, rest = url.partition(":")
    path = rest.removeprefix("//")
    if scheme.lower() != "local" or not url[len(scheme) :] or (path != rest and path and not path.startswith("/")):
        raise ConfigurationError("the local server's URL is local: or local:///some/folder")
    if "?" in path or "#" in path:
        raise ConfigurationError("the local server's URL has no ? and no #: percent-encode them in a folder's name")
    if not path.strip("/"):
        return None
    if not path.startswith("/"):
        raise ConfigurationError("the local server's folder is given in full: local:///some/folder")
    folder = os.fsdecode(unquote_to_bytes(os.fsencode(path.lstrip("/"))))
    return Path(folder if os.name == "nt" else f"/{folder}")


def default_folder() -> Path:
    """The folder of ``local:``: LINEAGE_GRAPH_HOME, or the user's data folder.

    Raises
    ------
    ConfigurationError
        If the variable is not an absolute path, or is not set and there is no user's data folder.
    """
    if home := ServerSettings().home:
        return _in_full("LINEAGE_GRAPH_HOME", home) / "neo4j"
    require_extra()
    import platformdirs

    return _of_user("LINEAGE_GRAPH_HOME", platformdirs.user_data_path) / "neo4j"


def cache_folder() -> Path:
    """The folder of jars and other downloads: LINEAGE_GRAPH_CACHE, or the user's cache folder.

    Raises
    ------
    ConfigurationError
        As for `default_folder`.
    """
    if cache := ServerSettings().cache:
        folder = _in_full("LINEAGE_GRAPH_CACHE", cache)
    else:
        require_extra()
        import platformdirs

        folder = _of_user("LINEAGE_GRAPH_CACHE", platformdirs.user_cache_path)
    if beyond := "".join(character for character in str(folder) if ord(character) > 0xFFFF):
        # Java runs there, and cannot handle such characters in the name of its working folder.
        raise ConfigurationError(
            f"Java cannot run in the cache folder {folder}, for the {beyond} in its name: "
            "set LINEAGE_GRAPH_CACHE to another folder"
        )
    return checked("LINEAGE_GRAPH_CACHE", folder)


def checked(what: str, folder: Path) -> Path:
    """A folder whose name Java can open.

    Raises
    ------
    ConfigurationError
        If its name is not UTF-8, or holds a null character.
    """
    try:
        if b"\0" not in os.fsencode(folder):
            os.fsencode(folder).decode("utf-8")
            return folder
    except UnicodeError:
        pass
    raise ConfigurationError(
        f"{what}: the name {str(folder)!r} is not UTF-8, and Java opens no other: use another folder"
    )


def _in_full(variable: str, text: str) -> Path:
    try:
        folder = Path(text).expanduser()
    except RuntimeError as error:
        raise ConfigurationError(
            f"{variable} is {text!r}, and this user has no home folder: give the folder in full"
        ) from error
    if not folder.is_absolute():
        # A program that changes its working folder would find another server there.
        raise ConfigurationError(f"{variable} is {text!r}, which is relative: give the folder in full")
    return folder


def _of_user(variable: str, find: Callable[[str], Path]) -> Path:
    # Without a home folder, some versions of platformdirs raise RuntimeError, and others return a relative path.
    with contextlib.suppress(RuntimeError):
        folder = find("lineage-graph")
        if folder.is_absolute():
            return folder
    raise ConfigurationError(
        f"this user has no home folder (HOME is not set, or relative): set {variable} to a folder in full"
    )


@contextlib.contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Translate a failure of the file system below a server's folder.

    Raises
    ------
    LocalServerError
    """
    try:
        yield
    except OSError as error:
        raise LocalServerError(
            f"the server's folder {folder} cannot be used: {error.filename or folder}: {error.strerror or error}; "
            "use a folder of your own: set LINEAGE_GRAPH_HOME, or give local:///folder"
        ) from error


def write_private(path: Path, text: str) -> None:
    """Write a file that only the owner can read, whole or not at all. A killed writer's partial file is replaced."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    # The encoding of folder names in the file system.
    write_whole(path, os.fsencode(text), partial=partial, mode=0o600)
