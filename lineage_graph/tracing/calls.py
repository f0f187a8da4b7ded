"""The records of a block: calls, and the functions that stand for operations without a function of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Call:
    """One operation of a block, as the call of a function.

    Parameters
    ----------
    fn : callable
        What was called: the user's function, a bound method, a function of `operator` or `builtins`, or one of
        this module's.
    args : list
        The positional arguments, stars spread.
    kwargs : dict
        The keyword arguments.
    res : object
        What it returned; None for what is recorded before it happens (assignments to attributes and items,
        deletions, ``__exit__``).
    """

    fn: Any
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    res: Any = None


def build_list(*items: object) -> list[object]:
    """``[a, b]``."""
    return list(items)


def build_tuple(*items: object) -> tuple[object, ...]:
    """``(a, b)``."""
    return items


def build_set(*items: object) -> set[object]:
    """``{a, b}``."""
    return set(items)


def build_dict(*items: tuple[object, object]) -> dict[object, object]:
    """``{a: b, c: d}``, from its pairs."""
    return dict(items)


def unpack_sequence(items: Iterable[object], length: int) -> list[object]:
    """``a, b = items``: the list of what it was unpacked to."""
    unpacked = list(items)
    if len(unpacked) != length:
        raise ValueError(f"expected {length} values, got {len(unpacked)}")
    return unpacked


def unpack_ex(items: Iterable[object], before: int, after: int) -> list[object]:
    """``a, *b, c = items``: the list of what it was unpacked to, with the starred ones as a list."""
    unpacked = list(items)
    if len(unpacked) < before + after:
        raise ValueError(f"expected at least {before + after} values, got {len(unpacked)}")
    end = len(unpacked) - after
    return [*unpacked[:before], unpacked[before:end], *unpacked[end:]]


def listcomp(iterator: Iterator[object]) -> list[object]:
    """A list comprehension, over the iterator of its first loop."""
    return list(iterator)


def setcomp(iterator: Iterator[object]) -> set[object]:
    """A set comprehension, over the iterator of its first loop."""
    return set(iterator)


def dictcomp(iterator: Iterator[tuple[object, object]]) -> dict[object, object]:
    """A dict comprehension, over the iterator of its first loop."""
    return dict(iterator)


def genexpr(iterator: Iterator[object]) -> Iterator[object]:
    """A generator expression, over the iterator of its first loop."""
    yield from iterator


# As CPython calls the functions that it makes of them.
for _function in (listcomp, setcomp, dictcomp, genexpr):
    _function.__name__ = _function.__qualname__ = f"<{_function.__name__}>"
