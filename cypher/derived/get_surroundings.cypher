// What nodes are, and what they call and are given.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   id: STRING    a node's id
//   kind: STRING    LookupNode, LiteralNode, CallNode, or another
//   text: STRING | NULL    the name of a lookup, the value of a literal
//   text_type: STRING | NULL    a literal's type
//   references: LIST<LIST<ANY>>    type, id of the end, index, name, starred
CYPHER replan = skip
UNWIND $ids AS id
MATCH (node:Node {id: id})
RETURN
  node.id AS id,
  CASE
    WHEN node:CallNode THEN 'CallNode'
    WHEN node:LiteralNode THEN 'LiteralNode'
    WHEN node:LookupNode THEN 'LookupNode'
    ELSE 'other'
  END AS kind,
  CASE
    WHEN node:LookupNode THEN node.name
    ELSE node.value
  END AS text,
  node.value_type AS text_type,
  [
    (node)-[reference:CALLS|POSITIONAL_ARG|KEYWORD_ARG]->(end)
    | [
      type(reference),
      end.id,
      reference.index,
      reference.name,
      reference.starred
    ]
  ] AS references
