// Keys and indexes of what questions about lineage need: datasets, the readers of artifacts, and full text.
CREATE CONSTRAINT dataset_uri IF NOT EXISTS
FOR (dataset:Dataset)
REQUIRE dataset.uri IS UNIQUE;

CREATE INDEX dataset_name IF NOT EXISTS
FOR (dataset:Dataset)
ON (dataset.name);

CREATE INDEX call_node_artifact_name IF NOT EXISTS
FOR (node:CallNode)
ON (node.artifact_name);

CREATE INDEX variable_name IF NOT EXISTS
FOR (variable:Variable)
ON (variable.name);

CREATE INDEX session_name IF NOT EXISTS
FOR (session:Session)
ON (session.session_name);

CREATE INDEX session_creation_time IF NOT EXISTS
FOR (session:Session)
ON (session.creation_time);

CREATE FULLTEXT INDEX search_names IF NOT EXISTS
FOR (named:Artifact|Session|Variable|Dataset|Library)
ON EACH [named.name]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'simple'}};

CREATE FULLTEXT INDEX search_code IF NOT EXISTS
FOR (source:SourceCode)
ON EACH [source.code]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'simple'}}
