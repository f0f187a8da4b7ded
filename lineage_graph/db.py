"""`RelationalLineaDB`: LineaPy's database API, kept on Neo4j."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, TypeVar

from lineage_graph.errors import (
    CommitUnsettled,
    ConfigurationError,
    InvalidRecord,
    NameNotFound,
    NotSupported,
    NoValueSaved,
    RecordNotFound,
)
from lineage_graph.graph import mapping, statements
from lineage_graph.graph.pending import ArtifactRead, AssignedVariable, NextArtifact
from lineage_graph.model.checks import check_argument, check_key, check_time, check_type
from lineage_graph.model.literals import type_of_literal
from lineage_graph.relational import (
    ArtifactDependencyORM,
    ArtifactORM,
    LibraryRow,
    MLflowArtifactMetadataORM,
    NodeORM,
    NodeValueORM,
    PipelineORM,
)
from lineage_graph.settings import ValueSettings
from lineage_graph.store.client import Client
from lineage_graph.store.connection import Store
from lineage_graph.store.reader import Reader
from lineage_graph.store.unit_of_work import UnitOfWork
from lineage_graph.types import (
    Artifact,
    BaseNode,
    Execution,
    LineaID,
    LiteralType,
    Node,
    NodeValue,
    SessionContext,
    SessionType,
    SourceCode,
    ValueType,
)
from lineage_graph.values import ValueStore

GET_CELLS_OF_SESSION = statements.load("sources/get_cells_of_session")
GET_SCRIPT_OF_SESSION = statements.load("sources/get_script_of_session")
GET_VARIABLES_OF_NODE = statements.load("variables/get_variables_of_node")
GET_VARIABLES_OF_SESSION = statements.load("variables/get_variables_of_session")
GET_LIBRARIES_OF_SESSION = statements.load("libraries/get_libraries_of_session")
GET_NODE_VALUE = statements.load("values/get_node_value")
DELETE_NODE_VALUE = statements.load("values/delete_node_value")
GET_ARTIFACT = statements.load("artifacts/get_artifact")
GET_LATEST_ARTIFACT = statements.load("artifacts/get_latest_artifact")
GET_LATEST_VERSION = statements.load("artifacts/get_latest_version")
GET_ALL_ARTIFACTS = statements.load("artifacts/get_all_artifacts")
GET_ARTIFACTS_BY_ID = statements.load("artifacts/get_artifacts_by_id")
GET_ARTIFACTS_OF_SESSION = statements.load("artifacts/get_artifacts_of_session")
COUNT_ARTIFACTS_OF_NODE = statements.load("artifacts/count_artifacts_of_node")
DELETE_ARTIFACT = statements.load("artifacts/delete_artifact")
DELETE_ALL_VERSIONS = statements.load("artifacts/delete_all_versions")
GET_PIPELINE = statements.load("pipelines/get_pipeline")
GET_DEPENDENCIES = statements.load("pipelines/get_dependencies")
GET_MLFLOW_METADATA = statements.load("mlflow/get_metadata")
DELETE_MLFLOW_METADATA = statements.load("mlflow/delete_metadata")
GET_IMPLICIT_DEPENDENCIES = statements.load("lineage/get_implicit_dependencies")
GET_TRANSITIVE_IMPLICIT_DEPENDENCIES = statements.load("lineage/get_transitive_implicit_dependencies")


Database = TypeVar("Database", bound="RelationalLineaDB")


class RelationalLineaDB:
    """LineaPy's database, with everything in Neo4j.

    A thread sees what it writes at once; other threads and clients see it after `commit`. Each thread has its own unit
    of work. A forked process opens its own connections.

    Parameters
    ----------
    url : str
        ``bolt://[user:password@]host[:port][/database]``, likewise ``neo4j://`` and the ``+s`` and ``+ssc``
        variants, or ``local:`` or ``local:///some/folder`` for the managed local server. Credentials that
        are not in the URL come from NEO4J_USERNAME and NEO4J_PASSWORD.

    Raises
    ------
    ConfigurationError, DatabaseUnavailable, AuthenticationFailed, UnsupportedServer, SchemaError

    Examples
    --------
    >>> db = RelationalLineaDB("local:")  # doctest: +SKIP
    >>> [artifact.name for artifact in db.get_all_artifacts()]  # doctest: +SKIP
    ['iris_model', 'iris_report']
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = Client(url)
        # Read here, since a relative path in them means the folder of now.
        self._value_settings = ValueSettings()
        self._values: ValueStore | None = None
        self._use(None)

    def _use(self, unit: UnitOfWork | None) -> None:
        """Write to one unit of work; None: to the current thread's."""
        self._unit = unit
        self._process = os.getpid()
        self._reader = Reader(self._client, lambda: self.unit_of_work)

    def __repr__(self) -> str:
        return f"RelationalLineaDB{self._client!r}"

    @classmethod
    def from_config(cls, options: Any) -> RelationalLineaDB:
        """A database from LineaPy's options: ``options.safe_get("database_url")`` is the URL."""
        return cls(str(options.safe_get("database_url")))

    @classmethod
    def from_environment(cls, url: str) -> RelationalLineaDB:
        """A database from a URL, as the constructor."""
        return cls(url)

    @property
    def store(self) -> Store:
        """The connected store; opened again after `close` and in a forked process."""
        return self._client.store

    @property
    def unit_of_work(self) -> UnitOfWork:
        """The records written since the last commit: in this `transaction`, or else by the current thread."""
        if self._unit is None:
            return self._client.unit_of_work
        if self._process != os.getpid():
            raise ConfigurationError("a transaction cannot be used in a forked process: begin one there")
        return self._unit

    @contextmanager
    def transaction(self: Database) -> Iterator[Database]:
        """Begin a unit of work that threads share: committed when the block ends, dropped when an error leaves it.

        Yields
        ------
        RelationalLineaDB
            This database with its own unit of work, which commits what any thread writes to it. What the thread has
            pending outside is not affected.

        Raises
        ------
        ArtifactSaveException
            As `commit`. After a `CommitUnsettled`, ``commit()`` on the yielded database settles it, and so does
            `close`.

        Examples
        --------
        >>> with db.transaction() as transaction:  # doctest: +SKIP
        ...     transaction.write_node(node)
        ...     await asyncio.to_thread(transaction.write_artifact, artifact)
        """
        with self._client.transaction() as unit:
            bound = copy.copy(self)
            bound._use(unit)
            yield bound

    @property
    def values(self) -> ValueStore:
        """The asset manager, where `write_value` and `read_value` keep values. You may assign another `ValueStore`.

        Raises
        ------
        MissingExtra, ConfigurationError
            As `ValueStore`.
        """
        if self._values is None:
            self._values = ValueStore(settings=self._value_settings)
        return self._values

    @values.setter
    def values(self, values: ValueStore) -> None:
        self._values = values

    def commit(self) -> None:
        """Make everything that this thread has written since its last commit durable and visible to others.

        Each thread commits its own writes; use `transaction` for writes that threads share. A commit that finds
        nothing, while the writes of other threads wait, gives a `PendingElsewhereWarning`.

        Raises
        ------
        ArtifactSaveException
            If it cannot be stored: then nothing of it is stored, and it is dropped. Its subclass `CommitTooLarge` says
            that the server has too little memory for it. Its subclass `CommitUnsettled` says that the server went away:
            then everything is kept, and the next commit settles it.
        """
        if self._unit is None:
            self._client.commit()
        else:
            self.unit_of_work.commit()

    def close(self) -> None:
        """Commit what every thread has written, then release the connections, even if a commit fails.

        Other threads must have stopped writing. A later call connects again. A database that is still open is closed
        when the interpreter, or a child of `multiprocessing`, exits. On a `transaction`, this only commits.

        Raises
        ------
        ArtifactSaveException
            As `commit`.
        """
        if self._unit is None:
            self._client.close()
        else:
            self.unit_of_work.commit()

    def renew_session(self) -> None:
        """Do nothing. LineaPy's callers use it to renew SQLAlchemy's session."""

    @staticmethod
    def get_type_of_literal_value(val: Any) -> LiteralType:
        """The literal type of a value.

        Raises
        ------
        NotSupported
            If it is not a str, int, float, bool, None, Ellipsis or bytes.
        """
        return type_of_literal(val)

    def write_context(self, context: SessionContext) -> None:
        """Record a session. Its execution must be stored already or be written in the same commit."""
        self._add(context, SessionContext, "session", "id")

    def write_execution(self, execution: Execution) -> None:
        """Record an execution."""
        self._add(execution, Execution, "execution", "id")

    def write_source_code(self, source_code: SourceCode) -> None:
        """Record source code, of a file or of a notebook's cell."""
        self._add(source_code, SourceCode, "source", "id")

    def write_node(self, node: Node) -> None:
        """Record an operation. The operations that it refers to may be written later.

        Raises
        ------
        InvalidRecord
            If it cannot be stored as it is.
        NotSupported
            If it is a literal of a type that cannot be stored.
        DuplicateRecord
            If it was written before in this commit.
        """
        self._add(node, BaseNode, "node", "id")

    def write_node_value(self, node_value: NodeValue) -> None:
        """Record where the value of an operation in an execution is stored."""
        self._add(node_value, NodeValue, "value", "node_id", "execution_id")

    def write_value(
        self,
        node_id: str,
        execution_id: str,
        value: Any,
        value_type: ValueType | None = None,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
    ) -> str:
        """Store the value of an operation in an execution, and record its location.

        Parameters
        ----------
        node_id, execution_id : str
            The operation, and the execution that gave it the value.
        value : object
            As `lineage_graph.values.ValueStore.put` takes it.
        value_type : ValueType, optional
            The kind of value, for people.
        start_time, end_time : datetime, optional
            When it was computed, in UTC without a zone; now when left out.

        Returns
        -------
        str
            Its location, as `lineage_graph.values.StoredValue` describes it.

        Raises
        ------
        UnsupportedValue
            If no allowed format can hold it.
        InvalidRecord, DuplicateRecord
        """
        now = _utc_now()
        start_time, end_time = now if start_time is None else start_time, now if end_time is None else end_time
        record = f"NodeValue of node {node_id!r}"
        check_key(record, "node_id", node_id)
        check_key(record, "execution_id", execution_id)
        start_time, end_time = check_time(record, "start_time", start_time), check_time(record, "end_time", end_time)
        if value_type is not None:
            check_type(value_type, ValueType, "value_type")
        location = self.values.put(value).location
        self.write_node_value(
            NodeValue(
                node_id=node_id,
                execution_id=execution_id,
                value=location,
                value_type=value_type,
                start_time=start_time,
                end_time=end_time,
            )
        )
        return location

    def read_value(self, node_id: str, execution_id: str) -> Any:
        """The value of an operation in an execution, as `write_value` or LineaPy stored it.

        Raises
        ------
        NoValueSaved
            If no value is recorded.
        ValueMissing, ValueCorrupted, PickleRefused
            As `lineage_graph.values.ValueStore.get`.
        """
        location = self.get_node_value_path(node_id, execution_id)
        if location is None:
            raise NoValueSaved
        return self.values.get(location)

    def write_artifact(self, artifact: Artifact) -> None:
        """Record an artifact: a name and version for the value of an operation in an execution."""
        self._add(artifact, Artifact, "artifact", "name", "version")

    def write_artifact_read(self, node_id: str, artifact_id: int) -> None:
        """Record that an artifact was handed out to a call while it ran: it got exactly this version.

        Without this, the version is told from the call's code, or inferred from the times.

        Parameters
        ----------
        node_id : str
            The call's id. It must be stored or be written in the same commit.
        artifact_id : int
            The id of the artifact, as a reader gives it. If it is deleted before the commit, nothing is recorded of it.
        """
        self.unit_of_work.add(ArtifactRead(node_id, artifact_id))

    def save_as_next_version(
        self, node_id: str, execution_id: str, name: str, date_created: datetime | None = None
    ) -> int:
        """Record an artifact under the version after the highest of its name, and commit.

        Several processes may save versions of one name at the same time: each gets its own version, and versions are
        contiguous.

        Parameters
        ----------
        node_id, execution_id : str
            The operation and execution that the artifact points to. Both must be stored or pending.
        name : str
            The artifact's name.
        date_created : datetime, optional
            In UTC without a zone, as LineaPy records it; now when left out.

        Returns
        -------
        int
            The version that the artifact got, from 0.

        Raises
        ------
        ArtifactSaveException
            As `commit`.
        """
        unit = self.unit_of_work
        entry = unit.add(
            NextArtifact(node_id, execution_id, _utc_now() if date_created is None else date_created, name)
        )
        unit.commit()
        if entry.row["version"] is None:
            raise CommitUnsettled(
                "the server is away: the artifact waits on disk, and gets its version when it is sent"
            )
        version: int = entry.row["version"]
        return version

    def write_assigned_variable(self, node_id: str, variable_name: str) -> None:
        """Record that a variable was assigned at an operation. You may record the same assignment twice."""
        self.unit_of_work.add(AssignedVariable(node_id, variable_name))

    def write_pipeline(self, dependencies: list[ArtifactDependencyORM], pipeline: PipelineORM) -> None:
        """Record a pipeline and the order of its artifacts, which must be stored or be written in the same commit.

        Parameters
        ----------
        dependencies : list of ArtifactDependencyORM
            Those of the pipeline. Others in ``pipeline.dependencies`` are recorded too.
        pipeline : PipelineORM

        Raises
        ------
        InvalidRecord
            If they cannot be stored as they are.
        """
        check_type(pipeline, PipelineORM)
        check_type(dependencies, Iterable, "dependencies")
        merged = {id(dependency): dependency for dependency in (*dependencies, *pipeline.dependencies)}
        for dependency in merged.values():
            check_type(dependency, ArtifactDependencyORM)
            dependency.pipeline = pipeline
        pipeline.dependencies = list(merged.values())
        self.unit_of_work.add(pipeline)

    def write_mlflow_artifactmetadata(self, artifactorm: ArtifactORM, modelinfo: Any) -> None:
        """Record where MLflow keeps an artifact.

        Parameters
        ----------
        artifactorm : ArtifactORM
            An artifact from a reader, which has an id.
        modelinfo : mlflow.models.model.ModelInfo
            MLflow's description of the model: its URI, and its flavor other than ``python_function``.

        Raises
        ------
        NotSupported
            If the model does not have exactly one flavor other than ``python_function``.
        """
        check_argument("artifactorm", artifactorm, ArtifactORM)
        check_argument("modelinfo.flavors", getattr(modelinfo, "flavors", None), Iterable)
        check_argument("modelinfo.model_uri", getattr(modelinfo, "model_uri", None), str)
        flavors = [flavor for flavor in modelinfo.flavors if flavor != "python_function"]
        if len(flavors) != 1:
            raise NotSupported(f"a model must have one flavor other than python_function; this one has {len(flavors)}")
        tracking_uri, registry_uri = self._mlflow_uris()
        if artifactorm.id is None:
            raise InvalidRecord(f"MLflow metadata of {artifactorm.name!r}", "artifact_id", "is not known yet")
        self.unit_of_work.add(
            MLflowArtifactMetadataORM(
                artifact_id=artifactorm.id,
                backend="mlflow",
                tracking_uri=tracking_uri,
                registry_uri=registry_uri,
                model_uri=modelinfo.model_uri,
                model_flavor=flavors[0],
            )
        )

    def _mlflow_uris(self) -> tuple[Any, Any]:
        """Where MLflow tracks runs, and where it registers models."""
        import mlflow

        return mlflow.get_tracking_uri(), mlflow.get_registry_uri()

    def artifact_in_db(self, node_id: str, execution_id: str, name: str, version: int) -> bool:
        """Whether there is an artifact with this operation, execution, name and version."""
        found = self._artifacts(GET_ARTIFACT, name=name, version=version)
        return any(a.node_id == node_id and a.execution_id == execution_id for a in found)

    def node_value_in_db(self, node_id: str, execution_id: str) -> bool:
        """Whether the value of an operation in an execution is recorded."""
        return self.get_node_value_from_db(node_id, execution_id) is not None

    def number_of_artifacts_per_node(self, node_id: str, execution_id: str) -> int:
        """The number of artifacts that point to an operation in an execution."""
        count: int = self._read(COUNT_ARTIFACTS_OF_NODE, node_id=node_id, execution_id=execution_id)[0]["count"]
        return count

    def get_node_by_id(self, linea_id: str) -> Node:
        """One operation as its typed class, with its source location.

        Raises
        ------
        RecordNotFound
            If there is none.
        """
        check_argument("linea_id", linea_id, str)
        return self._reader.node(linea_id)

    def get_nodes_for_session(self, session_id: str) -> list[Node]:
        """Every operation of a session, typed and with its source location, in the order of writing."""
        return self._reader.nodes(session_id)

    def get_session_context(self, linea_id: str) -> SessionContext:
        """One session.

        Raises
        ------
        RecordNotFound
            If there is none.
        """
        check_argument("linea_id", linea_id, str)
        return self._reader.session(linea_id)

    def get_source_code_for_session(self, session_id: str) -> str:
        """The code of a session: all cells of a notebook in the order of execution, or the script's file.

        Raises
        ------
        RecordNotFound
            If there is no such session.
        """
        context = self.get_session_context(session_id)
        is_notebook = context.environment_type.name == SessionType.JUPYTER.name
        query = GET_CELLS_OF_SESSION if is_notebook else GET_SCRIPT_OF_SESSION
        return "".join(row["code"] for row in self._read(query, session_id=session_id))

    def get_node_value_from_db(self, node_id: str, execution_id: str) -> NodeValueORM | None:
        """The record of an operation's value in an execution, or None."""
        rows = self._read(GET_NODE_VALUE, node_id=node_id, execution_id=execution_id)
        return mapping.node_value_from(rows[0]["properties"]) if rows else None

    def get_node_value_path(
        self, node_id: str, execution_id: str, other: Artifact | ArtifactORM | None = None
    ) -> str | None:
        """The location of an operation's value in an execution.

        Parameters
        ----------
        node_id, execution_id : str
            The operation and the execution.
        other : Artifact or ArtifactORM, optional
            An artifact, to ask for its value instead.

        Raises
        ------
        NoValueSaved
            If no value is recorded.
        """
        if other is not None:
            check_argument("other", other, Artifact, ArtifactORM)
            node_id, execution_id = other.node_id, other.execution_id
        value = self.get_node_value_from_db(node_id, execution_id)
        if value is None:
            raise NoValueSaved
        return value.value

    def delete_node_value_from_db(self, node_id: str, execution_id: str) -> None:
        """Delete the record of an operation's value in an execution; the stored value stays.

        Raises
        ------
        NameNotFound
            If there is none.
        """
        freed = ("value", node_id, execution_id)
        rows = self.unit_of_work.delete(DELETE_NODE_VALUE, freed.__eq__, node_id=node_id, execution_id=execution_id)
        if not rows[0]["deleted"]:
            raise NameNotFound(f"NodeID {node_id} and ExecutionID {execution_id} does not exist")

    def get_libraries_for_session(self, session_id: str) -> list[LibraryRow]:
        """The libraries that a session imports: distinct package names and versions, where both are known.

        LineaPy records the text ``"None"`` for a module without a version; such a library is left out.
        """
        return [
            LibraryRow(row["package_name"], row["version"])
            for row in self._read(GET_LIBRARIES_OF_SESSION, session_id=session_id)
        ]

    def get_artifacts_for_session(self, session_id: str) -> list[ArtifactORM]:
        """The artifacts whose operation belongs to a session, in the order of writing."""
        return self._artifacts(GET_ARTIFACTS_OF_SESSION, session_id=session_id)

    def get_all_artifacts(self) -> list[ArtifactORM]:
        """All artifacts, in the order of writing."""
        return self._artifacts(GET_ALL_ARTIFACTS)

    def get_artifactorm_by_name(self, artifact_name: str, version: int | None = None) -> ArtifactORM:
        """An artifact by name: the given version, or the highest one.

        Raises
        ------
        NameNotFound
            If there is none.
        """
        if version is None:
            found = self._artifacts(GET_LATEST_ARTIFACT, name=artifact_name)
        else:
            found = self._artifacts(GET_ARTIFACT, name=artifact_name, version=version)
        if not found:
            raise _artifact_not_found(artifact_name, version)
        return found[0]

    def get_latest_artifact_version(self, artifact_name: str) -> int:
        """The highest version of an artifact; -1 if there is none."""
        rows = self._read(GET_LATEST_VERSION, name=artifact_name)
        return rows[0]["version"] if rows else -1

    def delete_artifact_by_name(self, artifact_name: str, version: int | str | None) -> None:
        """Delete one version of an artifact (a number, or "latest" or None for the highest), or "all" versions.

        The operation and its value stay. You may delete all versions of a name that has none.

        Raises
        ------
        NameNotFound
            If there is no such version.
        """
        if version == "all":
            self.unit_of_work.delete(
                DELETE_ALL_VERSIONS, lambda key: key[:2] == ("artifact", artifact_name), name=artifact_name
            )
            return
        number = version if isinstance(version, int) else self.get_latest_artifact_version(artifact_name)
        freed = ("artifact", artifact_name, number)
        rows = self.unit_of_work.delete(DELETE_ARTIFACT, freed.__eq__, name=artifact_name, version=number)
        if not rows[0]["deleted"]:
            raise _artifact_not_found(artifact_name, version)

    def get_variable_by_id(self, linea_id: str) -> list[str]:
        """The names of the variables that were assigned at an operation, in the order of writing."""
        return [row["name"] for row in self._read(GET_VARIABLES_OF_NODE, node_id=linea_id)]

    def get_variables_for_session(self, session_id: str) -> list[tuple[LineaID, str]]:
        """The (node id, name) of each variable that was assigned in a session, in the order of writing."""
        [row] = self._read(GET_VARIABLES_OF_SESSION, session_id=session_id)
        return [(node_id, name) for node_id, name in row["variables"]]

    def get_pipeline_by_name(self, name: str) -> PipelineORM:
        """The first pipeline that was saved under a name.

        Raises
        ------
        NameNotFound
            If there is none.
        """
        rows = self._read(GET_PIPELINE, name=name)
        if not rows:
            raise NameNotFound(f"Pipeline {name} not found.")
        before = self._read(GET_DEPENDENCIES, pipeline_id=rows[0]["id"])
        ids = mapping.artifact_ids_of_pipeline(rows[0], before)
        return mapping.pipeline_from(name, rows[0], before, self._artifacts(GET_ARTIFACTS_BY_ID, ids=sorted(ids)))

    def get_mlflowartifactmetadataorm_by_artifact_id(self, artifact_id: int) -> MLflowArtifactMetadataORM:
        """Where MLflow keeps an artifact.

        Raises
        ------
        RecordNotFound
            If that is not recorded, or was deleted.
        """
        rows = self._read(GET_MLFLOW_METADATA, artifact_id=artifact_id)
        if not rows:
            raise RecordNotFound(f"there is no MLflow metadata of artifact {artifact_id}")
        return mapping.mlflow_metadata_from(rows[0]["properties"])

    def delete_mlflow_metadata_by_artifact_id(self, artifact_id: int) -> None:
        """Record that MLflow's copy of an artifact was deleted now. It is not an error if there is none."""
        self.unit_of_work.write(
            DELETE_MLFLOW_METADATA,
            artifact_id=artifact_id,
            delete_time=_utc_now(),
        )

    def get_implicit_dependencies(self, node_id: str, *, transitive: bool = False) -> list[LineaID]:
        """The ids of the operations that a call depends on without naming them.

        Parameters
        ----------
        node_id : str
            The call's id.
        transitive : bool
            Whether to include what its dependencies depend on. The order is then that of writing, and otherwise as
            given.
        """
        query = GET_TRANSITIVE_IMPLICIT_DEPENDENCIES if transitive else GET_IMPLICIT_DEPENDENCIES
        return [row["id"] for row in self._read(query, id=node_id)]

    def map_orm_to_pydantic(self, node: NodeORM) -> Node:
        """The typed operation of a stored one."""
        return mapping.typed_node(node)

    def _read(self, query: statements.Query, **parameters: Any) -> list[Any]:
        return self._reader.rows(query, **parameters)

    def _artifacts(self, query: statements.Query, **parameters: Any) -> list[ArtifactORM]:
        return [mapping.artifact_from(row) for row in self._read(query, **parameters)]

    def _add(self, record: Any, expected: type[Any], kind: str, *key: str) -> None:
        """Write a record whose fields of these names make its key."""
        check_type(record, expected)
        self.unit_of_work.add(record, kind, *(getattr(record, field) for field in key))


def _artifact_not_found(name: str, version: int | str | None) -> NameNotFound:
    which = f"Artifact {name}" if version is None else f"Artifact {name} (version {version})"
    return NameNotFound(
        f"{which} not found. Perhaps there was a typo. Please try lineapy.artifact_store() to inspect all "
        "your artifacts."
    )


def _utc_now() -> datetime:
    """Now, as LineaPy records times."""
    return datetime.now(timezone.utc).replace(tzinfo=None)
