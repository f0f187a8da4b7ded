// The versions of an artifact, highest first.
//
// Parameters:
//   name: STRING    the artifact's name
//   limit: INTEGER    rows at the most
// Returns:
//   version: INTEGER    a version
MATCH (artifact:Artifact {name: $name})
WHERE artifact.version IS NOT NULL
RETURN artifact.version AS version
ORDER BY artifact.name DESC, artifact.version DESC
LIMIT $limit
