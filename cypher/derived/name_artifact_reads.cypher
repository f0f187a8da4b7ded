// Records which artifact a call gets.
//
// An artifact that is known already stays.
//
// Parameters:
//   rows: LIST<MAP>    reads
//     id: STRING    the call's id
//     name: STRING    the artifact's name
//     version: INTEGER | NULL    its version; the latest where it is null
// Returns: nothing
UNWIND $rows AS row
MATCH (call:Node&CallNode {id: row.id})
WHERE call.artifact_name IS NULL
SET
  call.artifact_name = row.name,
  call.artifact_version = row.version,
  call.artifact_certainty =
    CASE
      WHEN row.version IS NULL THEN null
      ELSE 'exact'
    END
