"""The asset manager: keeps values of nodes as files, named by what is in them.

A value's location is ``sha256:<64 hex digits>.<format>``: the checksum of its bytes and how they are to be read.
It holds wherever the store is moved, and equal values share a file. Formats that hold plain data only are
preferred; pickles are written and read on request alone, since loading one runs whatever it says (Python's
documentation of pickle).
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
import re
import sys
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from lineage_graph import queries
from lineage_graph.errors import (
    ConfigurationError,
    MissingExtra,
    PickleRefused,
    UnsupportedValue,
    ValueCorrupted,
    ValueMissing,
)
from lineage_graph.settings import ValueSettings

if TYPE_CHECKING:
    from lineage_graph.store import Store

LIST_LOCATIONS = queries.load("values/list_locations")
FIND_USED_LOCATIONS = queries.load("values/find_used_locations")

_LOCATION = re.compile(r"sha256:([0-9a-f]{64})\.(\w+)")
_FILE = re.compile(r"(?:^|/)([0-9a-f]{2})/\1[0-9a-f]{62}\.\w+$")

# Locations that one statement asks for.
BATCH = 1000

T = TypeVar("T")


@dataclass(frozen=True)
class StoredValue:
    """A value in the store.

    Attributes
    ----------
    location : str
        What a node value records of it.
    format : str
        How its bytes are read: txt, bin, json, npy, parquet, arrow or pkl.
    size : int
        In bytes.
    modified : datetime
        When it was last put, with a zone.
    """

    location: str
    format: str
    size: int
    modified: datetime


class ValueStore:
    """A folder of values on any file system that fsspec knows.

    Parameters
    ----------
    url : str, optional
        The folder: a path, or a URL of fsspec's (``s3://bucket/values``). LINEAGE_GRAPH_VALUES_URL, or else a
        folder in the user's data, when left out.
    allow_pickle : bool, optional
        Whether values that no plain format holds may be pickled, and pickles loaded. LINEAGE_GRAPH_VALUES_ALLOW_PICKLE,
        or else not, when left out.
    storage_options : dict, optional
        What fsspec hands to the file system.

    Raises
    ------
    MissingExtra
        If the extra ``values`` is not installed.
    ConfigurationError
        If fsspec does not know the URL.
    """

    def __init__(
        self, url: str | None = None, *, allow_pickle: bool | None = None, storage_options: dict[str, Any] | None = None
    ) -> None:
        settings = ValueSettings()
        try:
            import fsspec
            from fsspec.implementations.local import LocalFileSystem
            from platformdirs import user_data_path
        except ImportError as error:
            raise MissingExtra("values", "Keeping values") from error
        self.url = url or settings.url or str(user_data_path("lineage-graph") / "values")
        self.allow_pickle = settings.allow_pickle if allow_pickle is None else allow_pickle
        self._options = settings.options if storage_options is None else storage_options
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.url, **self._options)
        except (ImportError, ValueError) as error:
            raise ConfigurationError(f"the values' URL {self.url!r} cannot be used: {error}") from error
        self._is_local = isinstance(self._files, LocalFileSystem)
        self._lineapy_folder = settings.lineapy_folder or os.environ.get("LINEAPY_ARTIFACT_STORAGE_DIR")

    def __repr__(self) -> str:
        return f"ValueStore({self.url!r})"

    def put(self, value: Any) -> StoredValue:
        """Keep a value. One that is kept already is only marked as put now.

        Parameters
        ----------
        value : object
            Text, bytes and what JSON holds exactly; NumPy arrays without objects; pandas' frames that Parquet
            holds exactly; Arrow's tables; anything else that can be pickled, where pickles are allowed.

        Raises
        ------
        UnsupportedValue
            If only a pickle can hold it, and pickles are not allowed, or not even a pickle can.
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
        return StoredValue(f"sha256:{digest}.{format_}", format_, len(data), self._files.modified(path))

    def get(self, location: str) -> Any:
        """A value by its location: one of this store's, or a path or URL that LineaPy recorded.

        Raises
        ------
        ValueMissing
            If it is not there.
        ValueCorrupted
            If its bytes are not those that were put. LineaPy keeps no checksum, so of its values nobody knows.
        PickleRefused
            If it is a pickle, and pickles are not allowed.
        """
        data, format_ = self._read(location)
        return decode(data, format_, location, allow_pickle=self.allow_pickle)

    def check(self, location: str) -> None:
        """Refuse a value that is not there, or not as it was put; nothing is loaded.

        Raises
        ------
        ValueMissing, ValueCorrupted
        """
        self._read(location)

    def delete(self, location: str) -> None:
        """Delete a value of this store's; no error when it is gone. `collect_garbage` knows when that is safe."""
        digest, format_ = _parts(location)
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(digest, format_))

    def __iter__(self) -> Iterator[StoredValue]:
        """All values of this store."""
        for path, details in self._find("").items():
            if _FILE.search(path):
                digest, _, format_ = path.rpartition("/")[2].partition(".")
                modified = self._files.modified(path)
                yield StoredValue(f"sha256:{digest}.{format_}", format_, details["size"], modified)

    def delete_abandoned(self, before: datetime) -> None:
        """Delete what writers that were killed have left, if it was last written before a time."""
        for path in self._find("/partial"):
            with suppress(FileNotFoundError):
                if self._files.modified(path) < before:
                    self._files.rm_file(path)

    def _find(self, folder: str) -> dict[str, Any]:
        found: dict[str, Any] = self._files.find(self._root + folder, detail=True)
        return found

    def _path(self, digest: str, format_: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest}.{format_}"

    def _is_intact(self, path: str, digest: str) -> bool:
        try:
            return hashlib.sha256(self._files.cat_file(path)).hexdigest() == digest
        except FileNotFoundError:
            return False

    def _write(self, path: str, data: bytes) -> None:
        """Write a file so that it is either whole or not there, whenever the writer or the machine stops."""
        partial = f"{self._root}/partial/{uuid.uuid4().hex}"
        self._files.makedirs(f"{self._root}/partial", exist_ok=True)
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        if not self._is_local:
            self._files.pipe_file(partial, data)
            self._files.mv(partial, path)
            return
        with open(partial, "xb") as file:  # noqa: PTH123
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)  # noqa: PTH105
        _sync_folder(path.rpartition("/")[0])

    def _read(self, location: str) -> tuple[bytes, str]:
        """The bytes at a location, and their format; verified where there is a checksum."""
        if not location.startswith("sha256:"):
            return self._read_foreign(location)
        digest, format_ = _parts(location)
        try:
            data: bytes = self._files.cat_file(self._path(digest, format_))
        except FileNotFoundError:
            raise ValueMissing(f"the value {location} is not in {self.url}") from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise ValueCorrupted(f"the value {location} in {self.url} is not as it was put: restore it from a copy")
        return data, format_

    def _read_foreign(self, location: str) -> tuple[bytes, str]:
        """What LineaPy wrote: a path in its own folder, an absolute path, or a URL."""
        import fsspec

        url = location
        if "://" not in location and not os.path.isabs(location):  # noqa: PTH117
            folder = self._lineapy_folder or os.path.expanduser("~/.lineapy/linea_pickles")  # noqa: PTH111
            url = f"{folder.rstrip('/')}/{location}"
        try:
            with fsspec.open(url, "rb", **self._options) as file:
                return file.read(), "pkl"
        except FileNotFoundError:
            raise ValueMissing(
                f"the value {location} is not at {url}; LINEAGE_GRAPH_VALUES_LINEAPY_FOLDER names LineaPy's folder"
            ) from None
        except (ImportError, ValueError) as error:
            raise ValueMissing(f"the value {location} cannot be reached: {error}") from error


