"""The questions about lineage, as commands."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from lineage_graph.cli import answers
from lineage_graph.cli.console import out
from lineage_graph.cli.options import AsJson, Url, database_url, group

if TYPE_CHECKING:
    from lineage_graph.lineage import Answer, Lineage
    from lineage_graph.lineage.results import Result

app = group("Ask what something was made from, what was made from it, why, and by which code.")

Start = Annotated[
    str,
    typer.Argument(
        metavar="START",
        help="An artifact (classifier, classifier@2), or variable:NAME, dataset:PATH, library:NAME@VERSION, "
        "session:NAME, node:ID.",
    ),
]


class LevelName(str, Enum):
    """What an answer lists."""

    artifact = "artifact"
    statement = "statement"
    node = "node"


class KindName(str, Enum):
    """Which dependencies are followed."""

    data = "data"
    call = "call"
    control = "control"
    implicit = "implicit"
    artifact = "artifact"
    file = "file"


class HitKindName(str, Enum):
    """What a search looks for."""

    artifact = "artifact"
    session = "session"
    variable = "variable"
    dataset = "dataset"
    library = "library"
    code = "code"


class SectionName(str, Enum):
    """The parts of a report."""

    stale = "stale"
    unused = "unused"
    inputs = "inputs"
    missing = "missing"
    failed = "failed"


Level = Annotated[LevelName, typer.Option("--level", help="What to list.")]
Kinds = Annotated[list[KindName] | None, typer.Option("--kind", help="Follow this kind only; may be repeated.")]
Depth = Annotated[int | None, typer.Option("--depth", min=1, help="Follow at most this many dependencies.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="List at most this many.")]
Cursor = Annotated[str | None, typer.Option("--cursor", help="Continue the same question after a partial answer.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0.001, help="Seconds after which to give what was found.")]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", help="Ask about what was there then (UTC).", show_default=False)
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


@dataclass
class Asked:
    """What all questions have in common: the database, the time that they have, and the form of the answer."""

    lineage: Lineage
    timeout: float
    as_json: bool
    as_csv: bool

    def prints(self, result: Result) -> bool:
        """Print a result as JSON, if that is asked for; whether it was."""
        if self.as_json:
            out.json(result.model_dump(mode="json"))
        return self.as_json

    def show(self, answer: Any, show: Callable[[], None]) -> None:
        """Print an answer that has pages in the form that is asked for, and whether it is complete."""
        if self.prints(answer):
            return
        if self.as_csv:
            answers.show_csv(answer)
        else:
            show()
        answers.show_end(answer, self.as_csv)


def question(*, lists: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command that asks a question. It gets an `Asked`, which the options that all have in common make.

    Parameters
    ----------
    lists : bool
        Whether the answer can be printed as CSV.
    """

    def register(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(*, timeout: float, as_of: datetime | None, url: str | None, as_json: bool, **own: Any) -> None:
            from lineage_graph.lineage import Lineage

            as_csv = own.pop("as_csv", False)
            with Lineage(database_url(url)) as lineage:
                command(Asked(lineage if as_of is None else lineage.as_of(as_of), timeout, as_json, as_csv), **own)

        shared = {"timeout": (Timeout, 10.0), "as_of": (AsOf, None), "url": (Url, None), "as_json": (AsJson, False)}
        if lists:
            shared["as_csv"] = (AsCsv, False)
        hints = get_type_hints(command, include_extras=True)
        own = [
            parameter.replace(annotation=hints[name])
            for name, parameter in inspect.signature(command).parameters.items()
            if name != "asked"
        ]
        added = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, (annotation, default) in shared.items()
        ]
        run.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *added]}
        return app.command(command.__name__.rstrip("_"))(run)

    return register


