import enum
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_graph.model.literals import literal_from_text, literal_to_text
from lineage_graph.types import LiteralType


class Colour(enum.IntEnum):
    RED = 3


class Name(str):
    def __str__(self) -> str:
        return "another text"


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers()
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.none()
    | st.binary()
    | st.just(...)
)
def test_literals_come_back_with_their_type(value: object) -> None:
    back = literal_from_text(*literal_to_text(value))
    assert back == value
    assert type(back) is type(value)


def test_nan_comes_back() -> None:
    assert math.isnan(literal_from_text(*literal_to_text(math.nan)))


def test_subclasses_keep_their_plain_value() -> None:
    assert literal_to_text(Colour.RED) == ("3", LiteralType.Integer)
    assert literal_to_text(Name("a")) == ("a", LiteralType.String)


@pytest.mark.parametrize("value", [1j, (1,), [1], object()])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(NotImplementedError, match=type(value).__name__):
        literal_to_text(value)
