"""Search by full text: the index finds candidates, and what really contains the text is kept.

The index knows words, which are runs of letters. Of a text, the words between others stand whole in what contains it;
the first may be the end of a word there, and the last the beginning of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar, Literal

from neo4j import exceptions as neo4j_errors

from lineage_graph.errors import DatabaseError, InvalidArgument
from lineage_graph.graph import statements
from lineage_graph.graph.mapping import native
from lineage_graph.lineage import cursors
from lineage_graph.lineage.cursors import BEFORE_ALL, Position
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.results import Listing, Result

SEARCH_NAMES = statements.load("lineage/search_names")
SEARCH_CODE = statements.load("lineage/search_code")

HitKind = Literal["artifact", "session", "variable", "dataset", "library", "code"]
HIT_KINDS: tuple[HitKind, ...] = ("artifact", "session", "variable", "dataset", "library", "code")

EVERYTHING = "*:*"
# Words that are used to find candidates: the others are looked for in these.
_WORDS = 16
# The index cuts words of more letters.
_LONGEST = 100
_RANK_OF_CODE = 3


class Hit(Result):
    """One thing that a search found.

    Attributes
    ----------
    key : str
        Which thing it is: its kind, a slash, and what identifies it.
    kind : str
        ``artifact``, ``session``, ``variable``, ``dataset``, ``library`` or ``code`` (a line).
    name : str
        Its name; a dataset's URI; of code, the script or cell.
    version : int or str, optional
        Of an artifact or a library.
    session, session_id, user : str, optional
        The session that it belongs to: what a person reads, its id, and its user.
    file : str, optional
        The script or cell.
    line : int, optional
        The line there, from 1. A variable is found where its session assigned it last.
    code : str, optional
        The text of a line of code.
    created : datetime, optional
        When an artifact was saved, or a session began: in UTC and without a zone.
    """

    key: str
    kind: HitKind
    name: str
    version: int | str | None = None
    session: str | None = None
    session_id: str | None = None
    user: str | None = None
    file: str | None = None
    line: int | None = None
    code: str | None = None
    created: datetime | None = None


class Hits(Listing[Hit]):
    """What a search found: names that are the text, names that begin with it, others, lines of code; each newest first.

    Attributes
    ----------
    question : str
        What was asked, for a person.
    hits : tuple of Hit
    complete : bool
        Whether these are all there are.
    reason : str, optional
        What made it partial: ``limit`` or ``time``.
    total : int, optional
        How many there are in all, where that is known.
    cursor : str, optional
        Given to the same search, it continues after the last hit.
    """

    row_type: ClassVar[type[Result]] = Hit

    question: str
    hits: tuple[Hit, ...]
    complete: bool
    reason: Literal["limit", "time"] | None = None
    total: int | None = None
    cursor: str | None = None

    @property
    def rows(self) -> tuple[Hit, ...]:
        """The hits."""
        return self.hits


@dataclass(frozen=True)
class Search:
    """One search: its text, and what it leaves out.

    Attributes
    ----------
    lucene : bool
        Whether the text is a query in Lucene's syntax.
    library : tuple of (name, version or None), optional
    """

    text: str
    lucene: bool
    kinds: frozenset[HitKind]
    user: str | None
    library: tuple[str, str | None] | None
    since: datetime | None
    until: datetime | None
    limit: int

    @property
    def question(self) -> str:
        """The whole question: two searches of the same text give the same hits on the same graph."""
        parts = (self.text, self.lucene, sorted(self.kinds), self.user, self.library, self.since, self.until)
        return f"search {' '.join(map(repr, parts))}"

    @property
    def query(self) -> str:
        """The query of full text that finds at least what contains the text."""
        return self.text if self.lucene else query_of(self.text)

    def parameters(self) -> dict[str, Any]:
        """What both statements take."""
        name, version = self.library or (None, None)
        return {
            "words": self.query,
            "text": None if self.lucene else self.text,
            "filtered": any(part is not None for part in (self.user, self.library, self.since, self.until)),
            "user": self.user,
            "package_name": name,
            "version": version,
            "since": self.since,
            "until": self.until,
        }


def query_of(text: str) -> str:
    """A query of full text that finds all that contains a text. Its words are letters alone, so none is syntax."""
    words = words_of(text)
    if not words:
        return EVERYTHING
    begins = not text[0].isalpha()
    ends = not text[-1].isalpha()
    last = len(words) - 1
    terms = {
        f"{'' if number or begins else '*'}{word}{'' if number < last or ends else '*'}": len(word)
        for number, word in enumerate(words)
        if len(word) <= _LONGEST
    }
    chosen = sorted(terms, key=lambda term: (-terms[term], term))[:_WORDS]
    return " ".join(f"+{term}" for term in chosen) or EVERYTHING


def words_of(text: str) -> list[str]:
    """The words of a text, as the index has them: runs of letters, in lower case."""
    runs = ("".join(run) for is_letter, run in groupby(text, str.isalpha) if is_letter)
    return [run.lower() for run in runs]


def search(asked: Search, cursor: str | None, reader: Reader, deadline: Deadline) -> Hits:
    """What a search finds, after a cursor where one is given.

    Raises
    ------
    InvalidArgument
        If the cursor is not one of this search, or the query is wrong in Lucene's syntax.
    DatabaseError
    """
    after, offset = (BEFORE_ALL, 0) if cursor is None else cursors.decode(asked.question, cursor)
    found: list[tuple[Position, Hit]] = []
    reason: Literal["limit", "time"] | None = None
    for pages in (_names, _code):
        for page in pages(asked, after, reader, deadline):
            if page is None:
                reason = "time"
                break
            found.append(page)
            if len(found) > asked.limit:
                reason = "limit"
                del found[asked.limit :]
                break
        if reason is not None:
            break
    position = found[-1][0] if found else after
    count = offset + len(found)
    can_continue = reason is not None and position != BEFORE_ALL
    return Hits(
        question=asked.question,
        hits=tuple(hit for _, hit in found),
        complete=reason is None,
        reason=reason,
        total=count if reason is None else None,
        cursor=cursors.encode(asked.question, position, count) if can_continue else None,
    )


def _read(asked: Search, reader: Reader, deadline: Deadline, query: Any, **parameters: Any) -> Any:
    try:
        return reader.read(query, deadline, **asked.parameters(), **parameters)
    except DatabaseError as error:
        cause = error.__cause__
        if (
            asked.lucene
            and isinstance(cause, neo4j_errors.ClientError)
            and str(cause.code).endswith("ProcedureCallFailed")
        ):
            problem = str(cause.message).rpartition("Caused by: ")[2].partition(": ")[2].partition("Was expecting")[0]
            raise InvalidArgument(
                f"the query is wrong in Lucene's syntax: {' '.join(problem.split()) or cause.message}; "
                "without lucene=True any text is searched as it is"
            ) from error
        raise


def _names(asked: Search, after: Position, reader: Reader, deadline: Deadline) -> Iterator[tuple[Position, Hit] | None]:
    """Hits by name, each with its place; None where the time ended."""
    labels = [kind.capitalize() for kind in sorted(asked.kinds) if kind != "code"]
    if not labels or after.distance >= _RANK_OF_CODE:
        return
    place = {"after_rank": after.distance, "after_moment": after.written_at, "after_key": after.key}
    result = _read(asked, reader, deadline, SEARCH_NAMES, labels=labels, **place, limit=asked.limit + 1)
    for row in result.rows:
        session = row["session"] or {}
        hit = Hit(
            key=row["key"],
            kind=row["kind"].lower(),
            name=row["name"],
            version=row["version"],
            file=row["source"],
            line=row["lineno"],
            created=native(row["created"]),
            **_session(session),
        )
        yield Position(row["rank"], row["moment"], row["key"]), hit
    if not result.complete:
        yield None


def _code(asked: Search, after: Position, reader: Reader, deadline: Deadline) -> Iterator[tuple[Position, Hit] | None]:
    """Lines of code, each with its place; None where the time ended."""
    if "code" not in asked.kinds:
        return
    begin = after if after.distance >= _RANK_OF_CODE else BEFORE_ALL
    moment, id_ = (begin.written_at, begin.key[len("code/") :].rpartition("/")[0]) if begin.key else (-(2**62), "")
    contains = _lines_with(asked)
    size = asked.limit + 1
    while True:
        result = _read(asked, reader, deadline, SEARCH_CODE, from_moment=moment, from_id=id_, limit=size)
        for row in result.rows:
            lines = row["code"].split("\n")
            for number in contains(row["code"]):
                position = Position(_RANK_OF_CODE, row["moment"], f"code/{row['id']}/{number:09d}")
                if position <= begin:
                    continue
                yield (
                    position,
                    Hit(
                        key=f"code/{row['id']}/{number}",
                        kind="code",
                        name=row["name"],
                        file=row["name"],
                        line=number,
                        code=lines[number - 1],
                        created=native(row["created"]),
                        **_session(row["session"] or {}),
                    ),
                )
        if not result.complete:
            yield None
            return
        if len(result.rows) < size:
            return
        moment, id_ = result.rows[-1]["moment"], result.rows[-1]["id"] + "\0"


def _session(session: Mapping[str, Any]) -> dict[str, Any]:
    return {"session": session.get("name"), "session_id": session.get("id"), "user": session.get("user_name")}


def _lines_with(asked: Search) -> Any:
    """A function that gives the numbers of the lines of a code that were searched for."""
    if not asked.lucene:
        return lambda code: _lines_of(code.lower(), [asked.text.lower()]) or _lines_of(code, [asked.text])
    words = [word for word in words_of(re.sub(r"\b(AND|OR|NOT|TO|code)\b", " ", asked.text)) if word]
    # A query may name no word that stands in the text: then the code is found, and its first line stands for it.
    return lambda code: _lines_of(code.lower(), words) or [1]


def _lines_of(code: str, texts: Sequence[str]) -> list[int]:
    """The numbers of the lines where a text begins."""
    lines = code.split("\n")
    if not any("\n" in text for text in texts):
        return [number for number, line in enumerate(lines, 1) if any(text in line for text in texts)]
    # A text of several lines begins where the rest of the code does.
    rests = ("\n".join(lines[number:]) for number in range(len(lines)))
    return [
        number
        for number, (line, rest) in enumerate(zip(lines, rests, strict=True), 1)
        if any(0 <= rest.find(text) <= len(line) for text in texts)
    ]
