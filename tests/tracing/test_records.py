"""What is recorded of each construct."""

from __future__ import annotations

import contextlib
import operator
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import cloudpickle
import pytest

from lineage_graph.tracing import Block, Call, calls


def record(text: str, **globals_: Any) -> list[Call]:
    recorded: list[Call] = []
    assert Block(text, "<block>").run(globals_, recorded.append) == set()
    return recorded


def shown(text: str, **globals_: Any) -> list[str]:
    """The recorded calls as text: iterators by their type."""
    return [show(call) for call in record(text, **globals_)]


def show(call: Call) -> str:
    def text(value: object) -> str:
        name = type(value).__name__
        return name if "iterator" in name or name in ("generator", "zip") else repr(value)

    arguments = [*map(text, call.args), *(f"{name}={text(value)}" for name, value in call.kwargs.items())]
    owner = getattr(call.fn, "__self__", None)
    is_method = owner is not None and type(owner).__name__ != "module"
    return f"{text(owner) + '.' if is_method else ''}{call.fn.__name__}({', '.join(arguments)}) = {text(call.res)}"


class Manager:
    def __init__(self, suppresses: bool = False) -> None:
        self.suppresses = suppresses

    def __enter__(self) -> int:
        return 5

    def __exit__(self, *_: object) -> bool:
        return self.suppresses

    def __repr__(self) -> str:
        return "manager"


# The block's globals, the block, and what is recorded.
CONSTRUCTS = """
# x=1
-x
=> neg(1) = -1

# x=1
y = not x
=> not_(1) = False

# x=1
if not x: pass

#
1 + 2; -1; (1, 2)

# x=1
x + 1
=> add(1, 1) = 2

# x=1, y=2
x != y
=> ne(1, 2) = True

# x=1, y=2
x < y < 0
=> lt(1, 2) = True
=> lt(2, 0) = False

# x=1
x not in [1, 2]
=> contains((1, 2), 1) = False

# x=[1], y=2
x[0] += y
=> getitem([3], 0) = 1
=> iadd(1, 2) = 3
=> setitem([3], 0, 3) = None

# x=[1, 2]
x[1:]
=> slice(1, None) = slice(1, None, None)
=> getitem([1, 2], slice(1, None, None)) = [2]

# x=[1]
del x[0]
=> delitem([], 0) = None

#
print

# x=1
x.real
=> getattr(1, 'real') = 1

# x=[]
x.append(1)
=> [1].append(1) = None

# x=[]
len(x)
=> len([]) = 0

# x={}, y={'a': 1}
dict(x, **y)
=> build_dict() = {'a': 1}
=> {'a': 1}.update({'a': 1}) = None
=> dict({}, a=1) = {'a': 1}

# x=(1, 2)
max(*x)
=> max(1, 2) = 2

# x=(1, 2)
max(*iter(x), 3)
=> iter((1, 2)) = tuple_iterator
=> max(1, 2, 3) = 3

# x=['xyz']
for a, *b in x: pass
=> iter(['xyz']) = list_iterator
=> next(list_iterator) = 'xyz'
=> unpack_ex('xyz', 1, 0) = ['x', ['y', 'z']]
=> getitem(['x', ['y', 'z']], 0) = 'x'
=> getitem(['x', ['y', 'z']], 1) = ['y', 'z']

# x=[]
for a in x: pass
=> iter([]) = list_iterator

# x=[1, 2], o=SimpleNamespace()
for o.a in x: pass
=> iter([1, 2]) = list_iterator
=> next(list_iterator) = 1
=> setattr(namespace(a=2), 'a', 1) = None

# c=1, d=2
a, b = c, d

# x=(1, [2, 3])
[a, (b, c)] = x
=> unpack_sequence((1, [2, 3]), 2) = [1, [2, 3]]
=> getitem([1, [2, 3]], 0) = 1
=> getitem([1, [2, 3]], 1) = [2, 3]
=> unpack_sequence([2, 3], 2) = [2, 3]
=> getitem([2, 3], 0) = 2
=> getitem([2, 3], 1) = 3

# x=1, y=[2], z=3
[x, *y, z]
=> build_list(1) = [1, 2, 3]
=> [1, 2, 3].extend([2]) = None
=> [1, 2, 3].append(3) = None

# x=1, y={'b': 2}
{'a': x, **y, 'c': x}
=> build_tuple('a', 1) = ('a', 1)
=> build_dict(('a', 1)) = {'a': 1, 'b': 2, 'c': 1}
=> {'a': 1, 'b': 2, 'c': 1}.update({'b': 2}) = None
=> setitem({'a': 1, 'b': 2, 'c': 1}, 'c', 1) = None

# x=[1], y='z'
[v for v in x if v for w in y]
=> iter([1]) = list_iterator
=> build_list() = [1]
=> next(list_iterator) = 1
=> iter('z') = str_iterator
=> next(str_iterator) = 'z'
=> [1].append(1) = None
=> <listcomp>(list_iterator) = [1]

# m=Manager()
with m as x: x
=> manager.__enter__() = 5
=> manager.__exit__(None, None, None) = None

# x=1, w=3
f'{x!s:>{w}}'
=> str(1) = '1'
=> format(3, None) = '3'
=> format('1', '>3') = '  1'

# x=[1, 2]
match x:
    case [a, *b]: pass
=> getitem([1, 2], 'a') = 1
=> getitem([1, 2], 'b') = [2]

#
import math
from math import pi

# x={}
try: x[1]
except KeyError: y = 1

# w=1, z=[0]
x = y = z[0] = 1 if w else f()
=> setitem([1], 0, 1) = None

#
def f(n):
    return n and f(n - 1)
f(2)
=> sub(2, 1) = 1
=> f(0) = 0
=> f(2) = 0
"""


