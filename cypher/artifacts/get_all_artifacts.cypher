// All artifacts, in the order of writing.
//
// Parameters: none
// Returns:
//   id: INTEGER    the artifact's id
//   name: STRING    its name
//   version: INTEGER    its version
//   date_created: LOCAL DATETIME    when it was made
//   node: MAP    the fields of its node
//   labels: LIST<STRING>    the labels of its node
//   execution: MAP    the fields of its execution
MATCH (artifact:Artifact)
MATCH (artifact)-[:OF_NODE]->(node:Node)
MATCH (artifact)-[:IN_EXECUTION]->(execution:Execution)
RETURN
  artifact.id AS id,
  artifact.name AS name,
  artifact.version AS version,
  artifact.date_created AS date_created,
  properties(node) AS node,
  labels(node) AS labels,
  properties(execution) AS execution
ORDER BY coalesce(artifact.written_at, 0), id