def encode(value: Any, *, allow_pickle: bool) -> tuple[bytes, str]:
    """The bytes of a value, and their format.

    Raises
    ------
    UnsupportedValue
    """
    if type(value) is str:
        with suppress(UnicodeEncodeError):
            return value.encode(), "txt"
    elif type(value) is bytes:
        return value, "bin"
    elif _is_json(value):
        # What is not a number is written as Python's json does: NaN, Infinity. Too long an int is a ValueError.
        with suppress(ValueError, RecursionError):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), "json"
    elif encoded := _encode_table(value):
        return encoded
    if not allow_pickle:
        raise UnsupportedValue(
            f"a {type(value).__name__} is held by no plain format here; allow_pickle=True, or "
            "LINEAGE_GRAPH_VALUES_ALLOW_PICKLE=true, allows it to be pickled"
        )
    try:
        # It also pickles functions and classes that a script defines.
        pickler = importlib.import_module("cloudpickle")
    except ImportError:
        pickler = importlib.import_module("pickle")
    try:
        return pickler.dumps(value), "pkl"
    except Exception as error:
        raise UnsupportedValue(f"a {type(value).__name__} cannot be pickled: {error}") from error


def decode(data: bytes, format_: str, location: str, *, allow_pickle: bool) -> Any:
    """The value that bytes of a format hold.

    Raises
    ------
    PickleRefused
    UnsupportedValue
        If it is a pickle that cannot be loaded, for want of a library, say.
    ValueCorrupted
        If the bytes are not of the format, or the format is unknown.
    MissingExtra
        If the library that reads the format is not installed.
    """
    if format_ == "pkl" and not allow_pickle:
        raise PickleRefused(
            f"the value {location} is a pickle, and loading one runs whatever it says. If you trust who wrote it: "
            "allow_pickle=True, or LINEAGE_GRAPH_VALUES_ALLOW_PICKLE=true"
        )
    try:
        return _decode(data, format_)
    except Exception as error:
        if format_ == "pkl":
            raise UnsupportedValue(f"the pickle {location} cannot be loaded here: {error}") from error
        if isinstance(error, ImportError):
            raise MissingExtra("values", f"Reading the value {location}") from error
        raise ValueCorrupted(f"the value {location} cannot be read as {format_}: {error}") from error


