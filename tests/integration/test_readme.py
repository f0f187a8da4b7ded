"""The code of the README and of the tutorial does what they say."""

from __future__ import annotations

import re
from typing import Any

import neo4j

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from tests.conftest import EXAMPLE_DATABASE, REPOSITORY

TUTORIAL = "docs/tutorial/first-graph.md"


def block(language: str, page: str = "README.md", index: int = 0) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", (REPOSITORY / page).read_text(encoding="utf-8"), re.DOTALL)
    return str(found[index])


def test_the_readme_s_code_runs(db: RelationalLineaDB, url: str, driver: neo4j.Driver, capsys: Any) -> None:
    import_lineapy(str(EXAMPLE_DATABASE), db)
    names: dict[str, Any] = {}
    exec(compile(block("python").replace('"local:"', repr(url)), "README.md", "exec"), names)
    assert "classifier 2" in capsys.readouterr().out
    assert names["model"].name == "classifier"
    assert len(names["nodes"]) > 200
    records, _, _ = driver.execute_query(block("cypher"))
    assert records[0]["artifact"]["version"] == 2
    assert len(records[0]["nodes"]) > 50


def test_the_tutorial_s_code_prints_what_it_shows(db: RelationalLineaDB, url: str, capsys: Any) -> None:
    import_lineapy(str(EXAMPLE_DATABASE), db)
    exec(compile(block("python", TUTORIAL).replace('"local:"', repr(url)), TUTORIAL, "exec"), {})
    assert capsys.readouterr().out == block("text", TUTORIAL, index=1)
    assert block("cypher", TUTORIAL) == block("cypher")
    assert block("cypher", "docs/how-to/browser.md") == block("cypher")
