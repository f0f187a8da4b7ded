// Which of these artifacts are there, and what they point to.
//
// Parameters:
//   keys: LIST<MAP>    names and versions
//     name: STRING    the artifact's name
//     version: INTEGER    the artifact's version
// Returns:
//   id: INTEGER    the id of one that is there
//   name: STRING    its name
//   version: INTEGER    its version
//   node_id: STRING    the node that it points to
//   execution_id: STRING    the execution that it points to
UNWIND $keys AS key
MATCH (artifact:Artifact {name: key.name, version: key.version})
MATCH (artifact)-[:OF_NODE]->(node:Node)
MATCH (artifact)-[:IN_EXECUTION]->(execution:Execution)
RETURN
  artifact.id AS id,
  artifact.name AS name,
  artifact.version AS version,
  node.id AS node_id,
  execution.id AS execution_id
