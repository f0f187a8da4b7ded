"""What calls read and write, told from their functions and literals: exactly, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from lineage_graph.model.accesses import LONGEST, Access, ArtifactRead, Call, access, artifact_read


def call(name: str, *texts: Any, **more: Any) -> Call:
    """A call of these positional arguments; None is one that is no literal."""
    kinds = {str: "String", int: "Integer", type(None): None}
    arguments = [
        [index, None, None if text is None else str(text), kinds[type(text)], False] for index, text in enumerate(texts)
    ]
    arguments += more.pop("arguments", [])
    return Call(
        **{
            "name": name,
            "modules": [],
            "path": None,
            "folder": "/home/ada",
            "changes": [],
            "arguments": arguments,
            "is_method": bool(more.get("modules")),
        }
        | more
    )


def of_pandas(*texts: Any, **more: Any) -> Call:
    return call("read_csv", *texts, modules=["pandas"], **more)


@pytest.mark.parametrize(
    ("made", "uri", "mode"),
    [
        (of_pandas("a b.csv"), "file:///home/ada/a%20b.csv", "read"),
        (of_pandas("../é.csv"), "file:///home/%C3%A9.csv", "read"),
        (of_pandas("/x/y.csv", folder=None), "file:///x/y.csv", "read"),
        (of_pandas("x.csv", folder="C:\\data"), "file:///C:/data/x.csv", "read"),
        (of_pandas("https://ada:secret@example.org/x.csv?token=secret"), "https://example.org/x.csv", "read"),
        (of_pandas("s3://bucket/a@b.csv"), "s3://bucket/a@b.csv", "read"),
        (call("open", "x", "a"), "file:///home/ada/x", "both"),
        (call("open", "x", "wb"), "file:///home/ada/x", "write"),
        (call("open", "x", modules=["PIL."]), "file:///home/ada/x", "read"),
        (call("read_text", path="x", modules=["pathlib"]), "file:///home/ada/x", "read"),
        (call("to_csv", "x", changes=["file_system"], is_method=True), "file:///home/ada/x", "write"),
        (call("save", "x", None, modules=["numpy"]), "file:///home/ada/x.npy", "write"),
        (call("read_sql", "t", "postgresql://ada:x@db/wine", modules=["pandas"]), "postgresql://db/wine#t", "read"),
        (call("read_sql", "t", "sqlite:///w.db", modules=["pandas"]), "sqlite:///home/ada/w.db#t", "read"),
        (call("to_sql", "t", "sqlite:////w.db", changes=["db"], is_method=True), "sqlite:///w.db#t", "write"),
    ],
)
def test_an_access_has_one_uri(made: Call, uri: str, mode: str) -> None:
    found = access(made)
    assert isinstance(found, Access)
    assert (found.uri, found.mode) == (uri, mode)


@pytest.mark.parametrize(
    "made",
    [
        of_pandas(None),
        of_pandas("x.csv", folder=None),
        of_pandas("x.csv", folder="C:\\data\0"),
        of_pandas("D:x.csv", folder="C:\\data"),
        of_pandas("~bob/x.csv"),
        of_pandas("x\0.csv"),
        of_pandas("https://example.org/x\0.csv"),
        of_pandas("x\ud800.csv"),
        of_pandas("x.csv", folder="/\udcff"),
        of_pandas("é" * LONGEST),
        of_pandas(f"https://example.org/{'x' * LONGEST}"),
        of_pandas("x.csv", arguments=[[1, None, None, None, True]]),
        # Where a password ends what looks like the host, it would be shown.
        of_pandas("https://ada:pass/word@example.org/x.csv"),
        of_pandas("https://ada:12/34@example.org/x.csv"),
        of_pandas("https://ada:p#x@example.org/x.csv"),
        of_pandas("https://ada:1#x@example.org"),
        of_pandas("https://ada:p@ss/w@example.org/x.csv"),
        of_pandas("https://ada:[x@example.org/x.csv"),
        # The object, or the mode, is unknown.
        call("open", "inner.csv", is_method=True),
        call("open", "x", None),
        call("to_sql", "t", "sqlite:////w.db", None, None, changes=["db"], is_method=True),
        call("read_sql", "t", "sqlite://", modules=["pandas"]),
        call("read_sql", "t" * LONGEST, "sqlite:////w.db", modules=["pandas"]),
        call("read_sql", "select 1", "sqlite:////w.db", modules=["pandas"]),
    ],
)
def test_what_cannot_be_told_is_no_access(made: Call) -> None:
    assert access(made) is None


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["a"], ArtifactRead("a", None)),
        (["a", 3], ArtifactRead("a", 3)),
        (["a", None], None),
        ([None], None),
        (["a", "latest"], ArtifactRead("a", None)),
        (["a", 10**30], None),
        (["a" * (LONGEST + 1)], None),
    ],
)
def test_an_artifact_that_is_read(arguments: list[Any], wanted: ArtifactRead | None) -> None:
    assert artifact_read(call("get", *arguments, modules=["lineapy"])) == wanted
    assert artifact_read(call("get", *arguments, modules=["requests"])) is None
