// The names of functions, as calls name them.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   id: STRING    the id of one that is there
//   name: STRING | NULL    its name; none of what is neither a name nor an attribute
CYPHER replan = skip
UNWIND $ids AS id
MATCH (function:Node {id: id})
RETURN
  function.id AS id,
  CASE
    WHEN function:LookupNode THEN function.name
    ELSE
      [
        (function)-[:POSITIONAL_ARG {index: 1}]->(attribute:LiteralNode)
        | attribute.value
      ][0]
  END AS name
