// Creates records of where MLflow keeps artifacts.
//
// Parameters:
//   rows: LIST<MAP>    id, name, and the record's fields
// Returns: nothing
UNWIND $rows AS row
CREATE
  (metadata:MLflowMetadata
    {
      id: row.id,
      name: row.name,
      artifact_id: row.artifact_id,
      backend: row.backend,
      tracking_uri: row.tracking_uri,
      registry_uri: row.registry_uri,
      model_uri: row.model_uri,
      model_flavor: row.model_flavor,
      delete_time: row.delete_time
    })
