"""The value store by itself: what was put comes back just as it was, or not at all."""

from __future__ import annotations

import contextlib
import math
import pickle
import subprocess
import sys
import threading
import time
import uuid
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import numpy
import pandas
import platformdirs
import pyarrow
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.spec import AbstractFileSystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph.errors import (
    ConfigurationError,
    PickleRefused,
    UnsupportedValue,
    ValueCorrupted,
    ValueMissing,
    ValueStoreError,
)
from lineage_graph.values import ValueStore

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
ANY_FILE_SYSTEM = pytest.mark.parametrize("scheme", ["path", "file", "memory", "unusual path", "unusual memory"])

# What fsspec may take for a pattern, a chain of URLs or a scheme.
UNUSUAL = "a [b]*?::c: {d} %20#é"


class Point:
    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and other.x == self.x

    __hash__ = None  # type: ignore[assignment]


@pytest.fixture
def values(tmp_path: Path) -> ValueStore:
    return ValueStore(str(tmp_path / "values"))


def store_on(scheme: str, folder: Path, **options: Any) -> ValueStore:
    memory = f"memory://{uuid.uuid4()}"
    urls = {"path": str(folder), "file": f"file://{folder}", "memory": memory}
    urls |= {"unusual path": str(folder / UNUSUAL), "unusual memory": f"{memory}/{UNUSUAL.replace('::', ':')}/"}
    return ValueStore(urls[scheme], **options)


def files(values: ValueStore) -> list[Path]:
    return sorted(path for path in Path(values.url).rglob("*") if path.is_file())


def same(found: Any, value: Any) -> bool:
    return type(found) is type(value) and (found == value and repr(found) == repr(value))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=JSON | st.binary())
def test_plain_values_come_back_as_they_were(values: ValueStore, value: Any) -> None:
    assert same(values.get(values.put(value).location), value)


@ANY_FILE_SYSTEM
def test_on_any_file_system(scheme: str, tmp_path: Path) -> None:
    values = store_on(scheme, tmp_path)
    stored = values.put("text")
    assert values.put("text").location == stored.location
    other = values.put(b"text")
    assert (stored.format, other.format, stored.size) == ("txt", "bin", 4)
    assert {value.location for value in values} == {stored.location, other.location}
    assert values.get(stored.location) == "text"
    values.delete(stored.location)
    values.delete(stored.location)
    with pytest.raises(ValueMissing, match="is not in"):
        values.get(stored.location)
    assert values.get(other.location) == b"text"


@pytest.mark.parametrize("value", [math.inf, -math.inf, [1, [math.inf]], -0.0, 2**200, "\0", {"a": {"b": []}}, [None]])
def test_numbers_and_structures_at_the_edge(values: ValueStore, value: Any) -> None:
    assert same(values.get(values.put(value).location), value)
    assert math.isnan(values.get(values.put(math.nan).location))


@pytest.mark.parametrize(
    "array",
    [
        numpy.arange(12.0).reshape(3, 4),
        numpy.array([], dtype="int8"),
        numpy.array(5, dtype=">u2"),
        numpy.asfortranarray(numpy.ones((2, 3))),
        numpy.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]),
        numpy.array(["2026-11-24", "NaT"], dtype="datetime64[D]"),
        numpy.array(["é", ""]),
    ],
    ids=lambda array: str(array.dtype),
)
def test_arrays(values: ValueStore, array: Any) -> None:
    stored = values.put(array)
    found = values.get(stored.location)
    assert stored.format == "npy"
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    numpy.testing.assert_array_equal(found, array)


def test_tables(values: ValueStore) -> None:
    frame = pandas.DataFrame(
        {"a": [1, 2], "b": [0.5, math.nan], "c": ["x", None], "d": pandas.to_datetime(["2026-11-24", None], utc=True)},
        index=pandas.Index([10, 20], name="key"),
    )
    stored = values.put(frame)
    assert stored.format == "parquet"
    pandas.testing.assert_frame_equal(values.get(stored.location), frame)
    table = pyarrow.table({"a": [1, 2], "b": [["x"], None]})
    stored = values.put(table)
    assert stored.format == "arrow"
    assert values.get(stored.location).equals(table)


