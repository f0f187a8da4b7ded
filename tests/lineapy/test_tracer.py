"""What is recorded of blocks, compared with what LineaPy's own tracer records of them, where that runs."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.tracing.programs import outcome, programs

pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 10), reason="LineaPy's own tracer runs on Python 3.10")

# What LineaPy's analysis of side effects looks at, whatever a library's annotations say.
_EFFECTS = {
    *("iter", "next", "setattr", "setitem", "getitem", "delitem", "l_unpack_sequence", "l_unpack_ex"),
    *("iadd", "iand", "ifloordiv", "ilshift", "imod", "imul", "imatmul", "ior", "ipow", "irshift", "isub", "itruediv"),
    *("append", "add"),
}


@pytest.fixture(scope="module", autouse=True)
def prepared() -> None:
    from lineage_graph.integrations.lineapy import prepare

    prepare()


def theirs(block: str, globals_: dict[str, Any]) -> Any:
    """LineaPy's own tracer, run as LineaPy runs it."""
    from lineapy.system_tracing._trace_func import TraceFunc

    code = compile(block, "<block>", "exec", dont_inherit=True)
    trace = TraceFunc(code)
    before = sys.gettrace()
    try:
        sys.settrace(trace)
        exec(code, globals_)
    finally:
        sys.settrace(before)
    return trace


def ours(block: str, globals_: dict[str, Any]) -> Any:
    """What LineaPy runs with us."""
    from lineapy.utils import lineabuiltins

    return lineabuiltins.exec_and_record_function_calls(lineabuiltins.compile(block, "<block>", "exec"), globals_)


def shown(call: Any) -> str:
    def text(value: object) -> str:
        return re.sub(r" at 0x\w+", "", repr(value))

    owner = getattr(call.fn, "__self__", None)
    method = "" if owner is None or type(owner).__name__ == "module" else f"{text(owner)}."
    arguments = [*map(text, call.args), *(f"{name}={text(value)}" for name, value in call.kwargs.items())]
    return f"{method}{call.fn.__name__}({', '.join(arguments)}) = {text(call.res)}"


SETTING = """
x = [1, 2]
y = {1: [2]}
class M:
    def __enter__(self): return self
    def __exit__(self, *error): pass
m = M()
def f(*a, **k): return a
"""

# Each block, and what is different by choice: the names are those of docs/parity.md.
BLOCKS = [
    ("x.append(1)\nf(x, k=1)\nx.sort(key=f)\n", "called-attribute"),
    ("p = [(1, 2), (3, 4)]\nfor a, b in p:\n    x[0] += a\n    y[a] = b\n", ""),
    ("del x[0]\nm.q = x\nm.q += [1]\ndel m.q\n", ""),
    ("z = [i for i in x if i > 1]\nw = {i: j for i, j in [(1, x)]}\nv = [[j for j in range(i)] for i in x]\n", ""),
    ("def h(a):\n    a.append(1)\n    return a\nr = h(x)\nh(x)\n", ""),
    ("@f\ndef d(): pass\n", ""),
    ("with m as q, m as r:\n    x[0] = 5\n", ""),
    ("while x:\n    x.pop()\n", ""),
    ("a = b = x\na, b = b, a\n(a, *b) = x\n", ""),
    ("s = f'{x[0]!r:>4} {y}'\nif not x: pass\nz = not x\nz = 1 < x[0] < 5\nz = x is y, x in [x], x not in [x]\n", ""),
    ("t = x[0:1], x[::2]\nx[0:1] = [3]\ndel x[0:1]\n", ""),
    ("u = lambda q: q[0]\nu(x)\n", ""),
    ("z = [1, *x, 2]\nz = {1, *x}\nz = (*x,)\nz = []\nz = {**y}\n", ""),
    ("if x and y or m: z = x[0] if y else y\n", ""),
    ("z = [1, 2, 3]\n", "constant-lists"),
    ("z = {**y, 3: x}\n", "dict-displays"),
    ("try:\n    x[9]\nexcept IndexError:\n    z = 1\n", "failed-operations"),
    ("class C(M):\n    k = x[0]\n    def n(self): return super().__enter__()\nC().n()\n", "class-statements"),
    ("z = x != y\n", "not-equal"),
    ("assert x[0] < x[1]\n", "asserted-comparisons"),
]
NOT_RECORDED_BY_LINEAPY = [
    "import math\nmath.sqrt(4)\n",
    "g = (i for i in x)\nl = list(g)\n",
    "async def c(): return x\n\ntry: c().send(None)\nexcept StopIteration: pass\n",
    "match x:\n    case [a, *b]: pass\n",
]


def both(block: str) -> tuple[list[str], list[str], set[str], set[str]]:
    traces = []
    for trace in (theirs, ours):
        globals_: dict[str, Any] = {}
        exec(SETTING, globals_)
        traces.append(trace(block, globals_))
    calls = [[shown(call) for call in trace.function_calls] for trace in traces]
    return calls[0], calls[1], traces[0].not_implemented_ops, traces[1].not_implemented_ops


@pytest.mark.parametrize(("block", "difference"), BLOCKS)
def test_blocks(block: str, difference: str) -> None:
    expected, found, refused, refused_here = both(block)
    assert refused == refused_here == set()
    assert (found != expected) == bool(difference)


@pytest.mark.parametrize("block", NOT_RECORDED_BY_LINEAPY)
def test_blocks_that_lineapy_gives_up_on(block: str) -> None:
    _, found, refused, refused_here = both(block)
    assert refused
    assert refused_here == set()
    assert found


def test_a_starred_generator_breaks_a_run_under_lineapy_s_tracer_only() -> None:
    globals_: dict[str, Any] = {"f": lambda *a: a, "x": iter([1, 2])}
    assert ours("z = f(*x)\n", globals_).function_calls[-1].args == [1, 2]
    assert globals_["z"] == (1, 2)


counted = {"programs": 0, "calls": 0}


@settings(
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_random_programs(program: str) -> None:
    try:
        code = compile(program, "<block>", "exec", dont_inherit=True)
    except SyntaxError:
        return
    plain = outcome(lambda globals_: exec(code, globals_))
    if plain.error is not None:
        return
    traces = []
    for trace in (theirs, ours):
        found: list[Any] = []

        def run(globals_: dict[str, Any], trace: Any = trace, found: list[Any] = found) -> None:
            found.append(trace(program, globals_))

        if outcome(run).log != plain.log or found[0].not_implemented_ops:
            # LineaPy's tracer does not know all of it, or disturbs it.
            assert trace is theirs
            return
        # An operation that raised is recorded by LineaPy with what it finds in the result's place.
        lines = [shown(call) for call in found[0].function_calls if call.fn.__name__ in _EFFECTS]
        traces.append([line for line in lines if "Error'>" not in line])
    counted["programs"] += 1
    counted["calls"] += len(traces[0])
    assert traces[1] == traces[0]


def test_enough_was_compared() -> None:
    assert counted["programs"] >= 10, counted
    assert counted["calls"] >= 10, counted
