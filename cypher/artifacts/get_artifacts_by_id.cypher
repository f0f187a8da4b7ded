// Artifacts by id.
//
// Parameters:
//   ids: LIST<INTEGER>    ids of artifacts
// Returns:
//   id: INTEGER    the artifact's id
//   name: STRING    its name
//   version: INTEGER    its version
//   date_created: LOCAL DATETIME    when it was made
//   node: MAP    the fields of its node
//   labels: LIST<STRING>    the labels of its node
//   execution: MAP    the fields of its execution
UNWIND $ids AS wanted
MATCH (artifact:Artifact {id: wanted})
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
