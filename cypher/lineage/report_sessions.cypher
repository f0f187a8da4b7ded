// How far sessions came: the newest first.
//
// Parameters:
//   before: LOCAL DATETIME    the place in the order after which to begin: when a session began,
//   after_id: STRING    and its id
//   page: INTEGER    the largest number of rows
// Returns:
//   id: STRING    a session's id
//   name: STRING    what a person reads
//   created: LOCAL DATETIME    when it began
//   sources: LIST<MAP>    its source codes: name, code, and spans, the places of its last operations, empty where there are none
MATCH (session:Session)
WHERE
  session.creation_time < $before OR
  (session.creation_time = $before AND session.id > $after_id)
WITH session
ORDER BY session.creation_time DESC, session.id
LIMIT $page
CALL (session) {
  CALL (session) {
    MATCH
      (session)<-[:IN_SESSION]-(node:Node)-[:FROM_SOURCE]->(source:SourceCode)
    RETURN
      source,
      collect(
        DISTINCT [
          node.lineno,
          node.col_offset,
          node.end_lineno,
          node.end_col_offset
        ]) AS spans,
      max(node.end_lineno) AS last
      UNION
    MATCH (source:SourceCode {session_id: session.id})
    WHERE
      NOT EXISTS {
        MATCH (source)<-[:FROM_SOURCE]-(:Node)
      }
    RETURN source, [] AS spans, 0 AS last
  }
  WITH source, spans, last
  ORDER BY source.execution_count, source.id
  RETURN
    collect({
      name: source.name,
      code: source.code,
      spans: [span IN spans WHERE span[2] = last]
    }) AS sources
}
RETURN
  session.id AS id,
  session.name AS name,
  session.creation_time AS created,
  sources
ORDER BY created DESC, id
