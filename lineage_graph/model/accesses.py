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
from urllib.parse import urlsplit, urlunsplit

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
    arguments : sequence of (index, keyword, value, type)
        Its literals.
    """

    name: str
    modules: Sequence[str]
    path: str | None
    folder: str | None
    changes: Sequence[str]
    arguments: Sequence[Sequence[Any]]

    def text(self, index: int, *keywords: str) -> str | None:
        """The text that is given at a position or under a keyword; None where there is none, or no literal."""
        for position, keyword, value, type_ in self.arguments:
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

NAMES: tuple[str, ...] = tuple(
    sorted(
        {name for _, name in _FUNCTIONS}
        | _METHODS
        | _PATH_METHODS.keys()
        | _ARTIFACT_GETTERS
        | _SQL_READERS
        | {"open", "to_sql"}
    )
)

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_IDENTIFIER = re.compile(r"\w+(\.\w+)?")


def artifact_read(call: Call) -> ArtifactRead | None:
    """The artifact that a call gets; None where it gets none, or which one cannot be told."""
    if call.name not in _ARTIFACT_GETTERS or "lineapy" not in call.modules:
        return None
    name = call.text(0, "artifact_name", "name")
    if name is None:
        return None
    version: int | None = None
    for position, keyword, value, type_ in call.arguments:
        if (position == 1 or keyword == "version") and type_ != "NoneType":
            if type_ != "Integer":
                return None
            version = int(value)
    if version is None and _has_unknown_version(call):
        return None
    return ArtifactRead(name, version)


def _has_unknown_version(call: Call) -> bool:
    return any(keyword == "version" and type_ is None for _, keyword, _, type_ in call.arguments)


def access(call: Call) -> Access | None:
    """The file, table or URL that a call reads or writes; None where it does not, or which one cannot be told."""
    packages = {module.partition(".")[0] for module in call.modules}
    for package in packages:
        if rule := _FUNCTIONS.get((package, call.name)):
            mode, index, keywords, ending = rule
            path = call.text(index, *keywords)
            return _file(path, call.folder, mode, ending)
    if call.name in _SQL_READERS and "pandas" in packages:
        return _table(call.text(0, "table_name", "sql"), call.text(1, "con"), "read")
    if call.name == "to_sql" and "db" in call.changes:
        mode = "both" if call.text(3, "if_exists") == "append" else "write"
        return _table(call.text(0, "name"), call.text(1, "con"), mode)
    if call.name == "open" and (not call.modules or "io" in packages) and call.path is None:
        return _file(call.text(0, "file"), call.folder, _open_mode(call.text(1, "mode") or "r"), "")
    if call.path is not None and call.name in (*_PATH_METHODS, "open"):
        mode = _PATH_METHODS.get(call.name) or _open_mode(call.text(0, "mode") or "r")
        return _file(call.path, call.folder, mode, "")
    if call.name in _METHODS and not packages - {"matplotlib"} and "file_system" in call.changes:
        return _file(
            call.text(0, "path_or_buf", "path", "fname", "fp", "excel_writer", "buf"), call.folder, "write", ""
        )
    return None


def _open_mode(mode: str) -> Mode:
    if "a" in mode or "+" in mode:
        return "both"
    return "write" if "w" in mode or "x" in mode else "read"


def _file(path: str | None, folder: str | None, mode: Mode, ending: str) -> Access | None:
    if not path or path.startswith("~") or "\x00" in path or "\n" in path:
        return None
    if ending and not path.endswith(ending):
        path += ending
    if _SCHEME.match(path):
        return _url(path, mode)
    uri = _file_uri(path, folder)
    return Access(uri, re.split(r"[\\/]", path.rstrip("/\\"))[-1], mode) if uri and len(uri) <= 2000 else None


def _file_uri(path: str, folder: str | None) -> str | None:
    """The URI of a path, resolved against a folder; None where the folder is not known, or not absolute."""
    windows = PureWindowsPath(folder or "")
    if windows.drive and windows.root:
        whole = PureWindowsPath(folder or "", path)
        return PureWindowsPath(_normal(whole.as_posix())).as_uri() if whole.drive else None
    if not path.startswith("/") and not (folder or "").startswith("/"):
        return None
    return PurePosixPath(_normal(posixpath.join(folder or "/", path))).as_uri()


def _normal(path: str) -> str:
    normal = posixpath.normpath(path)
    return normal[1:] if normal.startswith("//") else normal


def _url(url: str, mode: Mode) -> Access | None:
    """A URL as a dataset: without user name and password, which are nobody's business."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    clean = urlunsplit((parts.scheme.lower(), parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return Access(clean, parts.path.rstrip("/").rpartition("/")[2] or clean, mode) if len(clean) <= 2000 else None


def _table(table: str | None, url: str | None, mode: Mode) -> Access | None:
    if table is None or url is None or not _IDENTIFIER.fullmatch(table) or ":" not in url:
        return None
    database = _url(url, mode) if _SCHEME.match(url) else None
    return Access(f"{database.uri}#{table}", table, mode) if database else None
