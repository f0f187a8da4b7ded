// Waits, for a minute at most, until the indexes are filled and can serve lookups.
//
// Parameters: none
// Returns: nothing
CALL db.awaitIndexes(60)
