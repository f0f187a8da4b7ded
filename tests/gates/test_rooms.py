"""The gate of the rooms lets the package pass, and finds each kind of import that is in the wrong place."""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tools import rooms


def package(folder: Path, files: dict[str, str]) -> Path:
    found = folder / "lineage_graph"
    for name, text in files.items():
        path = found / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for parent in path.parents:
            if parent == folder:
                break
            (parent / "__init__.py").touch()
    return found


def test_the_package_keeps_to_its_rooms() -> None:
    assert rooms.problems() == []


def test_the_rules_themselves_have_no_circle() -> None:
    top = {name.partition(".")[0] for name in rooms.MAY_IMPORT}
    arrows: dict[str, set[str]] = {name: set() for name in top}
    for name, allowed in rooms.MAY_IMPORT.items():
        if name != "cli":  # all
            arrows[name.partition(".")[0]] |= {other.partition(".")[0] for other in allowed.split()}
    TopologicalSorter(arrows).prepare()
    assert arrows["importers"] & {"store", "server", "cli"} == set()
    assert "cli" not in set().union(*(arrows[name] for name in top - {"__main__"}))


@pytest.mark.parametrize(
    ("module", "text", "problem"),
    [
        ("model/notes", "from lineage_graph.store import url", "model may not import store.url"),
        (
            "model/notes",
            "def late():\n    import lineage_graph.settings",
            "model/notes:2: model may not import settings",
        ),
        ("model/notes", "from ..settings import X", "model may not import settings"),
        ("model/notes", "from .. import settings", "model may not import settings"),
        ("model/notes", "if TYPE_CHECKING:\n    import neo4j.graph", "neo4j is for store, server, lineage only"),
        ("model/notes", "import importlib\nimportlib.import_module('neo4j')", "neo4j is for"),
        ("model/notes", "import os.path", "model/ knows no os"),
        ("model/notes", "open('x')", "model/ opens no file"),
        ("model/notes", "datetime.now()", "model/ knows no clock"),
        ("graph/notes", "from lineage_graph import settings", "graph may not import settings"),
        ("graph/notes", "from neo4j import time", "neo4j is for"),
        ("store/notes", "from lineage_graph.values import X", "store may not import values"),
        ("store/notes", "from lineage_graph import RelationalLineaDB", "store may not import __init__"),
        ("store/notes", "import lineapy", "lineapy is for integrations only"),
        ("store/notes", "import os\nos.getenv('X')", "only settings.py reads the environment"),
        ("store/notes", "import os\nx = os.environ", "only settings.py reads the environment"),
        ("store/notes", "from os import environ as e", "only settings.py reads the environment"),
        ("values/notes", "from lineage_graph.store.url import X", "values may not import store.url"),
        ("values/audit", "from lineage_graph.store.url import X", "values.audit may not import store.url"),
        ("importers/lineapy/notes", "from lineage_graph.store.url import X", "importers may not import store.url"),
        ("integrations/notes", "from lineage_graph.store.writer import X", "may not import store.writer"),
        ("integrations/notes", "import lineage_graph.cli", "integrations may not import cli"),
        ("tracing/notes", "from lineage_graph.store.url import X", "tracing may not import store.url"),
        ("lineage/notes", "from lineage_graph.store.writer import X", "lineage may not import store.writer"),
        ("render/notes", "from lineage_graph.store.url import X", "render may not import store.url"),
        ("server/notes", "from lineage_graph.graph import X", "server may not import graph"),
        ("attic/notes", "", "attic.notes: no rule says"),
        ("settings", "from lineage_graph.settings2 import X", "settings may not import __init__"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, module: str, text: str, problem: str) -> None:
    others = dict.fromkeys(
        ("settings", "store/url", "store/writer", "store/connection", "values/formats", "graph/labels", "cli/app"), ""
    )
    found = rooms.problems(package(tmp_path, others | {module: text}))
    assert found
    assert problem.replace("/notes", ".notes") in found[-1]
    assert len(found) == (2 if module.startswith("attic/") else 1)


def test_a_circle_is_found(tmp_path: Path) -> None:
    files = {
        "store/a": "from lineage_graph.store.b import X",
        "store/b": "def late():\n    from lineage_graph.store import c",
        "store/c": "if TYPE_CHECKING:\n    from lineage_graph.store.a import Y",
    }
    assert [problem.partition(":")[0] for problem in rooms.problems(package(tmp_path, files))] == ["a circle"]


def test_what_is_allowed_passes(tmp_path: Path) -> None:
    files = {
        "__init__": "__version__ = '1'\nif TYPE_CHECKING:\n    from lineage_graph.db import X",
        "settings": "import os\nos.environ['X']",
        "db": "from lineage_graph.store.url import X\nfrom lineage_graph import __version__",
        "store/url": "import neo4j\nfrom lineage_graph import __version__, errors\nfrom .retry import X",
        "store/retry": "import os\nos.environ['X'] = 'a child reads it'",
        "errors": "",
        "values/audit": "from lineage_graph.store.connection import X",
        "store/connection": "",
        "cli/app": "import lineage_graph\nfrom lineage_graph.db import X",
        "__main__": "from lineage_graph.cli import main",
    }
    assert rooms.problems(package(tmp_path, files)) == []
