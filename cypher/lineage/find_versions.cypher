// The versions of an artifact, highest first.
//
// Parameters:
//   name: STRING    the artifact's name
//   limit: INTEGER    the largest number of rows
// Returns:
//   version: INTEGER    a version
MATCH (artifact:Artifact {name: $name})
WHERE artifact.version IS NOT NULL
RETURN artifact.version AS version
ORDER BY artifact.name DESC, artifact.version DESC
LIMIT $limit
