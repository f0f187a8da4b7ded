"""Scripts under LineaPy, live on the graph: what they print, and what the database holds afterwards."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from tests.lineapy.conftest import SCRIPTS, Ask, Workplace
from tests.support.known_sessions import wipe

PREPARE = """\
import lineapy
import pandas as pd

threshold = 4
table = pd.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]})
total = 0
for value in table["a"]:
    total += value
if total > threshold:
    table["c"] = table["a"] * total
lineapy.save(table, "table")
lineapy.save(total, "total")
"""

TRAIN = """\
import lineapy

table = lineapy.get("table").get_value()
weights = table.mean()
lineapy.save(weights, "weights")
print(lineapy.artifact_store())
print(lineapy.get("weights").get_code())
"""


def test_an_artifact_of_one_session_is_used_in_another(workplace: Workplace, ask: Ask) -> None:
    workplace.trace(PREPARE, "prepare.py")
    printed = workplace.trace(TRAIN, "train.py")
    assert [line.split(" ")[0] for line in printed.splitlines() if "created on" in line] == [
        "table:0",
        "total:0",
        "weights:0",
    ]
    assert 'table = lineapy.get("table").get_value()\nweights = table.mean()' in printed
    assert ask(
        "MATCH (s:Session)<-[:IN_SESSION]-(n:Node)-[:FROM_SOURCE]->(c:SourceCode) "
        "RETURN s.environment_type, c.path AS path, count(*) > 5 ORDER BY path"
    ) == [["SCRIPT", "prepare.py", True], ["SCRIPT", "train.py", True]]
    # What made the weights: upstream of the artifact's node, down to the name of the table that was fetched.
    assert ask(
        "MATCH (:Artifact {name: 'weights'})-[:OF_NODE]->(made) "
        "MATCH (made)-[:CALLS|POSITIONAL_ARG*0..]->(up:LiteralNode {value: 'table'}) RETURN count(up)"
    ) == [[1]]
    assert ask("MATCH (l:Library {package_name: 'pandas'})<-[:OF_LIBRARY]-(i) RETURN count(DISTINCT i.session_id)") == [
        [1]
    ]


def test_a_call_gets_exactly_the_version_that_it_was_handed(workplace: Workplace, ask: Ask) -> None:
    """Within a function, too, and not the version that somebody else saves before the commit."""
    workplace.trace(
        "import lineapy\n"
        "x = [1]\n"
        "lineapy.save(x, 'handed')\n"
        "def load():\n"
        "    return lineapy.get('handed').get_value()\n"
        "y = load() + [2]\n"
        "lineapy.save(y, 'handed')\n"
        "got = lineapy.get('handed')\n"
        "import os\n"
        "from lineage_graph import RelationalLineaDB\n"
        "db = RelationalLineaDB(os.environ['LINEAPY_DATABASE_URL'])\n"
        "db.save_as_next_version(got._node_id, got._execution_id, 'handed')\n"
        "db.close()\n"
        "z = got.get_value() + [3]\n"
        "lineapy.save(z, 'result')\n"
    )
    assert ask("MATCH (a:Artifact {name: 'handed'}) RETURN count(a)") == [[3]]
    assert ask(
        "MATCH (c:CallNode)-[r:READS_ARTIFACT]->(a:Artifact) RETURN c.name, a.version, r.certainty ORDER BY a.version"
    ) == [["load()", 0, "exact"], ["lineapy.get('handed')", 1, "exact"]]
    assert ask(
        "MATCH (:Artifact {name: 'result'})-[:DERIVED_FROM]->(a) RETURN a.name, a.version ORDER BY a.version"
    ) == [["handed", 1], ["handed", 2]]


def test_the_script_s_variables_and_mutations_are_in_the_graph(workplace: Workplace, ask: Ask) -> None:
    workplace.trace(PREPARE)
    assert ask(
        "MATCH (v:Variable)-[:ASSIGNED_AT]->(:Node) WHERE v.name IN ['table', 'threshold', 'total'] "
        "RETURN DISTINCT v.name AS name ORDER BY name"
    ) == [["table"], ["threshold"], ["total"]]
    assert ask(
        "MATCH (:Artifact {name: 'table'})-[:OF_NODE]->(m:MutateNode)-[:MUTATES]->(before:Node) RETURN labels(before)"
    ) == [[["Node", "CallNode"]]]
    assert ask("MATCH (n:Node) WHERE NOT (n)-[:IN_SESSION]->(:Session) RETURN count(n)") == [[0]]
    assert ask("MATCH (m:MissingNode) RETURN count(m)") == [[0]]


@pytest.mark.one_python
def test_versions_deletion_and_values(workplace: Workplace, ask: Ask) -> None:
    workplace.trace(
        "import lineapy\n"
        "x = [1]\n"
        "lineapy.save(x, 'first')\n"
        "lineapy.save(x, 'same')\n"
        "for i in range(3):\n"
        "    pass\n"
        "y = x + [2]\n"
        "lineapy.save(y, 'first')\n"
        "z = x + [3]\n"
        "lineapy.save(z, 'first')\n"
    )
    assert ask("MATCH (a:Artifact) RETURN a.name, a.version ORDER BY a.name, a.version") == [
        ["first", 0],
        ["first", 1],
        ["first", 2],
        ["same", 0],
    ]
    assert len(workplace.pickles()) == 3
    printed = workplace.trace(
        "import lineapy\n"
        "print(lineapy.get('first').version, lineapy.get('first', 1).get_value())\n"
        "lineapy.delete('first', 'latest')\n"
        "print(lineapy.get('first').version)\n"
        "lineapy.delete('first', 'all')\n"
        "print(lineapy.get('same').get_value())\n"
        "print(lineapy.artifact_store().len)\n"
    )
    assert printed.split("\n")[:4] == ["2 [1, 2]", "1", "[1]", "1"]
    # The value that the two shared stays with the one that is left; the others went with their artifacts.
    assert len(workplace.pickles()) == 1
    assert ask("MATCH (v:NodeValue) RETURN v.value") == [[name] for name in workplace.pickles()]
    workplace.trace("import lineapy\nlineapy.delete('same', 0)\n")
    assert workplace.pickles() == set()
    assert ask("MATCH (v:NodeValue) RETURN count(v)") == [[0]]


@pytest.mark.one_python
def test_what_is_not_there_is_an_error_of_the_script(workplace: Workplace) -> None:
    workplace.write("missing.py", "import lineapy\nprint('before')\nlineapy.get('nothing')\n")
    ended = workplace.run("lineapy", "python", "missing.py", status=1)
    assert "before" in ended.stdout
    assert "Artifact nothing not found" in ended.stderr
    workplace.write("missing.py", "import lineapy\nlineapy.delete('nothing', 'all')\n")
    assert "nothing:all not found" in workplace.run("lineapy", "python", "missing.py", status=1).stderr


def test_a_pipeline_with_dependencies_and_parameters(workplace: Workplace, ask: Ask) -> None:
    workplace.trace(PREPARE, "prepare.py")
    workplace.trace("import lineapy\nrate = 0.5\nmodel = [rate, 2 * rate]\nlineapy.save(model, 'model')\n", "train.py")
    workplace.trace(
        "import lineapy\n"
        "lineapy.to_pipeline(['table', 'model'], framework='SCRIPT', pipeline_name='nightly',\n"
        "    dependencies={'model': {'table'}}, input_parameters=['rate'], output_dir='out')\n"
        "again = lineapy.get_pipeline('nightly')\n"
        "print(sorted(again.artifact_names), again.dependencies)\n"
        "function = lineapy.get_function(['model'], input_parameters=['rate'])\n"
        "print(function(rate=3))\n",
        "pipeline.py",
    )
    printed = workplace.trace("import lineapy\nprint(lineapy.get_function(['model'], ['rate'])(rate=3))\n", "use.py")
    assert "{'model': [3, 6]}" in printed
    assert ask("MATCH (p:Pipeline {name: 'nightly'})-[:CONTAINS]->(a:Artifact) RETURN a.name ORDER BY a.name") == [
        ["model"],
        ["table"],
    ]
    assert ask("MATCH (m:Artifact {name: 'model'})-[:DEPENDS_ON]->(t:Artifact) RETURN t.name") == [["table"]]
    module = workplace.folder / "out" / "nightly_module.py"
    assert "def get_model(rate" in module.read_text()
    ran = subprocess.run(
        [sys.executable, "-c", "import nightly_module as m; print(m.run_all_sessions(rate=4)['model'])"],
        cwd=module.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.strip() == "[4, 8]", ran.stderr


def test_an_artifact_is_executed_again_from_its_lineage(workplace: Workplace, ask: Ask) -> None:
    workplace.trace("import lineapy\nx = [2]\nx.append(3)\nlineapy.save(x, 'x')\n", "make.py")
    # A program that is not traced itself: this ends in LineaPy's executor, which commits through SQLAlchemy.
    workplace.write(
        "again.py",
        "import lineapy\n"
        "from lineapy.api.models.linea_artifact import LineaArtifact\n"
        "from lineapy.db.db import RelationalLineaDB\n"
        "db = RelationalLineaDB.from_config(lineapy.options)\n"
        "print(LineaArtifact.get_artifact_from_name_and_version(db, 'x').execute())\n",
    )
    assert workplace.run("python", "again.py").stdout == "[2, 3]\n"
    assert ask("MATCH (e:Execution) RETURN count(e)") == [[2]]


def test_what_was_traced_before_a_failure_is_kept(workplace: Workplace, ask: Ask) -> None:
    workplace.write("fails.py", "import lineapy\nx = [1]\nlineapy.save(x, 'kept')\ny = x + [2]\n1 / 0\n")
    ended = workplace.run("lineapy", "python", "fails.py", status=1)
    assert "ZeroDivisionError" in ended.stderr
    assert ask("MATCH (a:Artifact) RETURN a.name") == [["kept"]]
    assert ask("MATCH (v:Variable {name: 'y'})-[:ASSIGNED_AT]->(n:CallNode) RETURN count(n)") == [[1]]


@pytest.mark.one_python
def test_scripts_that_save_at_once_get_contiguous_versions(workplace: Workplace, ask: Ask) -> None:
    savers, versions = 4, 4
    workplace.write(
        "save.py", "import lineapy\n" + "".join(f"x{i} = [{i}]\nlineapy.save(x{i}, 'model')\n" for i in range(versions))
    )
    running = [
        subprocess.Popen(
            [SCRIPTS / "lineapy", "python", "save.py"],
            cwd=workplace.folder,
            env=workplace.environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(savers)
    ]
    for process in running:
        _, stderr = process.communicate(timeout=300)
        assert process.returncode == 0, stderr
        assert "could not be saved" not in stderr
    assert ask("MATCH (a:Artifact) RETURN a.version ORDER BY a.version") == [[v] for v in range(savers * versions)]


def test_lineage_graph_trace_runs_a_script_with_its_arguments(
    workplace: Workplace, url: str, ask: Ask, tmp_path: Path
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "helper.py").write_text("def double(x):\n    return 2 * x\n")
    (inner / "double.py").write_text(
        "import sys\nimport lineapy\nfrom helper import double\n"
        "text = open('number.txt').read()\n"
        "value = double(int(text)) + int(sys.argv[2])\nprint(value)\nlineapy.save(value, sys.argv[1])\n"
    )
    (inner / "number.txt").write_text("20")
    ended = workplace.run(
        "lineage-graph", "trace", "--url", url, "inner/double.py", "answer", "2", LINEAPY_DATABASE_URL=""
    )
    assert ended.stdout == "42\n"
    assert "saved answer version 0" in ended.stderr
    assert ask("MATCH (a:Artifact)-[:OF_NODE]->(n)-[:IN_SESSION]->(s) RETURN a.name, s.working_directory") == [
        ["answer", str(inner)]
    ]
    (inner / "double.py").write_text("x = 1\nraise SystemExit(3)\n")
    workplace.run("lineage-graph", "trace", "--url", url, "inner/double.py", status=3)
    (inner / "double.py").write_text("x = {}\nx['key']\n")
    ended = workplace.run("lineage-graph", "trace", "--url", url, "inner/double.py", status=1)
    assert "KeyError: 'key'" in ended.stderr
    assert "integrations" not in ended.stderr
    assert ask("MATCH (s:Session) RETURN count(s)") == [[3]]


def test_a_program_installs_it_itself_and_so_do_its_children(workplace: Workplace, url: str, ask: Ask) -> None:
    workplace.write("child.py", "import lineapy\nx = 5\nlineapy.save(x, 'from the child')\n")
    workplace.write(
        "program.py",
        "import subprocess, sys\n"
        "from lineage_graph.integrations.lineapy import install\n"
        f"install({url!r})\n"
        "import lineapy\n"
        "from lineapy.db.db import RelationalLineaDB\n"
        "db = RelationalLineaDB.from_config(lineapy.options)\n"
        "assert isinstance(db, RelationalLineaDB)\n"
        "print(type(db).__name__, db.url == lineapy.options.database_url, flush=True)\n"
        "db.close()\n"
        "subprocess.run([sys.argv[1], 'python', 'child.py'], check=True)\n",
    )
    ended = workplace.run("python", "program.py", str(SCRIPTS / "lineapy"), LINEAPY_DATABASE_URL="")
    assert ended.stdout.splitlines()[0] == "LineaPyDB True"
    assert ask("MATCH (a:Artifact) RETURN a.name") == [["from the child"]]


@pytest.mark.one_python
@pytest.mark.parametrize(
    "bad", ["blot://localhost", "bolt://", "neo4j://localhost:notaport", "postgresqll://user:secret@localhost/x"]
)
@pytest.mark.parametrize("way", ["environment", "file", "option", "set"])
def test_a_url_that_cannot_be_used_never_becomes_sqlite(workplace: Workplace, bad: str, way: str) -> None:
    workplace.write("script.py", "x = 1\n")
    if way == "environment":
        ended = workplace.run("lineapy", "python", "script.py", status=1, LINEAPY_DATABASE_URL=bad)
    elif way == "file":
        (workplace.folder / "lineapy").mkdir()
        (workplace.folder / "lineapy" / "lineapy_config.json").write_text(f'{{"database_url": "{bad}"}}')
        environment = {name: value for name, value in workplace.environment.items() if name != "LINEAPY_DATABASE_URL"}
        ended = Workplace(workplace.folder, environment).run("lineapy", "python", "script.py", status=1)
    elif way == "option":
        ended = workplace.run("lineapy", "--database-url", bad, "python", "script.py", status=1)
    else:
        workplace.write("script.py", f"import lineapy\nlineapy.options.set('database_url', {bad!r})\n")
        ended = workplace.run("python", "script.py", status=1)
    assert "ConfigurationError" in ended.stderr
    assert "secret" not in ended.stderr.partition("ConfigurationError")[2]
    assert not list(workplace.folder.rglob("*.sqlite"))


@pytest.mark.one_python
def test_an_empty_url_is_none(workplace: Workplace, db: RelationalLineaDB) -> None:
    """Compose passes a variable that is not set as an empty one."""
    workplace.write("script.py", "import lineapy\nx = [1]\nlineapy.save(x, 'x')\n")
    ended = workplace.run("lineapy", "python", "script.py", LINEAPY_DATABASE_URL="")
    assert "cannot connect" not in ended.stderr
    assert [path.name for path in workplace.folder.rglob("*.sqlite")] == ["db.sqlite"]
    assert db.get_all_artifacts() == []


def test_a_module_that_fails_has_a_traceback_of_its_own(workplace: Workplace) -> None:
    """With no frame of ours in it, on SQLite too."""
    workplace.write(
        "fails.py",
        "import traceback\n"
        "import lineapy\n"
        "try:\n"
        "    import lineapy.utils.__error_on_load\n"
        "except ZeroDivisionError as error:\n"
        "    frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]\n"
        "    print([name for name in frames if 'importlib' not in name])\n",
    )
    script = str(workplace.folder / "fails.py")
    for url in (workplace.environment["LINEAPY_DATABASE_URL"], f"sqlite:///{workplace.folder}/own.sqlite"):
        frames = ast.literal_eval(workplace.run("python", "fails.py", LINEAPY_DATABASE_URL=url).stdout)
        assert [Path(name).name for name in frames] == [Path(script).name, "__error_on_load.py"]


@pytest.mark.one_python
def test_lineapy_s_migration_helpers_are_refused_on_a_graph(workplace: Workplace) -> None:
    workplace.write(
        "migrate.py",
        "import lineapy\n"
        "from lineapy.utils.migration import ensure_table, table_has_column\n"
        "from lineage_graph.errors import ConfigurationError\n"
        "for helper, arguments in ((ensure_table, ['x']), (table_has_column, ['x', 'y'])):\n"
        "    try:\n"
        "        helper(*arguments)\n"
        "    except ConfigurationError as error:\n"
        "        print(error)\n",
    )
    printed = workplace.run("python", "migrate.py").stdout.splitlines()
    assert len(printed) == 2
    assert all("brought up to date when it is opened" in line for line in printed)
    own = f"sqlite:///{workplace.folder}/own.sqlite"
    workplace.write(
        "migrate.py",
        "import lineapy\n"
        "from lineapy.db.db import RelationalLineaDB\n"
        "from lineapy.utils.migration import table_has_column\n"
        "RelationalLineaDB.from_config(lineapy.options)\n"
        "print(table_has_column('lookup', 'name'), table_has_column('lookup', 'title'))\n",
    )
    assert workplace.run("python", "migrate.py", LINEAPY_DATABASE_URL=own).stdout == "True False\n"


def test_a_module_without_a_version_is_in_no_requirements(workplace: Workplace, ask: Ask) -> None:
    workplace.trace(
        "import lineapy\n"
        "import math\n"
        "import numpy\n"
        "x = math.floor(numpy.float64(2.5))\n"
        "lineapy.save(x, 'x')\n"
        "lineapy.to_pipeline(['x'], framework='SCRIPT', pipeline_name='nightly', output_dir='out')\n"
    )
    requirements = (workplace.folder / "out" / "nightly_requirements.txt").read_text().split()
    assert [line.partition("==")[0] for line in requirements] == ["numpy"]
    assert ask("MATCH (i:ImportNode {name: 'math'}) RETURN i.version") == [["None"]]
    assert ask("MATCH (l:Library) RETURN l.package_name AS name ORDER BY name") == [["lineapy"], ["numpy"]]


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="pandas for Python 3.13 knows SQLAlchemy 2 only")
def test_tables_are_written_to_and_read_from_sql(workplace: Workplace) -> None:
    """With the pandas of the extra and the SQLAlchemy that LineaPy needs."""
    code = (
        "import lineapy\n"
        "import pandas as pd\n"
        "import sqlalchemy\n"
        "engine = sqlalchemy.create_engine('sqlite:///tables.db')\n"
        "pd.DataFrame({'a': [1, 2], 'b': ['x', None]}).to_sql('t', engine, index=False, if_exists='replace')\n"
        "table = pd.read_sql('SELECT a, b FROM t ORDER BY a', engine)\n"
        "table = pd.concat([table, pd.read_sql_table('t', engine)])\n"
        "print(table['a'].sum(), len(table))\n"
        "lineapy.save(table, 'table')\n"
    )
    assert workplace.trace(code).startswith("6 4\n")


@pytest.mark.one_python
def test_captions_of_a_live_trace_are_those_of_an_import(
    workplace: Workplace, db: RelationalLineaDB, driver: neo4j.Driver
) -> None:
    workplace.write("study.py", CAPTIONED)
    workplace.run("lineapy", "python", "study.py")
    live = captions(driver)
    assert len(live) > 30
    assert ("MutateNode", "xs.append(4)") in live
    assert any(label == "Session" and name.startswith("study.py of ") for label, name in live)
    own = f"sqlite:///{workplace.folder}/own.sqlite"
    workplace.run("lineapy", "python", "study.py", LINEAPY_DATABASE_URL=own)
    wipe(driver)
    import_lineapy(own, db)
    assert without_times(captions(driver)) == without_times(live)


def captions(driver: neo4j.Driver) -> Counter[tuple[str, str]]:
    """What a person reads on each node, session and source code."""
    rows = driver.execute_query(
        "MATCH (n:Node|Session|SourceCode|Library) "
        "RETURN [l IN labels(n) WHERE l <> 'Node'][0] AS label, n.name AS name"
    ).records
    return Counter((row["label"], row["name"]) for row in rows)


def without_times(found: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    return Counter({(label, name.partition(" of 2")[0]): count for (label, name), count in found.items()})


CAPTIONED = """\
import lineapy

