// Deletes one version of an artifact, which also leaves its pipelines; its node and values stay.
//
// Parameters:
//   name: STRING    the artifact's name
//   version: INTEGER    the version
// Returns:
//   deleted: INTEGER    1, or 0 when there was none
MATCH (artifact:Artifact {name: $name, version: $version})
DETACH DELETE artifact
RETURN count(*) AS deleted
