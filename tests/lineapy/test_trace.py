"""What Python runs, `trace` runs: the same output, the same error, the same status."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.lineapy.conftest import Ask, Workplace

SCRIPTS: dict[str, str | bytes] = {
    # How a script is written.
    "bom": "\ufeffprint('hé')\n",
    "coding": "# -*- coding: latin-1 -*-\nprint('café')\nif 1:\n    print('é')\n".encode("latin-1"),
    "carriage_returns": "x = 1\r\nif x:\r\n    print('x')\r\n",
    "old_carriage_returns": "x = 1\rprint(x)\r",
    "no_encoding": b"# \xe9\nprint(1)\n",
    "unknown_encoding": "# coding: nope\nprint(1)\n",
    "nothing": "",
    "only_a_comment": "# nothing",
    "tabs_and_form_feeds": "if True:\n\tx = 1\n\tprint(x)\n\x0cprint('no newline at the end')",
    "wrong_syntax": "x = (\n",
    "names_beyond_ascii": "é = 1\nd = {'名': é}\nif é: print(d)\n",
    # What a script knows of itself.
    "main_guard": """
import sys
def main():
    print(__name__, sys.argv[1:])
    return 3
if __name__ == '__main__':
    sys.exit(main())
""",
    "main_guard_of_several": """
import sys
if len(sys.argv) > 1 and '__main__' == __name__:
    print(1)
else:
    print(2)
""",
    "not_main": """
if __name__ != '__main__':
    print('imported')
else:
    print('run')
""",
    "blocks_in_main": '''
if __name__ == '__main__':
    for i in range(2):
        text = """a
  b"""
        print(i, text)
    with open(__file__) as file:
        print(file.name == __file__)
    def g():
        return 5
    print(g())
    1 / 0
''',
    "file": """
import os
def f():
    return __file__
print(os.path.isabs(__file__), f() == __file__)
""",
    "attributes": """'''Doc.'''
class A:
    pass
print(__doc__, __package__, __spec__, A.__module__, (lambda: __name__)())
""",
    "import_main": """
import __main__
x = 5
print(__main__.x, __main__.__file__ == __file__)
""",
    "pickles": """
import pickle
class A:
    x = 1
def f(x):
    return x
print(pickle.loads(pickle.dumps(A())).x, pickle.loads(pickle.dumps(f))(3))
""",
    "own_variables": """
x = 1
globals()['y'] = 2
print('x' in globals(), 'x' in dir(), 'y' in vars(), 'y' in locals(), eval('x + y'))
exec('z = x + 5')
print(z, eval('q', {'q': 3}), 'z' in vars(object))
""",
    "annotations": """
x: int = 1
def f(a: int) -> str: ...
print(__annotations__, f.__annotations__)
""",
    "later_annotations": """
from __future__ import annotations
def f(a: nothing) -> str: ...
print(f.__annotations__)
""",
    "a_block_like_ours": """
if True:
    x = 1
    print(x)
    1 / 0
""",
    "arguments": """
import os, sys
print(os.path.basename(sys.argv[0]), sys.argv[1:], os.path.samefile(sys.path[0], '.'))
""",
    # Imports.
    "helper": "from helpers import z\nimport helpers as h\nprint(z, h.__name__)\n",
    "helpers": "z = 5\n",
    "relative_import": "print(1)\nfrom . import helpers\n",
    "relative_import_of_a_name": "from .helpers import z\n",
    "missing_import": "import nope_nope\n",
    # How a script ends.
    "exits": "import sys\nprint('a')\nsys.exit()\n",
    "exits_with_a_text": "import sys\nsys.exit('a text')\n",
    "quits": "print('a')\nquit(4)\nprint('b')\n",
    "fails": "def f():\n    raise ValueError('bad')\nprint('x')\nf()\n",
    "fails_of_something": """
try:
    1 / 0
except ZeroDivisionError as error:
    raise KeyError('k') from error
""",
    "asserts": "x = 1\nassert x == 2, 'no'\n",
    # What LineaPy's own command does not run.
    "deletes": """
