// Artifacts as a person wants to see them: what made each, and in which session; by name and version.
//
// Parameters:
//   name: STRING | NULL    the versions of this artifact only; null means all artifacts
// Returns:
//   name: STRING    the artifact's name
//   version: INTEGER    its version
//   made_by: STRING    the source text of its node; a mutation's and a global's is their call's
//   source: STRING | NULL    the file or cell that holds it
//   lineno: INTEGER | NULL    its line there, from 1
//   session: STRING | NULL    the session's name
//   session_id: STRING    the session's id
//   date_created: LOCAL DATETIME    when it was saved
//   value: STRING | NULL    where its value is stored
MATCH (artifact:Artifact)
WHERE $name IS NULL OR artifact.name = $name
MATCH (artifact)-[:OF_NODE]->(node:Node)
MATCH (artifact)-[:IN_EXECUTION]->(execution:Execution)
OPTIONAL MATCH (node)-[:MUTATED_BY|SET_BY]->(call:CallNode)
WHERE node.lineno IS NULL
WITH artifact, node, execution, coalesce(call, node) AS made
OPTIONAL MATCH (made)-[:FROM_SOURCE]->(source:SourceCode)
OPTIONAL MATCH (node)-[:IN_SESSION]->(session:Session)
OPTIONAL MATCH (value:NodeValue {node_id: node.id, execution_id: execution.id})
RETURN
  artifact.name AS name,
  artifact.version AS version,
  made.name AS made_by,
  source.name AS source,
  made.lineno AS lineno,
  session.name AS session,
  node.session_id AS session_id,
  artifact.date_created AS date_created,
  value.value AS value
ORDER BY name, version
