"""Runs test modules of CPython's own as they are and instrumented, and prints what passes only as it is.

    python -m tests.tracing.cpython test_with test_scope ...

They come with the interpreter, where its packager left them in.
"""

from __future__ import annotations

import importlib.util
import io
import json
import sys
import types
import unittest
import warnings
from pathlib import Path

from lineage_graph.tracing import Block


def outcomes(name: str, is_recorded: bool) -> dict[str, str]:
    """The outcome of each test of a module, by its name. While the tests run, the module's block does."""
    full_name = f"test.{name}"
    spec = importlib.util.find_spec(full_name)
    assert spec is not None
    assert spec.origin is not None
    module = types.ModuleType(full_name)
    module.__dict__.update(__spec__=spec, __file__=spec.origin, __package__="test", __loader__=spec.loader)
    sys.modules[full_name] = module
    block = Block(Path(spec.origin).read_text(encoding="utf-8"), spec.origin)
    recording = block.record()
    exec(recording.code if is_recorded else block.code, module.__dict__)
    if any("cannot be instrumented" in reason for reason in recording.unsupported):
        raise SystemExit(f"{name}: {recording.unsupported}")
    found: dict[str, str] = {}

    class Result(unittest.TestResult):
        def addSuccess(self, test: unittest.TestCase) -> None:
            found.setdefault(test.id(), "passed")

        def addError(self, test: unittest.TestCase, err: object) -> None:
            super().addError(test, err)  # type: ignore[arg-type]
            found[test.id()] = self.errors[-1][1]

        def addFailure(self, test: unittest.TestCase, err: object) -> None:
            super().addFailure(test, err)  # type: ignore[arg-type]
            found[test.id()] = self.failures[-1][1]

        def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: object) -> None:
            super().addSubTest(test, subtest, err)  # type: ignore[arg-type]
            if err is not None:
                found[test.id()] = [*self.failures, *self.errors][-1][1]

    try:
        unittest.defaultTestLoader.loadTestsFromModule(module).run(Result())
    finally:
        recording.finish()
    return found


def compared(name: str) -> dict[str, object]:
    """How many tests pass as they are, and the last line of what each says that passes only so."""
    plain = outcomes(name, False)
    recorded = outcomes(name, True)
    passed = [test for test, outcome in plain.items() if outcome == "passed"]
    differ = {
        test.removeprefix(f"test.{name}."): recorded.get(test, "missing").strip().splitlines()[-1]
        for test in passed
        if recorded.get(test) != "passed"
    }
    return {"passed": len(passed), "differ": differ}


if __name__ == "__main__":
    printed, sys.stdout, sys.stderr = sys.stdout, io.StringIO(), io.StringIO()
    warnings.simplefilter("ignore")
    json.dump({name: compared(name) for name in sys.argv[1:]}, printed)
