// How many nodes are referred to and not there (from the count store: no scan).
//
// Parameters: none
// Returns:
//   count: INTEGER    0 in a graph without dangling references
MATCH (missing:MissingNode)
RETURN count(missing) AS count
