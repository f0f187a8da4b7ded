// Where calls ran, and what LineaPy says that they change outside.
//
// Parameters:
//   ids: LIST<STRING>    ids of calls
// Returns:
//   id: STRING    a call's id
//   folder: STRING | NULL    its session's working directory
//   changes: LIST<STRING>    file_system, db
CYPHER replan = skip
UNWIND $ids AS id
MATCH (call:Node&CallNode {id: id})
USING INDEX SEEK call:Node(id)
OPTIONAL MATCH (call)-[:IN_SESSION]->(session:Session)
RETURN
  call.id AS id,
  session.working_directory AS folder,
  COLLECT {
    MATCH (call)<-[:MUTATED_BY]-(:MutateNode)-[:MUTATES*1..]->(state)
    WITH DISTINCT state
    WHERE state:LookupNode
    RETURN state.name
  } AS changes
