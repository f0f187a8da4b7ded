"""A corrected slice runs by itself and gives the value that the whole program gives, whichever branch is taken."""

from __future__ import annotations

from typing import Any

import pytest

from lineage_graph.lineage.corrections import correct

# Of each program: its code, and the lines that LineaPy's slice of `result` has.
PROGRAMS = {
    "what a branch that did not run reads": ("""\
import random
start = 3
unused = 4
result = None
if flag:
    result = 1
else:
    result = start
""", {5, 6, 8}),
    "a change inside a branch": ("""\
class Model:
    def fit(self, x):
        self.x = x
xs = [1]
ys = [2]
model = Model()
if flag:
    model.fit(xs)
else:
    model.fit(ys)
result = model.x
""", {1, 2, 3, 6, 11}),
    "a change inside a loop, by a function": ("""\
rows = []
factor = 2
def add(x):
    rows.append(x * factor)
for i in range(3):
    if flag:
        add(i)
    else:
        add(-i)
result = sum(rows)
""", {1, 10}),
    "an elif and a nested branch": ("""\
a, b, c = 1, 2, 3
d = 4
result = 0
if not flag and a > 1:
    result = b
elif flag:
    if d > c:
        result = c
else:
    result = d
""", {4, 5, 6, 7, 8, 10}),
    "an empty branch": ("""\
values = [3]
if values.pop() > 5 or flag:
    print(values)
else:
    print("none")
result = values
""", {1, 2, 6}),
    "names of comprehensions, lambdas and exceptions": ("""\
table = {"a": 1}
scale = 10
pick = lambda key: table[key] * scale
try:
    other = [pick(key) for key in table]
except KeyError as error:
    other = [error]
if flag:
    result = other
else:
    result = [scale for _ in other]
""", {8, 9, 11}),
}  # fmt: skip


def sliced(code: str, lines: set[int]) -> str:
    """The corrected slice of a program, put together."""
    correction = correct([(code, lines)])
    kept = lines | {addition.line for addition in correction.additions}
    text = []
    for number, line in enumerate(code.split("\n"), 1):
        if number in kept:
            text.append(line)
            if number in correction.empty[0]:
                text.append(" " * (len(line) - len(line.lstrip()) + 1) + "pass")
    return "\n".join(text)


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_corrected_slice_gives_the_value_of_the_whole(name: str, flag: bool) -> None:
    code, lines = PROGRAMS[name]
    whole: dict[str, Any] = {"flag": flag}
    exec(code, whole)
    alone: dict[str, Any] = {"flag": flag}
    exec(sliced(code, set(lines)), alone)
    assert alone["result"] == whole["result"]


def test_what_is_not_needed_stays_out() -> None:
    code, lines = PROGRAMS["what a branch that did not run reads"]
    added = {addition.line: addition.reason for addition in correct([(code, set(lines))]).additions}
    assert set(added) == {2, 7}
    assert added[2] == "it binds 'start', which line 8 reads"


def test_cells_are_one_program_and_what_is_no_python_is_left() -> None:
    cells = [("%matplotlib inline\n", set()), ("x = 1\ny = 2\n", set()), ("z = x\n", {1})]
    correction = correct(cells)
    assert [(addition.source, addition.line) for addition in correction.additions] == [(1, 1)]
