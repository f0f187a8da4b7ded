// Connects pipelines to the artifacts that they make after others. One that is not there is not connected.
//
// Parameters:
//   rows: LIST<MAP>    position, pipeline_id, dependency_id, name, version
// Returns:
//   position: INTEGER    the position of a row that was connected
UNWIND $rows AS row
MATCH (pipeline:Pipeline {id: row.pipeline_id})
MATCH (artifact:Artifact {name: row.name, version: row.version})
CREATE (pipeline)-[:ORDERS {dependency_id: row.dependency_id}]->(artifact)
RETURN row.position AS position
