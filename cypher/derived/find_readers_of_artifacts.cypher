// Calls that get an artifact of these names and may mean these versions.
//
// Parameters:
//   ids: LIST<INTEGER>    ids of artifacts
// Returns:
//   id: STRING    a call's id
UNWIND $ids AS id
MATCH (artifact:Artifact {id: id})
MATCH (call:CallNode {artifact_name: artifact.name})
WHERE
  call.artifact_certainty IS NULL OR
  call.artifact_version = artifact.version OR
  (call.artifact_certainty = 'inferred' AND
    call.artifact_version < artifact.version)
RETURN DISTINCT call.id AS id
