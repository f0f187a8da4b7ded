"""The outbox: commits kept on disk while the server is away, and sent later, in order, each once.

A commit is one file: a line that describes it, with the SHA-256 of the rest, then a line of JSON for each thing that
was written. It is written under another name, synced and renamed, so it is whole or missing. It names its unit of work
and its commit, so that the commit token in the graph shows whether it was stored already.

A fault of the outbox itself (a folder that was deleted, or cannot be read) is logged, and stops no commit that the
server can take.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lineage_graph.errors import CommitUnsettled, ConfigurationError, OutboxDamaged, QueryFileError
from lineage_graph.files.whole import sync_folder, write_whole
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
        The ids of the unit of work that made it, and of the commit.
    log : list of PendingRecord or PendingStatement
        The writes, in order.
    may_be_stored : bool
        Whether it was sent to a server that went away before it answered.
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
        Created if it is missing, now and whenever it is needed.

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
        """The commits that wait, oldest first. If the folder cannot be read: none, and a warning in the log."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == SUFFIX)
        except FileNotFoundError:
            return []
        except OSError as error:
            _log.warning("the outbox %s cannot be read, what waits there is not sent: %s", self.folder, error.strerror)
            return []

    def keep(self, commit: WaitingCommit) -> Path:
        """Keep a commit on disk. When this returns, a loss of power cannot lose it.

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
        # Names sort by time; a later commit of a writer never gets a name that sorts before an earlier one.
        last = self.waiting()[-1:]
        now = max(time.time_ns(), _number_of(last[0]) + 1 if last else 0)
        path = self.folder / f"{now:020d}-{commit.commit_id}{SUFFIX}"
        write_whole(path, _json(header) + b"\n" + body, partial=path.with_suffix(".partial"))
        _log.warning("the server is away: a commit of %d records waits in %s", len(commit.log), self.folder)
        return path

    def load(self, path: Path) -> WaitingCommit:
        """A commit that waits.

        Raises
        ------
        OutboxDamaged
            If the file is damaged, or holds something that this version does not know.
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
                f"{path} holds what this version of lineage-graph does not know: {error!r}. Send it with the "
                "version that wrote it, or a later one"
            ) from error
        return WaitingCommit(writer_id, commit_id, log, bool(header.get("may_be_stored", True)))

    def age(self, path: Path) -> float:
        """The time for which a commit has waited, in seconds."""
        return time.time() - _number_of(path) / 1e9

    def drop(self, path: Path) -> None:
        """Forget a commit that is stored, even if the machine loses power afterwards."""
        try:
            path.unlink(missing_ok=True)
            sync_folder(self.folder)
        except OSError as error:
            # Its commit token shows that it is stored when it is sent again.
            _log.warning("the outbox's file %s, which was sent, cannot be deleted: %s", path, error.strerror)

    def set_aside(self, path: Path, reason: str) -> None:
        """Make a commit that can never be stored a dead letter, with the reason in a second file."""
        try:
            self._make_folders()
            (self.dead_letters / f"{path.stem}.txt").write_text(f"{reason}\n", encoding="utf-8")
            path.replace(self.dead_letters / path.name)
        except OSError as error:
            _log.error("the outbox's file %s cannot be moved: %s", path, error.strerror)
        _log.error("a commit in the outbox %s cannot be stored, and became a dead letter: %s", self.folder, reason)

    def dead(self) -> list[Path]:
        """The dead letters, oldest first."""
        return sorted(path for path in self.dead_letters.glob(f"*{SUFFIX}"))

    def revive(self) -> int:
        """Make all dead letters wait again, and return their number."""
        letters = self.dead()
        for path in letters:
            path.with_suffix(".txt").unlink(missing_ok=True)
            path.replace(self.folder / path.name)
        return len(letters)

    @contextmanager
    def replaying(self, timeout: float) -> Iterator[list[Path]]:
        """The commits that wait, under a lock: one client sends them at a time, so that they stay in order.

        Parameters
        ----------
        timeout : float
            Seconds to wait for another client that sends them.

        Raises
        ------
        CommitUnsettled
            If another client is still sending them then.
        """
        lock = FileLock(self.folder / "lock", thread_local=False)
        try:
            lock.acquire(timeout=timeout)
        except Timeout as error:
            raise CommitUnsettled(f"another process is still sending what waits in {str(self.folder)!r}") from error
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


def _json(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":")).encode()


def _plain(entry: PendingRecord | PendingStatement) -> dict[str, Any]:
    """A write as JSON holds it."""
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
