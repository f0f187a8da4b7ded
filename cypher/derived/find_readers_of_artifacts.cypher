// The nodes of artifacts, and the calls that may have got these or another artifact of the same node.
//
// Parameters:
//   ids: LIST<INTEGER>    ids of artifacts
// Returns:
//   node_id: STRING    the id of an artifact's node
//   getters: LIST<STRING>    ids of calls that get an artifact of this name and may mean this version
//   readers: LIST<STRING>    ids of calls that got an artifact of the node, or read what it wrote
CYPHER replan = skip
UNWIND $ids AS id
MATCH (artifact:Artifact {id: id})-[:OF_NODE]->(node:Node)
USING INDEX SEEK artifact:Artifact(id)
RETURN
  node.id AS node_id,
  COLLECT {
    MATCH (call:CallNode {artifact_name: artifact.name})
    USING
    INDEX
    SEEK
    call:
    CallNode
    (
    artifact_name)
    WHERE
      call.artifact_certainty IS NULL OR
      (call.artifact_certainty = 'exact' AND
        call.artifact_version = artifact.version) OR
      (call.artifact_certainty = 'inferred' AND
        call.artifact_version <= artifact.version)
    RETURN call.id
  } AS getters,
  COLLECT {
    MATCH (node)<-[:OF_NODE]-(:Artifact)<-[:READS_ARTIFACT]-(call:CallNode)
    RETURN call.id
      UNION
    MATCH (node)<-[:READ_FROM]-(call:CallNode)
    RETURN call.id
  } AS readers