total = 0


def add(x):
    global total
    total += x


xs = [1, 2]
xs.append(3)
xs.append(4)
for x in xs:
    add(x)
table = {"xs": xs}
table["total"] = total
lineapy.save(xs, "xs")
xs.append(5)
lineapy.save(table, "table")
lineapy.save(total, "total")
"""


@pytest.mark.one_python
def test_a_server_that_is_away_is_said_and_never_becomes_sqlite(workplace: Workplace) -> None:
    workplace.write("script.py", "x = 1\n")
    ended = workplace.run("lineapy", "python", "script.py", status=1, LINEAPY_DATABASE_URL="bolt://127.0.0.1:9")
    assert "DatabaseUnavailable" in ended.stderr
    assert not list(workplace.folder.rglob("*.sqlite"))


@pytest.mark.one_python
def test_sqlite_stays_lineapy_s_own(workplace: Workplace, db: RelationalLineaDB) -> None:
    code = "import lineapy\nx = [1]\nlineapy.save(x, 'x')\nlineapy.save(x, 'x')\nlineapy.delete('x', 'latest')\n"
    workplace.write("script.py", code)
    own = f"sqlite:///{workplace.folder}/own.sqlite"
    workplace.run("lineapy", "python", "script.py", LINEAPY_DATABASE_URL=own)
    assert (workplace.folder / "own.sqlite").exists()
    assert db.get_all_artifacts() == []
