"""The README's code does what it says."""

from __future__ import annotations

import re
from typing import Any

import neo4j

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from tests.conftest import EXAMPLE_DATABASE, REPOSITORY


def block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return str(found[0])


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
