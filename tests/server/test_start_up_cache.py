"""What is recorded for fast starts: kept when it is whole, and never left behind when it is not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lineage_graph.server import start_up_cache
from lineage_graph.server.java import Java

WHOLE, HALF = b"header".ljust(64, b"x"), bytes(64)


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    lib = tmp_path / "cache" / "neo4j-x"
    lib.mkdir(parents=True)
    (lib / "a.jar").touch()
    return lib


def recording_of(lib: Path, folder: Path) -> Path:
    chosen = start_up_cache.choose(Java(Path("java"), "25.0.2"), "x", lib, ["a.jar"], (), folder)
    (name,) = (option.partition("=../")[2] for option in chosen.options if option.startswith("-XX:AOTCacheOutput="))
    return lib.parent / name


def left(lib: Path) -> list[str]:
    return sorted(path.name for path in lib.parent.iterdir() if path != lib)


def test_a_whole_recording_is_used_by_all_folders(lib: Path, tmp_path: Path) -> None:
    recording = recording_of(lib, tmp_path / "one")
    recording.write_bytes(WHOLE)
    start_up_cache.keep_recordings(lib, tmp_path / "one", has_answered=True)
    (name,) = left(lib)
    chosen = start_up_cache.choose(Java(Path("java"), "25.0.2"), "x", lib, ["a.jar"], (), tmp_path / "two")
    assert chosen.used == lib.parent / name
    assert f"-XX:AOTCache=../{name}" in chosen.options


def test_options_of_the_compilers_share_a_recording_and_make_none(lib: Path, tmp_path: Path) -> None:
    java, quick = Java(Path("java"), "25.0.2"), ("-XX:TieredStopAtLevel=1",)
    assert start_up_cache.choose(java, "x", lib, ["a.jar"], quick, tmp_path).options == []
    recording_of(lib, tmp_path / "one").write_bytes(WHOLE)
    start_up_cache.keep_recordings(lib, tmp_path / "one", has_answered=True)
    assert start_up_cache.choose(java, "x", lib, ["a.jar"], quick, tmp_path).used is not None
    assert start_up_cache.choose(java, "x", lib, ["a.jar"], ("-Xmx4g",), tmp_path).used is None


def test_what_was_cut_off_is_removed_by_the_folder_s_next_start(lib: Path, tmp_path: Path) -> None:
    recording = recording_of(lib, tmp_path / "one")
    other = recording_of(lib, tmp_path / "two")
    for path in (recording, other):
        path.write_bytes(HALF)
        Path(f"{path}.config").write_bytes(WHOLE)
    start_up_cache.keep_recordings(lib, tmp_path / "one", has_answered=True)
    # Another server may be writing these just now.
    assert left(lib) == sorted([other.name, f"{other.name}.config"])
    long_ago = time.time() - 2 * start_up_cache.ABANDONED_AFTER
    for path in (other, Path(f"{other}.config")):
        os.utime(path, (long_ago, long_ago))
    start_up_cache.keep_recordings(lib, tmp_path / "one", has_answered=True)
    assert left(lib) == []


def test_what_a_failed_start_recorded_is_removed(lib: Path, tmp_path: Path) -> None:
    recording_of(lib, tmp_path / "one").write_bytes(WHOLE)
    start_up_cache.keep_recordings(lib, tmp_path / "one", has_answered=False)
    assert left(lib) == []
