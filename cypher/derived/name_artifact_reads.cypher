// Records which artifact a call gets, unless that is known already.
//
// Parameters:
//   rows: LIST<MAP>    id, name, version (null: the latest)
// Returns: nothing
UNWIND $rows AS row
MATCH (call:CallNode {id: row.id})
WHERE call.artifact_name IS NULL
SET
  call.artifact_name = row.name,
  call.artifact_version = row.version,
  call.artifact_certainty =
    CASE
      WHEN row.version IS NULL THEN null
      ELSE 'exact'
    END
