// Deletes one version of an artifact, which also leaves its pipelines; its node and values stay.
//
// The calls that got it keep no artifact: another one may get its name and version later.
//
// Parameters:
//   name: STRING    the artifact's name
//   version: INTEGER    the version
// Returns:
//   deleted: INTEGER    1, or 0 when there was none
//   readers: LIST<LIST<STRING>>    ids of calls that got one whose node has other artifacts
//   sessions: LIST<LIST<STRING>>    ids of sessions with calls that got one
CYPHER replan = skip
MATCH (artifact:Artifact {name: $name, version: $version})
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
