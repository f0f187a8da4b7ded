// Connects pipelines to the artifacts that they reuse as they are. An artifact that is not there is not connected.
//
// Parameters:
//   rows: LIST<MAP>    position, pipeline_id, name, version
// Returns:
//   position: INTEGER    the position of a row that was connected
UNWIND $rows AS row
MATCH (pipeline:Pipeline {id: row.pipeline_id})
MATCH (artifact:Artifact {name: row.name, version: row.version})
CREATE (pipeline)-[:REUSES]->(artifact)
RETURN row.position AS position