def _decode(data: bytes, format_: str) -> Any:
    if format_ == "txt":
        return data.decode()
    if format_ == "bin":
        return data
    if format_ == "json":
        return json.loads(data)
    if format_ == "npy":
        return importlib.import_module("numpy").load(io.BytesIO(data), allow_pickle=False)
    if format_ == "parquet":
        return importlib.import_module("pyarrow.parquet").read_table(io.BytesIO(data)).to_pandas()
    if format_ == "arrow":
        return importlib.import_module("pyarrow").ipc.open_file(data).read_all()
    if format_ == "pkl":
        import pickle

        return pickle.loads(data)  # noqa: S301
    raise ValueError(f"the format {format_} is not known")


def _is_json(value: Any) -> bool:
    """Whether JSON gives a value back just as it is: subclasses, tuples and keys that are not text are lost in it."""
    waiting = [value]
    seen = 0
    while waiting:
        one = waiting.pop()
        seen += 1
        if type(one) is list:
            waiting.extend(one)
        elif type(one) is dict:
            if not all(type(key) is str and _is_text(key) for key in one):
                return False
            waiting.extend(one.values())
        elif type(one) is str:
            if not _is_text(one):
                return False
        elif one is not None and type(one) not in (bool, int, float):
            return False
        if seen > 10_000_000:
            return False
    return True


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _encode_table(value: Any) -> tuple[bytes, str] | None:
    """An array or a table, where its library is loaded (else the value is none) and a plain format holds it."""
    buffer = io.BytesIO()
    numpy, pandas, arrow = (sys.modules.get(name) for name in ("numpy", "pandas", "pyarrow"))
    if numpy and type(value) is numpy.ndarray and not value.dtype.hasobject:
        numpy.save(buffer, value, allow_pickle=False)
        return buffer.getvalue(), "npy"
    if pandas and type(value) is pandas.DataFrame:
        with suppress(Exception):
            arrow = importlib.import_module("pyarrow")
            table = arrow.Table.from_pandas(value)
            importlib.import_module("pyarrow.parquet").write_table(table, buffer)
            # A frame that Parquet does not give back just as it is (object columns, say) is none for it.
            pandas.testing.assert_frame_equal(_decode(buffer.getvalue(), "parquet"), value, check_exact=True)
            return buffer.getvalue(), "parquet"
    elif arrow and type(value) is arrow.Table:
        with arrow.ipc.new_file(buffer, value.schema) as writer:
            writer.write_table(value)
        return buffer.getvalue(), "arrow"
    return None


