"""The outbox: commits kept on disk while the server is away, and delivered later, in order, each once.

A commit is one file: a line that describes it, with the SHA-256 of the rest, then a line of JSON for each thing that
was written. It is written under another name, synced and renamed, so it is there wholly or not at all. It names the
unit of work and the commit that it is, so that delivering it again is recognised by the token that the graph has of it.

The outbox guards commits, so a fault of its own (a folder that was deleted, one that can't be read) is logged, and
stops no commit that the server can take.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lineage_graph.errors import CommitUnsettled, ConfigurationError, OutboxDamaged, QueryFileError
from lineage_graph.graph import statements
from lineage_graph.graph.pending import Kind, PendingRecord, PendingStatement
from lineage_graph.model.references import Reference

FORMAT = 2
SUFFIX = ".commit"
DEAD_LETTERS = "dead-letters"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WaitingCommit:
    """A commit that waits on disk.

    Attributes
    ----------
    writer_id, commit_id : str
        The unit of work that made it, and the commit that it is.
    log : list of PendingRecord or PendingStatement
        What it writes, in order.
    may_be_stored : bool
        Whether it was sent to the server, which went away before it answered.
    """

    writer_id: str
    commit_id: str
    log: list[PendingRecord | PendingStatement]
    may_be_stored: bool = False


class Outbox:
    """A folder of commits that wait for the server. Threads and processes may share it.

    Parameters
    ----------
    folder : Path
        Made if it is not there, now and whenever it is needed.

    Raises
    ------
    ConfigurationError
        If the folder cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dead_letters = folder / DEAD_LETTERS
        try:
            self._make_folders()
        except OSError as error:
            raise ConfigurationError(
                f"LINEAGE_GRAPH_OUTBOX: the folder {str(folder)!r} cannot be used: {error.strerror}"
            ) from error

    def _make_folders(self) -> None:
        self.dead_letters.mkdir(parents=True, exist_ok=True)

    def waiting(self) -> list[Path]:
        """The commits that wait, the first one first; none, and a warning, when the folder cannot be read."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == SUFFIX)
        except FileNotFoundError:
            return []
        except OSError as error:
            _log.warning("the outbox %s cannot be read, what waits there is not sent: %s", self.folder, error.strerror)
            return []

    def keep(self, commit: WaitingCommit) -> Path:
        """Keep a commit on disk; when this returns, it is there whatever happens.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._make_folders()
        body = b"".join(_json(_plain(entry)) + b"\n" for entry in commit.log)
        header = {
            "format": FORMAT,
            "writer_id": commit.writer_id,
            "commit_id": commit.commit_id,
            "may_be_stored": commit.may_be_stored,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        # Names sort by time; a later commit of a writer never gets an earlier name.
        last = self.waiting()[-1:]
        now = max(time.time_ns(), _number_of(last[0]) + 1 if last else 0)
        path = self.folder / f"{now:020d}-{commit.commit_id}{SUFFIX}"
        partial = path.with_suffix(".partial")
        with partial.open("xb") as file:
            file.write(_json(header) + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync(self.folder)
        _log.warning("the server is away: a commit of %d records waits in %s", len(commit.log), self.folder)
        return path

    def load(self, path: Path) -> WaitingCommit:
        """A commit that waits.

        Raises
        ------
        OutboxDamaged
            If the file is not as it was written, or holds what this version does not know.
        OSError
            If it cannot be read.
        """
        header_line, _, body = path.read_bytes().partition(b"\n")
        try:
            header = json.loads(header_line)
            is_whole = hashlib.sha256(body).hexdigest() == header["sha256"]
            found, writer_id, commit_id = header["format"], header["writer_id"], header["commit_id"]
        except (ValueError, KeyError, TypeError):
            is_whole = False
        if not is_whole:
            raise OutboxDamaged(f"{path} is not as it was written: what it holds cannot be trusted")
        if found != FORMAT:
            raise OutboxDamaged(f"{path} is of format {found}, this version of lineage-graph knows {FORMAT} only")
        try:
            log = [_entry(json.loads(line)) for line in body.splitlines()]
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, QueryFileError) as error:
            raise OutboxDamaged(
                f"{path} holds what this version of lineage-graph does not know: {error!r}. Deliver it with the "
                "version that wrote it, or a later one"
            ) from error
        return WaitingCommit(writer_id, commit_id, log, bool(header.get("may_be_stored", True)))

    def age(self, path: Path) -> float:
        """How long a commit has waited, in seconds."""
        return time.time() - _number_of(path) / 1e9

    def drop(self, path: Path) -> None:
        """Forget a commit that is stored; it stays forgotten even if the machine goes down."""
        try:
            path.unlink(missing_ok=True)
            _sync(self.folder)
        except OSError as error:
            # It is recognised by its token when it is delivered again.
            _log.warning("the outbox's file %s, which was delivered, cannot be deleted: %s", path, error.strerror)

    def set_aside(self, path: Path, reason: str) -> None:
        """Make a commit that can never be stored a dead letter, with the reason in a file of its own."""
        try:
            self._make_folders()
            (self.dead_letters / f"{path.stem}.txt").write_text(f"{reason}\n", encoding="utf-8")
            path.replace(self.dead_letters / path.name)
        except OSError as error:
            _log.error("the outbox's file %s cannot be moved: %s", path, error.strerror)
        _log.error("a commit in the outbox %s cannot be stored, and was set aside: %s", self.folder, reason)

    def dead(self) -> list[Path]:
        """The dead letters, the first one first."""
        return sorted(path for path in self.dead_letters.glob(f"*{SUFFIX}"))

    def revive(self) -> int:
        """Have all dead letters wait again, and say how many they are."""
        letters = self.dead()
        for path in letters:
            path.with_suffix(".txt").unlink(missing_ok=True)
            path.replace(self.folder / path.name)
        return len(letters)

    @contextmanager
    def replaying(self, timeout: float) -> Iterator[list[Path]]:
        """The commits that wait, while they are delivered: one delivers at a time, so that they stay in order.

        Parameters
        ----------
        timeout : float
            Seconds to wait for another that delivers.

        Raises
        ------
        CommitUnsettled
            If another is still delivering then.
        """
        lock = FileLock(self.folder / "lock", thread_local=False)
        try:
            lock.acquire(timeout=timeout)
        except Timeout as error:
            raise CommitUnsettled(f"another process is still delivering what waits in {str(self.folder)!r}") from error
        except OSError as error:
            _log.warning(
                "the outbox %s cannot be locked, what waits there is not sent: %s", self.folder, error.strerror
            )
            yield []
            return
        try:
            yield self.waiting()
        finally:
            lock.release()


def _number_of(path: Path) -> int:
    number = path.name.partition("-")[0]
    return int(number) if number.isdecimal() else 0


def _sync(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _json(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":")).encode()


def _plain(entry: PendingRecord | PendingStatement) -> dict[str, Any]:
    """An entry as JSON has it."""
    if isinstance(entry, PendingStatement):
        return {"statement": entry.query.name, "parameters": _plain_values(entry.parameters)}
    plain: dict[str, Any] = {"kind": entry.kind.value, "row": _plain_values(entry.row), "written_at": entry.written_at}
    if entry.group is not None:
        plain["group"] = entry.group
        plain["references"] = [
            [each.type, each.start_id, each.end_id, each.index, each.name, each.starred] for each in entry.references
        ]
    return plain


def _entry(plain: dict[str, Any]) -> PendingRecord | PendingStatement:
    """The inverse of `_plain`."""
    if name := plain.get("statement"):
        query = statements.load(name)
        return PendingStatement(query, query.bind(_values(plain["parameters"])))
    group = plain.get("group")
    return PendingRecord(
        Kind(plain["kind"]),
        _values(plain["row"]),
        plain["written_at"],
        tuple(group) if group else None,
        tuple(Reference(*each) for each in plain.get("references", ())),
    )


def _plain_values(row: dict[str, Any]) -> dict[str, Any]:
    return {
        field: {"time": value.isoformat()} if isinstance(value, datetime) else value for field, value in row.items()
    }


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {
        field: datetime.fromisoformat(value["time"]) if isinstance(value, dict) else value
        for field, value in row.items()
    }
