"""Prints the answers to questions about lineage."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lineage_graph.cli.console import Column, err, out

if TYPE_CHECKING:
    from lineage_graph.lineage import (
        Ancestors,
        Answer,
        Code,
        Diff,
        Explanation,
        Hits,
        Impact,
        Item,
        Report,
        Section,
        Why,
    )
    from lineage_graph.lineage.results import Listing

WHAT = [Column("kind", identifies=True), Column("distance", identifies=True, is_number=True), Column("what")]
WHERE = [Column("in"), Column("line", is_number=True), Column("session")]


def show_answer(answer: Answer, title: str) -> None:
    """Print an answer, and whether it is complete."""
    out.table(title, [*WHAT, *WHERE], [row(item) for item in answer])


def show_ancestors(found: Ancestors) -> None:
    """Print what two things were both made from."""
    distances = [Column("from a", identifies=True, is_number=True), Column("from b", identifies=True, is_number=True)]
    out.table(
        f"What {found.a.title} and {found.b.title} were both made from",
        [Column("kind", identifies=True), *distances, Column("what"), *WHERE],
        [[item.kind, str(item.distance_a), str(item.distance_b), versioned(item), *place(item)] for item in found],
    )


def show_why(found: Why) -> None:
    """Print how one thing depends on another."""
    if found.status == "absent":
        out.line(f"{found.start.title} does not depend on {found.end.title}: proved absent")
    elif found.status == "unknown":
        out.line("the time ended before it was known: give it more with --timeout")
    for explanation in found.explanations:
        _show_explanation(found, explanation)


def _show_explanation(found: Why, explanation: Explanation) -> None:
    columns = [Column("in", identifies=True), Column("line", identifies=True, is_number=True)]
    last = explanation.steps[-1].needs if explanation.steps else found.end
    out.table(
        f"Why {found.start.title} depends on {found.end.title}",
        [*columns, Column("by"), Column("what")],
        [*(_step(step.item, step.kind.value) for step in explanation.steps), _step(last, "")],
    )


def show_impact(found: Impact) -> None:
    """Print what a change reaches, and what to run again."""
    out.table(f"What a change of {found.start.title} reaches", [*WHAT, *WHERE], [row(item) for item in found.items])
    out.heading("Run again, in this order")
    for number, group in enumerate(found.plan, 1):
        for session in group:
            out.line(f"{number:3}  {session.command or f'{session.name} (a notebook: run its cells again)'}")
    out.line("complete" if found.complete else f"partial: stopped by the {found.reason}; there is more to run")


def show_code(found: Code) -> None:
    """Print code, and what was added to LineaPy's slice."""
    out.lines(found.text)
    for line in found.added:
        err.line(f"added {line.file}:{line.line}, since {line.reason}")


def show_diff(found: Diff) -> None:
    """Print what changed between two things."""
    if found.code:
        out.lines(found.code)
        out.line()
    if found.changes:
        out.table(
            f"From {found.a.title} to {found.b.title}",
            [Column("of", identifies=True), Column("what"), Column("before"), Column("after")],
            [[change.aspect, change.what, change.before or "", change.after or ""] for change in found],
        )
    if not found:
        out.line(f"no difference between {found.a.title} and {found.b.title} was found")
    show_unknown(found)


def show_unknown(found: Diff) -> None:
    """Say what was not compared."""
    for what in found.unknown:
        err.line(f"unknown: {what}")
    if not found.complete:
        err.line(f"partial: stopped by the {found.reason}; there are more inputs")


def show_hits(found: Hits, text: str) -> None:
    """Print what a search found."""
    out.table(
        f"What contains {text}",
        [Column("kind", identifies=True), Column("what"), *WHERE],
        [[hit.kind, versioned(hit) if hit.code is None else hit.code.strip(), *place(hit)] for hit in found],
    )


_SECTIONS = {
    "stale": "Stale: made from something that has a newer version",
    "unused": "Unused artifacts",
    "inputs": "Most used inputs",
    "missing": "Artifacts without a value",
    "failed": "Sessions that stopped half-way",
}


def show_section(section: Section) -> None:
    """Print a section of a report."""
    where = [Column("path")] if section.name == "stale" else WHERE[:2]
    rows: list[list[str]] = []
    for finding in section:
        path = " <- ".join(f"{step.file}:{step.line}" if step.file else versioned(step) for step in finding.path)
        rows.append([finding.kind, versioned(finding), *([path] if path else place(finding)[:2]), finding.reason])
    out.table(_SECTIONS[section.name], [Column("kind", identifies=True), Column("what"), *where, Column("why")], rows)


def show_csv_of_sections(found: Report) -> None:
    """Print the findings of all sections as CSV."""
    fields = ["section", *found.sections[0].row_type.model_fields]
    _print_csv(fields, [{"section": s.name, **finding.model_dump(mode="json")} for s in found for finding in s])


def show_csv(listing: Listing[Any]) -> None:
    """Print what is listed as CSV, a column for each field."""
    _print_csv(list(listing.row_type.model_fields), [one.model_dump(mode="json") for one in listing])


def _print_csv(fields: list[str], rows: Sequence[dict[str, Any]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    out.lines(text.getvalue())


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def show_end(answer: Any, is_csv: bool) -> None:
    """Say whether an answer is complete, and how to continue it."""
    screen = err if is_csv else out
    if answer.complete:
        screen.line(f"complete: {answer.total:,} found")
        return
    screen.line(f"partial: {len(answer):,} listed, stopped by the {answer.reason}; there are more")
    if answer.cursor is not None:
        screen.line(f"continue with --cursor {answer.cursor}")


def row(item: Item) -> list[str]:
    """An item as the cells of `WHAT` and `WHERE`."""
    return [item.kind, str(item.distance), versioned(item), *place(item)]


def place(item: Any) -> list[str]:
    """Where an item stands, as the cells of `WHERE`."""
    line = "" if item.line is None else str(item.line)
    return [item.file or "", line, item.session or ""]


def versioned(item: Any) -> str:
    """An item's name and version, as a table has them."""
    return item.name if item.version is None else f"{item.name} {item.version}"


def _step(item: Item, kind: str) -> Sequence[str]:
    line = "" if item.line is None else str(item.line)
    what = (item.code or item.name).strip().partition("\n")[0]
    return [item.file or item.kind, line, kind, what if item.kind == "node" else item.title]
