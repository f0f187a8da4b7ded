// Creates an artifact under the version after its highest.
//
// It is not created when its node or execution is not there. Other writers of versions of its name wait until this
// transaction has ended.
//
// Parameters:
//   id: INTEGER    the artifact's id
//   name: STRING    its name
//   date_created: LOCAL DATETIME    when it was saved
//   node_id: STRING    its node
//   execution_id: STRING    its execution
//   written_at: INTEGER    when it was written, in nanoseconds since 1970
// Returns:
//   version: INTEGER    the version that it got
CYPHER replan = skip
MERGE (sequence:Sequence {name: "versions of " + $name})
SET sequence.locked_at = localdatetime()
WITH sequence
CALL () {
  OPTIONAL MATCH (before:Artifact {name: $name})
  WHERE before.version IS NOT NULL
  WITH before
  ORDER BY before.name DESC, before.version DESC
  LIMIT 1
  RETURN coalesce(before.version + 1, 0) AS version
}
MATCH (node:Node {id: $node_id})
MATCH (execution:Execution {id: $execution_id})
CREATE
  (artifact:Artifact
    {
      id: $id,
      name: $name,
      version: version,
      date_created: $date_created,
      written_at: $written_at
    })
CREATE (artifact)-[:OF_NODE]->(node)
CREATE (artifact)-[:IN_EXECUTION]->(execution)
RETURN version
