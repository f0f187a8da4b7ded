"""A file that is whole or missing, even if its writer is killed or the machine loses power."""

from __future__ import annotations

import os
from pathlib import Path

# Windows translates the ends of lines otherwise.
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_whole(path: Path, data: bytes, *, partial: Path, mode: int = 0o666) -> None:
    """Write a file under another name, sync it, and rename it. When this returns, a loss of power cannot lose it.

    A writer that fails removes the other file; one that is killed leaves it.

    Parameters
    ----------
    path : Path
        The file; one of this name is replaced.
    data : bytes
        What it holds.
    partial : Path
        The other name, on the same file system. No other writer may use it at the same time.
    mode : int
        Its permissions, less those that the umask takes away.

    Raises
    ------
    OSError
        If it cannot be written. What was at `path` is still there then, unless the folder could not be synced.
    """
    descriptor = os.open(partial, _FLAGS, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder, new or deleted, survive a loss of power, if the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
