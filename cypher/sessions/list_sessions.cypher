// Sessions with the number of their nodes and artifacts, newest first.
//
// Parameters:
//   limit: INTEGER    the largest number of rows
// Returns:
//   id: STRING    the session's id
//   name: STRING    its name
//   environment_type: STRING    SCRIPT or JUPYTER
//   creation_time: LOCAL DATETIME    when it began
//   sources: LIST<STRING>    the files or cells that it ran
//   nodes: INTEGER    how many nodes it has
//   artifacts: INTEGER    how many artifacts it made
MATCH (session:Session)
WITH session
ORDER BY session.creation_time DESC
LIMIT $limit
OPTIONAL MATCH (node:Node)-[:IN_SESSION]->(session)
OPTIONAL MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
WITH
  session,
  count(DISTINCT node) AS nodes,
  collect(DISTINCT source.name) AS sources
OPTIONAL MATCH (session)<-[:IN_SESSION]-(:Node)<-[:OF_NODE]-(artifact:Artifact)
RETURN
  session.id AS id,
  session.name AS name,
  session.environment_type AS environment_type,
  session.creation_time AS creation_time,
  sources,
  nodes,
  count(DISTINCT artifact) AS artifacts
ORDER BY creation_time DESC
