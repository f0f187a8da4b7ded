"""The asset manager: keeps values of operations as files, named by their checksums.

A value's location is ``sha256:<64 hex digits>.<format>``: the checksum of its bytes and their format.
It stays valid when the store is moved, and equal values share a file. Formats that hold plain data only are
preferred; pickles are written and read only on request, since loading one runs any code in it (source: Python's
documentation of pickle).
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

from lineage_graph.errors import (
    ConfigurationError,
    LineageGraphError,
    MissingExtra,
    ValueCorrupted,
    ValueMissing,
    ValueStoreError,
    public_url,
)
from lineage_graph.files.whole import write_whole
from lineage_graph.settings import ValueSettings
from lineage_graph.values.formats import decode, encode, layout

_LOCATION = re.compile(r"sha256:([0-9a-f]{64})\.(\w+)")
_FILE = re.compile(r"(?:^|/)([0-9a-f]{2})/\1[0-9a-f]{62}\.\w+$")

# Locations in one statement.
BATCH = 1000

T = TypeVar("T")


@dataclass(frozen=True)
class StoredValue:
    """A value in the store.

    Attributes
    ----------
    location : str
        The text that a node value records.
    format : str
        The format of its bytes: txt, bin, json, npy, parquet, arrow or pkl.
    size : int
        Its size in bytes.
    modified : datetime
        When it was last put; a datetime with a zone.
    """

    location: str
    format: str
    size: int
    modified: datetime


@dataclass(frozen=True)
class ValueDescription:
    """What can be told about a value without loading it.

    Attributes
    ----------
    size : int
        Its size in bytes.
    sha256 : str
        The checksum of its bytes: 64 hexadecimal digits.
    shape : tuple of int, optional
        Of an array, or of a table as rows and columns.
    columns : tuple of str, optional
        The names of a table's columns.
    """

    size: int
    sha256: str
    shape: tuple[int, ...] | None = None
    columns: tuple[str, ...] | None = None


class ValueStore:
    """A folder of values on any file system that fsspec knows.

    Parameters
    ----------
    url : str, optional
        The folder: a path, or an fsspec URL (``s3://bucket/values``). When left out: LINEAGE_GRAPH_VALUES_URL, or else
        a folder in the user's data.
    allow_pickle : bool, optional
        Whether it may pickle values that no plain format holds, and load pickles. When left out:
        LINEAGE_GRAPH_VALUES_ALLOW_PICKLE, or else False.
    storage_options : dict, optional
        Options that fsspec passes to the file system.
    settings : ValueSettings, optional
        What counts where an argument is left out; read from the environment when left out too.

    Raises
    ------
    MissingExtra
        If the extra ``values`` is not installed.
    ConfigurationError
        If fsspec does not know the URL.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        allow_pickle: bool | None = None,
        storage_options: dict[str, Any] | None = None,
        settings: ValueSettings | None = None,
    ) -> None:
        settings = settings or ValueSettings()
        try:
            from fsspec.implementations.local import LocalFileSystem
            from platformdirs import user_data_path
        except ImportError as error:
            raise MissingExtra("values", "Keeping values") from error
        self.url = url or settings.url or _default_url(user_data_path)
        self.shown_url = public_url(self.url)
        self.allow_pickle = settings.allow_pickle if allow_pickle is None else allow_pickle
        self._options = settings.options if storage_options is None else storage_options
        try:
            self._files, root = self._open(self.url)
            self._root = root.rstrip("/")
        except Exception as error:
            # Each file system has errors of its own, and many show the whole URL.
            reason = str(error).replace(self.url, self.shown_url)
            problem = f"the values' URL {self.shown_url!r} cannot be used: {type(error).__name__}: {reason}"
            raise ConfigurationError(problem) from None
        self._is_local = isinstance(self._files, LocalFileSystem)
        self._lineapy_folder = settings.lineapy_folder

    def __repr__(self) -> str:
        return f"ValueStore({self.shown_url!r})"

    def put(self, value: Any) -> StoredValue:
        """Store a value. For a value that is stored already, this only renews its age.

        Parameters
        ----------
        value : object
            Text, bytes, and values that JSON holds exactly; NumPy arrays without objects; pandas frames that Parquet
            holds exactly; Arrow tables; anything else that can be pickled, if pickles are allowed.

        Raises
        ------
        UnsupportedValue
            If only a pickle can hold it and pickles are not allowed, or if not even a pickle can.
        ValueStoreError
            If the store cannot be written to.
        """
        data, format_ = encode(value, allow_pickle=self.allow_pickle)
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest, format_)
        if not self._is_intact(path, digest):
            self._write(path, data)
        elif self._is_local:
            os.utime(path)
        else:
            # Not every file system can touch a file.
            self._write(path, data)
        return StoredValue(f"sha256:{digest}.{format_}", format_, len(data), self._modified(path) or _now())

    def get(self, location: str) -> Any:
        """A value by its location in this store, or by a path or URL that LineaPy recorded.

        Raises
        ------
        ValueMissing
            If it is not there.
        ValueCorrupted
            If its bytes have changed. LineaPy keeps no checksums, so this is not checked for its values.
        PickleRefused
            If it is a pickle, and pickles are not allowed.
        """
        data, format_ = self._read(location)
        return decode(data, format_, location, allow_pickle=self.allow_pickle)

    def check(self, location: str) -> None:
        """Check that a value exists and is unchanged, without loading it.

        Raises
        ------
        ValueMissing, ValueCorrupted
        """
        self._read(location)

    def describe(self, location: str) -> ValueDescription:
        """What can be told about a value without loading it: a pickle has a size and a checksum, but no shape.

        Raises
        ------
        ValueMissing, ValueCorrupted
        MissingExtra
            If the library that reads its format is not installed.
        """
        data, format_ = self._read(location)
        shape, columns = layout(data, format_)
        return ValueDescription(len(data), hashlib.sha256(data).hexdigest(), shape, columns)

    def delete(self, location: str) -> None:
        """Delete a value of this store, if it exists. `collect_garbage` decides when that is safe."""
        digest, format_ = _parts(location)
        with suppress(FileNotFoundError), self._told("deleted from"):
            self._files.rm_file(self._path(digest, format_))

    def __iter__(self) -> Iterator[StoredValue]:
        """All values of this store."""
        for path, details in self._find("").items():
            if _FILE.search(path):
                digest, _, format_ = path.rpartition("/")[2].partition(".")
                # A value of unknown age is not old enough to be deleted.
                modified = self._modified(path) or _now()
                yield StoredValue(f"sha256:{digest}.{format_}", format_, details["size"], modified)

    def delete_abandoned(self, before: datetime) -> None:
        """Delete the partial files of killed writers that were last written before a time."""
        for path in self._find("/partial"):
            with suppress(FileNotFoundError), self._told("deleted from"):
                modified = self._modified(path)
                if modified is not None and modified < before:
                    self._files.rm_file(path)

    def _find(self, folder: str) -> dict[str, Any]:
        with self._told("listed in"):
            found: dict[str, Any] = self._files.find(self._root + folder or "/", detail=True)
        return found

    def _open(self, url: str) -> tuple[Any, str]:
        """The file system of a URL, and the path on it."""
        import fsspec.core

        if os.path.isabs(url):  # noqa: PTH117
            # An absolute path is no URL, although fsspec would take "::" and "://" in it for parts of one.
            files = fsspec.filesystem("file", **self._options)
            return files, files._strip_protocol(f"file://{url}")
        files, path = fsspec.core.url_to_fs(url, **self._options)
        return files, path

    def _modified(self, path: str) -> datetime | None:
        """When a file was last written, with a zone; None if its file system does not tell."""
        try:
            with self._told("looked at in"):
                modified: datetime = self._files.modified(path)
        except NotImplementedError:
            return None
        return modified if modified.tzinfo else modified.replace(tzinfo=timezone.utc)

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Translate the errors of a file system, except for a missing file."""
        try:
            yield
        except (FileNotFoundError, NotImplementedError, LineageGraphError):
            raise
        except Exception as error:
            # Each file system has errors of its own.
            reason = str(error).replace(self.url, self.shown_url)
            raise ValueStoreError(
                f"values cannot be {done} {self.shown_url} ({type(error).__name__}: {reason}): "
                "LINEAGE_GRAPH_VALUES_URL names the place, LINEAGE_GRAPH_VALUES_OPTIONS how it is reached"
            ) from error

    def _path(self, digest: str, format_: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest}.{format_}"

    def _is_intact(self, path: str, digest: str) -> bool:
        try:
            with self._told("read from"):
                return hashlib.sha256(self._files.cat_file(path)).hexdigest() == digest
        except FileNotFoundError:
            return False

    def _write(self, path: str, data: bytes) -> None:
        """Write a file so that it is whole or missing, even if the writer or the machine stops."""
        try:
            with self._told("written to"):
                self._write_whole(path, data)
        except NotImplementedError as error:
            raise ValueStoreError(
                f"{self.shown_url} can only be read: set LINEAGE_GRAPH_VALUES_URL to a place that can be written to"
            ) from error

    def _write_whole(self, path: str, data: bytes) -> None:
        partial = f"{self._root}/partial/{uuid.uuid4().hex}"
        self._files.makedirs(f"{self._root}/partial", exist_ok=True)
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        if not self._is_local:
            self._files.pipe_file(partial, data)
            try:
                # Unlike mv(), cp_file() takes no character of a path for a pattern.
                self._files.cp_file(partial, path)
            except NotImplementedError:
                self._files.mv(partial, path)
            else:
                self._files.rm_file(partial)
            return
        write_whole(Path(path), data, partial=Path(partial))

    def _read(self, location: str) -> tuple[bytes, str]:
        """The bytes at a location, verified if there is a checksum, and their format."""
        if not location.startswith("sha256:"):
            return self._read_foreign(location)
        digest, format_ = _parts(location)
        try:
            with self._told("read from"):
                data: bytes = self._files.cat_file(self._path(digest, format_))
        except FileNotFoundError:
            raise ValueMissing(f"the value {location} is not in {self.shown_url}") from None
        if hashlib.sha256(data).hexdigest() != digest:
            problem = "is not as it was put: restore it from a copy"
            raise ValueCorrupted(f"the value {location} in {self.shown_url} {problem}")
        return data, format_

    def _read_foreign(self, location: str) -> tuple[bytes, str]:
        """The bytes of a value that LineaPy wrote: at a path in its own folder, an absolute path, or a URL."""
        url = location
        if "://" not in location and not os.path.isabs(location):  # noqa: PTH117
            folder = self._lineapy_folder or os.path.expanduser("~/.lineapy/linea_pickles")  # noqa: PTH111
            url = f"{folder.rstrip('/')}/{location}"
        try:
            files, path = self._open(url)
            data: bytes = files.cat_file(path)
        except FileNotFoundError:
            raise ValueMissing(
                f"the value {public_url(location)} is not at {public_url(url)}; "
                "LINEAGE_GRAPH_VALUES_LINEAPY_FOLDER names LineaPy's folder"
            ) from None
        except Exception as error:
            # Each file system has errors of its own, and many show the whole URL.
            reason = f"{type(error).__name__}: {str(error).replace(url, public_url(url))}"
            raise ValueMissing(f"the value {public_url(location)} cannot be reached: {reason}") from None
        return data, "pkl"


def _default_url(find: Callable[[str], Path]) -> str:
    # Without a home folder, some versions of platformdirs raise RuntimeError, and others return a relative path.
    with suppress(RuntimeError):
        folder = find("lineage-graph")
        if folder.is_absolute():
            return str(folder / "values")
    raise ConfigurationError("this user has no home folder to keep values in: set LINEAGE_GRAPH_VALUES_URL")


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _parts(location: str) -> tuple[str, str]:
    found = _LOCATION.fullmatch(location)
    if not found:
        raise ValueMissing(f"{location!r} is not the location of a value: sha256:, 64 hexadecimal digits and a format")
    return found[1], found[2]