@question()
def upstream(
    asked: Asked,
    start: Start,
    level: Level = LevelName.statement,
    kinds: Kinds = None,
    depth: Depth = None,
    limit: Limit = 1_000,
    cursor: Cursor = None,
) -> None:
    """What something was made from, the nearest first."""
    answer = _walk(asked, "upstream", start, level, kinds, depth, limit, cursor)
    asked.show(answer, lambda: answers.show_answer(answer, f"What {answer.start.title} was made from"))


@question()
def downstream(
    asked: Asked,
    start: Start,
    level: Level = LevelName.statement,
    kinds: Kinds = None,
    depth: Depth = None,
    limit: Limit = 1_000,
    cursor: Cursor = None,
) -> None:
    """What was made from something, the nearest first."""
    answer = _walk(asked, "downstream", start, level, kinds, depth, limit, cursor)
    asked.show(answer, lambda: answers.show_answer(answer, f"What was made from {answer.start.title}"))


def _walk(
    asked: Asked,
    direction: str,
    start: str,
    level: LevelName,
    kinds: list[KindName] | None,
    depth: int | None,
    limit: int,
    cursor: str | None,
) -> Answer:
    answer: Answer = getattr(asked.lineage, direction)(
        start,
        level=level.value,
        kinds=[kind.value for kind in kinds] if kinds else None,
        depth=depth,
        limit=limit,
        timeout=asked.timeout,
        cursor=cursor,
    )
    return answer


@question()
def dependencies(
    asked: Asked,
    start: Start,
    kind: Annotated[KindName, typer.Option("--kind", help="Which dependencies to list.")] = KindName.implicit,
    transitive: Annotated[bool, typer.Option("--transitive", help="Also those of these, of the same kind.")] = False,
    limit: Limit = 1_000,
    cursor: Cursor = None,
) -> None:
    """List what an operation uses without naming it, or the branches that it ran under."""
    answer = asked.lineage.dependencies(
        start, kind=kind.value, transitive=transitive, limit=limit, timeout=asked.timeout, cursor=cursor
    )
    title = f"Dependencies of {answer.start.title}: {kind.value}"
    asked.show(answer, lambda: answers.show_answer(answer, title))


@question()
def ancestors(
    asked: Asked,
    a: Start,
    b: Annotated[str, typer.Argument(metavar="END", help="The other, written as START is.")],
    level: Level = LevelName.artifact,
    limit: Limit = 1_000,
    cursor: Cursor = None,
) -> None:
    """List what two things were both made from, the nearest first."""
    found = asked.lineage.common_ancestors(a, b, level=level.value, limit=limit, timeout=asked.timeout, cursor=cursor)
    asked.show(found, lambda: answers.show_ancestors(found))


@question(lists=False)
def why(
    asked: Asked,
    start: Start,
    end: Annotated[str, typer.Argument(metavar="END", help="What it may depend on, written as START is.")],
    alternatives: Annotated[
        int, typer.Option("--alternatives", min=0, max=10, help="Show so many more explanations of equal length.")
    ] = 0,
) -> None:
    """How one thing depends on another, step by step. Exits with 1 when it does not, or when that is not known."""
    found = asked.lineage.why(start, end, alternatives=alternatives, timeout=asked.timeout)
    if not asked.prints(found):
        answers.show_why(found)
    if not found:
        raise typer.Exit(1)


@question(lists=False)
def impact(asked: Asked, start: Start, limit: Limit = 1_000) -> None:
    """What a change reaches: artifacts and datasets, and the sessions to run again, in order."""
    found = asked.lineage.impact(start, limit=limit, timeout=asked.timeout)
    if not asked.prints(found):
        answers.show_impact(found)


@question()
def diff(
    asked: Asked,
    a: Start,
    b: Annotated[str, typer.Argument(metavar="END", help="What to compare it with, written as START is.")],
    values: Annotated[
        bool, typer.Option("--values", help="Ask the store of values for sizes, checksums, shapes and columns.")
    ] = False,
    limit: Limit = 1_000,
) -> None:
    """What changed from one version of an artifact to another: code, calls, libraries, inputs and value."""
    from lineage_graph.values import ValueStore

    store = ValueStore() if values else None
    found = asked.lineage.diff(a, b, values=store, limit=limit, timeout=asked.timeout)
    if asked.prints(found):
        return
    if asked.as_csv:
        answers.show_csv(found)
        answers.show_unknown(found)
    else:
        answers.show_diff(found)


