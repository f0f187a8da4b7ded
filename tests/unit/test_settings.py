"""What the environment says: every setting, right, wrong and empty."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path
from typing import Any

import pytest

from lineage_graph import settings
from lineage_graph.errors import ConfigurationError
from lineage_graph.settings import (
    ClientSettings,
    CommandLineSettings,
    DatabaseSettings,
    ValueSettings,
    fix_paths,
)
from tests.conftest import REPOSITORY

ALL = (DatabaseSettings, ClientSettings, ValueSettings, CommandLineSettings)
VARIABLES = [(cls, field, variable) for cls in ALL for field in cls.model_fields for variable in cls.variables(field)]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for _, _, variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(("cls", "field", "variable"), VARIABLES)
def test_an_empty_variable_is_one_that_is_not_set(
    cls: type[Any], field: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = getattr(cls(), field)
    monkeypatch.setenv(variable, "")
    assert getattr(cls(), field) == default


# What has no wrong values: text.
TEXTS = {"NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE"}
WRONG = [
    (cls, variable, value)
    for cls, field, variable in VARIABLES
    if variable not in TEXTS
    for value in (
        ("  ", "~nobody-of-this-name/x")
        if cls.model_fields[field].annotation in (Path | None, str | None)
        else ("secret-word", "nan", "inf", "-1", "1e300", "[1]", "10000000000000")
    )
]


@pytest.mark.parametrize(("cls", "variable", "value"), WRONG)
def test_a_wrong_value_is_named_with_what_is_allowed(
    cls: type[Any], variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=rf"^{variable} .*it must be ") as caught:
        cls()
    is_secret = "VALUES_OPTIONS" in variable or "URL" in variable or "LINEAPY" in variable
    assert (repr(value) in str(caught.value)) != is_secret
    # pydantic's own error shows the values, so it must not hang on ours.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_secret_that_is_no_text_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "secret\udcff")
    with pytest.raises(ConfigurationError, match=r"^NEO4J_PASSWORD is not allowed") as caught:
        DatabaseSettings()
    assert "secret" not in str(caught.value)


def test_no_representation_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {
        "NEO4J_URI": "bolt://ada:secret@host",
        "NEO4J_PASSWORD": "secret",
        "LINEAGE_GRAPH_VALUES_URL": "ftp://ada:secret@host/x",
        "LINEAGE_GRAPH_VALUES_OPTIONS": '{"key": "secret"}',
    }.items():
        monkeypatch.setenv(variable, value)
    assert "secret" not in repr(DatabaseSettings()) + repr(ValueSettings())
    assert ValueSettings().options == {"key": "secret"}


@pytest.mark.parametrize(
    ("variable", "read"),
    [
        ("LINEAGE_GRAPH_OUTBOX", lambda: ClientSettings().outbox),
        ("LINEAGE_GRAPH_VALUES_URL", lambda: ValueSettings().url),
        ("LINEAGE_GRAPH_VALUES_LINEAPY_FOLDER", lambda: ValueSettings().lineapy_folder),
        ("LINEAPY_ARTIFACT_STORAGE_DIR", lambda: ValueSettings().lineapy_folder),
    ],
)
def test_a_relative_path_is_resolved_when_it_is_read(
    variable: str, read: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, "some/folder")
    kept = read()
    monkeypatch.chdir(tmp_path / "gone")
    assert str(kept) == str(tmp_path / "some" / "folder")
    monkeypatch.setenv(variable, "~/x")
    assert str(read()) == str(tmp_path / "home" / "x")
    monkeypatch.setenv(variable, "relative")
    (tmp_path / "gone").rmdir()
    with pytest.raises(ConfigurationError, match=f"{variable} .*current folder was deleted"):
        read()
    monkeypatch.chdir(tmp_path)


def test_paths_hold_for_what_reads_them_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINEAGE_GRAPH_OUTBOX", "out")
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_URL", "values")
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_LINEAPY_FOLDER", "s3://bucket/x")
    monkeypatch.setenv("LINEAGE_GRAPH_BATCH_SIZE", "5")
    fix_paths()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert ClientSettings().outbox == tmp_path / "out"
    assert (ValueSettings().url, ValueSettings().lineapy_folder) == (str(tmp_path / "values"), "s3://bucket/x")
    assert os.environ["LINEAGE_GRAPH_BATCH_SIZE"] == "5"
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_URL", " ")
    with pytest.raises(ConfigurationError, match="LINEAGE_GRAPH_VALUES_URL"):
        fix_paths()


@pytest.mark.parametrize(
    "url", ["s3://bucket/x", "memory://", "file:///a/b", "simplecache::s3://bucket/x", "github://org:repo@sha/x"]
)
def test_a_url_of_values_stays_as_it_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_URL", url)
    assert ValueSettings().url == url


@pytest.mark.parametrize("path", ["a:b", "file://a:b", "local://a:b"])
def test_a_relative_folder_is_none_of_a_url(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_URL", path)
    assert ValueSettings().url == str(tmp_path / "a:b")


def test_arguments_are_checked_as_variables_are(tmp_path: Path) -> None:
    assert ClientSettings(outbox=tmp_path).outbox == tmp_path
    with pytest.raises(ConfigurationError, match=r"^outbox '' is not allowed: it must be the path of a folder"):
        ClientSettings(outbox="")
    with pytest.raises(ConfigurationError, match=r"^batch_size 0 is not allowed"):
        ClientSettings(batch_size=0)
    with pytest.raises(ConfigurationError, match=r"^spool is not a setting"):
        ClientSettings(spool=tmp_path)  # type: ignore[call-arg]


def test_docs_list_every_setting_with_its_default() -> None:
    text = (REPOSITORY / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \| .+ \|$", text, re.MULTILINE))
    for cls, field, variable in VARIABLES:
        default = cls.model_fields[field].default
        if variable == "LINEAPY_ARTIFACT_STORAGE_DIR":
            continue
        assert variable in rows, variable
        if type(default) in (int, float):
            assert rows[variable] == f"{default:,}".removesuffix(".0"), variable
    for variable in re.findall(r"\bLINEAGE_GRAPH_[A-Z_0-9]*[A-Z0-9]\b", _texts()):
        assert variable in text, variable


def _texts() -> str:
    """What the package itself says of variables."""
    paths = sorted((REPOSITORY / "lineage_graph").rglob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_only_this_module_reads_the_environment() -> None:
    readers = set()
    for path in sorted((REPOSITORY / "lineage_graph").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if name in ("environ", "getenv", "environb", "expandvars"):
                readers.add(path.relative_to(REPOSITORY / "lineage_graph").as_posix())
    # `install` sets a variable for LineaPy, and reads none; the server's room has its own settings.
    assert {name for name in readers if not name.startswith("server/")} <= {"settings.py", "integrations/lineapy.py"}
    assert settings.__doc__
