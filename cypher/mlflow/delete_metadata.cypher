// Marks the records of where MLflow keeps an artifact as deleted.
//
// Parameters:
//   artifact_id: INTEGER    the artifact's id
//   delete_time: LOCAL DATETIME    when it was deleted
// Returns: nothing
MATCH (metadata:MLflowMetadata {artifact_id: $artifact_id})
WHERE metadata.delete_time IS NULL
SET metadata.delete_time = $delete_time
