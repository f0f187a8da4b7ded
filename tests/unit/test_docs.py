"""The docs' own gate finds what is missing, and the texts outside the site lead to what is there."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer

from lineage_graph.cli.app import app
from tests.conftest import REPOSITORY
from tools import check_docs

CLI = (REPOSITORY / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
SETTINGS = (REPOSITORY / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
# Words that the glossary replaces, and sentences that begin as no English sentence should.
UNWANTED = re.compile(
    r"(?i:\b(?:nowhere|lacking|whoever|spool|at the most|at the least)\b)|(?:^|[.!?:] )(?:Who|What is)\b"
)
OUTSIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "cypher/README.md", "examples/README.md")


def test_every_command_and_option_is_documented_and_a_missing_one_is_found() -> None:
    command = typer.main.get_command(app)
    assert check_docs.undocumented_commands(CLI, command) == []
    without = CLI.replace("| `--lines` | how many lines |\n", "").replace("## `lineage-graph demo`", "## Demo")
    assert set(check_docs.undocumented_commands(without, command)) == {
        "the option `lineage-graph server logs --lines` is not documented",
        "the command `lineage-graph demo` is not documented",
    }
    assert check_docs.undocumented_commands(CLI + "\n## `lineage-graph undo`\n", command) == [
        "there is no command `lineage-graph undo`"
    ]
    assert check_docs.undocumented_commands(CLI.replace("`--lines` |", "`--count` |"), command) == [
        "the option `lineage-graph server logs --lines` is not documented",
        "there is no option `lineage-graph server logs --count`",
    ]


def test_every_variable_is_documented_and_a_missing_one_is_found() -> None:
    assert check_docs.undocumented_settings(SETTINGS) == []
    renamed = SETTINGS.replace("`LINEAGE_GRAPH_BATCH_SIZE`", "`LINEAGE_GRAPH_BATCH`")
    assert check_docs.undocumented_settings(renamed) == [
        "the variable LINEAGE_GRAPH_BATCH_SIZE is not documented",
        "there is no variable LINEAGE_GRAPH_BATCH",
    ]


def test_the_public_names_are_those_that_users_import() -> None:
    names = set(check_docs.public_names())
    assert {
        "lineage_graph.RelationalLineaDB.save_as_next_version",
        "lineage_graph.__version__",
        "lineage_graph.types.LineaID",
        "lineage_graph.errors.CommitUnsettled",
        "lineage_graph.integrations.lineapy.install",
        "lineage_graph.server.LocalServer.start",
        "lineage_graph.values.ValueStore.put",
    } <= names
    assert not [name for name in names if re.search(r"\._[a-z]", name)]
    assert check_docs.undocumented_names(names - {"lineage_graph.values.ValueStore.put"}) == [
        "the public name lineage_graph.values.ValueStore.put is not documented"
    ]


def test_a_new_public_name_is_found(tmp_path: Path) -> None:
    package = tmp_path / "lineage_graph"
    package.mkdir()
    (package / "__init__.py").write_text('from lineage_graph.deep import Thing\n__all__ = ["Thing"]\n')
    (package / "deep.py").write_text("class Thing:\n    def act(self): ...\n    def _hidden(self): ...\n")
    (package / "types.py").write_text("import re\nNew = int\ndef _inner(): ...\ndef outer(): ...\n")
    assert list(check_docs.public_names(tmp_path)) == [
        "lineage_graph.Thing",
        "lineage_graph.Thing.act",
        "lineage_graph.types.New",
        "lineage_graph.types.outer",
    ]


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_links_of_texts_outside_the_site_lead_to_something(name: str) -> None:
    source = REPOSITORY / name
    for link in re.findall(r"\]\(([^)\s]+)\)", source.read_text(encoding="utf-8")):
        if re.match(r"https?://", link):
            continue
        place, _, anchor = unquote(link).partition("#")
        target = (source.parent / place).resolve() if place else source
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def _texts() -> list[Path]:
    folders = {"docs": "*.md", "cypher": "*.cypher", "lineage_graph": "*.py", "benchmarks": "*.py", "tools": "*.py"}
    found = [path for folder, kind in folders.items() for path in (REPOSITORY / folder).rglob(kind)]
    return [*(REPOSITORY / name for name in OUTSIDE), *(path for path in found if "node_modules" not in path.parts)]


def test_texts_use_the_words_of_the_glossary() -> None:
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}"
        for path in _texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNWANTED.search(line.strip().lstrip('#"-/ '))
    ]
    assert wrong == []
    assert UNWANTED.search("What is pending is kept.")
    assert UNWANTED.search("It is kept. Whoever reads it")
    assert not UNWANTED.search("Those who read it see what is pending.")
