// The highest version of an artifact.
//
// Ordered by both properties of the key, so that its index gives the highest first.
//
// Parameters:
//   name: STRING    the artifact's name
// Returns:
//   version: INTEGER    its highest version; no row when there is no artifact of this name
MATCH (artifact:Artifact {name: $name})
WHERE artifact.version IS NOT NULL
RETURN artifact.version AS version
ORDER BY artifact.name DESC, artifact.version DESC
LIMIT 1
