// Connects artifacts to those that a pipeline makes before them. One that is not there is not connected.
//
// Parameters:
//   rows: LIST<MAP>    position, pipeline_id, dependency_id, post_name, post_version, name, version
// Returns:
//   position: INTEGER    the position of a row that was connected
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
