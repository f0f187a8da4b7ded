// Where MLflow keeps artifacts, also where it was deleted.
//
// Parameters:
//   artifact_ids: LIST<INTEGER>    ids of artifacts
// Returns:
//   artifact_id: INTEGER    the artifact
//   model_uri: STRING    where MLflow keeps it
//   delete_time: LOCAL DATETIME | NULL    when it was deleted there
UNWIND $artifact_ids AS artifact_id
MATCH (metadata:MLflowMetadata {artifact_id: artifact_id})
RETURN
  metadata.artifact_id AS artifact_id,
  metadata.model_uri AS model_uri,
  metadata.delete_time AS delete_time
