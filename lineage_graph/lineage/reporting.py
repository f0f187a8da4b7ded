"""The report: what is stale, unused, most used or missing, and which sessions stopped half-way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Literal

from lineage_graph.errors import InvalidArgument
from lineage_graph.graph import statements
from lineage_graph.graph.mapping import native
from lineage_graph.graph.statements import Query
from lineage_graph.lineage import cursors
from lineage_graph.lineage.cursors import BEFORE_ALL, Position
from lineage_graph.lineage.progress import stopped_at
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.results import Item, Listing, Result
from lineage_graph.lineage.starts import Starts

REPORT_ARTIFACTS = statements.load("lineage/report_artifacts")
REPORT_STALE = statements.load("lineage/report_stale")
REPORT_PATHS = statements.load("lineage/report_paths")
REPORT_INPUTS = statements.load("lineage/report_inputs")
REPORT_SESSIONS = statements.load("lineage/report_sessions")
REPORT_DANGLING = statements.load("lineage/report_dangling")

SectionName = Literal["stale", "unused", "inputs", "missing", "failed"]
SECTIONS: tuple[SectionName, ...] = ("stale", "unused", "inputs", "missing", "failed")

_ARTIFACTS, _SESSIONS = 500, 20
_EPOCH = datetime(1970, 1, 1)
_END_OF_TIME = datetime(9999, 12, 31)


class Finding(Item):
    """Something that a report names, with the reason.

    Attributes
    ----------
    reason : str
        Why it is named.
    path : tuple of Item
        Of a stale artifact: from it to the input that has a newer version.
    sessions, calls : int, optional
        Of an input: how many read it.
    """

    reason: str
    path: tuple[Item, ...] = ()
    sessions: int | None = None
    calls: int | None = None


class Section(Listing[Finding]):
    """One part of a report.

    Attributes
    ----------
    name : {"stale", "unused", "inputs", "missing", "failed"}
    findings : tuple of Finding
    complete : bool
        Whether these are all there are.
    reason : str, optional
        What made it partial: ``limit`` or ``time``.
    total : int, optional
        How many there are in all, where that is known.
    cursor : str, optional
        Given to a report of this section alone, it continues after the last finding.
    """

    row_type: ClassVar[type[Result]] = Finding

    name: SectionName
    findings: tuple[Finding, ...]
    complete: bool
    reason: Literal["limit", "time"] | None = None
    total: int | None = None
    cursor: str | None = None

    @property
    def rows(self) -> tuple[Finding, ...]:
        """The findings."""
        return self.findings


class Report(Listing[Section]):
    """What should be looked at. Iterating over it gives its sections; each has its own bounds.

    Attributes
    ----------
    sections : tuple of Section
    """

    row_type: ClassVar[type[Result]] = Section

    sections: tuple[Section, ...]

    @property
    def rows(self) -> tuple[Section, ...]:
        """The sections."""
        return self.sections

    @property
    def complete(self) -> bool:
        """Whether all sections are complete."""
        return all(section.complete for section in self.sections)

    def __getitem__(self, name: str) -> Section:
        """The section of a name.

        Raises
        ------
        InvalidArgument
            If there is no such section.
        """
        for section in self.sections:
            if section.name == name:
                return section
        raise InvalidArgument(
            f"there is no section {name!r}: use one of {', '.join(each.name for each in self.sections)}"
        )

    def to_pandas(self) -> Any:
        """The findings of all sections as one table, with a column for the section.

        Raises
        ------
        MissingExtra
            If pandas is not installed.
        """
        tables = [section.to_pandas().assign(section=section.name) for section in self.sections]
        import pandas

        return pandas.concat(tables, ignore_index=True) if tables else pandas.DataFrame()


Found = Iterator[tuple[Position, Finding] | None]


@dataclass(frozen=True)
class Asked:
    """What a report is asked for, and how it reads.

    Attributes
    ----------
    until : datetime, optional
        Leave out what was not there then.
    """

    limit: int
    until: datetime | None
    reader: Reader
    deadline: Deadline


def report_section(name: SectionName, asked: Asked, cursor: str | None) -> Section:
    """One section of a report, after a cursor where one is given.

    Raises
    ------
    InvalidArgument
        If the cursor is not one of this section.
    DatabaseError
    """
    question = f"report {name} {asked.until}"
    after, offset = (BEFORE_ALL, 0) if cursor is None else cursors.decode(question, cursor)
    find: dict[SectionName, Callable[[Asked, Position], Found]] = {
        "stale": _stale,
        "unused": partial(_artifacts_with, _why_unused),
        "inputs": _inputs,
        "missing": partial(_artifacts_with, _why_missing),
        "failed": _failed,
    }
    found: list[tuple[Position, Finding]] = []
    reason: Literal["limit", "time"] | None = None
    for each in find[name](asked, after):
        if each is None:
            reason = "time"
            break
        if len(found) == asked.limit:
            reason = "limit"
            break
        found.append(each)
    findings = [finding for _, finding in found]
    if name == "stale" and findings:
        findings = _with_paths(findings, asked)
        if len(findings) < len(found):
            # Without its path, a finding is left for the next page.
            del found[len(findings) :]
            reason = "time"
    count = offset + len(found)
    position = found[-1][0] if found else after
    return Section(
        name=name,
        findings=tuple(findings),
        complete=reason is None,
        reason=reason,
        total=count if reason is None else None,
        cursor=cursors.encode(question, position, count) if reason is not None and position != BEFORE_ALL else None,
    )


def _artifacts(asked: Asked, after: Position, query: Query, **parameters: Any) -> Iterator[Any]:
    """The rows of a statement that takes artifacts in pages, the last saved first; None where the time ended."""
    before_id = 2**63 - 1 if after == BEFORE_ALL else 1 - after.written_at
    while True:
        result = asked.reader.read(
            query, asked.deadline, before_id=before_id, until=asked.until, page=_ARTIFACTS, **parameters
        )
        yield from result.rows
        if not result.complete:
            yield None
        if not result.complete or len(result.rows) < _ARTIFACTS:
            return
        before_id = result.rows[-1]["id"]


def _stale(asked: Asked, after: Position) -> Found:
    later = Starts(asked.reader, asked.until).later_sessions(asked.deadline)
    for row in _artifacts(asked, after, REPORT_STALE, later=list(later)):
        if row is None:
            yield None
            return
        for of in row["inputs"]:
            position = Position(0, -row["id"], of["key"])
            if position > after:
                reason = f"it was made from {of['name']}; the newest is {of['newer']}"
                finding = _artifact(row, reason)
                yield position, finding.model_copy(update={"id": of["end"]})


def _artifacts_with(reason_of: Callable[[Mapping[str, Any]], str | None], asked: Asked, after: Position) -> Found:
    """The artifacts that there is a reason to name."""
    for row in _artifacts(asked, after, REPORT_ARTIFACTS):
        if row is None:
            yield None
            return
        position = Position(0, -row["id"], "-")
        if position > after and (reason := reason_of(row)) is not None:
            yield position, _artifact(row, reason)


def _why_unused(row: Mapping[str, Any]) -> str | None:
    return None if row["is_used"] else "no call, artifact or pipeline uses it"


def _why_missing(row: Mapping[str, Any]) -> str | None:
    if row["is_deleted"]:
        return "MLflow has deleted its value"
    if not row["values"]:
        return "no value was recorded for it"
    if not row["locations"]:
        return "a value was recorded for it, and not where it is stored"
    return None


def _inputs(asked: Asked, after: Position) -> Found:
    begin = Position(-(2**62), 0, "") if after == BEFORE_ALL else after
    result = asked.reader.read(
        REPORT_INPUTS,
        asked.deadline,
        until=asked.until,
        after_sessions=begin.distance,
        after_calls=begin.written_at,
        after_key=begin.key,
        limit=asked.limit + 1,
    )
    for row in result.rows:
        finding = Finding(
            key=row["key"],
            kind=row["kind"],
            name=row["name"],
            distance=0,
            version=row["version"],
            created=native(row["created"]),
            reason=f"read by {_counted(row['calls'], 'call')} of {_counted(row['sessions'], 'session')}",
            sessions=row["sessions"],
            calls=row["calls"],
        )
        yield Position(-row["sessions"], -row["calls"], row["key"]), finding
    if not result.complete:
        yield None


def _failed(asked: Asked, after: Position) -> Found:
    dangling = asked.reader.read(REPORT_DANGLING, asked.deadline, limit=100_000)
    missing = {row["session_id"]: row["missing"] for row in dangling.rows}
    if not dangling.complete:
        yield None
        return
    before, after_id = _END_OF_TIME, ""
    if after != BEFORE_ALL:
        before, after_id = datetime.fromisoformat(after.key.partition("/")[0]), after.key.partition("/")[2]
    elif asked.until is not None:
        before = asked.until
    while True:
        result = asked.reader.read(REPORT_SESSIONS, asked.deadline, before=before, after_id=after_id, page=_SESSIONS)
        for row in result.rows:
            created = native(row["created"])
            finding = _failure(row, missing.get(row["id"], 0))
            if finding is not None:
                moment = -int((created - _EPOCH).total_seconds())
                yield Position(0, moment, f"{created.isoformat()}/{row['id']}"), finding
        if not result.complete:
            yield None
            return
        if len(result.rows) < _SESSIONS:
            return
        before, after_id = native(result.rows[-1]["created"]), result.rows[-1]["id"]


def _failure(row: Mapping[str, Any], missing: int) -> Finding | None:
    """What shows that a session stopped half-way; None where nothing does."""
    item: dict[str, Any] = {
        "key": f"session/{row['id']}",
        "kind": "session",
        "name": row["name"],
        "distance": 0,
        "id": row["id"],
        "session": row["name"],
        "session_id": row["id"],
        "created": native(row["created"]),
    }
    if missing:
        return Finding(**item, reason=f"its operations refer to others that are missing: {missing:,}")
    if not row["sources"]:
        return Finding(**item, reason="none of its code was recorded")
    for source in row["sources"]:
        line = stopped_at(source["code"], {tuple(span) for span in source["spans"] if None not in span})
        if line is not None:
            code = source["code"].split("\n")[line - 1]
            reason = "this statement did not run to its end, or was not reached"
            return Finding(**item, file=source["name"], line=line, code=code, reason=reason)
    return None


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _artifact(row: Mapping[str, Any], reason: str) -> Finding:
    session = row["session"] or {}
    return Finding(
        key=f"artifact/{row['id']}",
        kind="artifact",
        name=row["name"],
        distance=0,
        version=row["version"],
        session=session.get("name"),
        session_id=session.get("id"),
        file=row.get("source"),
        line=row.get("lineno"),
        created=native(row["created"]),
        reason=reason,
    )


def _with_paths(findings: list[Finding], asked: Asked) -> list[Finding]:
    """Stale artifacts with their paths, as many as the time allows."""
    found: list[Finding] = []
    for begin in range(0, len(findings), _ARTIFACTS):
        some = findings[begin : begin + _ARTIFACTS]
        pairs = [{"id": int(each.key.partition("/")[2]), "end": each.id} for each in some]
        result = asked.reader.read(REPORT_PATHS, asked.deadline, pairs=pairs)
        paths = {(row["id"], row["end"]): row["steps"] for row in result.rows}
        for each, pair in zip(some, pairs, strict=True):
            steps = paths.get((pair["id"], pair["end"]))
            if steps is None:
                return found
            path = tuple(_step(step, number) for number, step in enumerate(steps))
            found.append(each.model_copy(update={"id": None, "path": path}))
    return found


def _step(step: Mapping[str, Any], distance: int) -> Item:
    is_node = step["key"].startswith("node/")
    return Item(
        key=step["key"],
        kind="node" if is_node else step["kind"].lower(),
        name=step["name"],
        distance=distance,
        id=step["id"] if is_node else None,
        version=step["version"],
        operation=step["kind"] if is_node else None,
        session=step["session"],
        file=step["file"],
        line=step["line"],
    )
