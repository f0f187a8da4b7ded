"""LineaPy's live tracing on the Python at hand: blocks, tracebacks, settings."""

from __future__ import annotations

import subprocess
import sys

from tests.lineapy.conftest import Ask, Workplace

BLOCKS = """\
import lineapy
import pandas as pd

table = pd.DataFrame({"a": [1, 2, 3]})
log = []

for column, values in table.items():
    for value in values:
        log.append(value)
with open("out.txt", "w") as file:
    file.write("x")
match [log, 1]:
    case [first, _]:
        first.append(4)
lineapy.save(log, "log")
print(lineapy.get("log").get_code())
"""


def test_what_blocks_change_is_in_the_code_of_an_artifact(workplace: Workplace, ask: Ask) -> None:
    code = workplace.trace(BLOCKS)
    assert "for column, values in table.items():" in code
    assert "case [first, _]:" in code
    # What does not bear on it is left out.
    assert "out.txt" not in code
    assert ask("MATCH (:Artifact {name: 'log'})-[:OF_NODE]->(n:MutateNode) RETURN count(n)") == [[1]]


def test_tracebacks_show_the_user_s_lines(workplace: Workplace) -> None:
    workplace.write("script.py", "values = [1, 0]\n\nfor value in values:\n    result = (1 /\n              value)\n")
    printed = workplace.run("lineapy", "python", "script.py", status=1).stderr
    assert 'script.py", line 3, in <module>\n    for value in values:' in printed
    assert 'script.py", line 4, in <module>\n    result = (1 /\n' in printed
    assert printed.endswith("ZeroDivisionError: division by zero\n")
    assert "experimental" not in printed
    workplace.write("script.py", "x = 1\n\ny = x / 0\n")
    printed = workplace.run("lineapy", "python", "script.py", status=1).stderr
    assert 'script.py", line 3, in <module>\n    y = x / 0\n' in printed


def test_lineapy_s_own_tracer_can_be_chosen_where_it_runs(workplace: Workplace) -> None:
    workplace.write("script.py", "import lineapy\nx = []\nfor i in range(3):\n    x.append(i)\nlineapy.save(x, 'x')\n")
    program = (
        "from lineage_graph.integrations.lineapy import trace_script\n"
        "from pathlib import Path\n"
        "import sys, os\n"
        "print(trace_script(Path('script.py'), url=os.environ['LINEAPY_DATABASE_URL']).artifacts)\n"
        "print('lineapy.system_tracing._trace_func' in sys.modules)\n"
    )
    workplace.write("program.py", program)
    assert workplace.run("python", "program.py").stdout == "[('x', 0)]\nFalse\n"
    if sys.version_info[:2] == (3, 10):
        chosen = workplace.run("python", "program.py", LINEAGE_GRAPH_TRACER="lineapy")
        assert chosen.stdout == "[('x', 1)]\nTrue\n"
    else:
        refused = workplace.run("python", "program.py", status=1, LINEAGE_GRAPH_TRACER="lineapy").stderr
        assert "LineaPy's own tracer runs on Python 3.10 only" in refused
    unknown = workplace.run("python", "program.py", status=1, LINEAGE_GRAPH_TRACER="other").stderr
    assert "LINEAGE_GRAPH_TRACER" in unknown
    assert "ConfigurationError" in unknown


def test_nothing_of_lineapy_s_warns(workplace: Workplace) -> None:
    code = (
        "import warnings\n"
        "warnings.simplefilter('error', DeprecationWarning)\n"
        "warnings.filterwarnings('ignore', module='(?!lineapy)')\n"
        # SQLAlchemy's, of LineaPy's use of its version 1.4.
        "warnings.filterwarnings('ignore', message='Deprecated API features')\n"
        "import lineage_graph.integrations.lineapy as ours\nours.prepare()\n"
        "import lineapy.transformer.transform_code, lineapy.api.api\nfrom lineapy.db.relational import ExecutionORM\n"
        "from lineage_graph.integrations.lineapy_tracing import utcnow\n"
        "from datetime import datetime\n"
        "assert ExecutionORM.__table__.c.timestamp.default.arg.__name__ == 'utcnow'\n"
        "assert abs((utcnow() - datetime(1970, 1, 1)).total_seconds() - __import__('time').time()) < 5\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], env=workplace.environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_the_demonstration_traces_an_example_live(workplace: Workplace, url: str, ask: Ask) -> None:
    shown = workplace.run("lineage-graph", "demo", "--url", url)
    assert f"prepare.py, live on Python {sys.version.split()[0]}: traced" in shown.stderr
    assert ask("MATCH (s:Session) RETURN count(s)") == [[6]]
    assert ask("MATCH (a:Artifact {name: 'measurements'}) RETURN max(a.version)") == [[3]]
