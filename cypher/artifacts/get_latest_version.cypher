// The highest version of an artifact.
//
// Parameters:
//   name: STRING    the artifact's name
// Returns:
//   version: INTEGER | NULL    null when there is no artifact of this name
MATCH (artifact:Artifact {name: $name})
WHERE artifact.version IS NOT NULL
RETURN max(artifact.version) AS version
