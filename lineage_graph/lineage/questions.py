"""`Lineage`: the questions, each with its bounds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol

from lineage_graph.errors import InvalidArgument
from lineage_graph.lineage import cursors, traversal
from lineage_graph.lineage.ancestors import Ancestors, common
from lineage_graph.lineage.comparing import DescribesValues, Diff, Side, compare, read_side
from lineage_graph.lineage.explaining import MAX_ALTERNATIVES, Why, explain
from lineage_graph.lineage.impact import Impact, impact
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.reporting import SECTIONS, Asked, Report, report_section
from lineage_graph.lineage.results import Answer, EdgeKind
from lineage_graph.lineage.searching import HIT_KINDS, Hits, Search, search
from lineage_graph.lineage.slicing import Code, slice_code
from lineage_graph.lineage.starts import Found, Start, Starts
from lineage_graph.lineage.traversal import LEVELS, Direction, Level, Walk
from lineage_graph.model.times import utc
from lineage_graph.store.connection import Store

DEFAULT_LIMIT = 1_000
MAX_LIMIT = 100_000
DEFAULT_TIMEOUT = 10.0


class HasStore(Protocol):
    """What keeps a store: `lineage_graph.RelationalLineaDB`."""

    @property
    def store(self) -> Store:
        """The connected store."""


class Lineage:
    """Questions about lineage. It only reads; what others commit is seen by the next question.

    Every question takes ``timeout`` in seconds and comes back at most 2 seconds after it, whatever the server does. An
    answer says whether it is complete; a partial one says why, and where to continue.

    What a question is about is given as a `Start`, or as its text: ``"classifier"`` (the latest version of this
    artifact), ``"classifier@2"``, ``"variable:model"``, ``"dataset:wine.csv"``, ``"library:pandas@2.3.3"``,
    ``"session:<id or name>"``, ``"node:<id>"``.

    Parameters
    ----------
    source : str or RelationalLineaDB
        A URL as `RelationalLineaDB` takes it, or an open database, which stays open when this is closed.

    Raises
    ------
    ConfigurationError, DatabaseUnavailable, AuthenticationFailed, UnsupportedServer, SchemaError

    Examples
    --------
    >>> with Lineage("local:") as lineage:  # doctest: +SKIP
    ...     for item in lineage.upstream("classifier"):
    ...         print(item)
    """

    def __init__(self, source: str | HasStore) -> None:
        self._owned = Store(source) if isinstance(source, str) else None
        self._store = source.store if not isinstance(source, str) else self._owned
        assert self._store is not None
        self._reader = Reader(self._store)
        self._until: datetime | None = None

    def __enter__(self) -> Lineage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the connections, where it opened them itself."""
        if self._owned is not None:
            self._owned.close()

    def as_of(self, time: datetime) -> Lineage:
        """The same questions, on what was there at a time.

        An artifact counts from the moment when it was saved, an operation from the moment when its session began.

        Parameters
        ----------
        time : datetime
            In UTC, as the graph's times are; with a zone, it is converted.

        Returns
        -------
        Lineage
            It shares the connections of this one.

        Raises
        ------
        InvalidArgument
            If it is not a datetime.
        """
        view = object.__new__(type(self))
        view._owned, view._store, view._reader, view._until = None, self._store, self._reader, _utc("as_of", time)
        return view

    def upstream(
        self,
        start: str | Start,
        *,
        level: Level = "node",
        kinds: Collection[EdgeKind | str] | None = None,
        depth: int | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout: float = DEFAULT_TIMEOUT,
        cursor: str | None = None,
    ) -> Answer:
        """What something was made from, the nearest first.

        Parameters
        ----------
        start : str or Start
            A dataset's contents are those that were written last.
        level : {"node", "statement", "artifact"}
            ``node``: each operation, and the artifacts, datasets and libraries that it needed. ``statement``: the
            statements of the source code. ``artifact``: only artifacts and datasets.
        kinds : collection of EdgeKind or str, optional
            The kinds of dependencies to follow; all when left out.
        depth : int, optional
            How many dependencies to follow one after the other; without end when left out.
        limit : int
            The largest number of items, from 1 to 100,000.
        timeout : float
            Seconds.
        cursor : str, optional
            Of a partial answer to the same question: continue after it.

        Returns
        -------
        Answer
            In the order of distance, then of writing, then of key.

        Raises
        ------
        NameNotFound
            If nothing has this name; the message has the nearest names.
        InvalidArgument
            If an argument is none of these.
        DatabaseError
        """
        return self._walk("upstream", start, level, kinds, depth, limit, timeout, cursor)

    def downstream(
        self,
        start: str | Start,
        *,
        level: Level = "node",
        kinds: Collection[EdgeKind | str] | None = None,
        depth: int | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout: float = DEFAULT_TIMEOUT,
        cursor: str | None = None,
    ) -> Answer:
        """What was made from something, the nearest first.

        Parameters, returns and raises as `upstream`. What was made from an artifact is what was made from its node;
        what was made from a session begins with what the session did.
        """
        return self._walk("downstream", start, level, kinds, depth, limit, timeout, cursor)

    def dependencies(
        self,
        start: str | Start,
        *,
        kind: EdgeKind | str = EdgeKind.implicit,
        transitive: bool = False,
        limit: int = DEFAULT_LIMIT,
        timeout: float = DEFAULT_TIMEOUT,
        cursor: str | None = None,
    ) -> Answer:
        """What an operation depends on in one way alone: what it uses without naming it, or the branches it ran under.

        Parameters
        ----------
        start : str or Start
            An artifact, variable or node: the dependencies of its node.
        kind : EdgeKind or str
            ``implicit``, ``control`` or any other.
        transitive : bool
            Also the dependencies of these, of the same kind, and so on, as LineaPy's readers have it. Other kinds are
            not followed between: `upstream` follows all.
        limit : int
            The largest number of items, from 1 to 100,000.
        timeout : float
            Seconds.
        cursor : str, optional
            Of a partial answer to the same question: continue after it.

        Raises
        ------
        NameNotFound, InvalidArgument, DatabaseError
        """
        wanted = _kinds([kind])
        check_limit(limit)
        deadline = deadline_of(timeout)
        found = self._with_code(start, deadline)
        assert found.node_id is not None
        node = Starts(self._reader, self._until).find(Start("node", found.node_id), deadline)
        depth = None if transitive else 1
        answer = self._answer("upstream", node, "node", wanted, depth, limit, deadline, cursor)
        if answer.reason != "depth":
            return answer
        # The direct ones are all that was asked for.
        before = 0 if cursor is None else cursors.decode(answer.question, cursor)[1]
        return answer.model_copy(update={"complete": True, "reason": None, "total": before + len(answer)})

    def common_ancestors(
        self,
        a: str | Start,
        b: str | Start,
        *,
        level: Level = "artifact",
        limit: int = DEFAULT_LIMIT,
        timeout: float = DEFAULT_TIMEOUT,
        cursor: str | None = None,
    ) -> Ancestors:
        """What two things were both made from, the nearest first: by the larger distance, then by the sum of both.

        Parameters
        ----------
        a, b : str or Start
            Neither is an answer itself, also where the other was made from it.
        level : {"node", "statement", "artifact"}
            As `upstream`.
        limit : int
            The largest number of items, from 1 to 100,000.
        timeout : float
            Seconds.
        cursor : str, optional
            Of a partial answer to the same question: continue after it.

        Raises
        ------
        NameNotFound, InvalidArgument, DatabaseError
        """
        if level not in LEVELS:
            raise InvalidArgument(f"{level!r} is not a level: use one of {', '.join(LEVELS)}")
        check_limit(limit)
        deadline = deadline_of(timeout)
        starts = Starts(self._reader, self._until)
        found = [starts.find(text, deadline) for text in (a, b)]
        of_a, of_b = (
            self._answer("upstream", each, level, frozenset(EdgeKind), None, MAX_LIMIT, deadline, None)
            for each in found
        )
        question = self._question("ancestors", *(each.item.key for each in found), level)
        return common(question, of_a, of_b, limit, cursor)

    def why(self, a: str | Start, b: str | Start, *, alternatives: int = 0, timeout: float = DEFAULT_TIMEOUT) -> Why:
        """How one thing depends on another: a shortest explanation, each step with its file or cell, line and code.

        Parameters
        ----------
        a : str or Start
            What may depend: an artifact, a variable, a node, or a dataset as it was written last.
        b : str or Start
            What it may depend on: any of these, a library or a session.
        alternatives : int
            Explanations of the same length to add, from 0 to 10.
        timeout : float
            Seconds.

        Returns
        -------
        Why
            That there is no dependency is an answer too.

        Raises
        ------
        NameNotFound, InvalidArgument, DatabaseError
        """
        if (
            not isinstance(alternatives, int)
            or isinstance(alternatives, bool)
            or not 0 <= alternatives <= MAX_ALTERNATIVES
        ):
            raise InvalidArgument(f"alternatives is {alternatives!r}: use a whole number from 0 to 10")
        deadline = deadline_of(timeout)
        starts = Starts(self._reader, self._until)
        return explain(
            starts.find(a, deadline),
            starts.find(b, deadline),
            alternatives,
            self._reader,
            deadline,
            until=self._until,
            later=starts.later_sessions(deadline),
        )

    def impact(self, start: str | Start, *, limit: int = DEFAULT_LIMIT, timeout: float = DEFAULT_TIMEOUT) -> Impact:
        """What a change of something reaches: the artifacts and datasets made from it, and the sessions to run again.

        Parameters
        ----------
        start : str or Start
            What changes: a dataset, a version of a library or of an artifact, a session; or a function, literal or any
            other operation, as a node or variable.
        limit : int
            The largest number of artifacts and datasets, from 1 to 100,000.
        timeout : float
            Seconds.

        Returns
        -------
        Impact
            Sessions in the order in which to run them; those that need each other are one group.

        Raises
        ------
        NameNotFound, InvalidArgument, DatabaseError
        """
        check_limit(limit)
        deadline = deadline_of(timeout)
        found = Starts(self._reader, self._until).find(start, deadline)
        answer = self._answer("downstream", found, "artifact", frozenset(EdgeKind), None, limit, deadline, None)
        # A changed operation means that its session runs again; a file or an artifact changes by itself.
        own = found.item.session_id if found.item.kind in ("node", "session") else None
        return impact(answer, [own] if own else [], self._until, self._reader, deadline)

    def code(
        self,
        artifact: str | Start,
        *,
        use_lineapy_serialization: bool = True,
        keep_lineapy_save: bool = False,
        include_non_slice_as_comment: bool = False,
        corrected: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Code:
        """The code that an artifact was computed by: the lines of its session that it needs, and no others.

        Parameters
        ----------
        artifact : str or Start
            An artifact; the code of a node or variable is given too.
        use_lineapy_serialization : bool
            False: read and write pickles where the code uses LineaPy for that.
        keep_lineapy_save : bool
            Keep the call that saved the artifact.
        include_non_slice_as_comment : bool
            Keep the other lines as comments.
        corrected : bool
            False: byte for byte what LineaPy 0.2.3 gives with these options, laid out by black where it is installed.
            True: also what a branch that did not run reads, and what branches and loops may have changed, so that the
            code runs on its own; `Code.added` says which lines these are, and why.
        timeout : float
            Seconds.

        Raises
        ------
        NameNotFound, InvalidArgument
        DatabaseUnavailable
            If the time is not enough: half a slice is none.
        """
        deadline = deadline_of(timeout)
        return slice_code(
            self._with_code(artifact, deadline),
            self._reader,
            deadline,
            use_lineapy_serialization=use_lineapy_serialization,
            keep_lineapy_save=keep_lineapy_save,
            include_non_slice_as_comment=include_non_slice_as_comment,
            corrected=corrected,
        )

    def diff(
        self,
        a: str | Start,
        b: str | Start,
        *,
        values: DescribesValues | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Diff:
        """What changed between two versions of an artifact, or between any two artifacts, variables or nodes.

        Of the code, the lines that each was computed by are compared: those of `code`, without the branches that did
        not run, which LineaPy keeps in every slice of a session.

        Parameters
        ----------
        a, b : str or Start
            ``"classifier@0"`` and ``"classifier@1"``.
        values : DescribesValues, optional
            A `lineage_graph.values.ValueStore`, which is asked for sizes, checksums, shapes and columns. No value is
            loaded. Without it, these are unknown, and said to be.
        limit : int
            The largest number of inputs of each to compare, from 1 to 100,000.
        timeout : float
            Seconds.

        Returns
        -------
        Diff
            False where nothing differs. ``diff(b, a)`` is ``diff(a, b)`` with both sides swapped.

        Raises
        ------
        NameNotFound, InvalidArgument
        DatabaseUnavailable
            If the time is not enough: half a slice is none.
        """
        check_limit(limit)
        deadline = deadline_of(timeout)
        return compare(self._side(a, values, limit, deadline), self._side(b, values, limit, deadline))

    def search(
        self,
        text: str,
        *,
        kinds: Collection[str] | None = None,
        user: str | None = None,
        library: str | None = None,
        after: datetime | None = None,
        before: datetime | None = None,
        lucene: bool = False,
        limit: int = DEFAULT_LIMIT,
        timeout: float = DEFAULT_TIMEOUT,
        cursor: str | None = None,
    ) -> Hits:
        """Artifacts, sessions, variables, datasets, libraries and lines of code that contain a text.

        Parameters
        ----------
        text : str
            Any text, in capitals or not: all that contains it is found. None of it is syntax.
        kinds : collection of str, optional
            Some of ``artifact``, ``session``, ``variable``, ``dataset``, ``library`` and ``code``; all when left out.
        user : str, optional
            Only what belongs to a session of this user. A dataset belongs to the sessions that read or write it, a
            library to those that import it.
        library : str, optional
            Only what belongs to a session that imports it: ``"pandas"``, ``"pandas@2.3.3"``.
        after, before : datetime, optional
            Only artifacts that were saved, and other things of sessions that began, between these, both included. In
            UTC; with a zone, it is converted.
        lucene : bool
            Take the text as a query in Lucene's syntax. Of a code that it finds, the lines with one of its words are
            given, or else the first.
        limit : int
            The largest number of hits, from 1 to 100,000.
        timeout : float
            Seconds.
        cursor : str, optional
            Of a partial answer to the same search: continue after it.

        Raises
        ------
        InvalidArgument
            If an argument is none of these, the text is empty, or the query is wrong in Lucene's syntax.
        DatabaseError
        """
        check_limit(limit)
        if not isinstance(text, str) or not text.strip():
            raise InvalidArgument("a search needs a text that is not only space")
        for name, value in (("user", user), ("library", library)):
            if value is not None and (not isinstance(value, str) or not value):
                raise InvalidArgument(f"the {name} is {value!r}: use a name, or leave it out")
        wanted = [kinds] if isinstance(kinds, str) else HIT_KINDS if kinds is None else list(kinds)
        if not wanted or not set(wanted) <= set(HIT_KINDS):
            raise InvalidArgument(f"{wanted!r} are not kinds to search: use some of {', '.join(HIT_KINDS)}")
        until = [_utc("before", before)] if before is not None else []
        until += [self._until] if self._until is not None else []
        package, at, version = (library or "").rpartition("@")
        named = None if library is None else (package, version) if at and package else (library, None)
        asked = Search(
            text=text,
            lucene=lucene,
            kinds=frozenset(kind for kind in HIT_KINDS if kind in wanted),
            user=user,
            library=named,
            since=None if after is None else _utc("after", after),
            until=min(until, default=None),
            limit=limit,
        )
        return search(asked, cursor, self._reader, deadline_of(timeout))

    def report(
        self,
        *,
        sections: Collection[str] | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout: float = DEFAULT_TIMEOUT,
        cursor: str | None = None,
    ) -> Report:
        """What should be looked at, in sections.

        ``stale``: the latest versions of artifacts that were made from something that has a newer version, with the
        path to it. ``unused``: artifacts that no call, artifact or pipeline uses. ``inputs``: the artifacts and
        datasets that most sessions read. ``missing``: artifacts without a value, as far as the graph can tell.
        ``failed``: sessions that stopped half-way.

        Parameters
        ----------
        sections : collection of str, optional
            Some of these; all when left out.
        limit : int
            The largest number of findings of each section, from 1 to 100,000.
        timeout : float
            Seconds, for each section.
        cursor : str, optional
            Of a partial section: continue after it, where this section alone is asked for.

        Raises
        ------
        InvalidArgument, DatabaseError
        """
        check_limit(limit)
        wanted = [sections] if isinstance(sections, str) else SECTIONS if sections is None else list(sections)
        if not wanted or not set(wanted) <= set(SECTIONS):
            raise InvalidArgument(f"{wanted!r} are not sections of a report: use some of {', '.join(SECTIONS)}")
        if cursor is not None and len(wanted) > 1:
            raise InvalidArgument("a cursor continues one section: ask for this one alone")
        found = []
        for name in SECTIONS:
            if name in wanted:
                asked = Asked(limit, self._until, self._reader, deadline_of(timeout))
                found.append(report_section(name, asked, cursor))
        return Report(sections=tuple(found))

    def _side(self, start: str | Start, values: DescribesValues | None, limit: int, deadline: Deadline) -> Side:
        found = self._with_code(start, deadline)
        code = slice_code(found, self._reader, deadline, idle_branches=False)
        everything = frozenset(EdgeKind)
        upstream = self._answer("upstream", found, "artifact", everything, None, limit, deadline, None)
        return read_side(found, code.text, upstream, values, self._reader, deadline)

    def _with_code(self, start: str | Start, deadline: Deadline) -> Found:
        found = Starts(self._reader, self._until).find(start, deadline)
        if found.node_id is None:
            raise InvalidArgument(f"a {found.item.kind} has no code of its own: ask for an artifact, variable or node")
        return found

    def _walk(
        self,
        direction: Direction,
        start: str | Start,
        level: Level,
        kinds: Collection[EdgeKind | str] | None,
        depth: int | None,
        limit: int,
        timeout: float,
        cursor: str | None,
    ) -> Answer:
        if level not in LEVELS:
            raise InvalidArgument(f"{level!r} is not a level: use one of {', '.join(LEVELS)}")
        wanted = _kinds(kinds)
        _check_depth(depth)
        check_limit(limit)
        deadline = deadline_of(timeout)
        found = Starts(self._reader, self._until).find(start, deadline)
        return self._answer(direction, found, level, wanted, depth, limit, deadline, cursor)

    def _answer(
        self,
        direction: Direction,
        found: Found,
        level: Level,
        wanted: frozenset[EdgeKind],
        depth: int | None,
        limit: int,
        deadline: Deadline,
        cursor: str | None,
    ) -> Answer:
        return traversal.answer(
            Walk(
                question=self._question(direction, found.item.key, level, sorted(k.value for k in wanted), depth),
                found=found,
                direction=direction,
                level=level,
                kinds=wanted,
                depth=depth,
                limit=limit,
                until=self._until,
                later=Starts(self._reader, self._until).later_sessions(deadline),
            ),
            cursor,
            self._reader,
            deadline,
        )

    def _question(self, *parts: Any) -> str:
        until = "" if self._until is None else f" as of {self._until.isoformat()}"
        return " ".join(str(part) for part in parts) + until


def deadline_of(timeout: float) -> Deadline:
    """The deadline that a time-out means.

    Raises
    ------
    InvalidArgument
        If it is not a number above 0.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout < float("inf"):
        raise InvalidArgument(f"the time-out is {timeout!r}: use a number of seconds above 0")
    return Deadline(float(timeout))


def _utc(name: str, time: datetime) -> datetime:
    """A time in UTC and without a zone, as the graph's times are."""
    if not isinstance(time, datetime):
        raise InvalidArgument(f"{name} takes a datetime, not a {type(time).__name__}")
    return utc(time)


def check_limit(limit: int) -> None:
    """Refuse a limit that is not a number from 1 to 100,000.

    Raises
    ------
    InvalidArgument
    """
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIMIT:
        raise InvalidArgument(f"the limit is {limit!r}: use a whole number from 1 to {MAX_LIMIT:,}")


def _check_depth(depth: int | None) -> None:
    if depth is not None and (not isinstance(depth, int) or isinstance(depth, bool) or depth < 1):
        raise InvalidArgument(f"the depth is {depth!r}: use a whole number from 1, or leave it out")


def _kinds(kinds: Collection[EdgeKind | str] | None) -> frozenset[EdgeKind]:
    if kinds is None:
        return frozenset(EdgeKind)
    if isinstance(kinds, (str, EdgeKind)):
        kinds = [kinds]
    try:
        wanted = frozenset(EdgeKind(kind) for kind in kinds)
    except (TypeError, ValueError):
        known = ", ".join(kind.value for kind in EdgeKind)
        raise InvalidArgument(f"{kinds!r} are not kinds of dependencies: use some of {known}") from None
    if not wanted:
        raise InvalidArgument("no kind of dependency is given: leave kinds out to follow all")
    return wanted
