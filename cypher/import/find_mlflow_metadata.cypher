// All records, also deleted ones, of where MLflow keeps these artifacts.
//
// Parameters:
//   artifact_ids: LIST<INTEGER>    ids of artifacts in this database
// Returns:
//   properties: MAP    a record's fields
MATCH (metadata:MLflowMetadata)
WHERE metadata.artifact_id IN $artifact_ids
RETURN properties(metadata) AS properties
