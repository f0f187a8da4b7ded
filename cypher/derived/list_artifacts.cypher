// The ids of artifacts, a page at a time.
//
// Parameters:
//   after: INTEGER    the id after which to begin
//   limit: INTEGER    the largest number of rows
// Returns:
//   id: INTEGER    an artifact's id
MATCH (artifact:Artifact)
WHERE artifact.id > $after
RETURN artifact.id AS id
ORDER BY id
LIMIT $limit
