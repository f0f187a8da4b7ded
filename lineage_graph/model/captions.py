"""What a person reads on a node: its caption."""

from __future__ import annotations

from lineage_graph.types import (
    CallNode,
    GlobalNode,
    ImportNode,
    LiteralNode,
    LookupNode,
    MutateNode,
    Node,
    SourceLocation,
)

CAPTION_LENGTH = 80


class Captions:
    """What a person reads on a node: its source text, cut to one short line.

    Keeps the lines of the source codes it has seen, since many nodes share one, and the captions of calls,
    since a mutation is named after the call that did it.
    """

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}
        self._calls: dict[str, str] = {}

    def of(self, node: Node) -> str:
        """The caption of a node: its own name, its literal, or its source text."""
        if isinstance(node, (ImportNode, LookupNode, GlobalNode)):
            return node.name
        if isinstance(node, LiteralNode):
            return shorten(repr(node.value) if not isinstance(node.value, str) else f'"{node.value}"')
        location = node.source_location
        text = shorten(self._source_text(location)) if location else ""
        if isinstance(node, CallNode):
            self._calls[node.id] = text
        elif isinstance(node, MutateNode) and not text and (call := self._calls.get(node.call_id)):
            text = shorten(f"after {call}")
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
