// Which artifacts a pipeline makes before which.
//
// Parameters:
//   pipeline_id: INTEGER    the pipeline's id
// Returns:
//   dependency_id: INTEGER    the dependency
//   pre: INTEGER    id of an artifact made before its post artifact
MATCH (:Pipeline {id: $pipeline_id})-[order:ORDERS]->(post:Artifact)
MATCH
  (post)-[dependency:DEPENDS_ON {dependency_id: order.dependency_id}]->
  (pre:Artifact)
RETURN dependency.dependency_id AS dependency_id, pre.id AS pre
