// Locks the edges across sessions until this transaction ends.
//
// So of two writers the later one sees what the earlier one has written.
//
// Parameters: none
// Returns: nothing
CYPHER replan = skip
MERGE (sequence:Sequence {name: 'edges across sessions'})
SET sequence.locked_at = localdatetime()
