"""What two things were both made from: what is upstream of each, put together."""

from __future__ import annotations

from typing import ClassVar, Literal

from lineage_graph.lineage import cursors
from lineage_graph.lineage.cursors import BEFORE_ALL, Position
from lineage_graph.lineage.results import Answer, Item, Listing, Result


class Ancestor(Item):
    """Something that two things were both made from; `distance` is the larger of the two.

    Attributes
    ----------
    distance_a, distance_b : int
        The smallest number of edges to it from the first and from the second.
    """

    distance_a: int
    distance_b: int


class Ancestors(Listing[Ancestor]):
    """What two things were both made from: by the larger distance, then by the sum of both, then by key.

    Attributes
    ----------
    question : str
        What was asked, for a person.
    a, b : Item
    items : tuple of Ancestor
    complete : bool
        Whether these are all there are.
    reason : str, optional
        What made it partial: ``limit`` or ``time``.
    total : int, optional
        How many there are in all, where that is known.
    cursor : str, optional
        Given to the same question, it continues after the last item. There is none where the time ended, or where more
        than 100,000 things are upstream of one of the two: then some that are nearer may be missing.
    """

    row_type: ClassVar[type[Result]] = Ancestor

    question: str
    a: Item
    b: Item
    items: tuple[Ancestor, ...]
    complete: bool
    reason: Literal["limit", "time"] | None = None
    total: int | None = None
    cursor: str | None = None

    @property
    def rows(self) -> tuple[Ancestor, ...]:
        """The items."""
        return self.items


def common(question: str, a: Answer, b: Answer, limit: int, cursor: str | None) -> Ancestors:
    """What two answers have in common.

    Parameters
    ----------
    a, b : Answer
        All that is upstream of the two, as far as it was found.

    Raises
    ------
    InvalidArgument
        If the cursor is not one of this question.
    """
    after, offset = (BEFORE_ALL, 0) if cursor is None else cursors.decode(question, cursor)
    of_b = {item.key: item.distance for item in b}
    found = []
    for item in a:
        if item.key in of_b:
            near, far = sorted((item.distance, of_b[item.key]))
            distances = {"distance": far, "distance_a": item.distance, "distance_b": of_b[item.key]}
            found.append((Position(far, near + far, item.key), Ancestor(**item.model_dump() | distances)))
    found = sorted((each for each in found if each[0] > after), key=lambda each: each[0])
    page = found[:limit]
    is_whole = a.complete and b.complete
    is_last = len(page) == len(found)
    reason: Literal["limit", "time"] | None = None
    if not is_whole:
        reason = "time" if "time" in (a.reason, b.reason) else "limit"
    elif not is_last:
        reason = "limit"
    count = offset + len(page)
    return Ancestors(
        question=question,
        a=a.start,
        b=b.start,
        items=tuple(item for _, item in page),
        complete=reason is None,
        reason=reason,
        total=offset + len(found) if is_whole else None,
        cursor=cursors.encode(question, page[-1][0], count) if is_whole and not is_last else None,
    )
