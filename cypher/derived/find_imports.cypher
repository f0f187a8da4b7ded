// The calls of sessions that import a package: LineaPy's l_import with one argument.
//
// Parameters:
//   ids: LIST<STRING>    ids of sessions
// Returns:
//   id: STRING    a call's id
CYPHER replan = skip
UNWIND $ids AS id
MATCH (function:Node {session_id: id})
USING INDEX SEEK function:Node(session_id)
WHERE function:LookupNode AND function.name = "l_import"
MATCH (call:CallNode)-[:CALLS]->(function)
WHERE NOT EXISTS { (call)-[:POSITIONAL_ARG {index: 1}]->() }
RETURN DISTINCT call.id AS id
