"""What instrumented code calls while it runs: a site for each operation, and a guard for each repeated part.

The objects of this module are constants of the instrumented code, so that no name is added anywhere. Operands and
results pass through a site's methods unchanged; the operation itself is the user's, in the user's frame. No method
here calls the user's code: what has to be called in another way than the user wrote it (``iter``, an in-place
operator) is a function of C, which `C_FUNCTIONS` holds and which the user's frame calls directly.

Methods that only record pass over an error of recursion: it is the user's operation that has to raise it.

What an operation was given until now is kept by site and by frame, so that recursion, generators, threads and
operations that raise cannot be mistaken for each other.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from sys import _getframe
from types import CodeType, FunctionType, MethodDescriptorType, TracebackType, WrapperDescriptorType
from typing import Any

from lineage_graph.tracing import calls
from lineage_graph.tracing.calls import Call

_UNKNOWN = object()
_METHODS = (FunctionType, MethodDescriptorType, WrapperDescriptorType, classmethod, staticmethod)

# Iterating over these has no effect and gives the elements themselves, so that the first one can be looked at.
_CONTAINERS: tuple[Any, ...] = (
    list,
    tuple,
    range,
    dict,
    set,
    str,
    type({}.keys()),
    type({}.values()),
    frozenset,
    bytes,
    bytearray,
)

# Types are asked past their metaclasses, which may answer otherwise, or do something.
_bases_of = type.__dict__["__mro__"].__get__
_namespace_of = type.__dict__["__dict__"].__get__


class Recorder:
    """Collects what one run of one block does."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.sites: list[Site] = []
        self.guards: list[Guard] = []
        self.functions: list[MadeFunction] = []
        # Constructs of the block that were not recorded as they ran.
        self.unsupported: set[str] = set()
        self.finished = False

    def finish(self) -> list[Call]:
        """Make all sites idle, give functions their original code back, and hand out what was recorded."""
        self.finished = True
        for site in self.sites:
            site.todo.clear()
            site.forget()
        for guard in self.guards:
            guard.on = False
        for function in self.functions:
            function.restore()
        recorded = [call for call in self.calls if call.res is not _UNKNOWN]
        self.calls = []
        return recorded


