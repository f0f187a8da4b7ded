// Connects pipelines to the artifacts that they make after others.
//
// One that is not there is not connected.
//
// Parameters:
//   rows: LIST<MAP>    artifacts of pipelines
//     position: INTEGER    the row's place in the caller's list
//     pipeline_id: INTEGER    the pipeline's id
//     dependency_id: INTEGER    the dependency's id
//     name: STRING    the artifact's name
//     version: INTEGER    the artifact's version
// Returns:
//   position: INTEGER    the position of a row that was connected
CYPHER replan = skip
UNWIND $rows AS row
MATCH (pipeline:Pipeline {id: row.pipeline_id})
MATCH (artifact:Artifact {name: row.name, version: row.version})
CREATE (pipeline)-[:ORDERS {dependency_id: row.dependency_id}]->(artifact)
RETURN row.position AS position
