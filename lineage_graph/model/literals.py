"""Literals as text and back, with their type."""

from __future__ import annotations

import ast
from typing import Any

from lineage_graph.errors import NotSupported
from lineage_graph.types import LiteralType


def type_of_literal(value: Any) -> LiteralType:
    """The literal type of a value.

    Raises
    ------
    NotSupported
        For a type without a literal in Python, or one that the model does not know (complex, tuple, ...).
    """
    if isinstance(value, str):
        return LiteralType.String
    # bool is a subclass of int, so it comes first.
    if isinstance(value, bool):
        return LiteralType.Boolean
    if isinstance(value, int):
        return LiteralType.Integer
    if isinstance(value, float):
        return LiteralType.Float
    if isinstance(value, bytes):
        return LiteralType.Bytes
    if value is None:
        return LiteralType.NoneType
    if value is ...:
        return LiteralType.Ellipsis
    raise NotSupported(f"a literal of type {type(value).__name__} cannot be stored")


def literal_to_text(value: Any) -> tuple[str, LiteralType]:
    """The text of a literal, and its type. Subclasses (an int enum, for example) keep their plain value.

    Raises
    ------
    NotSupported
        As `type_of_literal`.
    """
    literal_type = type_of_literal(value)
    if literal_type is LiteralType.String:
        return str.__str__(value), literal_type
    if literal_type is LiteralType.Integer:
        return int.__repr__(value), literal_type
    if literal_type is LiteralType.Float:
        return float.__repr__(value), literal_type
    if literal_type is LiteralType.Bytes:
        return bytes.__repr__(value), literal_type
    return str(value), literal_type


def literal_from_text(text: str, literal_type: LiteralType) -> Any:
    """The literal of a text and a type: the inverse of `literal_to_text`."""
    if literal_type is LiteralType.String:
        return text
    if literal_type is LiteralType.Integer:
        return int(text)
    if literal_type is LiteralType.Float:
        return float(text)
    if literal_type is LiteralType.Boolean:
        return text == "True"
    if literal_type is LiteralType.Bytes:
        return ast.literal_eval(text)
    return None if literal_type is LiteralType.NoneType else ...
