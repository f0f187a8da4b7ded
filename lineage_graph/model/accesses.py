"""What a call reads or writes outside its session, from its function and its literal arguments.

What cannot be told from these is not told: a path that is computed, a method of an object of unknown type that LineaPy
does not say writes, a home folder of somebody else's.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Literal
from urllib.parse import urlsplit

Mode = Literal["read", "write", "both"]


@dataclass(frozen=True)
class Access:
    """A dataset that a call reads or writes, by its URI and what a person calls it."""

    uri: str
    name: str
    mode: Mode


@dataclass(frozen=True)
class ArtifactRead:
    """An artifact that a call gets; the latest version where none is named."""

    name: str
    version: int | None


@dataclass(frozen=True)
class Call:
    """A call as the graph has it.

    Attributes
    ----------
    name : str
        The name of its function or method.
    modules : sequence of str
        The module that the function is taken from, and the package that this is imported from; empty of a method of an
        object.
    path : str, optional
        The path that the object was made with whose method is called.
    folder : str, optional
        The session's working directory.
    changes : sequence of str
        What LineaPy says that the call changes outside: ``file_system``, ``db``.
    arguments : sequence of (index, keyword, value, type, starred)
        Its arguments; value and type are None of those that are no literals.
    is_method : bool
        Whether the function is an attribute, of a module or of an object.
    """

    name: str
    modules: Sequence[str]
    path: str | None
    folder: str | None
    changes: Sequence[str]
    arguments: Sequence[Sequence[Any]]
    is_method: bool = False

    @property
    def spreads(self) -> bool:
        """Whether it is given arguments with a star, so that not all are known."""
        return any(starred for *_, starred in self.arguments)

    def is_given(self, index: int, keyword: str) -> bool:
        """Whether there is an argument at a position or under a keyword, be it a literal or not."""
        return any(position == index or key == keyword for position, key, *_ in self.arguments)

    def text(self, index: int, *keywords: str) -> str | None:
        """The text that is given at a position or under a keyword; None where there is none, or no literal."""
        for position, keyword, value, type_, _ in self.arguments:
            if (position == index or (keyword is not None and keyword in keywords)) and type_ == "String":
                return str(value)
        return None


_PANDAS_READ = ("filepath_or_buffer", "path_or_buf", "path_or_buffer", "path", "io")
# Of functions of modules: package, name -> how, the position of the path, its keywords, the ending that is added.
_FUNCTIONS: dict[tuple[str, str], tuple[Mode, int, tuple[str, ...], str]] = {
    **{
        ("pandas", f"read_{kind}"): ("read", 0, _PANDAS_READ, "")
        for kind in (
            "csv", "fwf", "table", "json", "html", "xml", "excel", "hdf", "feather", "parquet", "orc", "stata", "sas",
            "spss", "pickle",
        )
    },
    ("numpy", "load"): ("read", 0, ("file",), ""),
    ("numpy", "loadtxt"): ("read", 0, ("fname",), ""),
    ("numpy", "genfromtxt"): ("read", 0, ("fname",), ""),
    ("numpy", "fromfile"): ("read", 0, ("file",), ""),
    ("numpy", "save"): ("write", 0, ("file",), ".npy"),
    ("numpy", "savez"): ("write", 0, ("file",), ".npz"),
    ("numpy", "savez_compressed"): ("write", 0, ("file",), ".npz"),
    ("numpy", "savetxt"): ("write", 0, ("fname",), ""),
    ("joblib", "load"): ("read", 0, ("filename",), ""),
    ("joblib", "dump"): ("write", 1, ("filename",), ""),
    ("matplotlib", "savefig"): ("write", 0, ("fname",), ""),
    ("matplotlib", "imread"): ("read", 0, ("fname",), ""),
    ("matplotlib", "imsave"): ("write", 0, ("fname",), ""),
    ("PIL", "open"): ("read", 0, ("fp",), ""),
}  # fmt: skip
# Of methods of objects, where LineaPy says that the call changes the file system.
_METHODS = frozenset(
    (
        "to_csv", "to_json", "to_html", "to_xml", "to_excel", "to_hdf", "to_feather", "to_parquet", "to_stata",
        "to_pickle", "savefig", "save",
    )
)  # fmt: skip
_PATH_METHODS: dict[str, Mode] = {
    "read_text": "read",
    "read_bytes": "read",
    "write_text": "write",
    "write_bytes": "write",
}
_ARTIFACT_GETTERS = frozenset(("get", "get_artifact"))
_SQL_READERS = frozenset(("read_sql_table", "read_sql"))

# Of objects that were made with a path.
PATH_NAMES = frozenset((*_PATH_METHODS, "open"))

# The most digits of a version.
_LONGEST_VERSION = 18

# The most bytes of a URI, or of the name of an artifact that is read: an index takes some 8,000.
LONGEST = 4_000

NAMES: tuple[str, ...] = tuple(
    sorted(
        {name for _, name in _FUNCTIONS}
        | _METHODS
        | _PATH_METHODS.keys()
        | _ARTIFACT_GETTERS
        | _SQL_READERS
        | {"open", "to_sql", "save"}
    )
)

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_IDENTIFIER = re.compile(r"\w+(\.\w+)?")


def artifact_read(call: Call) -> ArtifactRead | None:
    """The artifact that a call gets; None where it gets none, or which one cannot be told."""
    if call.name not in _ARTIFACT_GETTERS or "lineapy" not in call.modules or call.spreads:
        return None
    name = call.text(0, "artifact_name", "name")
    if name is None or len(name.encode("utf-8", "replace")) > LONGEST:
        return None
    version: int | None = None
    for position, keyword, value, type_, _ in call.arguments:
        if (position == 1 or keyword == "version") and type_ != "NoneType" and value != "latest":
            if type_ != "Integer" or not str(value).isdecimal() or len(str(value)) > _LONGEST_VERSION:
                return None
            version = int(value)
    return ArtifactRead(name, version)


def access(call: Call) -> Access | None:
    """The file, table or URL that a call reads or writes; None where it does not, or which one cannot be told."""
    if call.spreads:
        return None
    packages = {module.partition(".")[0] for module in call.modules}
    for package in packages:
        if rule := _FUNCTIONS.get((package, call.name)):
            mode, index, keywords, ending = rule
            path = call.text(index, *keywords)
            return _file(path, call.folder, mode, ending)
    if call.name in _SQL_READERS and "pandas" in packages:
        return _table(call, call.text(0, "table_name", "sql"), "read")
    if call.name == "to_sql" and "db" in call.changes:
        how = call.text(3, "if_exists")
        if how is None and call.is_given(3, "if_exists"):
            return None
        return _table(call, call.text(0, "name"), "both" if how == "append" else "write")
    if call.name == "open" and (not call.is_method or "io" in packages):
        return _file(call.text(0, "file"), call.folder, _open_mode(call, 1), "")
    if call.path is not None and call.name in PATH_NAMES:
        return _file(call.path, call.folder, _PATH_METHODS.get(call.name) or _open_mode(call, 0), "")
    if call.name in _METHODS and not packages - {"matplotlib"} and "file_system" in call.changes:
        return _file(
            call.text(0, "path_or_buf", "path", "fname", "fp", "excel_writer", "buf"), call.folder, "write", ""
        )
    return None


def _open_mode(call: Call, index: int) -> Mode | None:
    mode = call.text(index, "mode")
    if mode is None:
        return None if call.is_given(index, "mode") else "read"
    if "a" in mode or "+" in mode:
        return "both"
    return "write" if "w" in mode or "x" in mode else "read"


def _file(path: str | None, folder: str | None, mode: Mode | None, ending: str) -> Access | None:
    if not path or mode is None or path.startswith("~") or not _is_plain(path):
        return None
    if ending and not path.endswith(ending):
        path += ending
    if _SCHEME.match(path):
        return _dataset(_clean(path), _name_in(path), mode)
    return _dataset(_file_uri(path, folder), re.split(r"[\\/]", path.rstrip("/\\"))[-1], mode)


def _dataset(uri: str | None, name: str, mode: Mode) -> Access | None:
    """A dataset; None where its URI is longer than an index takes."""
    return Access(uri, name or uri, mode) if uri and len(uri.encode()) <= LONGEST else None


def _is_plain(text: str) -> bool:
    """Whether it is one line that a path or URL can be: no NUL, no half of a character."""
    return not re.search("[\x00\r\n\ud800-\udfff]", text)


def _file_uri(path: str, folder: str | None) -> str | None:
    """The URI of a path, resolved against a folder; None where the folder is not known, or not absolute."""
    folder = folder if folder and _is_plain(folder) else ""
    windows = PureWindowsPath(folder)
    if windows.drive and windows.root:
        whole = PureWindowsPath(folder, path)
        return PureWindowsPath(_normal(whole.as_posix())).as_uri() if whole.is_absolute() else None
    if not path.startswith("/") and not folder.startswith("/"):
        return None
    return PurePosixPath(_normal(posixpath.join(folder or "/", path))).as_uri()


def _normal(path: str) -> str:
    normal = posixpath.normpath(path)
    return normal[1:] if normal.startswith("//") else normal


def _clean(url: str) -> str | None:
    """A URL without user name, password and query, which are nobody's business; None where these cannot be told."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    # A "/", "?" or "#" in a password ends what looks like the host; then the "@" stands behind it.
    rest = url[len(parts.scheme) + 3 + len(parts.netloc) :]
    if "@" in rest and (port is not None or "@" in parts.netloc or not parts.path):
        return None
    return f"{parts.scheme.lower()}://{host}{parts.path}"


def _name_in(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2] if _clean(url) else ""


def _table(call: Call, table: str | None, mode: Mode) -> Access | None:
    """A table of the database that a call is given by its URL."""
    url = call.text(1, "con")
    if table is None or url is None or not _IDENTIFIER.fullmatch(table) or not _SCHEME.match(url) or not _is_plain(url):
        return None
    scheme, _, rest = url.partition("://")
    if scheme.lower().partition("+")[0] == "sqlite":
        # sqlite:///data.db is a file of the working directory, sqlite:// is memory.
        path = rest.partition("?")[0][1:]
        file = _file_uri(path, call.folder) if path and path != ":memory:" else None
        database = file and f"sqlite{file.removeprefix('file')}"
    else:
        database = _clean(url)
    return _dataset(f"{database}#{table}", table, mode) if database else None
