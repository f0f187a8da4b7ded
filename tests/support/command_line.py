"""The command line in this process: as a user's shell runs it, without the second that a new Python takes."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from lineage_graph.cli import main


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    stdout: str
    stderr: str


def run_here(*words: object, encoding: str = "utf-8") -> Ended:
    """Run a command with standard streams of an encoding, which are as strict as a shell's are."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n") for _ in range(2))
    status: object = None
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as ended:
            status = ended.code
    assert isinstance(status, int)
    printed = []
    for stream in (out, err):
        stream.flush()
        buffer = stream.detach()
        assert isinstance(buffer, io.BytesIO)
        printed.append(buffer.getvalue().decode(encoding))
    return Ended(status, *printed)
