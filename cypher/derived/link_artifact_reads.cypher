// Connects calls to the versions of artifacts that they got; the same again changes nothing.
//
// Parameters:
//   ids: LIST<STRING>    ids of calls
// Returns: nothing
CYPHER replan = skip
UNWIND $ids AS id
MATCH (call:Node&CallNode {id: id})
USING INDEX SEEK call:Node(id)
WHERE
  call.artifact_name IS NOT NULL AND
  call.artifact_version IS NOT NULL AND
  call.artifact_certainty IN ['exact', 'inferred']
MATCH
  (artifact:Artifact {name: call.artifact_name, version: call.artifact_version})
USING INDEX SEEK artifact:Artifact(name, version)
MERGE (call)-[read:READS_ARTIFACT]->(artifact)
  ON CREATE SET read.certainty = call.artifact_certainty
