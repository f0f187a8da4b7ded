"""Where an answer ended, as text that the same question continues from."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass

from lineage_graph.errors import InvalidArgument


@dataclass(frozen=True, order=True)
class Position:
    """A place in the order of an answer: distance, time of writing, key."""

    distance: int
    written_at: int
    key: str


# Before everything, and after what is at distance 0: the start itself.
BEFORE_ALL = Position(-1, 0, "")
AFTER_START = Position(0, 2**63 - 1, "")


def encode(question: str, position: Position, count: int) -> str:
    """A cursor for the place after a position in the answer to a question, with how many items came before."""
    content = [_fingerprint(question), position.distance, position.written_at, position.key, count]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def decode(question: str, cursor: str) -> tuple[Position, int]:
    """The position that a cursor holds, and how many items came before it.

    Raises
    ------
    InvalidArgument
        If it is no cursor, or one of another question.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        mark, distance, written_at, key, count = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        position, before = Position(int(distance), int(written_at), str(key)), int(count)
    except (AttributeError, TypeError, ValueError, binascii.Error):
        raise InvalidArgument("this is not a cursor: use the one that a partial answer gives") from None
    if mark != _fingerprint(question):
        raise InvalidArgument("this cursor is of another question: ask the one again that gave it")
    return position, before


def _fingerprint(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:12]
