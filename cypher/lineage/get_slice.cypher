// The places in source code that nodes were computed from, by source code.
//
// Parameters:
//   ids: LIST<STRING>    the nodes' ids
//   session_id: STRING    the id of their session
// Returns:
//   id: STRING    the id of a source code
//   code: STRING    its text
//   path: STRING | NULL    the script's path
//   execution_count: INTEGER | NULL    of a notebook's cell
//   spans: LIST<LIST<ANY>>    of each place: its first line, its last, whether it is an import, and whether it is a branch of which nothing else is known
UNWIND $ids AS id
MATCH
  (result:Node {id: id})-
    [:CALLS
      |POSITIONAL_ARG
      |KEYWORD_ARG
      |READS_GLOBAL
      |IMPLICIT_DEPENDENCY
      |MUTATES
      |MUTATED_BY
      |SET_BY
      |CONTROLLED_BY
      |TESTS
      |COMPANION
      |NOT_EXECUTED*0..]->
  (node)
USING INDEX SEEK result:Node(id)
WITH DISTINCT node
WHERE node:Node AND node.session_id = $session_id
MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
WITH
  source,
  node.lineno AS first,
  node.end_lineno AS last,
  node:ImportNode AS is_import,
  (node:IfNode OR node:ElseNode) AND
  NOT EXISTS {
    MATCH (node)-[:NOT_EXECUTED]->(:Node)
  } AND
  NOT EXISTS {
    MATCH
      (child:Node)-
        [:CALLS
          |POSITIONAL_ARG
          |KEYWORD_ARG
          |READS_GLOBAL
          |IMPLICIT_DEPENDENCY
          |MUTATES
          |MUTATED_BY
          |SET_BY
          |CONTROLLED_BY
          |TESTS
          |COMPANION
          |NOT_EXECUTED]->
      (node)
    WHERE
      NOT EXISTS {
        MATCH (node)-[:COMPANION]->(child)
      }
  } AS is_empty
// By the source code itself: its text would be hashed for each node.
WITH source, collect(DISTINCT [first, last, is_import, is_empty]) AS spans
RETURN
  source.id AS id,
  source.code AS code,
  source.path AS path,
  source.execution_count AS execution_count,
  spans
