// What the code of a node has to contain: the node, and the branches of its session that did not run.
//
// Parameters:
//   id: STRING    the node's id
// Returns:
//   id: STRING    the id of a node
//   save: STRING | NULL    the id of the call that saved its value last, if one did
MATCH (result:Node {id: $id})
CALL (result) {
  RETURN result AS sink
    UNION
  MATCH (sink:Node {session_id: result.session_id})
  USING INDEX sink:Node(session_id)
  WHERE
    (sink:IfNode OR sink:ElseNode) AND
    EXISTS {
      MATCH (sink)-[:NOT_EXECUTED]->(:Node)
    }
  RETURN sink
}
WITH sink
CALL (sink) {
  MATCH (call:CallNode)-[:POSITIONAL_ARG {index: 0}]->(sink)
  MATCH (call)-[:FROM_SOURCE]->(source:SourceCode)
  WHERE split(source.code, '\n')[call.lineno - 1] CONTAINS 'lineapy.save'
  RETURN call.id AS save
  ORDER BY call.written_at DESC
  LIMIT 1
    UNION
  RETURN null AS save
}
RETURN sink.id AS id, max(save) AS save