class _Constant:
    """Something that stands in the constants of instrumented code.

    Code that is pickled while its block runs takes idle ones along.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _idle, (type(self),)


def _idle(kind: Any) -> Any:
    return kind.idle()


class Guard(_Constant):
    """Whether a part of the code still has operations to record; if not, the original part runs in its place."""

    __slots__ = ("left", "on", "when_off")

    def __init__(self) -> None:
        self.left = 0
        self.on = True
        self.when_off: Callable[[], None] | None = None

    @classmethod
    def idle(cls) -> Guard:
        guard = cls()
        guard.on = False
        return guard

    def recorded(self) -> None:
        self.left -= 1
        if not self.left:
            self.on = False
            if self.when_off is not None:
                self.when_off()


class Site(_Constant):
    """A place in the code where something is recorded, once."""

    __slots__ = ("guards", "pending", "recorder", "todo")

    def __init__(self, recorder: Recorder, guards: Iterable[Guard]) -> None:
        self.recorder = recorder
        self.guards = tuple(guards)
        self.pending: dict[int, Any] = {}
        # A list, because taking from it is atomic: of two threads one records.
        self.todo = [True]
        recorder.sites.append(self)
        for guard in self.guards:
            guard.left += 1

    @classmethod
    def idle(cls) -> Any:
        site = cls.__new__(cls)
        site._prepare_idle()
        return site

    def _prepare_idle(self) -> None:
        self.recorder = Recorder()
        self.guards = ()
        self.pending = {}
        self.todo = []

    def forget(self) -> None:
        self.pending.clear()

    def complete(self) -> bool:
        """Whether it is this execution that is recorded."""
        try:
            self.todo.pop()
        except IndexError:
            return False
        for guard in self.guards:
            guard.recorded()
        self.pending.clear()
        return True

    def record(self, fn: Any, args: list[Any], kwargs: dict[str, Any] | None = None, res: Any = None) -> Call:
        call = Call(fn, args, {} if kwargs is None else kwargs, res)
        self.recorder.calls.append(call)
        return call

    def first(self, value: Any) -> Any:
        """Pass the first operand."""
        try:
            if self.todo:
                self.pending[id(_getframe(1))] = [value]
        except RecursionError:
            pass
        return value

    def more(self, value: Any) -> Any:
        """Pass a further operand."""
        try:
            if self.todo:
                values = self.pending.get(id(_getframe(1)))
                if values is not None:
                    values.append(value)
        except RecursionError:
            pass
        return value

    def passed(self, value: Any) -> Any:
        """Pass a value, and do nothing."""
        return value


class Operation(Site):
    """An operator, an attribute, a subscript, a slice, a conversion: a function of its operands."""

    __slots__ = ("arrange", "fn")

    def __init__(
        self,
        recorder: Recorder,
        guards: Iterable[Guard],
        fn: Any,
        arrange: Callable[[list[Any]], list[Any]] | None = None,
    ) -> None:
        super().__init__(recorder, guards)
        self.fn = fn
        self.arrange = arrange

    def _prepare_idle(self) -> None:
        super()._prepare_idle()
        self.fn = self.arrange = None

    def _record(self, values: list[Any] | None, result: Any) -> None:
        if values is not None and self.complete():
            self.record(self.fn, self.arrange(values) if self.arrange else values, None, result)

    def last(self, value: Any) -> Any:
        """Pass the last operand of what is recorded before it happens."""
        try:
            if self.todo:
                self._record([*self.pending.pop(id(_getframe(1)), ()), value], None)
        except RecursionError:
            pass
        return value

    def done(self, result: Any) -> Any:
        """Pass the result."""
        try:
            if self.todo:
                self._record(self.pending.pop(id(_getframe(1)), None), result)
        except RecursionError:
            pass
        return result


class Display(Site):
    """``[a, *b]``, ``(a, b)``, ``{a, b}``, ``{a: b, **c}``."""

    __slots__ = ("starred",)

    def __init__(self, recorder: Recorder, guards: Iterable[Guard], starred: tuple[bool, ...] | None) -> None:
        # Which of the operands have stars; None when there are no operands to pass and the result says all.
        super().__init__(recorder, guards)
        self.starred = starred

    def _prepare_idle(self) -> None:
        super()._prepare_idle()
        self.starred = None

    def done(self, result: Any) -> Any:
        """Pass the result."""
        try:
            if self.todo:
                values = self.pending.pop(id(_getframe(1)), None)
                if self.starred is None:
                    values = list(result.items()) if type(result) is dict else list(result)
                if values is not None and self.complete():
                    self._record(values, result)
        except RecursionError:
            pass
        return result

    def _record(self, values: list[Any], result: Any) -> None:
        starred = self.starred or (False,) * len(values)
        if type(result) is dict:
            self._record_dict(values, result)
            return
        plain = starred.index(True) if True in starred else len(values)
        if type(result) is tuple:
            if plain == len(values):
                self.record(calls.build_tuple, values, None, result)
                return
            target: Any = list(result)
        else:
            target = result
        is_set = type(target) is set
        self.record(calls.build_set if is_set else calls.build_list, values[:plain], None, target)
        for value, star in zip(values[plain:], starred[plain:], strict=True):
            if is_set:
                self.record(target.update if star else target.add, [value])
            else:
                self.record(target.extend if star else target.append, [value])
        if target is not result:
            self.record(tuple, [target], None, result)

    def _record_dict(self, values: list[Any], result: dict[Any, Any]) -> None:
        if self.starred is None:
            items: list[tuple[Any, ...]] = values
        else:
            remaining = iter(values)
            items = [(next(remaining),) if star else (next(remaining), next(remaining)) for star in self.starred]
        pairs: list[tuple[Any, ...]] = []
        for item in items:
            if len(item) == 1:
                break
            pairs.append(item)
            self.record(calls.build_tuple, list(item), None, item)
        self.record(calls.build_dict, list(pairs), None, result)
        for item in items[len(pairs) :]:
            if len(item) == 1:
                self.record(result.update, [item[0]])
            else:
                self.record(operator.setitem, [result, *item])


class CallSite(Site):
    """A call, or what a decorator is called with."""

    __slots__ = ("held",)

    def __init__(self, recorder: Recorder, guards: Iterable[Guard]) -> None:
        super().__init__(recorder, guards)
        self.held = Register()

    def _prepare_idle(self) -> None:
        super()._prepare_idle()
        self.held = Register()

    def first(self, fn: Any) -> Any:
        """Pass the function."""
        try:
            if self.todo:
                self.pending[id(_getframe(1))] = (fn, [], {}, [])
        except RecursionError:
            pass
        return fn

    def more(self, value: Any) -> Any:
        """Pass a positional argument."""
        try:
            if self.todo:
                pending = self.pending.get(id(_getframe(1)))
                if pending is not None:
                    pending[1].append(value)
        except RecursionError:
            pass
        return value

    def key(self, name: str, value: Any) -> Any:
        """Pass a keyword argument."""
        try:
            if self.todo:
                pending = self.pending.get(id(_getframe(1)))
                if pending is not None:
                    pending[2][name] = value
        except RecursionError:
            pass
        return value

    def is_iterable(self, value: Any) -> bool:
        """Hold what stands behind a star; whether it has to be made a tuple to be looked at."""
        self.held.put(id(_getframe(1)), value)
        return bool(self.todo) and not _is_sequence(value) and _is_iterable(value)

    def star(self, values: Any) -> Any:
        """Pass what stands behind a star."""
        if self.todo and _is_sequence(values):
            pending = self.pending.get(id(_getframe(1)))
            if pending is not None:
                pending[1].extend(values)
        return values

    def lone_star(self, value: Any) -> Any:
        """Pass the one positional argument, which has a star: Python iterates over it when all else is evaluated."""
        if not self.todo or not _is_iterable(value):
            return value
        pending = self.pending.get(id(_getframe(1)))
        if pending is None:
            return value
        return chain.from_iterable(map(_Spread(pending[1]), map(tuple, (value,))))

    def is_mapping(self, value: Any) -> bool:
        """Hold what stands behind two stars; whether it has to be made a dict to be looked at."""
        self.held.put(id(_getframe(1)), value)
        return bool(self.todo) and type(value) is not dict and _lookup(value, "keys") is not _UNKNOWN

    def mapping(self, values: Any) -> Any:
        """Pass what stands behind two stars."""
        if self.todo and type(values) is dict:
            pending = self.pending.get(id(_getframe(1)))
            if pending is not None:
                pending[2].update(values)
                pending[3].append(values)
        return values

    def again(self) -> Any:
        """The held value."""
        return self.held.take(id(_getframe(1)))

    def done(self, result: Any) -> Any:
        """Pass the result."""
        try:
            if self.todo:
                pending = self.pending.pop(id(_getframe(1)), None)
                if pending is not None and self.complete():
                    fn, args, kwargs, mappings = pending
                    if mappings:
                        merged: dict[str, Any] = dict(kwargs)
                        self.record(calls.build_dict, [], None, merged)
                        for mapping in mappings:
                            self.record(merged.update, [mapping])
                    self.record(fn, args, kwargs, result)
        except RecursionError:
            pass
        return result


class _Spread:
    """Sees what a star was spread to."""

    __slots__ = ("arguments",)

    def __init__(self, arguments: list[Any]) -> None:
        self.arguments = arguments

    def __call__(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        self.arguments.extend(items)
        return items


class Register(_Constant):
    """Hands a value from one place of a frame to a later one."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: dict[int, Any] = {}

    @classmethod
    def idle(cls) -> Register:
        return cls()

    def put(self, frame: int, value: Any) -> None:
        self.values[frame] = value

    def take(self, frame: int) -> Any:
        return self.values.pop(frame)

    def hold(self, value: Any) -> Any:
        self.values[id(_getframe(1))] = value
        return value

    def held(self) -> Any:
        """The held value, which is then released."""
        return self.values.pop(id(_getframe(1)))

    def kept(self) -> Any:
        """The held value, which stays held."""
        return self.values[id(_getframe(1))]

    # To stand where a variable is assigned.
    value = property(None, lambda self, value: self.values.__setitem__(id(_getframe(1)), value))


