// Deletes every version of an artifact; their nodes and values stay.
//
// The calls that got one keep no artifact: another one may get its name and version later.
//
// Parameters:
//   name: STRING    the artifact's name
// Returns:
//   deleted: INTEGER    how many there were
//   readers: LIST<LIST<STRING>>    ids of calls that got one whose node has other artifacts
//   sessions: LIST<LIST<STRING>>    ids of sessions with calls that got one
CYPHER replan = skip
MATCH (artifact:Artifact {name: $name})
WHERE artifact.version IS NOT NULL
CALL (artifact) {
  OPTIONAL MATCH (artifact)<-[:READS_ARTIFACT]-(call:CallNode)
  SET call.artifact_certainty = 'deleted'
  RETURN
    collect(DISTINCT call.session_id) AS sessions,
    collect(
      CASE
        WHEN
          EXISTS {
            MATCH (artifact)-[:OF_NODE]->(:Node)<-[:OF_NODE]-(other:Artifact)
            WHERE other <> artifact
          }
          THEN call.id
      END) AS readers
}
DETACH DELETE artifact
RETURN
  count(*) AS deleted,
  collect(readers) AS readers,
  collect(sessions) AS sessions
