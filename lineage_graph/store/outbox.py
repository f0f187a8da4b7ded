"""Commits kept on disk while the server is away, and sent later, in order, each once.

A commit is one file: a line that describes it, with the SHA-256 of the rest, then a line of JSON for each
thing that was written. It is written under another name, synced and renamed, so it is there wholly or not at
all. It names the unit of work and the commit that it is, so that sending it again is recognised by the mark
that the graph has of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import BaseModel

from lineage_graph import relational, types
from lineage_graph.errors import ConfigurationError, SpoolDamaged
from lineage_graph.graph import statements
from lineage_graph.model.literals import literal_from_text, literal_to_text
from lineage_graph.store import log
from lineage_graph.store.log import Entry, Statement
from lineage_graph.types import LiteralNode, LiteralType, SourceCode

FORMAT = 1
SUFFIX = ".commit"

_log = logging.getLogger(__name__)

_CLASSES: dict[str, Any] = {
    found.__name__: found
    for module in (types, relational, log)
    for found in vars(module).values()
    if isinstance(found, type) and (issubclass(found, (BaseModel, Enum)) or dataclasses.is_dataclass(found))
}

# What would lead from a part back to the whole, and is set again by the whole.
_BACK = {("ArtifactDependencyORM", "pipeline")}


@dataclass(frozen=True)
class SpooledCommit:
    """A commit that waits on disk.

    Attributes
    ----------
    writer_id, commit_id : str
        The unit of work that made it, and the commit that it is.
    log : list of Entry or Statement
        What it writes, in order.
    """

    writer_id: str
    commit_id: str
    log: list[Entry | Statement]


class Spool:
    """A folder of commits that wait for the server. Threads and processes may share it.

    Parameters
    ----------
    folder : Path
        Made if it is not there.

    Raises
    ------
    ConfigurationError
        If the folder cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refused = folder / "refused"
        try:
            self.refused.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"the spool {str(folder)!r} cannot be used: {error.strerror}") from error
        self._lock = FileLock(folder / "lock", thread_local=False)

    def waiting(self) -> list[Path]:
        """The commits that wait, the first one first."""
        return sorted(path for path in self.folder.iterdir() if path.suffix == SUFFIX)

    def keep(self, commit: SpooledCommit) -> Path:
        """Keep a commit on disk; when this returns, it is there whatever happens."""
        body = b"".join(line + b"\n" for line in _lines(commit.log))
        header = {
            "format": FORMAT,
            "writer_id": commit.writer_id,
            "commit_id": commit.commit_id,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        # Names sort by time; a later commit of a writer never gets an earlier name.
        last = self.waiting()[-1:]
        now = max(time.time_ns(), int(last[0].name.partition("-")[0]) + 1 if last else 0)
        path = self.folder / f"{now:020d}-{commit.commit_id}{SUFFIX}"
        partial = path.with_suffix(".partial")
        with partial.open("xb") as file:
            file.write(json.dumps(header).encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        self._sync()
        _log.warning("the server is away: a commit of %d records waits in %s", len(commit.log), self.folder)
        return path

    def load(self, path: Path) -> SpooledCommit:
        """A commit that waits.

        Raises
        ------
        SpoolDamaged
            If the file is not as it was written.
        """
        header_line, _, body = path.read_bytes().partition(b"\n")
        try:
            header = json.loads(header_line)
            is_whole = header["format"] == FORMAT and hashlib.sha256(body).hexdigest() == header["sha256"]
        except (ValueError, KeyError, TypeError):
            is_whole = False
        if not is_whole:
            raise SpoolDamaged(f"{path} is not as it was written: what it holds cannot be trusted")
        return SpooledCommit(header["writer_id"], header["commit_id"], list(_records(body)))

    def drop(self, path: Path) -> None:
        """Forget a commit that is stored; it stays forgotten even if the machine goes down, so order is kept."""
        path.unlink()
        self._sync()

    def refuse(self, path: Path, reason: str) -> None:
        """Put a commit aside that can never be stored, with the reason beside it, so that the others go on."""
        (self.refused / f"{path.stem}.txt").write_text(f"{reason}\n", encoding="utf-8")
        path.replace(self.refused / path.name)
        _log.error("a commit that was kept in %s cannot be stored, and was put aside: %s", self.folder, reason)

    @contextmanager
    def replaying(self) -> Iterator[None]:
        """While commits are sent: one process and thread at a time, since their order is what makes them unique."""
        with self._lock:
            yield

    def _sync(self) -> None:
        if os.name == "posix":
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _lines(log: Sequence[Entry | Statement]) -> Iterator[bytes]:
    known: set[str] = set()
    for entry in log:
        sources: list[SourceCode] = []
        plain = _plain(entry, sources)
        # Many nodes share a source code, so it is written once, before the first that names it.
        for source in sources:
            if source.id not in known:
                known.add(source.id)
                yield _json({"source": _plain(source, [])})
        yield _json(plain)


def _json(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":")).encode()


def _records(body: bytes) -> Iterator[Entry | Statement]:
    sources: dict[str, SourceCode] = {}
    for line in body.splitlines():
        plain = json.loads(line)
        if "source" in plain:
            source = _rich(plain["source"], sources)
            sources[source.id] = source
        else:
            yield _rich(plain, sources)


def _plain(value: Any, sources: list[SourceCode]) -> Any:
    """A value as JSON has it; classes by name. What source locations refer to is collected."""
    if value is None or isinstance(value, (bool, str)) or type(value) in (int, float):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(element, sources) for element in value]
    if isinstance(value, (set, frozenset)):
        return {"$": "set", "of": [_plain(element, sources) for element in value]}
    if isinstance(value, Enum):
        return {"$": type(value).__name__, "name": value.name}
    if isinstance(value, datetime):
        return {"$": "datetime", "at": value.isoformat()}
    if isinstance(value, Path):
        return {"$": "Path", "path": str(value)}
    if isinstance(value, dict):
        return {"$": "dict", "of": [[key, _plain(element, sources)] for key, element in value.items()]}
    if isinstance(value, statements.Query):
        return {"$": "Query", "name": value.name}
    kind = type(value).__name__
    fields = (
        list(type(value).model_fields) if isinstance(value, BaseModel) else [f.name for f in dataclasses.fields(value)]
    )
    plain: dict[str, Any] = {"$": kind}
    for field in fields:
        if (kind, field) in _BACK:
            continue
        part = getattr(value, field)
        if kind == "SourceLocation" and field == "source_code":
            sources.append(part)
            plain[field] = part.id
        elif isinstance(value, LiteralNode) and field == "value":
            text, literal_type = literal_to_text(part)
            plain[field] = [text, literal_type.name]
        else:
            plain[field] = _plain(part, sources)
    return plain


def _rich(plain: Any, sources: dict[str, SourceCode]) -> Any:
    """The inverse of `_plain`."""
    if isinstance(plain, list):
        return [_rich(element, sources) for element in plain]
    if not isinstance(plain, dict):
        return plain
    kind = plain.pop("$")
    if kind == "set":
        return {_rich(element, sources) for element in plain["of"]}
    if kind == "dict":
        return {key: _rich(element, sources) for key, element in plain["of"]}
    if kind == "datetime":
        return datetime.fromisoformat(plain["at"])
    if kind == "Path":
        return Path(plain["path"])
    if kind == "Query":
        return statements.load(plain["name"])
    found = _CLASSES[kind]
    if issubclass(found, Enum):
        return found[plain["name"]]
    if kind == "SourceLocation":
        plain["source_code"] = sources[plain["source_code"]]
    elif kind == "LiteralNode":
        text, literal_type = plain["value"]
        plain["value"] = None
        fields = {name: _rich(part, sources) for name, part in plain.items()}
        return LiteralNode(**fields | {"value": literal_from_text(text, LiteralType[literal_type])})
    return found(
        **{name: part if isinstance(part, BaseModel) else _rich(part, sources) for name, part in plain.items()}
    )