def _parts(location: str) -> tuple[str, str]:
    found = _LOCATION.fullmatch(location)
    if not found:
        raise ValueMissing(f"{location!r} is no location of a value: sha256:, 64 hexadecimal digits and a format")
    return found[1], found[2]


def _sync_folder(path: str) -> None:
    """Have a new name in a folder survive a loss of power, where the system knows how."""
    if os.name == "posix":
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@dataclass
class ValueReport:
    """What a check of all values found.

    Attributes
    ----------
    checked : int
        Locations that node values record.
    elsewhere : int
        Those of them that MLflow keeps, which are not looked at.
    missing, corrupted, unreferenced : list of str
        Locations: of values that are not there, that are not as they were put, that no node value records.
    """

    checked: int = 0
    elsewhere: int = 0
    missing: list[str] = field(default_factory=list)
    corrupted: list[str] = field(default_factory=list)
    unreferenced: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether every value that is recorded is there as it was put."""
        return not self.missing and not self.corrupted


def check_values(store: Store, values: ValueStore) -> ValueReport:
    """Look at every value that the graph records, and for those that it does not.

    Parameters
    ----------
    store : Store
        The graph.
    values : ValueStore
        Where the values are.
    """
    report = ValueReport()
    after = ""
    while rows := store.read(LIST_LOCATIONS, after=after, limit=BATCH):
        for row in rows:
            after = row["location"]
            report.checked += 1
            if after.startswith(("runs:", "models:")):
                report.elsewhere += 1
                continue
            try:
                values.check(after)
            except ValueMissing:
                report.missing.append(after)
            except ValueCorrupted:
                report.corrupted.append(after)
    report.unreferenced = [value.location for value in _unreferenced(store, values)]
    return report


def collect_garbage(
    store: Store, values: ValueStore, *, delete: bool = False, grace: timedelta | None = None
) -> list[StoredValue]:
    """The values that no node value refers to, and that nobody has put for a while.

    Whoever records a value puts it first, and `ValueStore.put` marks also a value that is there as put now. So one
    that is older than the grace period, and that no node value refers to when asked after its age was read, is
    not one that is about to be recorded, as long as commits come sooner than that.

    Parameters
    ----------
    store : Store
        The graph. Every graph that shares the values must be asked: a store of values belongs to one graph.
    values : ValueStore
        Where the values are.
    delete : bool
        Delete them, and what killed writers have left.
    grace : timedelta, optional
        LINEAGE_GRAPH_VALUES_GRACE_HOURS, or else an hour, when left out.
    """
    if grace is None:
        grace = timedelta(hours=ValueSettings().grace_hours)
    before = datetime.now(timezone.utc) - grace
    garbage = [value for value in _unreferenced(store, values) if value.modified < before]
    if delete:
        for value in garbage:
            values.delete(value.location)
        values.delete_abandoned(before)
    return garbage


def _unreferenced(store: Store, values: ValueStore) -> Iterator[StoredValue]:
    for batch in _batches(values):
        found = store.read(FIND_USED_LOCATIONS, locations=[value.location for value in batch])
        used = {row["location"] for row in found}
        yield from (value for value in batch if value.location not in used)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
