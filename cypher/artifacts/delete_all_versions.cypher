// Deletes every version of an artifact; their nodes and values stay.
//
// Parameters:
//   name: STRING    the artifact's name
// Returns:
//   deleted: INTEGER    how many there were
MATCH (artifact:Artifact {name: $name})
WHERE artifact.version IS NOT NULL
DETACH DELETE artifact
RETURN count(*) AS deleted
