// The version of an artifact that a question begins at, with all its versions.
//
// Parameters:
//   name: STRING    the artifact's name
//   version: INTEGER | NULL    the version; null means the latest
//   until: LOCAL DATETIME | NULL    leave out versions saved later
// Returns:
//   id: INTEGER    the artifact's id
//   version: INTEGER    its version
//   date_created: LOCAL DATETIME    when it was saved
//   node_id: STRING    the id of its node
//   session_id: STRING    the id of its session
//   session: STRING | NULL    the session's name
//   source: STRING | NULL    the file or cell that holds it
//   lineno: INTEGER | NULL    the line there
MATCH (artifact:Artifact {name: $name})
WHERE
  artifact.version IS NOT NULL AND
  ($version IS NULL OR artifact.version = $version) AND
  ($until IS NULL OR artifact.date_created <= $until)
WITH artifact
ORDER BY artifact.name DESC, artifact.version DESC
LIMIT 1
MATCH (artifact)-[:OF_NODE]->(node:Node)
OPTIONAL MATCH (node)-[:IN_SESSION]->(session:Session)
OPTIONAL MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  artifact.id AS id,
  artifact.version AS version,
  artifact.date_created AS date_created,
  node.id AS node_id,
  node.session_id AS session_id,
  session.name AS session,
  source.name AS source,
  node.lineno AS lineno
