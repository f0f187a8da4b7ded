"""What a person is shown, whatever is in it."""

from __future__ import annotations

import ast
import io
import json
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lineage_graph.cli.console import Column, Screen, fit, visible
from lineage_graph.errors import LineageGraphError
from tests.conftest import REPOSITORY

ENCODINGS = ("utf-8", "ascii", "latin-1", "cp1252", "shift_jis")

# What a markup, an emoji code, a highlighter or a terminal would take for its own.
HOSTILE = (
    "[/]",
    "[draft] x",
    "[bold red]x[/bold red]",
    ":smile:",
    "prices[column].mean()",
    "[link=http://x]y[/link]",
    "\\[x]",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b31m",
    "a\rb",
    "a\nb",
    "a\tb",
    "\u202egnp.exe",
    "a\u2028b",
    "\udcff",
    "\x00\x7f",
    "é名前🎉",
)


def printed(encoding: str = "utf-8") -> tuple[Screen, io.TextIOWrapper]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    return Screen(lambda: stream), stream


def text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode(stream.encoding)


REORDERING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def is_harmless(text: str) -> bool:
    return not any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in REORDERING
        for character in text.replace("\n", "")
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_shown_as_it_is(text: str, encoding: str) -> None:
    out, stream = printed(encoding)
    out.line(text)
    out.lines(text.replace("\n", ""))
    out.heading(text)
    out.table(text, [Column(text, identifies=True), Column("n", is_number=True)], [[text, "1"]])
    shown = text_of(stream)
    assert is_harmless(shown)
    if text.isprintable() and text.isascii():
        assert shown.count(text) == 6
    assert len(text_of(stream).splitlines()) == 9


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_is_the_same_in_every_encoding(encoding: str) -> None:
    out, stream = printed(encoding)
    out.json(list(HOSTILE))
    shown = text_of(stream)
    assert shown.isascii()
    assert is_harmless(shown)
    assert json.loads(shown) == list(HOSTILE)


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(ENCODINGS))
def test_anything_is_one_harmless_line(text: str, encoding: str) -> None:
    shown = visible(text, encoding)
    assert is_harmless(shown)
    assert "\n" not in shown
    shown.encode(encoding)
    if text.isascii() and text.isprintable():
        assert shown == text


def test_joined_letters_and_emoji_stay_whole() -> None:
    for text in ("\u0645\u06cc\u200c\u062e\u0648", "👩\u200d🔬", "café", "名前"):
        assert visible(text) == text


def test_a_stream_that_is_closed_takes_nothing() -> None:
    out = Screen(lambda: None)
    out.line("x")
    out.json({})
    out.flush()


def test_an_output_that_is_full_says_so() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    says: list[Callable[[Screen], None]] = [
        lambda out: out.line("x"),
        lambda out: out.heading("x"),
        lambda out: out.json([]),
    ]
    for say in says:
        with pytest.raises(LineageGraphError, match="cannot be written: No space left"):
            say(Screen(Full))


def test_a_reader_that_has_seen_enough_is_no_error_of_ours() -> None:
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Screen(Closed).line("x")


NAMES = ("model", "prices[column]", "名前の長いモデル", "a" * 30)
ROWS = [
    [name, str(version), "2026-11-25 12:53", "x" * 200, "a/long/path/to/train.py"] for version, name in enumerate(NAMES)
]
COLUMNS = [
    Column("artifact", identifies=True),
    Column("version", identifies=True, is_number=True),
    Column("saved", identifies=True),
    Column("made by"),
    Column("in"),
]


@pytest.fixture(params=[20, 80, 120])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    return int(request.param)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_columns_that_identify_a_row_are_never_cut(width: int, encoding: str) -> None:
    out, stream = printed(encoding)
    out.table("Artifacts", COLUMNS, ROWS)
    lines = text_of(stream).splitlines()
    assert len(lines) == 2 + 2 + len(ROWS) + 1
    for row, line in zip(ROWS, lines[4:], strict=False):
        assert visible(row[0], encoding) in line
        assert line.split()[1:4] == [row[1], *row[2].split()]
        assert width == 20 or encoding == "ascii" or cell_len(line) <= width
    starts = {cell_len(line[: line.index("2026-11-25")]) for line in lines[4:-1]}
    assert len(starts) == 1


@given(
    st.lists(st.tuples(st.integers(0, 300), st.booleans()), min_size=1, max_size=8),
    st.integers(min_value=-50, max_value=400),
)
def test_widths_fit_unless_what_identifies_does_not(columns: list[tuple[int, bool]], free: int) -> None:
    natural, kept = [width for width, _ in columns], [is_kept for _, is_kept in columns]
    widths = fit(natural, kept, free)
    for before, after, is_kept in zip(natural, widths, kept, strict=True):
        assert after == before if is_kept else min(before, 8) <= after <= before
    if sum(widths) > free:
        assert all(is_kept or width <= 8 for width, is_kept in zip(widths, kept, strict=True))


def test_nothing_else_prints() -> None:
    """Only the console imports Rich or writes: so that no text is ever taken for markup."""
    for path in sorted((REPOSITORY / "lineage_graph" / "cli").glob("*.py")):
        if path.name == "console.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            imported = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not any(name.partition(".")[0] == "rich" for name in imported), path.name
            called = node.func if isinstance(node, ast.Call) else None
            assert not (isinstance(called, ast.Name) and called.id == "print"), path.name
            assert not (isinstance(called, ast.Attribute) and called.attr in ("echo", "secho", "write")), path.name
