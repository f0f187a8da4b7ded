// Connects pipelines to the artifacts that they reuse as they are.
//
// An artifact that is not there is not connected.
//
// Parameters:
//   rows: LIST<MAP>    artifacts of pipelines
//     position: INTEGER    the row's place in the caller's list
//     pipeline_id: INTEGER    the pipeline's id
//     name: STRING    the artifact's name
//     version: INTEGER    the artifact's version
// Returns:
//   position: INTEGER    the position of a row that was connected
CYPHER replan = skip
UNWIND $rows AS row
MATCH (pipeline:Pipeline {id: row.pipeline_id})
MATCH (artifact:Artifact {name: row.name, version: row.version})
CREATE (pipeline)-[:REUSES]->(artifact)
RETURN row.position AS position
