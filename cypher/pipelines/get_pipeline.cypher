// The first pipeline that was saved under this name, with the ids of its artifacts.
//
// Parameters:
//   name: STRING    the pipeline's name
// Returns:
//   id: INTEGER    the pipeline's id
//   parameters: LIST<STRING>    the variables that it takes
//   artifacts: LIST<INTEGER>    ids of the artifacts that it makes
//   reused: LIST<INTEGER>    ids of the artifacts that it reuses
//   dependencies: LIST<MAP>    id, and post: the id of the artifact made after others
MATCH (pipeline:Pipeline {name: $name})
WITH pipeline
ORDER BY coalesce(pipeline.written_at, 0), pipeline.id
LIMIT 1
RETURN
  pipeline.id AS id,
  pipeline.parameters AS parameters,
  [(pipeline)-[:CONTAINS]->(artifact:Artifact) | artifact.id ] AS artifacts,
  [(pipeline)-[:REUSES]->(artifact:Artifact) | artifact.id ] AS reused,
  [
    (pipeline)-[order:ORDERS]->(post:Artifact)
    | {id: order.dependency_id, post: post.id}
  ] AS dependencies
