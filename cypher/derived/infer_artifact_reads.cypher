// Records which versions calls got that name none.
//
// That is the latest version that was saved before their session began, or that their own session saved before.
//
// Parameters:
//   ids: LIST<STRING>    ids of calls
// Returns:
//   session_id: STRING    a session that got another version than was thought before
CYPHER replan = skip
UNWIND $ids AS id
MATCH (call:Node&CallNode {id: id})-[:IN_SESSION]->(session:Session)
USING INDEX SEEK call:Node(id)
WHERE
  call.artifact_name IS NOT NULL AND
  (call.artifact_certainty IS NULL OR call.artifact_certainty = 'inferred')
CALL (call, session) {
  MATCH (artifact:Artifact {name: call.artifact_name})
  USING INDEX SEEK artifact:Artifact(name, version)
  WHERE artifact.version > coalesce(call.artifact_version, -1)
  MATCH (artifact)-[:OF_NODE]->(node:Node)
  WHERE
    (node.session_id <> session.id AND
      artifact.date_created <= session.creation_time) OR
    (node.session_id = session.id AND
      EXISTS {
        MATCH (save:CallNode)-[:POSITIONAL_ARG {index: 0}]->(node)
        WHERE save.written_at < call.written_at
        MATCH
          (save)-[:POSITIONAL_ARG {index: 1}]->
          (:LiteralNode {value: artifact.name})
        MATCH
          (save)-[:CALLS]->
          (:CallNode)-[:POSITIONAL_ARG {index: 1}]->
          (:LiteralNode {value: 'save'})
      })
  RETURN artifact.version AS version
  ORDER BY version DESC
  LIMIT 1
}
SET call.artifact_version = version, call.artifact_certainty = 'inferred'
WITH call, session
MATCH (call)-[old:READS_ARTIFACT]->(:Artifact)
DELETE old
RETURN DISTINCT session.id AS session_id
