// Where MLflow keeps artifacts, also where it was deleted.
//
// Parameters:
//   artifact_ids: LIST<INTEGER>    ids of artifacts
// Returns:
//   artifact_id: INTEGER    the artifact
//   properties: MAP    the record's fields
UNWIND $artifact_ids AS artifact_id
MATCH (metadata:MLflowMetadata {artifact_id: artifact_id})
RETURN metadata.artifact_id AS artifact_id, properties(metadata) AS properties
