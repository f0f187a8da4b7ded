// Creates records of where MLflow keeps artifacts.
//
// Parameters:
//   rows: LIST<MAP>    records
//     id: INTEGER    its id
//     name: STRING    its caption
//     artifact_id: INTEGER    the artifact's id
//     backend: STRING    the name of the backend
//     tracking_uri: STRING    MLflow's tracking server
//     registry_uri: STRING | NULL    MLflow's registry
//     model_uri: STRING    the model's place in MLflow
//     model_flavor: STRING    what wrote the model
//     delete_time: LOCAL DATETIME | NULL    when it was deleted in MLflow
// Returns: nothing
CYPHER replan = skip
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