@pytest.mark.parametrize("construct", CONSTRUCTS.strip().split("\n\n"))
def test_constructs(construct: str) -> None:
    given, *lines = construct.splitlines()
    text = "\n".join(line for line in lines if not line.startswith("=> "))
    globals_ = eval(f"dict({given.removeprefix('#')})", globals())
    expected = [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
    assert [line.replace("str_ascii_iterator", "str_iterator") for line in shown(text, **globals_)] == expected


def test_identities_and_order() -> None:
    xs = [[1], [2]]
    recorded = record("ys = []\nfor x in xs:\n    ys.append(x)\n", xs=xs)
    assert [call.fn.__name__ for call in recorded] == ["build_list", "iter", "next", "append"]
    assert recorded[1].args[0] is xs
    assert recorded[2].res is xs[0]
    assert recorded[3].args[0] is xs[0]


def test_each_operation_is_recorded_once_whatever_runs_it() -> None:
    text = """
def f(n):
    return n * 2

def g(n):
    if n > 2:
        return f(n)
    return f(n) + 1

results = [g(i) for i in range(4)]
gen = (f(i) for i in range(3))
list(gen)
"""
    names = [call.fn.__name__ for call in record(text)]
    assert names.count("mul") == 1
    assert names.count("add") == 1
    # Three places in the code call f.
    assert names.count("f") == 3
    assert names.count("g") == 1


def test_nothing_of_what_is_elsewhere_is_recorded() -> None:
    elsewhere: dict[str, Any] = {}
    exec("def f(x):\n    return x + 1\n", elsewhere)
    assert shown("f(1)", f=elsewhere["f"]) == ["f(1) = 2"]


def test_what_raised_is_not_recorded_and_the_rest_is() -> None:
    recorded: list[Call] = []
    with pytest.raises(ZeroDivisionError):
        Block("x = 1\ny = -x\ny / 0\n", "<block>").run({}, recorded.append)
    assert [call.fn for call in recorded] == [operator.neg]
    assert shown("for i in (0, 1):\n    try: 1 / i\n    except ZeroDivisionError: pass\n")[2:] == [
        "truediv(1, 1) = 1.0"
    ]


def test_what_with_suppressed() -> None:
    recorded = record("with m: raise KeyError(1)", m=Manager(suppresses=True))
    assert [call.fn.__name__ for call in recorded] == ["__enter__", "KeyError", "__exit__"]
    assert recorded[2].args[0] is KeyError
    assert recorded[2].res is True


def test_nothing_is_added_to_the_globals() -> None:
    globals_: dict[str, Any] = {"xs": [1], "__builtins__": __builtins__}
    text = "for x in xs:\n    with open(p) as f, f: xs[0] += x\n    a, *b = [y for y in xs]\n    o.m += 1 < x < 3\n"
    Block(text, "<block>").run(globals_ | {"p": os.devnull, "o": SimpleNamespace(m=1)}, lambda _: None)
    assert set(globals_) == {"xs", "__builtins__"}
    assert sys.gettrace() is None


class TestFunctions:
    """Functions that a block made have their original code afterwards, and can be pickled while it runs."""

    TEXT = """
import functools
def plain(x):
    def inner(y): return x + y + 1
    return inner
closure = plain(1)
class A:
    def method(self): return [self]
    @property
    def prop(self): return self.method()
    @staticmethod
    def static(x): return -x
cached = functools.lru_cache(plain)
lamb = lambda x, *, y=2: x + y
used = lamb(1)
def generator():
    for x in [1, 2]: yield x + 1
running = generator()
first = next(running)
coroutine = None
async def co(x): return x + 1
"""

    def test_code_is_original_afterwards(self) -> None:
        globals_: dict[str, Any] = {}
        block = Block(self.TEXT, "<block>")
        block.run(globals_, lambda _: None)
        expected: dict[str, Any] = {}
        exec(block.code, expected)
        for get in (
            lambda found: found["plain"],
            lambda found: found["closure"],
            lambda found: found["A"].method,
            lambda found: found["A"].prop.fget,
            lambda found: found["A"].static,
            lambda found: found["cached"].__wrapped__,
            lambda found: found["lamb"],
            lambda found: found["generator"],
            lambda found: found["co"],
        ):
            code: Callable[..., Any] = get
            assert code(globals_).__code__ == code(expected).__code__
        assert globals_["closure"](2) == 4
        assert list(globals_["running"]) == [3]
        # Made after the block by a function of the block.
        assert globals_["plain"](1).__code__ == globals_["closure"].__code__

    def test_also_when_the_block_raised_and_for_what_is_made_later(self) -> None:
        made: list[Any] = []
        globals_: dict[str, Any] = {"made": made}
        text = "def make():\n    yield\n    made.append(lambda x: x + 1)\ng = make()\nnext(g)\ndef f(x): return -x\n"
        text += "1 / 0\n"
        with pytest.raises(ZeroDivisionError):
            Block(text, "<block>").run(globals_, lambda _: None)
        list(globals_["g"])
        assert made[0](1) == 2
        assert made[0].__code__.co_consts == (None, 1)
        assert globals_["f"].__code__.co_consts == (None,)

    def test_functions_are_done_once_everything_in_them_was_recorded(self) -> None:
        codes: list[Any] = []
        text = "def f(x): return x + 1\nnote(f)\nf(1)\nnote(f)\n"
        Block(text, "<block>").run({"note": lambda f: codes.append(f.__code__)}, lambda _: None)
        assert codes[0] != codes[1]
        assert codes[1].co_consts == (None, 1)

    def test_cloudpickle_during_and_after(self) -> None:
        dumped: list[bytes] = []
        text = (
            "def f(xs):\n    t = 0\n    for x, y in xs:\n        with m(1) as z: t += x * y + z\n"
            "    return t, [*xs], f'{t}'\n"
            "g = lambda x: f([(x, 2)])\ndump(g)\nr = g(3)\ndump(g)\n"
        )
        globals_: dict[str, Any] = {
            "__name__": "__main__",
            "dump": lambda function: dumped.append(cloudpickle.dumps(function)),
            "m": contextlib.nullcontext,
        }
        Block(text, "<block>").run(globals_, lambda _: None)
        dumped.append(cloudpickle.dumps(globals_["g"]))
        for data in dumped:
            assert pickle.loads(data)(3) == globals_["r"]
        script = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read())(3))"
        ended = subprocess.run([sys.executable, "-c", script], input=dumped[0], capture_output=True, check=False)
        assert ended.stdout.decode().strip() == repr(globals_["r"]), ended.stderr.decode()


