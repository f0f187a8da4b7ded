"""Notebooks under LineaPy, live on the graph, run by nbclient in kernels of their own."""

from __future__ import annotations

import json
import sys
from typing import Any

import nbformat
import pytest

from tests.lineapy.conftest import Ask, Workplace

CELLS = (
    "%load_ext {extension}",
    "import lineapy\nsizes = [3, 1, 2]",
    "%pwd\nsizes.sort()",
    "largest = sizes[-1]\nartifact = lineapy.save(largest, 'largest')\nprint(artifact.version)",
    "print(lineapy.get('largest').get_code())",
    "1 / 0",
    "print(lineapy.artifact_store())\nsizes",
)

# nbclient in a process of its own, as a user runs it: the kernel inherits its environment and nothing else.
RUN = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=240, allow_errors=True, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


def kernel(workplace: Workplace) -> None:
    folder = workplace.folder / "jupyter-data" / "kernels" / "python3"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Python", "language": "python"}))


@pytest.mark.parametrize("extension", ["lineapy", "lineage_graph.integrations.lineapy"])
def test_a_notebook_s_lineage_is_in_the_graph(workplace: Workplace, url: str, ask: Ask, extension: str) -> None:
    kernel(workplace)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.format(extension=extension)) for cell in CELLS]
    )
    nbformat.write(notebook, workplace.folder / "notebook.ipynb")
    workplace.write("run.py", RUN)
    # Our extension takes the address that cypher-shell takes, LineaPy's own its own.
    environment: dict[str, Any] = {} if extension == "lineapy" else {"LINEAPY_DATABASE_URL": "", "NEO4J_URI": url}
    workplace.run("python", "run.py", "notebook.ipynb", **environment)
    cells = nbformat.read(workplace.folder / "notebook.ipynb", as_version=4).cells

    def text(index: int) -> str:
        outputs = cells[index].outputs
        return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs)

    assert text(3) == "0\n", cells[3]
    assert text(4) == "sizes = [3, 1, 2]\nsizes.sort()\nlargest = sizes[-1]\n\n"
    assert cells[5].outputs[0].ename == "ZeroDivisionError"
    assert text(6).startswith("largest:0 created on")
    assert text(6).endswith("[1, 2, 3]")
    assert ask("MATCH (s:Session) RETURN s.environment_type") == [["JUPYTER"]]
    cells_recorded = ask("MATCH (c:SourceCode) RETURN c.execution_count, c.code ORDER BY c.execution_count")
    assert [count for count, _ in cells_recorded] == [2, 3, 4, 5, 6, 7]
    assert cells_recorded[0][1] == "import lineapy\nsizes = [3, 1, 2]\n"
    # The artifact's value goes back to the cell that made the list, through the one that sorted it.
    assert ask(
        "MATCH (:Artifact {name: 'largest'})-[:OF_NODE]->(made) "
        "MATCH (made)-[:CALLS|POSITIONAL_ARG|MUTATES|MUTATED_BY*0..]->(up:Node)-[:FROM_SOURCE]->(c) "
        "RETURN DISTINCT c.execution_count AS cell ORDER BY cell"
    ) == [[2], [3], [4]]


def test_lineapy_s_own_command_runs_a_notebook(workplace: Workplace, ask: Ask) -> None:
    kernel(workplace)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("numbers = [1, 2]\nnumbers.append(3)")])
    nbformat.write(notebook, workplace.folder / "notebook.ipynb")
    ended = workplace.run("lineapy", "notebook", "notebook.ipynb", "numbers", "numbers")
    assert "numbers.append(3)" in ended.stderr + ended.stdout
    assert ask("MATCH (a:Artifact)-[:OF_NODE]->(n)-[:IN_SESSION]->(s) RETURN a.name, s.environment_type") == [
        ["numbers", "JUPYTER"]
    ]
