// Where the value of a node is stored, and which Python computed it.
//
// Parameters:
//   id: STRING    the node's id
//   artifact_id: INTEGER | NULL    the artifact whose execution counts; null means the last execution
// Returns:
//   location: STRING | NULL    where the value is stored; null where none is recorded
//   type: STRING | NULL    its kind
//   python: STRING | NULL    the version of Python
MATCH (node:Node {id: $id})
OPTIONAL MATCH (node)-[:IN_SESSION]->(session:Session)
OPTIONAL MATCH (node)<-[:VALUE_OF]-(value:NodeValue)
WHERE
  $artifact_id IS NULL OR
  EXISTS {
    MATCH
      (node)<-[:OF_NODE]-
      (artifact:Artifact)-[:IN_EXECUTION]->
      (execution:Execution)
    WHERE artifact.id = $artifact_id AND execution.id = value.execution_id
  }
RETURN
  value.value AS location,
  value.value_type AS type,
  session.python_version AS python
ORDER BY value.end_time DESC
LIMIT 1