def test_threads_record_once_and_disturb_nothing() -> None:
    text = (
        "def work(n):\n    t = []\n    for i in range(n):\n        t += [i * n]\n        o[n] = t[-1]\n    return t\n"
    )
    recorded: list[Call] = []
    globals_: dict[str, Any] = {"o": {}, "results": {}, "threading": threading}
    text += (
        "threads = [threading.Thread(target=lambda n=n: results.__setitem__(n, work(n))) for n in range(20)]\n"
        "for t in threads: t.start()\nfor t in threads: t.join()\n"
    )
    Block(text, "<block>").run(globals_, recorded.append)
    assert globals_["results"] == {n: [i * n for i in range(n)] for n in range(20)}
    names = [call.fn.__name__ for call in recorded]
    assert names.count("imul") == 0
    assert [names.count(name) for name in ("mul", "iadd", "setitem", "work")] == [1, 1, 1, 1]


def test_objects_live_as_long_as_the_calls() -> None:
    import weakref

    class Thing:
        pass

    references: list[weakref.ref[Thing]] = []

    def make() -> Thing:
        thing = Thing()
        references.append(weakref.ref(thing))
        return thing

    recorded = record("make()", make=make)
    assert references[0]() is recorded[0].res
    recorded.clear()
    assert references[0]() is None


def test_the_builders_do_what_they_stand_for() -> None:
    assert calls.build_list(1, 2) == [1, 2]
    assert calls.build_tuple(1, 2) == (1, 2)
    assert calls.build_set(1, 1) == {1}
    assert calls.build_dict((1, 2), (1, 3)) == {1: 3}
    assert calls.unpack_sequence("ab", 2) == ["a", "b"]
    assert calls.unpack_ex("abcd", 1, 1) == ["a", ["b", "c"], "d"]
    with pytest.raises(ValueError, match="expected 3 values, got 2"):
        calls.unpack_sequence("ab", 3)
    with pytest.raises(ValueError, match="at least 3"):
        calls.unpack_ex("ab", 2, 1)