@pytest.mark.parametrize(
    "value",
    [
        (1, 2),
        {1: "a"},
        {"a": (1,)},
        "\udc80",
        ["\udc80"],
        {1},
        1j,
        True and numpy.float64(1.5),
        numpy.array([{}], dtype=object),
        pandas.DataFrame({"a": [{1}, "mixed"]}),
        Point(3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_no_plain_format_holds_needs_leave_to_be_pickled(tmp_path: Path, value: Any) -> None:
    with pytest.raises(UnsupportedValue, match="allow_pickle=True"):
        ValueStore(str(tmp_path)).put(value)
    assert not list(tmp_path.rglob("*"))
    willing = ValueStore(str(tmp_path), allow_pickle=True)
    stored = willing.put(value)
    assert stored.format == "pkl"
    found = willing.get(stored.location)
    assert type(found) is type(value)
    assert pickle.dumps(found) == pickle.dumps(value) or found == value


def test_what_cannot_even_be_pickled(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedValue, match="cannot be pickled"):
        ValueStore(str(tmp_path), allow_pickle=True).put(threading.Lock())
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(UnsupportedValue):
        ValueStore(str(tmp_path)).put(cycle)


class Trap:
    """Makes a file when it is loaded."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (open, (self.path, "w"))


def test_a_pickle_is_never_loaded_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = tmp_path / "sprung"
    folder = str(tmp_path / "values")
    location = ValueStore(folder, allow_pickle=True).put(Trap(str(trap))).location
    values = ValueStore(folder)
    with pytest.raises(PickleRefused, match="allow_pickle=True"):
        values.get(location)
    values.check(location)
    assert not trap.exists()
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_ALLOW_PICKLE", "true")
    ValueStore(folder).get(location).close()
    assert trap.exists()


@pytest.mark.parametrize("value", ["text", b"bytes", [1, 2], numpy.arange(3)], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("damage", ["flipped", "cut", "longer", "empty"])
def test_damaged_bytes_are_refused_and_putting_them_again_heals(values: ValueStore, value: Any, damage: str) -> None:
    location = values.put(value).location
    (file,) = files(values)
    data = bytearray(file.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 1
    damaged = {"cut": data[:-1], "longer": data + b"x", "empty": bytearray()}
    file.write_bytes(damaged.get(damage, data))
    for look in (values.get, values.check):
        with pytest.raises(ValueCorrupted, match="not as it was put"):
            look(location)
    values.put(value)
    values.check(location)


def test_a_location_is_not_a_path(values: ValueStore, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    for location in ("sha256:../../secret", "sha256:" + "0" * 64, "sha256:" + "0" * 64 + ".txt/../../x", "sha256:"):
        with pytest.raises(ValueMissing):
            values.get(location)


def test_a_location_holds_when_the_store_is_moved(values: ValueStore, tmp_path: Path) -> None:
    location = values.put({"a": 1}).location
    Path(values.url).rename(tmp_path / "moved")
    assert ValueStore(str(tmp_path / "moved")).get(location) == {"a": 1}


def test_a_value_is_described_without_being_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: ValueStore
) -> None:
    for value, shape, columns in (
        (numpy.zeros((3, 0, 2)), (3, 0, 2), None),
        (pandas.DataFrame({"a": [1], "b": ["x"]}), (1, 2), ("a", "b")),
        (pandas.DataFrame({"a": [1]}, index=pandas.Index(["x"], name="key")), (1, 1), ("a",)),
        (pyarrow.table({"a": [1, 2]}), (2, 1), ("a",)),
        ("text", None, None),
    ):
        stored = values.put(value)
        described = values.describe(stored.location)
        assert (described.size, described.shape, described.columns) == (stored.size, shape, columns)
        assert described.sha256 in stored.location
    (tmp_path / "it.pkl").write_bytes(b"cos\nabort\n(tR.")
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_LINEAPY_FOLDER", str(tmp_path))
    assert ValueStore(str(tmp_path)).describe("it.pkl").size == 14
    with pytest.raises(ValueMissing):
        values.describe("none.pkl")


def test_equal_values_share_a_file(values: ValueStore) -> None:
    assert values.put([1, 2]).location == values.put([1, 2]).location
    assert values.put(numpy.arange(3)).location == values.put(numpy.arange(3)).location
    frame = pandas.DataFrame({"a": [1, 2]})
    assert values.put(frame).location == values.put(frame.copy()).location
    assert len(files(values)) == 3


WRITER = """
import os, sys
from lineage_graph.values import ValueStore
values = ValueStore(sys.argv[1])
while True:
    values.put(os.urandom(int(sys.argv[2])))
"""


@pytest.mark.parametrize("_", range(3))
def test_a_writer_that_is_killed_amid_a_value_leaves_only_whole_ones(values: ValueStore, _: int) -> None:
    size = 20_000_000

    def incomplete() -> list[Path]:
        found = []
        for file in files(values):
            with contextlib.suppress(FileNotFoundError):  # moved meanwhile
                if 0 < file.stat().st_size < size:
                    found.append(file)
        return found

    with subprocess.Popen([sys.executable, "-c", WRITER, values.url, str(size)]) as writer:
        deadline = time.monotonic() + 60
        # Once it has put a value, and is at work on the next.
        while not (list(values) and incomplete()):
            assert writer.poll() is None
            assert time.monotonic() < deadline
        writer.kill()
    whole = list(values)
    assert whole
    for value in whole:
        assert value.size == size
        values.check(value.location)
    values.delete_abandoned(datetime.now(timezone.utc) + timedelta(minutes=1))
    assert len(files(values)) == len(whole)


SAME = """
import sys
from lineage_graph.values import ValueStore
values = ValueStore(sys.argv[1])
for number in range(200):
    values.check(values.put("x" * 10_000 + str(number % 5)).location)
"""


def test_processes_put_equal_values_at_once(values: ValueStore) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", SAME, values.url]) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(list(values)) == 5
    assert len(files(values)) == 5


def test_values_that_lineapy_wrote_are_read_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "linea_pickles" / "pre-12-post.pkl"
    own.parent.mkdir()
    own.write_bytes(pickle.dumps((1, 2)))
    monkeypatch.setenv("LINEAPY_ARTIFACT_STORAGE_DIR", str(own.parent))
    folder = str(tmp_path / "values")
    with pytest.raises(PickleRefused):
        ValueStore(folder).get(own.name)
    willing = ValueStore(folder, allow_pickle=True)
    for location in (own.name, str(own), f"file://{own}"):
        assert willing.get(location) == (1, 2)
        willing.check(location)
    with pytest.raises(ValueMissing, match="LINEAGE_GRAPH_VALUES_LINEAPY_FOLDER"):
        willing.get("pre-13-post.pkl")
    with pytest.raises(ValueMissing, match="cannot be reached"):
        willing.get("nosuchscheme://host/pre-12-post.pkl")
    monkeypatch.delenv("LINEAPY_ARTIFACT_STORAGE_DIR")
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_LINEAPY_FOLDER", str(own.parent))
    assert ValueStore(folder, allow_pickle=True).get(own.name) == (1, 2)


def test_a_url_that_fsspec_does_not_know() -> None:
    with pytest.raises(ConfigurationError, match="nosuchscheme"):
        ValueStore("nosuchscheme://host/values")


def test_a_folder_of_any_name_is_that_folder(tmp_path: Path) -> None:
    folder = tmp_path / UNUSUAL
    store = ValueStore(str(folder), allow_pickle=True)
    store.put("text")
    assert [path.name for path in tmp_path.iterdir()] == [UNUSUAL]
    pickled = folder / "from LineaPy"
    pickled.write_bytes(pickle.dumps(7))
    assert store.get(str(pickled)) == 7
    with pytest.raises(ValueMissing):
        store.get(str(pickled) + "*")


def test_a_file_system_that_tells_no_times() -> None:
    class Timeless(MemoryFileSystem):  # type: ignore[misc]
        """As fsspec's FTP, HTTP and archives are."""

        protocol = "timeless"
        store: ClassVar[dict[str, Any]] = {}
        modified = AbstractFileSystem.modified

    fsspec.register_implementation("timeless", Timeless, clobber=True)
    store = ValueStore(f"timeless://{uuid.uuid4()}")
    before = datetime.now(timezone.utc)
    stored = store.put("text")
    assert stored.modified >= before
    # Nobody knows that it is old enough to be deleted.
    assert [value.modified >= before for value in store] == [True]
    store.delete_abandoned(datetime.now(timezone.utc))
    assert store.get(stored.location) == "text"


def test_what_a_file_system_refuses_is_told_with_the_setting_and_without_the_password(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueStoreError, match=r"cannot be .*Not a directory.*LINEAGE_GRAPH_VALUES_URL"):
        ValueStore(str(tmp_path / "file" / "below")).put("text")
    archive = tmp_path / "values.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("x", "")
    with pytest.raises(ValueStoreError, match="LINEAGE_GRAPH_VALUES_URL"):
        ValueStore(f"zip://::{archive}").put("text")
    with pytest.raises(ConfigurationError) as refused:
        ValueStore("ftp://ada:secret@127.0.0.1:1/values")
    assert "secret" not in str(refused.value)


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINEAGE_GRAPH_VALUES_URL", raising=False)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: Path("~/.local/share") / name)
    with pytest.raises(ConfigurationError, match="set LINEAGE_GRAPH_VALUES_URL"):
        ValueStore()