a, b, c = 1, [1, 2], 3
d = {1: 2, 2: 3}
del b[0], d[1]
print(b, d)
del (a, b), c
print('a' in dir())
print(b)
""",
    "deletes_what_is_missing": "del nothing\n",
}

# Every script traced in one process, which takes LineaPy's imports once.
PROGRAM = """
import contextlib, io, json, sys, traceback
from pathlib import Path
from lineage_graph.integrations.lineapy import trace_script
ended = {}
for path in map(Path, sys.argv[2:]):
    out, code, error, line = io.StringIO(), None, "", 0
    with contextlib.redirect_stdout(out):
        try:
            code = trace_script(path, ["1", "[/]"], sys.argv[1]).exit_code
        except Exception as failed:
            assert type(failed).__name__ == "UserException", failed
            error = traceback.format_exception_only(failed.__cause__)[-1].strip()
            frames = traceback.extract_tb(failed.__cause__.__traceback__)
            line = ([0] + [frame.lineno for frame in frames if frame.filename.endswith(path.name)])[-1]
    # What the interpreter makes of it.
    status = 1 if error or isinstance(code, str) else code or 0
    ended[path.stem] = [out.getvalue(), status, error or (code if isinstance(code, str) else ""), line]
    assert sys.modules["__main__"].ended is ended
print(json.dumps(ended))
"""


def test_what_python_runs_trace_runs(workplace: Workplace, url: str) -> None:
    paths = []
    for name, source in SCRIPTS.items():
        path = workplace.folder / f"{name}.py"
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        paths.append(str(path))
    traced = json.loads(workplace.run("python", "-c", PROGRAM, url, *paths).stdout)
    for name in SCRIPTS:
        ran = subprocess.run(
            [sys.executable, f"{name}.py", "1", "[/]"], cwd=workplace.folder, capture_output=True, encoding="utf-8"
        )
        out, status, error, line = traced[name]
        assert (out, status) == (ran.stdout, ran.returncode), name
        last = ran.stderr.splitlines()[-1] if ran.stderr else ""
        # Python words it otherwise when it is a file that has another encoding than it says.
        assert (error.partition(":")[0] if "encoding" in name else error) == (
            last.partition(":")[0] if "encoding" in name else last
        ), name
        if "Traceback" in ran.stderr:
            assert f'{name}.py", line {line}, in' in ran.stderr, name


def test_a_main_block_is_traced_statement_by_statement(workplace: Workplace, url: str, ask: Ask) -> None:
    (workplace.folder / "[draft] é.py").write_text(
        """
import lineapy
import sys


def load():
    return [1, 2]


if __name__ == '__main__':
    rows = load()
    for row in [3]:
        rows.append(row)
    lineapy.save(rows, '[/] :smile:')
    print(lineapy.get('[/] :smile:').get_code())
    sys.exit(5)
""",
        encoding="utf-8",
    )
    environment = {"LINEAPY_DATABASE_URL": "", "PYTHONIOENCODING": "ascii"}
    ended = workplace.run("lineage-graph", "trace", "--url", url, "[draft] é.py", status=5, **environment)
    # The slice is a program that makes the same.
    program = f"{ended.stdout}\n    print(rows)\n"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[1, 2, 3]\n"
    assert "saved [/] :smile: version 0" in ended.stderr
    assert ask("MATCH (s:SourceCode) RETURN s.path") == [["[draft] é.py"]]
    assert ask("MATCH (:IfNode)<-[:CONTROLLED_BY]-(node) RETURN count(node) > 5") == [[True]]


def test_failures_are_shown_as_python_shows_them(workplace: Workplace, url: str) -> None:
    workplace.write("script.py", "import sys\nsys.excepthook = lambda *_: print('hooked')\n1 / 0\n")
    ended = workplace.run("lineage-graph", "trace", "--url", url, "script.py", status=1, LINEAPY_DATABASE_URL="")
    assert ended.stdout == "hooked\n"
    workplace.write("script.py", "x = (\n")
    ended = workplace.run("lineage-graph", "trace", "--url", url, "script.py", status=1, LINEAPY_DATABASE_URL="")
    assert ended.stderr.splitlines()[0].endswith('script.py", line 1')
    assert "SyntaxError: '(' was never closed" in ended.stderr


def test_a_script_that_cannot_be_read_is_said(workplace: Workplace) -> None:
    program = (
        "from pathlib import Path\nfrom lineage_graph.errors import ConfigurationError\n"
        "from lineage_graph.integrations.lineapy import trace_script\n"
        "try: trace_script(Path('nothing.py'))\nexcept ConfigurationError as error: print(error)\n"
    )
    shown = workplace.run("python", "-c", program).stdout
    assert shown == "the script 'nothing.py' cannot be read: No such file or directory\n"
