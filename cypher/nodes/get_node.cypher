// One node with everything that it refers to, and its source code.
//
// Parameters:
//   id: STRING    the node's id
// Returns:
//   labels: LIST<STRING>    Node and the label of its kind
//   properties: MAP    its own fields
//   references: LIST<LIST<ANY>>    type, id of the end, index, name, starred; FROM_SOURCE among them
//   source: MAP | NULL    the fields of its source code, if it has one
MATCH (node:Node {id: $id})
OPTIONAL MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  labels(node) AS labels,
  properties(node) AS properties,
  [
    (node)-
    [reference:CALLS
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
      |NOT_EXECUTED
      |FROM_SOURCE]->
    (target)
    | [
      type(reference),
      target.id,
      reference.index,
      reference.name,
      reference.starred
    ]
  ] AS references,
  properties(source) AS source
