// Where values are stored, each place once, in order, a page at a time.
//
// Parameters:
//   after: STRING    the last place of the page before, or an empty text
//   limit: INTEGER    the largest number of rows
// Returns:
//   location: STRING    a path or URL
MATCH (value:NodeValue)
WHERE value.value > $after
RETURN DISTINCT value.value AS location
ORDER BY location
LIMIT $limit
