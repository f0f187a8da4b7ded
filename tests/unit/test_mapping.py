from pathlib import Path

import pytest

from lineage_graph.errors import InvalidRecord
from lineage_graph.model.captions import CAPTION_LENGTH, Captions, shorten
from lineage_graph.model.checks import check_name
from lineage_graph.types import CallNode, LiteralNode, LookupNode, MutateNode, SourceCode, SourceLocation


def node_at(code: str, lineno: int, start: int, end_lineno: int, end: int) -> CallNode:
    source = SourceCode(id="s", code=code, location=Path("a.py"))
    location = SourceLocation(
        lineno=lineno, col_offset=start, end_lineno=end_lineno, end_col_offset=end, source_code=source
    )
    return CallNode(id="c", session_id="x", function_id="f", source_location=location)


def test_a_call_shows_its_source_text() -> None:
    code = "import pandas as pd\ndf = pd.read_csv('iris.csv')\n"
    assert Captions().of(node_at(code, 2, 5, 2, 28)) == "pd.read_csv('iris.csv')"


def test_columns_count_bytes() -> None:
    assert Captions().of(node_at("größe = f('ä')\n", 1, 10, 1, 17)) == "f('ä')"


def test_of_several_lines_the_first_is_shown() -> None:
    assert Captions().of(node_at("f(\n  1,\n)\n", 1, 0, 3, 1)) == "f("


def test_a_location_outside_the_source_is_survived() -> None:
    assert Captions().of(node_at("f()\n", 9, 0, 9, 3)) == "call"


def test_a_mutation_is_named_after_its_call() -> None:
    captions = Captions()
    call = node_at("xs.append(1)\n", 1, 0, 1, 12)
    mutation = MutateNode(id="m", session_id="x", source_id="s", call_id="c")
    assert captions.of(mutation) == "mutate"
    captions.of(call)
    assert captions.of(mutation) == "after xs.append(1)"


def test_literals_and_names_show_themselves() -> None:
    assert Captions().of(LiteralNode(id="l", session_id="x", value="a\nb")) == '"a'
    assert Captions().of(LiteralNode(id="l", session_id="x", value=b"ab")) == "b'ab'"
    assert Captions().of(LookupNode(id="l", session_id="x", name="getattr")) == "getattr"


def test_captions_are_short() -> None:
    assert len(shorten("x" * 500)) == CAPTION_LENGTH
    assert shorten("x" * CAPTION_LENGTH) == "x" * CAPTION_LENGTH


@pytest.mark.parametrize("name", ["", "a\nb", "a\x00", "\x7f", "\ud800", "x" * 2001, None, 3])
def test_what_cannot_name_something_is_refused(name: object) -> None:
    with pytest.raises(InvalidRecord, match="name"):
        check_name("Artifact", "name", name)


@pytest.mark.parametrize("name", ["model", "größe 🎉", "a'b\"c`d\\e", "x" * 2000, "}) DETACH DELETE n //"])
def test_any_other_text_can_name_something(name: str) -> None:
    assert check_name("Artifact", "name", name) == name
