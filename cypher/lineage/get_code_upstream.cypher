// The places in source code that an artifact was computed from, in the order of their execution.
//
// Parameters:
//   name: STRING    the artifact's name
//   version: INTEGER    its version
// Returns:
//   source: STRING    the file, or the notebook's cell
//   lineno: INTEGER    the first line of a statement or expression, from 1
//   end_lineno: INTEGER    its last line
//   code: STRING    the whole text of the file or cell
MATCH (:Artifact {name: $name, version: $version})-[:OF_NODE]->(result:Node)
MATCH
  (result)-
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
  (node:Node)
WITH DISTINCT node
MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
WITH
  source,
  node.lineno AS lineno,
  node.end_lineno AS end_lineno,
  min(node.written_at) AS first
RETURN source.name AS source, lineno, end_lineno, source.code AS code
ORDER BY first
