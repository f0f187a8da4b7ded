from datetime import datetime
from pathlib import Path

import pytest

from lineage_graph.errors import InvalidRecord
from lineage_graph.model.captions import CAPTION_LENGTH, Captions, session_caption, shorten
from lineage_graph.model.checks import check_name
from lineage_graph.types import (
    CallNode,
    LiteralNode,
    LookupNode,
    SessionContext,
    SessionType,
    SourceCode,
    SourceLocation,
)


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


@pytest.mark.parametrize(
    ("kind", "folder", "name", "caption"),
    [
        (SessionType.SCRIPT, "/home/ada/wine", None, "script in wine of 2026-11-23 21:18"),
        (SessionType.JUPYTER, "/home/ada/wine/", None, "notebook in wine of 2026-11-23 21:18"),
        (SessionType.JUPYTER, "C:\\Users\\ada\\wine", None, "notebook in wine of 2026-11-23 21:18"),
        (SessionType.SCRIPT, "/", "", "script of 2026-11-23 21:18"),
        (SessionType.SCRIPT, "", None, "script of 2026-11-23 21:18"),
        (SessionType.SCRIPT, "/home/ada/wine", "nightly", "nightly"),
    ],
)
def test_a_session_shows_its_name_or_its_kind_folder_and_time(
    kind: SessionType, folder: str, name: str | None, caption: str
) -> None:
    context = SessionContext(
        id="s",
        environment_type=kind,
        python_version="3.10",
        creation_time=datetime(2026, 11, 23, 21, 18, 26),
        working_directory=folder,
        session_name=name,
        execution_id="e",
    )
    assert session_caption(context) == caption


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
