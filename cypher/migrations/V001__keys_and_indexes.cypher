// The keys of everything that is stored, and the indexes of the lookups that no key serves.
// Neo4j Community has uniqueness constraints only; each brings an index of its own.
CREATE CONSTRAINT session_id IF NOT EXISTS
FOR (session:Session)
REQUIRE session.id IS UNIQUE;

CREATE CONSTRAINT execution_id IF NOT EXISTS
FOR (execution:Execution)
REQUIRE execution.id IS UNIQUE;

CREATE CONSTRAINT source_code_id IF NOT EXISTS
FOR (source:SourceCode)
REQUIRE source.id IS UNIQUE;

CREATE CONSTRAINT node_id IF NOT EXISTS
FOR (node:Node)
REQUIRE node.id IS UNIQUE;

CREATE CONSTRAINT missing_node_id IF NOT EXISTS
FOR (missing:MissingNode)
REQUIRE missing.id IS UNIQUE;

CREATE CONSTRAINT variable_key IF NOT EXISTS
FOR (variable:Variable)
REQUIRE (variable.node_id, variable.name) IS UNIQUE;

CREATE CONSTRAINT library_key IF NOT EXISTS
FOR (library:Library)
REQUIRE (library.package_name, library.version) IS UNIQUE;

CREATE CONSTRAINT node_value_key IF NOT EXISTS
FOR (value:NodeValue)
REQUIRE (value.node_id, value.execution_id) IS UNIQUE;

CREATE CONSTRAINT artifact_key IF NOT EXISTS
FOR (artifact:Artifact)
REQUIRE (artifact.name, artifact.version) IS UNIQUE;

CREATE CONSTRAINT artifact_id IF NOT EXISTS
FOR (artifact:Artifact)
REQUIRE artifact.id IS UNIQUE;

CREATE CONSTRAINT pipeline_id IF NOT EXISTS
FOR (pipeline:Pipeline)
REQUIRE pipeline.id IS UNIQUE;

CREATE CONSTRAINT mlflow_metadata_id IF NOT EXISTS
FOR (metadata:MLflowMetadata)
REQUIRE metadata.id IS UNIQUE;

CREATE CONSTRAINT sequence_name IF NOT EXISTS
FOR (sequence:Sequence)
REQUIRE sequence.name IS UNIQUE;

CREATE CONSTRAINT writer_id IF NOT EXISTS
FOR (writer:Writer)
REQUIRE writer.id IS UNIQUE;

CREATE INDEX node_session IF NOT EXISTS
FOR (node:Node)
ON (node.session_id);

CREATE INDEX source_code_session IF NOT EXISTS
FOR (source:SourceCode)
ON (source.session_id);

CREATE INDEX pipeline_name IF NOT EXISTS
FOR (pipeline:Pipeline)
ON (pipeline.name);

CREATE INDEX mlflow_metadata_artifact IF NOT EXISTS
FOR (metadata:MLflowMetadata)
ON (metadata.artifact_id)
