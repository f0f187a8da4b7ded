// Where the value of the latest version of an artifact is stored.
//
// Parameters:
//   name: STRING    the artifact's name
// Returns:
//   value: STRING | NULL    its location
MATCH (artifact:Artifact {name: $name})
WHERE artifact.version IS NOT NULL
WITH artifact
ORDER BY artifact.name DESC, artifact.version DESC
LIMIT 1
MATCH (artifact)-[:OF_NODE]->(node:Node)
MATCH (artifact)-[:IN_EXECUTION]->(execution:Execution)
OPTIONAL MATCH (value:NodeValue {node_id: node.id, execution_id: execution.id})
RETURN value.value AS value
