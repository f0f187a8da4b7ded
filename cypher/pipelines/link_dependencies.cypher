// Connects artifacts to those that a pipeline makes before them.
//
// One that is not there is not connected.
//
// Parameters:
//   rows: LIST<MAP>    pairs of artifacts
//     position: INTEGER    the row's place in the caller's list
//     pipeline_id: INTEGER    the pipeline's id
//     dependency_id: INTEGER    the dependency's id
//     post_name: STRING    the name of the artifact made after
//     post_version: INTEGER    its version
//     name: STRING    the name of the artifact made before
//     version: INTEGER    its version
// Returns:
//   position: INTEGER    the position of a row that was connected
CYPHER replan = skip
UNWIND $rows AS row
MATCH (post:Artifact {name: row.post_name, version: row.post_version})
MATCH (pre:Artifact {name: row.name, version: row.version})
CREATE
  (post)-
    [:DEPENDS_ON {
        pipeline_id: row.pipeline_id,
        dependency_id: row.dependency_id
      }]->
  (pre)
RETURN row.position AS position
