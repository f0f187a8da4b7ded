// Records which artifact a call gets, by the name and the version in its code.
//
// It leaves calls of which more is known: what they were handed out, or that it was deleted since.
//
// Parameters:
//   rows: LIST<MAP>    reads
//     id: STRING    the call's id
//     name: STRING    the artifact's name
//     version: INTEGER | NULL    its version; the latest where it is null
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (call:Node&CallNode {id: row.id})
USING INDEX SEEK call:Node(id)
WHERE call.artifact_name IS NULL AND call.artifact_certainty IS NULL
SET
  call.artifact_name = row.name,
  call.artifact_version = row.version,
  call.artifact_certainty =
    CASE
      WHEN row.version IS NULL THEN null
      ELSE 'exact'
    END
