"""The questions about lineage, as commands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineage_graph.cli.console import Column, err, out
from lineage_graph.cli.options import AsJson, Url, database_url, group

if TYPE_CHECKING:
    from lineage_graph.lineage import Answer, Item, Lineage

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


Level = Annotated[LevelName, typer.Option("--level", help="What to list.")]
Kinds = Annotated[list[KindName] | None, typer.Option("--kind", help="Follow this kind only; may be repeated.")]
Depth = Annotated[int | None, typer.Option("--depth", min=1, help="Follow at most this many dependencies.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="List at most this many.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0.001, help="Seconds after which to give what was found.")]
Cursor = Annotated[str | None, typer.Option("--cursor", help="Continue the same question after a partial answer.")]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", help="Ask about what was there then (UTC).", show_default=False)
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


@contextmanager
def asking(url: str | None, as_of: datetime | None = None) -> Iterator[Lineage]:
    """Questions on a database, closed in the end."""
    from lineage_graph.lineage import Lineage

    with Lineage(database_url(url)) as lineage:
        yield lineage if as_of is None else lineage.as_of(as_of)


@app.command()
def upstream(
    start: Start,
    level: Level = LevelName.statement,
    kinds: Kinds = None,
    depth: Depth = None,
    limit: Limit = 1_000,
    timeout: Timeout = 10.0,
    cursor: Cursor = None,
    as_of: AsOf = None,
    url: Url = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """What something was made from, the nearest first."""
    with asking(url, as_of) as lineage:
        answer = lineage.upstream(
            start,
            level=level.value,
            kinds=[kind.value for kind in kinds] if kinds else None,
            depth=depth,
            limit=limit,
            timeout=timeout,
            cursor=cursor,
        )
    show_answer(answer, f"What {_named(answer.start)} was made from", as_json, as_csv)


@app.command()
def downstream(
    start: Start,
    level: Level = LevelName.statement,
    kinds: Kinds = None,
    depth: Depth = None,
    limit: Limit = 1_000,
    timeout: Timeout = 10.0,
    cursor: Cursor = None,
    as_of: AsOf = None,
    url: Url = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """What was made from something, the nearest first."""
    with asking(url, as_of) as lineage:
        answer = lineage.downstream(
            start,
            level=level.value,
            kinds=[kind.value for kind in kinds] if kinds else None,
            depth=depth,
            limit=limit,
            timeout=timeout,
            cursor=cursor,
        )
    show_answer(answer, f"What was made from {_named(answer.start)}", as_json, as_csv)


@app.command()
def why(
    start: Start,
    end: Annotated[str, typer.Argument(metavar="END", help="What it may depend on, written as START is.")],
    alternatives: Annotated[
        int, typer.Option("--alternatives", min=0, max=10, help="Show so many more explanations of equal length.")
    ] = 0,
    timeout: Timeout = 10.0,
    as_of: AsOf = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """How one thing depends on another, step by step. Exits with 1 when it does not, or when that is not known."""
    with asking(url, as_of) as lineage:
        found = lineage.why(start, end, alternatives=alternatives, timeout=timeout)
    if as_json:
        out.json(found.model_dump(mode="json"))
    elif found.status == "absent":
        out.line(f"{_named(found.start)} does not depend on {_named(found.end)}: proved absent")
    elif found.status == "unknown":
        out.line("the time ended before it was known: give it more with --timeout")
    for explanation in found.explanations if not as_json else ():
        out.table(
            f"Why {_named(found.start)} depends on {_named(found.end)}",
            [
                Column("in", identifies=True),
                Column("line", identifies=True, is_number=True),
                Column("by"),
                Column("what"),
            ],
            [_step(step.item, step.kind.value) for step in explanation.steps]
            + [_step(explanation.steps[-1].needs if explanation.steps else found.end, "")],
        )
    if not found:
        raise typer.Exit(1)


@app.command()
def impact(
    start: Start,
    limit: Limit = 1_000,
    timeout: Timeout = 10.0,
    as_of: AsOf = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """What a change reaches: artifacts and datasets, and the sessions to run again, in order."""
    with asking(url, as_of) as lineage:
        found = lineage.impact(start, limit=limit, timeout=timeout)
    if as_json:
        out.json(found.model_dump(mode="json"))
        return
    columns = [Column("kind", identifies=True), Column("distance", identifies=True, is_number=True), Column("what")]
    out.table(
        f"What a change of {_named(found.start)} reaches",
        [*columns, Column("in"), Column("line", is_number=True), Column("session")],
        [_row(item) for item in found.items],
    )
    out.heading("Run again, in this order")
    for number, group_ in enumerate(found.plan, 1):
        for session in group_:
            out.line(f"{number:3}  {session.command or f'{session.name} (a notebook: run its cells again)'}")
    out.line("complete" if found.complete else f"partial: stopped by the {found.reason}; there is more to run")


@app.command()
def code(
    artifact: Start,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="Keep also what branches that did not run need, so that it runs alone.")
    ] = False,
    keep_save: Annotated[bool, typer.Option("--keep-save", help="Keep the call that saved the artifact.")] = False,
    comments: Annotated[bool, typer.Option("--comments", help="Keep the other lines as comments.")] = False,
    pickles: Annotated[
        bool, typer.Option("--pickles", help="Read and write pickles where the code uses LineaPy for that.")
    ] = False,
    timeout: Timeout = 10.0,
    as_of: AsOf = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """The code that an artifact was computed by, and no more of its session than that."""
    with asking(url, as_of) as lineage:
        found = lineage.code(
            artifact,
            use_lineapy_serialization=not pickles,
            keep_lineapy_save=keep_save,
            include_non_slice_as_comment=comments,
            corrected=corrected,
            timeout=timeout,
        )
    if as_json:
        out.json(found.model_dump(mode="json"))
        return
    out.lines(found.text)
    for line in found.added:
        err.line(f"added {line.file}:{line.line}, since {line.reason}")


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


def show_answer(answer: Answer, title: str, as_json: bool, as_csv: bool) -> None:
    """Print an answer, and whether it is complete."""
    if as_json:
        out.json(answer.model_dump(mode="json"))
        return
    if as_csv:
        _show_csv(answer.items)
    else:
        out.table(
            title,
            [
                Column("kind", identifies=True),
                Column("distance", identifies=True, is_number=True),
                Column("what"),
                Column("in"),
                Column("line", is_number=True),
                Column("session"),
            ],
            [_row(item) for item in answer],
        )
    screen = err if as_csv else out
    if answer.complete:
        screen.line(f"complete: {answer.total:,} found")
        return
    screen.line(f"partial: {len(answer):,} listed, stopped by the {answer.reason}; there are more")
    if answer.cursor is not None:
        screen.line(f"continue with --cursor {answer.cursor}")


def _show_csv(items: Sequence[Item]) -> None:
    text = io.StringIO()
    rows = [item.model_dump(mode="json") for item in items]
    from lineage_graph.lineage import Item

    writer = csv.DictWriter(text, list(Item.model_fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    out.lines(text.getvalue())


def _row(item: Item) -> list[str]:
    version = "" if item.version is None else f" {item.version}"
    line = "" if item.line is None else str(item.line)
    return [item.kind, str(item.distance), f"{item.name}{version}", item.file or "", line, item.session or ""]


def _step(item: Item, kind: str) -> list[str]:
    line: Any = "" if item.line is None else item.line
    what = (item.code or item.name).strip().partition("\n")[0]
    return [item.file or item.kind, str(line), kind, what if item.kind == "node" else _named(item)]


def _named(item: Item) -> str:
    version = "" if item.version is None else f" version {item.version}"
    return f"{item.name}{version}"
