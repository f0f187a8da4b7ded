// Locks the names of artifacts, so that no other transaction takes versions of them until this transaction ends.
//
// Parameters:
//   names: LIST<STRING>    the artifacts' names, in one order for all writers
// Returns:
//   locked: INTEGER    how many names there are
CYPHER replan = skip
UNWIND $names AS name
MERGE (sequence:Sequence {name: "versions of " + name})
SET sequence.locked_at = localdatetime()
RETURN count(*) AS locked
