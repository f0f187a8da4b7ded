// Deletes missing nodes whose real nodes have come, and returns the references to them.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes that were just created
// Returns:
//   end_id: STRING    the id of the node that came
//   references: LIST<LIST<ANY>>    type, id of the start, its variable name, index, name, starred
CYPHER replan = skip
UNWIND $ids AS id
MATCH (missing:MissingNode {id: id})
WITH
  missing,
  id AS end_id,
  [
    (start)-[reference]->(missing)
    | [
      type(reference),
      coalesce(start.id, start.node_id),
      start.name,
      reference.index,
      reference.name,
      reference.starred
    ]
  ] AS references
DETACH DELETE missing
RETURN end_id, references
