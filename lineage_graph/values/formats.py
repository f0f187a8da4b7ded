"""Converts values to bytes and back: plain formats first, pickles only on request."""

from __future__ import annotations

import importlib
import io
import json
import sys
from contextlib import suppress
from typing import Any

from lineage_graph.errors import MissingExtra, PickleRefused, UnsupportedValue, ValueCorrupted


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
        # NaN and Infinity are written as Python's json writes them. An int of too many digits is a ValueError.
        with suppress(ValueError, RecursionError):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), "json"
    elif encoded := _encode_table(value):
        return encoded
    if not allow_pickle:
        raise UnsupportedValue(
            f"no plain format holds a {type(value).__name__}; allow_pickle=True, or "
            "LINEAGE_GRAPH_VALUES_ALLOW_PICKLE=true, allows it to be pickled"
        )
    try:
        # cloudpickle also pickles functions and classes that a script defines.
        pickler = importlib.import_module("cloudpickle")
    except ImportError:
        pickler = importlib.import_module("pickle")
    try:
        return pickler.dumps(value), "pkl"
    except Exception as error:
        raise UnsupportedValue(f"a {type(value).__name__} cannot be pickled: {error}") from error


def decode(data: bytes, format_: str, location: str, *, allow_pickle: bool) -> Any:
    """The value in bytes of a format.

    Raises
    ------
    PickleRefused
    UnsupportedValue
        If it is a pickle that cannot be loaded, for example because a library is missing.
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
    except UnsupportedValue:
        raise
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
    raise UnsupportedValue(f"no value can be read as {format_}: this version does not know that format")


def layout(data: bytes, format_: str) -> tuple[tuple[int, ...] | None, tuple[str, ...] | None]:
    """The shape and the column names of an array or table in bytes of a format; None for what has none.

    It reads headers and footers only: no value is made, and no pickle is loaded.

    Raises
    ------
    ValueCorrupted
        If the bytes are not of the format.
    MissingExtra
        If the library that reads the format is not installed.
    """
    try:
        if format_ == "npy":
            numpy_format: Any = importlib.import_module("numpy.lib.format")
            file = io.BytesIO(data)
            read = numpy_format.read_array_header_1_0
            if numpy_format.read_magic(file) != (1, 0):
                read = numpy_format.read_array_header_2_0
            return tuple(read(file)[0]), None
        if format_ == "parquet":
            footer = importlib.import_module("pyarrow.parquet").ParquetFile(io.BytesIO(data))
            schema, rows = footer.schema_arrow, footer.metadata.num_rows
        elif format_ == "arrow":
            table = importlib.import_module("pyarrow").ipc.open_file(data)
            schema = table.schema
            rows = sum(table.get_batch(number).num_rows for number in range(table.num_record_batches))
        else:
            return None, None
    except ImportError as error:
        raise MissingExtra("values", f"Reading the shape of a value in {format_}") from error
    except Exception as error:
        raise ValueCorrupted(f"a value cannot be read as {format_}: {error}") from error
    index = [name for name in (schema.pandas_metadata or {}).get("index_columns", ()) if isinstance(name, str)]
    columns = tuple(name for name in schema.names if name not in index)
    return (rows, len(columns)), columns


def _is_json(value: Any) -> bool:
    """Whether JSON keeps a value exactly. It loses subclasses, tuples, and keys that are not text."""
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
    """The bytes of an array or table, if a plain format holds it. Without its library loaded, the value is neither."""
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
            # A frame that Parquet does not return exactly (with object columns, for example) needs another format.
            pandas.testing.assert_frame_equal(_decode(buffer.getvalue(), "parquet"), value, check_exact=True)
            return buffer.getvalue(), "parquet"
    elif arrow and type(value) is arrow.Table:
        with arrow.ipc.new_file(buffer, value.schema) as writer:
            writer.write_table(value)
        return buffer.getvalue(), "arrow"
    return None
