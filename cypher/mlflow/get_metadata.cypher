// Where MLflow keeps an artifact, as far as it was not deleted there.
//
// Parameters:
//   artifact_id: INTEGER    the artifact's id
// Returns:
//   properties: MAP    the record's fields
MATCH (metadata:MLflowMetadata {artifact_id: $artifact_id})
WHERE metadata.delete_time IS NULL
RETURN properties(metadata) AS properties
ORDER BY metadata.id
