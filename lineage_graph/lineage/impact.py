"""What a change reaches, and what to run again, in which order."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from lineage_graph.graph import statements
from lineage_graph.graph.mapping import native
from lineage_graph.lineage.reader import Deadline, Reader
from lineage_graph.lineage.results import Answer, Item, Result

SESSIONS_USING = statements.load("lineage/sessions_using")


class Rerun(Result):
    """A session to run again.

    Attributes
    ----------
    id, name : str
    created : datetime
        When it began, in UTC and without a zone.
    command : str, optional
        What runs a script again and traces it. A notebook has none: LineaPy does not record its file.
    """

    id: str
    name: str
    created: datetime
    command: str | None


class Impact(Result):
    """What a change reaches.

    Attributes
    ----------
    start : Item
        What changes.
    items : tuple of Item
        The artifacts and written datasets that depend on it, the nearest first.
    plan : tuple of tuple of Rerun
        The sessions to run again: groups in the order in which to run them. A group of several is a circle, whose
        sessions need each other.
    complete : bool
        Whether these are all; if not, `reason` says what stopped it, and there is more to run.
    reason : str, optional
        ``limit`` or ``time``.
    """

    start: Item
    items: tuple[Item, ...]
    plan: tuple[tuple[Rerun, ...], ...]
    complete: bool
    reason: Literal["limit", "depth", "time"] | None = None

    def __bool__(self) -> bool:
        """Whether anything is to be run again."""
        return bool(self.plan)


def impact(answer: Answer, users: Sequence[str], until: datetime | None, reader: Reader, deadline: Deadline) -> Impact:
    """The impact of what an answer begins at.

    Parameters
    ----------
    answer : Answer
        What was made from it, artifacts and datasets.
    users : sequence of str
        The ids of sessions that run again in any case.
    until : datetime, optional
        Leave out sessions that began later.
    """
    start = answer.start
    found = [*answer.items, start]
    result = reader.read(
        SESSIONS_USING,
        deadline,
        artifacts=[int(item.key.partition("/")[2]) for item in found if item.kind == "artifact"],
        writers=[item.id for item in found if item.kind == "dataset" and item.id is not None],
        uris=[item.name for item in found if item.kind == "dataset"],
        own=sorted({*users, *(item.session_id for item in answer.items if item.session_id)}),
        until=until,
    )
    sessions = {
        row["id"]: Rerun(
            id=row["id"],
            name=row["name"],
            created=native(row["creation_time"]),
            command=_command(row["path"], row["folder"]) if row["kind"] == "SCRIPT" else None,
        )
        for row in result.rows
    }
    needs = {row["id"]: {other for other in row["needs"] if other in sessions} for row in result.rows}
    return Impact(
        start=start,
        items=answer.items,
        plan=tuple(tuple(sessions[id_] for id_ in group) for group in ordered(needs)),
        complete=answer.complete and result.complete,
        reason=answer.reason or (None if result.complete else "time"),
    )


def _command(path: str | None, folder: str | None) -> str | None:
    if path is None:
        return None
    whole = posixpath.join(folder or "", path)
    run = f"lineage-graph trace {shlex.quote(whole)}"
    return f"cd {shlex.quote(folder)} && {run}" if folder else run


def ordered(needs: Mapping[str, set[str]]) -> list[list[str]]:
    """The keys in groups, each after all that it needs; keys that need each other are one group (Tarjan, 1972).

    Keys come in the order of the mapping where nothing else orders them.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    groups: list[list[str]] = []
    position = {key: number for number, key in enumerate(needs)}
    for root in needs:
        if root in index:
            continue
        work = [(root, iter(sorted(needs[root], key=position.__getitem__)))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            key, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(needs[other], key=position.__getitem__))))
                    break
                if other in on_stack:
                    low[key] = min(low[key], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == index[key]:
                    group: list[str] = []
                    while not group or group[-1] != key:
                        group.append(stack.pop())
                        on_stack.discard(group[-1])
                    groups.append(sorted(group, key=position.__getitem__))
    return groups
