"""Prints everything that the command line prints.

Names, paths and messages are data: no part of them is markup, controls the terminal, or fails in an encoding that
cannot hold it. To ensure this, no other module of ``cli/`` prints or imports Rich.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO

from lineage_graph.errors import LineageGraphError

if TYPE_CHECKING:
    # Loading Rich takes longer than `--help` may take, and most commands only print lines.
    from rich.console import Console
    from rich.text import Text

# Characters that separate lines or reorder text mislead as much as those that move the cursor.
_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_PLAIN = re.compile(r"[ -~]*")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# A narrower column is useless.
_LEAST_WIDTH = 8
_GAP = "  "


def visible(text: str, encoding: str = "utf-8") -> str:
    """A text as one line without effects on the terminal.

    Parameters
    ----------
    text : str
        Any text.
    encoding : str
        The encoding of the output. Characters that it cannot hold become escapes (``\\u00e9``), as control characters
        do.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = "".join(_escape(character) if _drives(character) else character for character in text)
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _drives(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN or unicodedata.bidirectional(character) in _REORDERING


def _escape(character: str) -> str:
    return _ESCAPES.get(character) or character.encode("unicode_escape", "surrogatepass").decode()


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        Its heading.
    identifies : bool
        Whether its cells identify the row. They are never cut, however narrow the terminal is.
    is_number : bool
        Whether its cells are aligned on the right.
    """

    name: str
    identifies: bool = False
    is_number: bool = False


class Screen:
    """One of the two standard streams.

    Parameters
    ----------
    stream : callable
        Returns the stream at the time of writing, since tests and notebooks replace it.
    """

    def __init__(self, stream: Callable[[], TextIO | None]) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:
        """The encoding of the stream."""
        return getattr(self._stream(), "encoding", None) or "utf-8"

    def line(self, text: str = "") -> None:
        """Print a text as one line."""
        self._write(visible(text, self.encoding) + "\n")

    def lines(self, text: str) -> None:
        """Print a text of several lines: a log, a traceback, a statement."""
        for line in text.removesuffix("\n").split("\n"):
            self.line(line.removesuffix("\r").expandtabs(8))

    def json(self, value: Any) -> None:
        """Print a value as JSON in ASCII, which is the same in every encoding."""
        self._write(json.dumps(value, indent=2, default=str).replace("\x7f", "\\u007f") + "\n")

    def heading(self, text: str) -> None:
        """Print a line that stands out on a terminal."""
        self._print(self._text(text, "bold cyan"))

    def table(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        striking: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """Print a table; cells that do not identify a row are cut where the terminal is too narrow.

        Parameters
        ----------
        title : str
            The line above the table.
        columns : sequence of Column
            The columns; those that identify a row come first.
        rows : sequence of sequence of str
            The cells.
        striking : callable
            Whether the row with an index is red.
        """
        head = [self._text(column.name, "bold") for column in columns]
        cells = [[self._text(text) for text in row] for row in rows]
        natural = [max(row[index].cell_len for row in (head, *cells)) for index in range(len(columns))]
        widths = fit(
            natural,
            [column.identifies for column in columns],
            self._console().width - len(_GAP) * (len(columns) - 1),
        )
        self.heading(title)
        self.line()
        self._row(head, columns, widths)
        rule = "─" if visible("─", self.encoding) == "─" else "-"
        self._row([self._text(rule * width) for width in widths], columns, widths)
        for index, row in enumerate(cells):
            row[0].stylize("bold")
            self._row(row, columns, widths, "red" if striking(index) else "")
        self.line()

    def _row(self, cells: Sequence[Text], columns: Sequence[Column], widths: Sequence[int], style: str = "") -> None:
        from rich.text import Text

        overflow: Literal["ellipsis", "crop"] = "ellipsis" if visible("…", self.encoding) == "…" else "crop"
        for cell, column, width in zip(cells, columns, widths, strict=True):
            cell.truncate(width, overflow=overflow)
            cell.align("right" if column.is_number else "left", width)
        line = Text(_GAP, style=style).join(cells)
        line.rstrip()
        self._print(line)

    @contextmanager
    def progress(self, label: str) -> Iterator[Callable[[int, int], None]]:
        """Show a progress bar on a terminal. Yields a function that takes the amount done and the whole amount."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = self._console()
        with Progress(
            TextColumn(visible(label), markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as progress:
            task = progress.add_task("", total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)

    def _text(self, text: str, style: str = "") -> Text:
        from rich.text import Text

        return Text(visible(text, self.encoding), style=style)

    def _console(self) -> Console:
        from rich.console import Console

        return Console(file=self._stream(), markup=False, emoji=False, highlight=False)

    def _print(self, text: Text) -> None:
        with _explained():
            self._console().print(text, soft_wrap=True)

    def _write(self, text: str) -> None:
        stream = self._stream()
        if stream is not None:
            with _explained():
                stream.write(text)

    def flush(self) -> None:
        """Flush the output, since some failures of it show only then."""
        stream = self._stream()
        if stream is not None:
            with _explained():
                stream.flush()


@contextmanager
def _explained() -> Iterator[None]:
    """Explain a failure to write the output, except for a pipe that the reader has closed (``| head``)."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise LineageGraphError(f"the output cannot be written: {error.strerror or error}") from error


def fit(natural: Sequence[int], is_kept: Sequence[bool], free: int) -> list[int]:
    """The widths of columns: the widest one that may shrink does so first, down to `_LEAST_WIDTH`.

    Parameters
    ----------
    natural : sequence of int
        The width of each column's longest cell, in terminal cells.
    is_kept : sequence of bool
        Whether a column keeps its width, even if the table gets wider than the terminal.
    free : int
        The width for all columns.
    """
    widths = list(natural)
    while sum(widths) > free:
        index = max(range(len(widths)), key=lambda i: (not is_kept[i]) * widths[i])
        if is_kept[index] or widths[index] <= _LEAST_WIDTH:
            break
        widths[index] -= 1
    return widths


out = Screen(lambda: sys.stdout)
err = Screen(lambda: sys.stderr)
