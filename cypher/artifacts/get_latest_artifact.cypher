// The artifact of this name with the highest version.
//
// Ordered by both properties of the key, so that its index gives the highest first.
//
// Parameters:
//   name: STRING    the artifact's name
// Returns:
//   id: INTEGER    the artifact's id
//   name: STRING    its name
//   version: INTEGER    its version
//   date_created: LOCAL DATETIME    when it was made
//   node: MAP    the fields of its node
//   labels: LIST<STRING>    the labels of its node
//   execution: MAP    the fields of its execution
MATCH (artifact:Artifact {name: $name})
WHERE artifact.version IS NOT NULL
WITH artifact
ORDER BY artifact.name DESC, artifact.version DESC
LIMIT 1
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