class Shape:
    """What a target unpacks: how many before a star, how many after (None without a star), and the nested ones."""

    __slots__ = ("after", "before", "nested")

    def __init__(self, before: int, after: int | None, nested: dict[int, Shape]) -> None:
        self.before = before
        self.after = after
        self.nested = nested

    @property
    def limit(self) -> int:
        """How many elements Python takes one by one: one too many included, if there is no star."""
        return self.before + 1 if self.after is None else self.before

    def record(self, site: Site, value: Any, items: list[Any] | tuple[Any, ...]) -> None:
        """Record that a value was unpacked to items, if there are as many as there have to be."""
        if self.after is None:
            if len(items) != self.before:
                return
            unpacked = list(items)
            site.record(calls.unpack_sequence, [value, self.before], None, unpacked)
        else:
            end = len(items) - self.after
            if end < self.before:
                return
            unpacked = [*items[: self.before], list(items[self.before : end]), *items[end:]]
            site.record(calls.unpack_ex, [value, self.before, self.after], None, unpacked)
        for index, item in enumerate(unpacked):
            site.record(operator.getitem, [unpacked, index], None, item)
            if (nested := self.nested.get(index)) and _is_sequence(item):
                nested.record(site, item, item)


class Unpacking(Site):
    """``a, b = value``."""

    __slots__ = ("held", "shape")

    def __init__(self, recorder: Recorder, guards: Iterable[Guard], shape: Shape) -> None:
        super().__init__(recorder, guards)
        self.shape = shape
        self.held = Register()

    def _prepare_idle(self) -> None:
        super()._prepare_idle()
        self.shape = Shape(0, 0, {})
        self.held = Register()

    def is_iterable(self, value: Any) -> bool:
        """Hold the value; whether it has to be made a tuple to be looked at."""
        frame = id(_getframe(1))
        self.held.put(frame, value)
        if not self.todo:
            return False
        self.pending[frame] = value
        return not _is_sequence(value) and _is_iterable(value)

    def again(self) -> Any:
        """The held value."""
        return self.held.take(id(_getframe(1)))

    def once(self, iterator: Any) -> Any:
        """Keep an iterator from being asked for an iterator again."""
        if self.shape.after is not None:
            self.held.put(id(_getframe(1)), iterator)
        return _Iterated(iterator)

    def head(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        """Pass what stands before the star."""
        if len(items) < self.shape.before:
            self.held.take(id(_getframe(1)))
        return items

    def is_open(self) -> bool:
        """Whether there can be elements for the star."""
        return id(_getframe(1)) in self.held.values

    def rest(self) -> Any:
        """The iterator of what follows."""
        return self.held.take(id(_getframe(1)))

    def done(self, items: Any) -> Any:
        """Pass what is unpacked."""
        if self.todo:
            value = self.pending.pop(id(_getframe(1)), _UNKNOWN)
            if value is not _UNKNOWN and _is_sequence(items) and self.complete():
                self.shape.record(self, value, items)
        return items


class _Iterated:
    """Gives an iterator that was asked for already."""

    __slots__ = ("iterator",)

    def __init__(self, iterator: Any) -> None:
        self.iterator = iterator

    def __iter__(self) -> Any:
        return self.iterator


class Loop(Site):
    """The iterable of a loop: ``iter``, and ``next`` for the first element."""

    __slots__ = ("comprehension", "is_lazy", "item", "shape")

    def __init__(
        self,
        recorder: Recorder,
        guards: Iterable[Guard],
        shape: Shape | None,
        comprehension: Comprehension | None = None,
        is_lazy: bool = False,
    ) -> None:
        guards = tuple(guards)
        super().__init__(recorder, guards)
        self.item = Site(recorder, guards)
        self.shape = shape
        self.comprehension = comprehension
        self.is_lazy = is_lazy

    def _prepare_idle(self) -> None:
        super()._prepare_idle()
        self.item = Site.idle()
        self.shape = self.comprehension = None
        self.is_lazy = False

    def first(self, value: Any) -> Any:
        """Pass the iterable."""
        try:
            if self.todo or self.item.todo:
                self.pending[id(_getframe(1))] = value
        except RecursionError:
            pass
        return value

    def loop(self, iterator: Any) -> Any:
        """Pass its iterator: as what the loop runs over, which shows the first element to the site."""
        frame = id(_getframe(1))
        iterable = self.pending.pop(frame, _UNKNOWN)
        if self.complete() and iterable is not _UNKNOWN:
            self.record(iter, [iterable], None, iterator)
        if self.comprehension is not None:
            self.comprehension.begin(frame, iterator)
        if not self.item.todo:
            return _Iterated(iterator)
        if not self.is_lazy and _is_container(iterable):
            for item in iterable:
                if self.shape and not _is_sequence(item) and _is_iterable(item):
                    break
                self.see(iterator, item)
                return _Iterated(iterator)
            else:
                return _Iterated(iterator)
        seen = _FirstItem(self, iterator)
        return chain(chain.from_iterable(map(seen, islice(_Iterated(iterator), 1))), seen)

    def see(self, iterator: Any, item: Any) -> Iterable[Any]:
        """Record the first element, and give what takes its place: an iterable of it alone."""
        if not self.item.complete():
            return (item,)
        self.record(next, [iterator], None, item)
        if self.shape is None:
            return (item,)
        if _is_sequence(item):
            self.shape.record(self, item, item)
            return (item,)
        if not _is_iterable(item):
            return (item,)
        # Functions of C all the way, so that the user's iterator is called from the user's frame.
        elements = map(_Elements(self.shape), map(iter, (item,)))
        return map(_Unpacked(self, item), map(tuple, elements))


class _FirstItem:
    """Sees the first element of a loop; as an iterable, it gives the others."""

    __slots__ = ("iterator", "seen", "site")

    def __init__(self, site: Loop, iterator: Any) -> None:
        self.site = site
        self.iterator = iterator
        self.seen = False

    def __call__(self, item: Any) -> Iterable[Any]:
        self.seen = True
        return self.site.see(self.iterator, item)

    def __iter__(self) -> Iterator[Any]:
        rest: Iterator[Any] = self.iterator if self.seen else iter(())
        return rest


class _Elements:
    """What Python takes of an iterator to unpack it: those before a star one by one, then the others."""

    __slots__ = ("iterator", "shape", "taken")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.iterator: Any = None
        self.taken = 0

    def __call__(self, iterator: Any) -> Iterable[Any]:
        self.iterator = iterator
        taken = islice(_Iterated(iterator), self.shape.limit)
        return (
            taken
            if self.shape.after is None
            else chain(map(self.take, taken), chain.from_iterable(map(self.rest, (None,))))
        )

    def take(self, item: Any) -> Any:
        self.taken += 1
        return item

    def rest(self, _: None) -> Any:
        return self.iterator if self.taken == self.shape.before else ()


class _Unpacked:
    """Sees what the first element of a loop is unpacked to."""

    __slots__ = ("site", "value")

    def __init__(self, site: Loop, value: Any) -> None:
        self.site = site
        self.value = value

    def __call__(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.site.shape is not None:
            self.site.shape.record(self.site, self.value, items)
        return items


_BUILDERS: dict[Any, Any] = {
    calls.listcomp: calls.build_list,
    calls.setcomp: calls.build_set,
    calls.dictcomp: calls.build_dict,
}


class Comprehension(Site):
    """A comprehension or a generator expression."""

    __slots__ = ("kind",)

    def __init__(self, recorder: Recorder, guards: Iterable[Guard], kind: Any) -> None:
        super().__init__(recorder, guards)
        self.kind = kind

    def _prepare_idle(self) -> None:
        super()._prepare_idle()
        self.kind = None

    def begin(self, frame: int, iterator: Any) -> None:
        """Its first loop begins."""
        if not self.todo:
            return
        # The built object is known only at the end, and is left out of the record if the end is never reached.
        builder = _BUILDERS.get(self.kind)
        built = None if builder is None else self.record(builder, [], None, _UNKNOWN)
        self.pending[frame] = (built, iterator)

    def done(self, result: Any) -> Any:
        """Pass the result."""
        if self.todo:
            begun = self.pending.pop(id(_getframe(1)), None)
            if begun is not None and self.complete():
                built, iterator = begun
                if built is not None:
                    built.res = result
                    self._record_first(result)
                self.record(self.kind, [iterator], None, result)
        return result

    def _record_first(self, result: Any) -> None:
        # Nothing is looked up by a key, which would be asked for its hash.
        for item in result.items() if self.kind is calls.dictcomp else result:
            if self.kind is calls.listcomp:
                self.record(result.append, [item])
            elif self.kind is calls.setcomp:
                self.record(result.add, [item])
            else:
                self.record(operator.setitem, [result, *item])
            return


class With(Site):
    """An item of a with statement: ``__enter__``, and ``__exit__``.

    The item is followed by one of ours, which hands on what was entered, and sees first how the block ends.
    """

    __slots__ = ("entry", "exits", "leave", "method_names", "register")

    def __init__(self, recorder: Recorder, guards: Iterable[Guard], is_async: bool) -> None:
        guards = tuple(guards)
        super().__init__(recorder, guards)
        self.leave = Site(recorder, guards)
        self.register = Register()
        self.exits: dict[int, Call] = {}
        self.method_names = ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__")

    def _prepare_idle(self) -> None:
        super()._prepare_idle()
        self.leave = Site.idle()
        self.register = Register()
        self.exits = {}
        self.method_names = ("__enter__", "__exit__")

    def forget(self) -> None:
        super().forget()
        self.exits.clear()

    def complete(self) -> bool:
        # What other frames entered is still needed, for their exits.
        pending = dict(self.pending)
        is_first = super().complete()
        self.pending.update(pending)
        return is_first

    def first(self, manager: Any) -> Any:
        """Pass the context manager."""
        if self.todo or self.leave.todo:
            self.pending[id(_getframe(1))] = manager
        return manager

    # Where what was entered is assigned to.
    entered = property(None, lambda self, value: self.register.put(id(_getframe(1)), value))

    def inner(self) -> _Entered:
        """The item of ours."""
        frame = id(_getframe(1))
        manager = self.pending.pop(frame, _UNKNOWN)
        value = self.register.take(frame)
        if manager is not _UNKNOWN and self.todo and self.complete():
            self.record(_special_method(manager, self.method_names[0]), [], None, value)
        return _Entered(self, frame, manager, value)

    def exit(self, frame: int, manager: Any, error: tuple[Any, Any, Any]) -> None:
        if manager is not _UNKNOWN and self.leave.complete():
            call = self.record(_special_method(manager, self.method_names[1]), list(error))
            if error[0] is not None:
                self.exits[frame] = call

    def after(self) -> None:
        """The block was left as if nothing had been raised."""
        if self.exits and (call := self.exits.pop(id(_getframe(1)), None)):
            call.res = True


class _Entered:
    __slots__ = ("frame", "manager", "site", "value")

    def __init__(self, site: With, frame: int, manager: Any, value: Any) -> None:
        self.site = site
        self.frame = frame
        self.manager = manager
        self.value = value

    def __enter__(self) -> Any:
        value, self.value = self.value, None
        return value

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.site.exit(self.frame, self.manager, (kind, error, traceback))
        self.manager = None


def _special_method(owner: Any, name: str) -> Any:
    """A special method as Python finds it: on the type, and bound to the object."""
    method = _lookup(owner, name)
    # A descriptor of the user's own would do something.
    return method.__get__(owner, type(owner)) if any(type(method) is kind for kind in _METHODS) else method


class Capture(Site):
    """What a pattern of a match statement, or a loop over an asynchronous iterable, gives names to."""

    __slots__ = ("fn", "names")

    def __init__(self, recorder: Recorder, guards: Iterable[Guard], fn: Any, names: tuple[str, ...] = ()) -> None:
        super().__init__(recorder, guards)
        self.fn = fn
        self.names = names

    def _prepare_idle(self) -> None:
        super()._prepare_idle()
        self.fn = None
        self.names = ()

    def captured(self, subject: Any, values: tuple[Any, ...]) -> None:
        """Values that are parts of a subject."""
        if self.todo and self.complete():
            for name, value in zip(self.names, values, strict=True):
                self.record(self.fn, [subject, name], None, value)

    def item(self, iterable: Any, value: Any) -> Any:
        """Pass an element of an iterable."""
        if self.todo and self.complete():
            self.record(self.fn, [iterable], None, value)
        return value


class MadeFunction(_Constant):
    """A function definition of the block, whose functions get their original code back."""

    __slots__ = ("functions", "guard", "original", "recorder")

    def __init__(self, recorder: Recorder, guard: Guard) -> None:
        self.recorder = recorder
        self.guard = guard
        self.original: CodeType | None = None
        # Each with the code that it was made with.
        self.functions: list[tuple[weakref.ref[FunctionType], CodeType]] = []
        guard.when_off = self.restore
        recorder.functions.append(self)

    @classmethod
    def idle(cls) -> MadeFunction:
        recorder = Recorder()
        recorder.finished = True
        return cls(recorder, Guard())

    def made(self, function: FunctionType) -> FunctionType:
        """Pass a new function."""
        if self.recorder.finished or not self.guard.on:
            self._give_back(function, function.__code__)
            return function
        self.functions.append((weakref.ref(function), function.__code__))
        if len(self.functions) % 1000 == 0:
            self.functions = [made for made in self.functions if made[0]() is not None]
        return function

    def made_with(self, function: FunctionType, original: FunctionType) -> FunctionType:
        """Pass a new function, made beside another that has the original code."""
        self.original = original.__code__
        return self.made(function)

    def restore(self) -> None:
        """Give all functions that were made the original code."""
        functions, self.functions = self.functions, []
        for reference, instrumented in functions:
            function = reference()
            if function is not None:
                self._give_back(function, instrumented)

    def _give_back(self, function: FunctionType, instrumented: CodeType) -> None:
        if self.original is None:
            return
        code = function.__code__
        if code is instrumented:
            function.__code__ = self.original
        elif code.co_code == instrumented.co_code and code.co_consts == instrumented.co_consts:
            # `types.coroutine` sets a flag.
            function.__code__ = self.original.replace(co_flags=code.co_flags)


def _lookup(value: Any, name: str) -> Any:
    """An attribute of an object's type, as it is written there; _UNKNOWN if there is none."""
    for base in _bases_of(type(value)):
        namespace = _namespace_of(base)
        if name in namespace:
            return namespace[name]
    return _UNKNOWN


def _is_iterable(value: Any) -> bool:
    return _lookup(value, "__iter__") is not _UNKNOWN or _lookup(value, "__getitem__") is not _UNKNOWN


def _is_sequence(value: Any) -> bool:
    return type(value) is list or type(value) is tuple


def _is_container(value: Any) -> bool:
    return any(type(value) is container for container in _CONTAINERS)


class _CFunctions:
    def __init__(self, **functions: Any) -> None:
        self.__dict__.update(functions)

    def __reduce__(self) -> str:
        return "C_FUNCTIONS"


C_FUNCTIONS = _CFunctions(
    iter=iter,
    islice=islice,
    slice=slice,
    tuple=tuple,
    **{
        name: getattr(operator, name)
        for name in (
            *("iadd", "isub", "imul", "imatmul", "itruediv", "imod", "ipow"),
            *("ilshift", "irshift", "ior", "ixor", "iand", "ifloordiv"),
        )
    },
)
