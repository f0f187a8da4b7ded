"""CPython's own tests, instrumented: what passes as it is passes recorded, but for what is explained here."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

AT_LENGTH = os.environ.get("LINEAGE_GRAPH_TRACING") == "long"

MODULES = ["test_with", "test_scope", "test_super"]
_MORE_MODULES = """
test_generators test_dict test_list test_set test_exceptions test_unpack_ex test_augassign test_listcomps
test_contextlib test_coroutines test_decorators test_dictcomps test_setcomps test_genexps test_grammar test_patma
test_fstring test_named_expressions test_class test_descr test_property test_functools test_itertools test_iter
test_enumerate test_yield_from test_extcall test_keywordonlyarg test_raise test_traceback test_dataclasses test_enum
test_collections test_tuple test_slice test_bool test_compare test_richcmp test_int test_float test_index test_operator
test_binop test_call test_global test_asyncgen test_contextlib_async test_builtin test_userdict test_userlist test_copy
test_funcattrs test_positional_only_arg test_metaclass test_exception_group test_except_star test_exception_variations
test_string test_bisect test_heapq test_statistics test_textwrap test_typing test_threading_local test_queue
"""

# Objects that a recorded operation was given live until the block ends, and so does what they refer to: these tests
# count references, or wait for something to be freed.
_LIFETIMES = """
test_asyncgen.AsyncGenAsyncioTest.test_async_gen_asyncio_gc_aclose_09
test_asyncgen.AsyncGenAsyncioTest.test_async_gen_asyncio_shutdown_exception_02
test_class.ClassTests.testDel
test_contextlib.ContextManagerTestCase.test_nokeepref
test_copy.TestCopy.test_copy_weakkeydict
test_copy.TestCopy.test_copy_weakvaluedict
test_copy.TestCopy.test_deepcopy_weakkeydict
test_copy.TestCopy.test_deepcopy_weakvaluedict
test_coroutines.CoroutineTest.test_bpo_45813_1
test_coroutines.CoroutineTest.test_fatal_coro_warning
test_coroutines.CoroutineTest.test_for_2
test_coroutines.CoroutineTest.test_for_3
test_coroutines.CoroutineTest.test_for_4
test_coroutines.CoroutineTest.test_for_6
test_coroutines.CoroutineTest.test_func_9
test_coroutines.OriginTrackingTest.test_origin_tracking_warning
test_coroutines.OriginTrackingTest.test_unawaited_warning_when_module_broken
test_descr.ClassPropertiesAndMethods.test_cycle_through_dict
test_descr.ClassPropertiesAndMethods.test_delete_hook
test_descr.ClassPropertiesAndMethods.test_remove_subclass
test_descr.ClassPropertiesAndMethods.test_slots
test_descr.ClassPropertiesAndMethods.test_subtype_resurrection
test_descr.ClassPropertiesAndMethods.test_weakrefs
test_dict.DictTest.test_container_iterator
test_dict.DictTest.test_free_after_iterating
test_enum.TestSpecial.test_missing_exceptions_reset
test_enumerate.TestReversed.test_bug1229429
test_exceptions.ExceptionTests.testExceptionCleanupState
test_exceptions.ExceptionTests.test_3114
test_exceptions.ExceptionTests.test_generator_close_cleanup_exc_state
test_exceptions.ExceptionTests.test_generator_throw_cleanup_exc_state
test_exceptions.ExceptionTests.test_memory_error_cleanup
test_exceptions.ExceptionTests.test_recursion_error_cleanup
test_exceptions.ExceptionTests.test_unraisable
test_functools.TestLRUC.test_lru_cache_weakrefable
test_functools.TestPartialC.test_weakref
test_generators.FinalizationTest.test_frame_resurrect
test_generators.FinalizationTest.test_refcycle
test_generators.GeneratorCloseTest.test_close_releases_frame_locals
test_iter.TestCase.test_ref_counting_behavior
test_itertools.TestBasicOps.test_islice
test_itertools.TestBasicOps.test_tee
test_queue.CSimpleQueueTest.test_references
test_raise.TestContext.test_3611
test_scope.ScopeTests.testCellLeak
test_scope.ScopeTests.testLeaks
test_set.TestFrozenSet.test_container_iterator
test_set.TestSet.test_weakref
test_slice.SliceTest.test_cycle
test_threading_local.PyThreadingLocalTest.test_cycle_collection
test_threading_local.PyThreadingLocalTest.test_local_refs
test_traceback.TestTracebackException.test_no_refs_to_exception_and_traceback_objects
"""
# The first time, an operation needs one frame more than its own: these tests leave ten.
RECURSION = ["test_exceptions.ExceptionTests.test_recursion_in_except_handler"]
# A trace function that is set meanwhile is called for the recorder's own functions too.
TRACE_FUNCTIONS = [
    f"test_patma.TestTracing.test_{name}"
    for name in ("default_capture", "default_wildcard", "no_default", "only_default_capture", "only_default_wildcard")
]
EXPLAINED = {*_LIFETIMES.split(), *RECURSION, *TRACE_FUNCTIONS}

if importlib.util.find_spec("test.test_with") is None:
    pytest.skip("this interpreter comes without CPython's tests", allow_module_level=True)


@pytest.mark.parametrize("modules", [MODULES, *([name] for name in _MORE_MODULES.split() if AT_LENGTH)], ids=" ".join)
def test_what_passes_as_it_is_passes_recorded(modules: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    there = [name for name in modules if importlib.util.find_spec(f"test.{name}")]
    if not there:
        pytest.skip("not on this Python")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.tracing.cpython", *there], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    differ: dict[str, str] = {}
    for name, found in json.loads(ended.stdout).items():
        differ |= {f"{name}.{test}": why for test, why in found["differ"].items()}
        if AT_LENGTH:
            with capsys.disabled():
                print(f"\n{name}: {found['passed']} pass, {len(found['differ'])} of them not when recorded")
    assert {test: why for test, why in differ.items() if test not in EXPLAINED} == {}
