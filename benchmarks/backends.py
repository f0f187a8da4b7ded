"""The measured work for every backend, under the same names. Each runs in its own process and environment.

``python -m benchmarks.backends NAME URL`` reads requests from standard input, a line of JSON each, and answers
with the seconds that the work itself took: the making of records and rows is not counted.
"""

from __future__ import annotations

import gc
import itertools
import json
import math
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from benchmarks.workload import Session, artifact_of, make_session, writes

PLACES = ("lineno", "col_offset", "end_lineno", "end_col_offset")

# So many single lookups make one figure, their median.
LOOKUPS = 100
# And so many small commits.
COMMITS = 20


@lru_cache(maxsize=8)
def session_of(number: int, size: int) -> Session:
    return make_session(number, size)


def pauses_of(database: Any, calls: list[tuple[str, tuple[Any, ...]]]) -> list[int]:
    """Nanoseconds for which each call of ``write_node`` held up its caller; the other calls are made too."""
    pauses = []
    for method, arguments in calls:
        function = getattr(database, method)
        before = time.perf_counter_ns()
        function(*arguments)
        if method == "write_node":
            pauses.append(time.perf_counter_ns() - before)
    return sorted(pauses)


class Adapter:
    """A `RelationalLineaDB`: ours or LineaPy's.

    Parameters
    ----------
    database : object
        The connected adapter.
    types : module
        The classes of its records.
    """

    def __init__(self, database: Any, types: Any) -> None:
        self.database = database
        self.types = types

    def forget(self) -> None:
        """Make the next read a cold one."""
        self.database._client.cache.clear()

    def write(self, number: int, size: int, named: bool = True) -> dict[str, float]:
        calls = writes(session_of(number, size), self.types, named)
        gc.collect()
        before = time.perf_counter()
        pauses = pauses_of(self.database, calls)
        self.database.commit()
        seconds = time.perf_counter() - before
        return {
            "seconds": seconds,
            "pause": statistics.median(pauses) / 1e9,
            "pause p99": pauses[len(pauses) * 99 // 100] / 1e9,
        }

    def read(self, session: Session) -> int:
        return len(self.database.get_nodes_for_session(session.id))

    def node(self, id_: str) -> object:
        return self.database.get_node_by_id(id_)

    def latest(self, name: str) -> object:
        return self.database.get_artifactorm_by_name(name)

    def version(self, name: str, version: int) -> object:
        return self.database.get_artifactorm_by_name(name, version)

    def artifacts(self, _: Session) -> int:
        return len(self.database.get_all_artifacts())

    def variables(self, session: Session) -> int:
        return len(self.database.get_variables_for_session(session.id))

    def libraries(self, session: Session) -> int:
        return len(self.database.get_libraries_for_session(session.id))

    def implicit(self, id_: str) -> int:
        return len(self.database.get_implicit_dependencies(id_))

    def transitive(self, id_: str) -> int:
        return len(self.database.get_implicit_dependencies(id_, transitive=True))

    def saving(self, record: Any) -> Callable[[], None]:
        """What saves an artifact and commits, made ready before the clock starts."""

        def save() -> None:
            self.database.write_artifact(record)
            self.database.commit()

        return save

    def delete(self, name: str, version: int) -> None:
        self.database.delete_artifact_by_name(name, version)
        self.database.commit()

    def session(self, session: Session) -> object:
        return self.database.get_session_context(session.id)

    def source(self, session: Session) -> object:
        return self.database.get_source_code_for_session(session.id)

    def value(self, session: Session) -> object:
        return self.database.get_node_value_path(session.values[0][0], session.execution_id)

    def latest_version(self, name: str) -> object:
        return self.database.get_latest_artifact_version(name)

    def session_artifacts(self, session: Session) -> int:
        return len(self.database.get_artifacts_for_session(session.id))


class LineaPy(Adapter):
    """LineaPy's own, which asks for implicit dependencies node by node."""

    def forget(self) -> None:
        self.database.session.expunge_all()

    def implicit(self, id_: str) -> int:
        return len(self.database.get_node_by_id(id_).implicit_dependencies)

    def transitive(self, id_: str) -> int:
        seen: set[str] = set()
        waiting = [id_]
        while waiting:
            for end in self.database.get_node_by_id(waiting.pop()).implicit_dependencies:
                if end not in seen:
                    seen.add(end)
                    waiting.append(end)
        return len(seen)


class Baseline:
    """The driver and hand-written Cypher, without models."""

    def __init__(self, driver: Any) -> None:
        from benchmarks import baseline
        from lineage_graph import types

        self.driver, self.baseline, self.types = driver, baseline, types
        # Of artifacts that are saved alone.
        self._ids = itertools.count(2 * 10**9)

    def forget(self) -> None:
        """It keeps nothing."""

    def write(self, number: int, size: int, named: bool = True) -> dict[str, float]:
        calls = writes(session_of(number, size), self.types, named)
        prepared = self.baseline.statements(calls, first_id=10**9 + number * 10**5)
        gc.collect()
        before = time.perf_counter()
        self.baseline.write(self.driver, prepared)
        return {"seconds": time.perf_counter() - before}

    def _read(self, text: str, **parameters: Any) -> Any:
        return self.baseline.read(self.driver, text, **parameters)

    def read(self, session: Session) -> int:
        self._read(self.baseline.READ_SOURCES, session_id=session.id)
        return len(self._read(self.baseline.READ_SESSION, session_id=session.id))

    def node(self, id_: str) -> object:
        return self._read(self.baseline.READ_NODE, id=id_)[0]

    def latest(self, name: str) -> object:
        return self._read(self.baseline.READ_LATEST, name=name)[0]

    def version(self, name: str, version: int) -> object:
        return self._read(self.baseline.READ_VERSION, name=name, version=version)[0]

    def artifacts(self, _: Session) -> int:
        return len(self._read(self.baseline.READ_ARTIFACTS))

    def variables(self, session: Session) -> int:
        return len(self._read(self.baseline.READ_VARIABLES, session_id=session.id))

    def libraries(self, session: Session) -> int:
        return len(self._read(self.baseline.READ_LIBRARIES, session_id=session.id))

    def implicit(self, id_: str) -> int:
        return len(self._read(self.baseline.READ_IMPLICIT, id=id_))

    def transitive(self, id_: str) -> int:
        return len(self._read(self.baseline.READ_TRANSITIVE, id=id_))

    def saving(self, record: Any) -> Callable[[], None]:
        prepared = self.baseline.statements([("write_artifact", (record,))], first_id=next(self._ids))
        return partial(self.baseline.write, self.driver, [each for each in prepared if each[1]["rows"]])

    def delete(self, name: str, version: int) -> None:
        self.driver.execute_query(self.baseline.DELETE_ARTIFACT, name=name, version=version)


class MLMetadata:
    """ml-metadata on SQLite, where it can do the same work.

    A node is an artifact of ml-metadata; a call is an execution too, with an input event for each of its
    arguments and an output event for itself; a session is a context. It knows no assigned variables,
    libraries or implicit dependencies, and deletes nothing.
    """

    def __init__(self, store: Any) -> None:
        from ml_metadata.proto import metadata_store_pb2

        self.store, self.proto = store, metadata_store_pb2
        proto = metadata_store_pb2
        text, number = proto.STRING, proto.INT
        places = dict.fromkeys(("lineno", "col_offset", "end_lineno", "end_col_offset"), number)
        kinds = ("ImportNode", "LookupNode", "LiteralNode", "MutateNode", "GlobalNode", "IfNode", "CallNode", "Model")
        properties = {"name": text, "version": text, "value": text, "source": text, **places}
        self.kinds = {
            kind: store.put_artifact_type(proto.ArtifactType(name=kind, properties=properties)) for kind in kinds
        }
        self.call = store.put_execution_type(proto.ExecutionType(name="Call"))
        self.session = store.put_context_type(proto.ContextType(name="Session"))
        self.ids: dict[str, int] = {}
        self.contexts: dict[str, int] = {}

    def forget(self) -> None:
        """It keeps nothing."""

    def write(self, number: int, size: int) -> dict[str, float]:
        session = session_of(number, size)
        proto = self.proto
        gc.collect()
        before = time.perf_counter()
        [context] = self.store.put_contexts([proto.Context(type_id=self.session, name=session.id)])
        self.contexts[session.id] = context
        pauses = []
        for node in session.nodes:
            started = time.perf_counter_ns()
            self._write_node(node, context)
            pauses.append(time.perf_counter_ns() - started)
        for artifact in session.artifacts:
            named = proto.Artifact(type_id=self.kinds["Model"], name=f"{artifact['name']} {artifact['version']}")
            self.store.put_artifacts([named])
        seconds = time.perf_counter() - before
        pauses.sort()
        return {
            "seconds": seconds,
            "pause": statistics.median(pauses) / 1e9,
            "pause p99": pauses[len(pauses) * 99 // 100] / 1e9,
        }

    def _write_node(self, node: dict[str, Any], context: int) -> None:
        proto = self.proto
        artifact = proto.Artifact(type_id=self.kinds[node["kind"]], name=node["id"])
        for name in ("name", "version", "value", "source"):
            if node.get(name) is not None:
                artifact.properties[name].string_value = str(node[name])
        for name, value in zip(PLACES, node["lines"], strict=True):
            artifact.properties[name].int_value = value
        [id_] = self.store.put_artifacts([artifact])
        self.ids[node["id"]] = id_
        ends = [end for end, _ in node.get("positional", ())] + [end for _, end, _ in node.get("keyword", ())]
        ends += [node[name] for name in ("function_id", "source_id", "call_id", "test_id") if node.get(name)]
        association = []
        if ends:
            [execution_id] = self.store.put_executions([proto.Execution(type_id=self.call, name=node["id"])])
            given = [(self.ids[end], proto.Event.INPUT) for end in dict.fromkeys(ends)]
            self.store.put_events(
                [
                    proto.Event(type=type_, artifact_id=end, execution_id=execution_id)
                    for end, type_ in (*given, (id_, proto.Event.OUTPUT))
                ]
            )
            association = [proto.Association(context_id=context, execution_id=execution_id)]
        self.store.put_attributions_and_associations(
            [proto.Attribution(context_id=context, artifact_id=id_)], association
        )

    def read(self, session: Session) -> int:
        context = self.contexts[session.id]
        artifacts = self.store.get_artifacts_by_context(context)
        executions = self.store.get_executions_by_context(context)
        self.store.get_events_by_execution_ids([execution.id for execution in executions])
        return len(artifacts)

    def node(self, id_: str) -> object:
        [artifact] = self.store.get_artifacts_by_id([self.ids[id_]])
        events = self.store.get_events_by_artifact_ids([artifact.id])
        made_by = [event.execution_id for event in events if event.type == self.proto.Event.OUTPUT]
        return artifact, made_by and self.store.get_events_by_execution_ids(made_by)

    def version(self, name: str, version: int) -> object:
        return self.store.get_artifact_by_type_and_name("Model", f"{name} {version}")

    def artifacts(self, _: Session) -> int:
        return len(self.store.get_artifacts_by_type("Model"))


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Seconds for one piece of work, and what it counted, if it did."""
    gc.collect()
    before = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - before
    return {"seconds": seconds, "count": result} if isinstance(result, int) else {"seconds": seconds}


def median_of(work: Callable[[Any], object], items: list[Any]) -> dict[str, float]:
    """Seconds for one of many small pieces of work: their median."""
    taken = []
    gc.collect()
    for item in items:
        before = time.perf_counter()
        work(item)
        taken.append(time.perf_counter() - before)
    return {"seconds": statistics.median(taken)}


def memory() -> dict[str, float]:
    """The largest that this process was, in bytes."""
    # Not getrusage(): its peak counts that of the process which started this one.
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return {"bytes": int(peak[1]) * 1024 if peak else math.nan}


def answer(backend: Any, request: dict[str, Any]) -> Any:
    """Do one piece of work that was asked for."""
    work, number, size = request["work"], request.get("number", 0), request.get("size", 0)
    if work == "memory":
        return memory()
    if work == "write":
        return backend.write(number, size)
    if work == "warm up":
        return backend.write(number, size, named=False) | timed(lambda: backend.read(session_of(number, size)))
    session = session_of(number, size)
    ids = [node["id"] for node in session.nodes][:: max(1, size // LOOKUPS)][:LOOKUPS]
    artifact = session.artifacts[0]
    implicit = [node["id"] for node in session.nodes if node.get("implicit")][-10:]
    if work == "node, cached":
        for id_ in ids:
            backend.node(id_)
        return median_of(backend.node, ids)
    backend.forget()
    if work == "node, cold":
        return median_of(backend.node, ids)
    if work == "latest":
        return median_of(lambda _: backend.latest(artifact["name"]), [0] * LOOKUPS)
    if work == "version":
        return median_of(lambda _: backend.version(artifact["name"], artifact["version"]), [0] * LOOKUPS)
    if work == "latest version":
        return median_of(lambda _: backend.latest_version(artifact["name"]), [0] * LOOKUPS)
    if work in ("implicit", "transitive"):
        return median_of(getattr(backend, work), implicit)
    names = [f"saved {place}" for place in range(COMMITS)]
    if work == "save":
        records = [artifact_of(session, backend.types, session.nodes[0]["id"], name, number) for name in names]
        return median_of(lambda save: save(), list(map(backend.saving, records)))
    if work == "delete":
        return median_of(lambda name: backend.delete(name, number), names)
    if work == "read":
        return timed(lambda: backend.read(session))
    look_up = getattr(backend, work.replace(" ", "_"))

    def cold(item: Session) -> None:
        backend.forget()
        look_up(item)

    return median_of(cold, [session] * 10)


def connect(name: str, url: str) -> Any:
    """The backend of this name, connected."""
    if name == "baseline":
        import neo4j

        from lineage_graph.store.connection import Store

        Store(url).close()  # the same keys and indexes
        scheme, _, rest = url.partition("://")
        login, _, host = rest.rpartition("@")
        user, _, password = login.partition(":")
        return Baseline(neo4j.GraphDatabase.driver(f"{scheme}://{host}", auth=(user, password)))
    if name == "ml-metadata":
        from ml_metadata import metadata_store
        from ml_metadata.proto import metadata_store_pb2

        config = metadata_store_pb2.ConnectionConfig()
        config.sqlite.filename_uri = url
        config.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        return MLMetadata(metadata_store.MetadataStore(config))
    if name == "ours, pure Python":
        sys.modules["neo4j._rust"] = None  # type: ignore[assignment]
    if name.startswith("ours"):
        from lineage_graph import RelationalLineaDB, types

        return Adapter(RelationalLineaDB(url), types)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lineapy  # noqa: F401
        from lineapy.data import types as lineapy_types
        from lineapy.db.db import RelationalLineaDB as LineaPyDB

        return LineaPy(LineaPyDB(url), lineapy_types)


def main() -> None:
    answers = sys.stdout
    sys.stdout = sys.stderr  # libraries may print
    backend = connect(*sys.argv[1:3])
    print(json.dumps(memory()), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(backend, json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
