"""Instrumented programs do what plain ones do: results, exceptions, tracebacks with their columns, locals, order."""

from __future__ import annotations

import os
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from lineage_graph.tracing import Block
from tests.tracing.programs import FILENAME, outcome, programs

AT_LENGTH = os.environ.get("LINEAGE_GRAPH_TRACING") == "long"


def run_plain(program: str) -> Any:
    code = compile(program, FILENAME, "exec", dont_inherit=True)
    return outcome(lambda globals_: exec(code, globals_))


def run_recorded(program: str) -> Any:
    recording = Block(program, FILENAME).record()

    def run(globals_: dict[str, Any]) -> None:
        try:
            exec(recording.code, globals_)
        finally:
            recording.finish()

    return outcome(run)


@settings(
    max_examples=3000 if AT_LENGTH else 120,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not AT_LENGTH,
    database=None,
)
@given(programs())
def test_random_programs(program: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(program, FILENAME, "exec", dont_inherit=True)
        except SyntaxError:
            return
        expected = run_plain(program)
        assert run_recorded(program) == expected


# Separated by lines of dashes; each once differed, or could.
PROGRAMS = r"""
note(a
  .m(1)
  .m(2,
    k=3)
  .m(*xs)
  .q)
---
((a < a == a) and a)
if a < b < a and not b: pass
while not (a < b < c): break
assert (b == a == a), a
---
(a, *b) = a
---
x, *y, z = b
---
a = a = [n for n, *_ in xs if a]
---
for p, *q, r in [a, a, b]: note(p, q, r)
---
a += ((a)
.m(**a))
---
{repr(n): (a(a,
**a)) for n in xs if a for _ in a}
---
for n in (
  c
): pass
---
[n for n in
 c]
---
(a,
 *b) = (
 c
)
---
f = note
f(
 *c)
---
f = note
f(
 1, **c)
---
g = (note(n) for n in numbers())
note('made')
next(g)
note(list(g))
---
def g():
    for n in numbers():
        x = yield note(n)
        note(x)
i = g()
next(i)
i.send(1)
i.close()
---
with b as x, a as y:
    note(x, y)
    raise KeyError(x)
---
with b:
    raise KeyError
note('suppressed')
---
def f():
    for n in range(3):
        with b as x:
            if n: return n
            continue
note(f())
---
with c: pass
---
with a as (x, y), manager(1) as d['q']: note(x, y)
---
def f(x):
    def g():
        nonlocal x
        for x in range(3): x += 1
        return x
    return g(), x, sorted(locals())
note(f(1), f(2))
---
def f():
    for _ in range(2):
        global z
        z = 1
f()
note(z)
---
class A:
    y = [n for n in (1, 2)]
    def f(self): return __class__, super().__repr__
    note(sorted(locals()))
note(A().f()[0])
---
class A:
    def __f(self): self.__x = 1; return self.__x
    def g(self): return self.__f()
note(A().g())
---
def f():
    'doc'
    return f.__doc__, f.__code__.co_firstlineno, f.__name__
note(f())
---
def f(*a, b=c, **k):
    return eval('a'), locals()
note(f(1, 2, z=3))
---
def f(n):
    t = [0]
    t[0] += f(n - 1) if n else 1
    return t[0] + n
note(f(5))
---
def f():
    t = {}
    t['k'] = 1
    t['k'] += yield 1
    note(t, 1 < (yield 2) < 5)
i, j = f(), f()
next(i), next(j), i.send(1), j.send(2)
[list_ for list_ in ()]
try: i.send(3)
except StopIteration: pass
---
import threading
def f(n):
    s = 0
    for i in range(200): s += [i, n][1]
    total.append(s)
total = []
ts = [threading.Thread(target=f, args=(n,)) for n in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]
note(sorted(total))
del ts, threading
---
match [1, [2, 3], {'k': 4}]:
    case [x, [y, *z], {'k': w, **r}] if y: note(x, y, z, w, r)
---
async def f():
    async with a as x, b:
        async for y in x: note(y)
        raise ValueError([z async for z in b])
run(f())
---
try:
    raise ExceptionGroup('g', [ValueError(1)])
except* ValueError as e: note(repr(e))
---
x = 'a' if a else 'b'
x += f'{x!r:>{5}}{a:q}'
---
x: int = c
b.y: int = 3
del b.y, d['k']
---
@note
@(lambda f: f)
def f(): pass
---
assert c == 3, note(1)
---
a = b = xs[0] = c, (x, y) = 5, (6, 7)
---
def f():
    try: return 1
    finally: note('end')
note(f())
---
import types
@types.coroutine
def f():
    yield 1
async def g(): await f()
i, j = g(), g()
note(i.send(None), j.send(None))
i.close(), j.close()
del types, i, j
---
note(*a, **b)
note(*xs, k=xs.append(1))
note(c, *a, k=note(2))
note(*c, **b)
---
class Key:
    def __hash__(self): note('hash'); return 1
    def __eq__(self, other): note('eq'); return True
class Descriptor:
    def __init__(self, name): self.name = name
    def __get__(self, owner, kind): note(self.name); return lambda *a: note(len(a))
class C:
    __enter__, __exit__ = Descriptor('enter'), Descriptor('exit')
x = {k: 1 for k in [Key()]}, {k for k in [Key()]}, {Key(): 2, **{Key(): 3}}, {Key(), *[Key()]}
with C() as y: note(y)
del Key, Descriptor, C, x
---
import enum
class Meta(type):
    def __eq__(self, other): note('eq')
    def __getattr__(self, name): note(name)
    def __iter__(self): note('iter')
class A(metaclass=Meta): pass
class B(enum.Enum): X = 1
for x in (A(), B.X):
    for f in (lambda: note(*x), lambda: note(**x), lambda: [p for p, q in [x]]):
        try: f()
        except TypeError as e: note(str(e))
    try: (y, z) = x
    except TypeError as e: note(str(e))
    try: y, *z = x
    except TypeError as e: note(str(e))
    for y in [x]: note(len(str(y)) > 0)
del Meta, A, B, x, y, f
---
def f(): return note(1)
def g(): return note(2)
f()
g.__code__ = f.__code__
g()
---
x = lambda: (yield)
note(list(x()))
---
from __future__ import annotations
def f(x: y) -> z: pass
note(f.__annotations__)
---
def f[T](x: T) -> T:
    class C[U]: v = x
    return C.v
note(f(1), f(2))
type X = list[int]
"""


@pytest.mark.parametrize("program", PROGRAMS.split("---\n"))
def test_programs_that_once_differed_or_could(program: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(program, FILENAME, "exec", dont_inherit=True)
        except SyntaxError:
            pytest.skip("not on this Python")
        expected = run_plain(program)
        assert run_recorded(program) == expected
        assert not Block(program, FILENAME).record().unsupported


def test_a_syntax_error_is_python_s_own() -> None:
    with pytest.raises(SyntaxError) as expected:
        compile("x = = 1", FILENAME, "exec")
    with pytest.raises(SyntaxError) as raised:
        Block("x = = 1", FILENAME)
    assert str(raised.value) == str(expected.value)
    assert raised.value.filename == FILENAME


def test_what_python_warns_of_it_warns_of_once(recwarn: pytest.WarningsRecorder) -> None:
    warnings.simplefilter("always")
    Block("for i in range(2):\n    x = i is 1\n", FILENAME).record()
    assert [str(warning.message) for warning in recwarn if "is" in str(warning.message)].__len__() == 1


def test_a_block_too_deep_for_the_compiler_runs_as_it_is() -> None:
    depth = 18
    text = "".join(f"{'  ' * level}with m():\n" for level in range(depth)) + "  " * depth + "x = 1\n"
    globals_: dict[str, Any] = {"m": __import__("contextlib").nullcontext}
    calls: list[object] = []
    unsupported = Block(text, FILENAME).run(globals_, calls.append)
    assert globals_["x"] == 1
    assert calls == []
    assert unsupported == {"a block that cannot be instrumented (SyntaxError)"}
