"""The references from one operation to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lineage_graph.types import CallNode, ControlFlowNode, GlobalNode, IfNode, MutateNode, Node


@dataclass(slots=True)
class Reference:
    """A reference from one operation to another, by their ids. Fields that its type does not use are None."""

    type: str
    start_id: str
    end_id: str
    index: int | None = None
    name: str | None = None
    starred: bool | None = None


def references_of(node: Node) -> Iterator[Reference]:
    """The references from an operation to others, in the order given."""
    if node.control_dependency:
        yield Reference("CONTROLLED_BY", node.id, node.control_dependency)
    if isinstance(node, CallNode):
        yield Reference("CALLS", node.id, node.function_id)
        for index, positional in enumerate(node.positional_args):
            yield Reference("POSITIONAL_ARG", node.id, positional.id, index, starred=positional.starred)
        for index, keyword in enumerate(node.keyword_args):
            yield Reference("KEYWORD_ARG", node.id, keyword.value, index, keyword.key, keyword.starred)
        for index, (name, end_id) in enumerate(node.global_reads.items()):
            yield Reference("READS_GLOBAL", node.id, end_id, index, name)
        for index, end_id in enumerate(node.implicit_dependencies):
            yield Reference("IMPLICIT_DEPENDENCY", node.id, end_id, index)
    elif isinstance(node, MutateNode):
        yield Reference("MUTATES", node.id, node.source_id)
        yield Reference("MUTATED_BY", node.id, node.call_id)
    elif isinstance(node, GlobalNode):
        yield Reference("SET_BY", node.id, node.call_id)
    elif isinstance(node, ControlFlowNode):
        if isinstance(node, IfNode):
            yield Reference("TESTS", node.id, node.test_id)
        if node.companion_id:
            yield Reference("COMPANION", node.id, node.companion_id)
        if node.unexec_id:
            yield Reference("NOT_EXECUTED", node.id, node.unexec_id)
