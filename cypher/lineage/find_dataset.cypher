// The file, table or URL that a question begins at.
//
// Parameters:
//   uri: STRING    its URI
// Returns:
//   uri: STRING    its URI
//   name: STRING    what a person reads
MATCH (dataset:Dataset {uri: $uri})
RETURN dataset.uri AS uri, dataset.name AS name
