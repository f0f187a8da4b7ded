// Records which artifacts calls were handed out.
//
// That is certain, so it takes the place of what was inferred. A read of a call that is not there is not recorded. An
// artifact that was deleted since has no reader.
//
// Parameters:
//   rows: LIST<MAP>    reads
//     position: INTEGER    the row's place in the caller's list
//     node_id: STRING    the call's id
//     artifact_id: INTEGER    the artifact's id
// Returns:
//   position: INTEGER    the position of a row whose call is there
//   id: STRING    the call's id
//   stale: STRING | NULL    the call's session, where another artifact had been inferred
CYPHER replan = skip
UNWIND $rows AS row
MATCH (call:Node&CallNode {id: row.node_id})
USING INDEX SEEK call:Node(id)
SET call.artifact_certainty = 'recorded'
REMOVE call.artifact_name, call.artifact_version
WITH row, call
OPTIONAL MATCH (call)-[inferred:READS_ARTIFACT {certainty: 'inferred'}]->()
WITH row, call, collect(inferred) AS old
FOREACH (inferred IN old |
  DELETE inferred
)
WITH row, call, size(old) > 0 AS is_other
OPTIONAL MATCH (artifact:Artifact {id: row.artifact_id})
FOREACH (handed_out IN [handed_out IN [artifact] WHERE handed_out IS NOT NULL] |
  MERGE (call)-[read:READS_ARTIFACT]->(handed_out)
    ON CREATE SET read.certainty = 'exact'
)
RETURN
  row.position AS position,
  call.id AS id,
  CASE
    WHEN is_other THEN call.session_id
  END AS stale
