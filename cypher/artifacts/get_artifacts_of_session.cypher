// The artifacts whose node belongs to a session, in the order of writing.
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   id: INTEGER    the artifact's id
//   name: STRING    its name
//   version: INTEGER    its version
//   date_created: LOCAL DATETIME    when it was made
//   node: MAP    the fields of its node
//   labels: LIST<STRING>    the labels of its node
//   execution: MAP    the fields of its execution
MATCH (node:Node {session_id: $session_id})<-[:OF_NODE]-(artifact:Artifact)
USING INDEX node:Node(session_id)
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