@question()
def search(
    asked: Asked,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Any text, in capitals or not; none of it is syntax.")],
    kinds: Annotated[
        list[HitKindName] | None, typer.Option("--kind", help="Search this kind only; may be repeated.")
    ] = None,
    user: Annotated[str | None, typer.Option("--user", help="Only in sessions of this user.")] = None,
    library: Annotated[
        str | None, typer.Option("--library", help="Only in sessions that import it: pandas, pandas@2.3.3.")
    ] = None,
    after: Annotated[
        datetime | None, typer.Option("--after", help="Not older than this (UTC).", show_default=False)
    ] = None,
    before: Annotated[
        datetime | None, typer.Option("--before", help="Not newer than this (UTC).", show_default=False)
    ] = None,
    lucene: Annotated[bool, typer.Option("--lucene", help="Take TEXT as a query in Lucene's syntax.")] = False,
    limit: Limit = 1_000,
    cursor: Cursor = None,
) -> None:
    """Artifacts, sessions, variables, datasets, libraries and lines of code that contain a text."""
    found = asked.lineage.search(
        text,
        kinds=[kind.value for kind in kinds] if kinds else None,
        user=user,
        library=library,
        after=after,
        before=before,
        lucene=lucene,
        limit=limit,
        timeout=asked.timeout,
        cursor=cursor,
    )
    asked.show(found, lambda: answers.show_hits(found, text))


@question()
def report(
    asked: Asked,
    sections: Annotated[
        list[SectionName] | None, typer.Option("--section", help="This section only; may be repeated.")
    ] = None,
    limit: Limit = 1_000,
    cursor: Cursor = None,
) -> None:
    """Report artifacts that are stale, unused or missing, the most used inputs, and sessions that stopped half-way."""
    wanted = [section.value for section in sections] if sections else None
    found = asked.lineage.report(sections=wanted, limit=limit, timeout=asked.timeout, cursor=cursor)
    if asked.prints(found):
        return
    if asked.as_csv:
        answers.show_csv_of_sections(found)
    for section in found:
        if not asked.as_csv:
            answers.show_section(section)
        answers.show_end(section, asked.as_csv)


@question(lists=False)
def code(
    asked: Asked,
    artifact: Start,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="Keep also what branches that did not run need, so that it runs alone.")
    ] = False,
    keep_save: Annotated[bool, typer.Option("--keep-save", help="Keep the call that saved the artifact.")] = False,
    comments: Annotated[bool, typer.Option("--comments", help="Keep the other lines as comments.")] = False,
    pickles: Annotated[
        bool, typer.Option("--pickles", help="Read and write pickles where the code uses LineaPy for that.")
    ] = False,
) -> None:
    """The code that an artifact was computed by, and no more of its session than that."""
    found = asked.lineage.code(
        artifact,
        use_lineapy_serialization=not pickles,
        keep_lineapy_save=keep_save,
        include_non_slice_as_comment=comments,
        corrected=corrected,
        timeout=asked.timeout,
    )
    if not asked.prints(found):
        answers.show_code(found)


@app.command()
def rebuild(url: Url = None, as_json: AsJson = False) -> None:
    """Derive the edges across sessions again, of all that is stored, and delete those that do not follow."""
    from lineage_graph.store.connection import Store
    from lineage_graph.store.rebuild import rebuild as rebuild_edges

    store = Store(database_url(url))
    try:
        changed = rebuild_edges(store)
    finally:
        store.close()
    if as_json:
        out.json(changed)
        return
    for type_, count in changed.items():
        out.line(f"{type_:16} {count:+,}")
    if not any(changed.values()):
        out.line("nothing changed")
