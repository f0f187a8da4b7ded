// One node with everything that it refers to.
//
// Parameters:
//   id: STRING    the node's id
// Returns:
//   labels: LIST<STRING>    Node and the label of its kind
//   properties: MAP    its own fields
//   references: LIST<LIST<ANY>>    type, id of the end, index, name, starred; FROM_SOURCE among them
MATCH (node:Node {id: $id})
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
  ] AS references
