"""Captions: the readable names of nodes in the graph."""

from __future__ import annotations

from lineage_graph.types import (
    GlobalNode,
    ImportNode,
    LiteralNode,
    LookupNode,
    Node,
    SessionContext,
    SessionType,
    SourceLocation,
)

CAPTION_LENGTH = 80


class Captions:
    """The captions of operations: their source text, cut to one short line.

    Keeps the lines of the source codes that it has seen, since many operations share one. A mutation has no source text
    in LineaPy's traces: ``nodes/caption_mutations`` gives it the caption of its call when both are in the graph, since
    either may be written first.
    """

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def of(self, node: Node) -> str:
        """The caption of an operation: its name, its literal, its source text, or the name of its kind."""
        if isinstance(node, (ImportNode, LookupNode, GlobalNode)):
            return node.name
        if isinstance(node, LiteralNode):
            return shorten(repr(node.value) if not isinstance(node.value, str) else f'"{node.value}"')
        location = node.source_location
        text = shorten(self._source_text(location)) if location else ""
        return text or node.node_type.name.removesuffix("Node").lower()

    def _source_text(self, location: SourceLocation) -> str:
        source = location.source_code
        lines = self._lines.get(source.id)
        if lines is None:
            lines = self._lines[source.id] = source.code.split("\n")
        if not 0 < location.lineno <= len(lines):
            return ""
        line = lines[location.lineno - 1]
        end = location.end_col_offset if location.end_lineno == location.lineno else None
        if line.isascii():
            return line[location.col_offset : end]
        # Columns count UTF-8 bytes (Python's ast module).
        return line.encode("utf-8", "replace")[location.col_offset : end].decode("utf-8", "replace")


def shorten(text: str) -> str:
    """The first line of a text, cut to `CAPTION_LENGTH` characters."""
    line = text.strip().partition("\n")[0].rstrip()
    return line if len(line) <= CAPTION_LENGTH else line[: CAPTION_LENGTH - 1] + "…"


def session_caption(context: SessionContext) -> str:
    """The caption of a session: its name, or else its kind, its folder and its time.

    ``sessions/caption_sessions`` replaces kind and folder by the name of its file when that is known.
    """
    if context.session_name:
        return context.session_name
    kind = "notebook" if context.environment_type is SessionType.JUPYTER else "script"
    parts = [part for part in context.working_directory.replace("\\", "/").split("/") if part.strip()]
    folder = f" in {parts[-1]}" if parts else ""
    return f"{kind}{folder} of {context.creation_time.isoformat(' ')[:16]}"
