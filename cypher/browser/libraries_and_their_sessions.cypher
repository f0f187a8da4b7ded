// Which sessions import which library, in which version.
//
// To paste into Neo4j Browser.
//
// Parameters: none
// Returns:
//   path: PATH    from a library over an import to a session
MATCH path = (:Library)<-[:OF_LIBRARY]-(:ImportNode)-[:IN_SESSION]->(:Session)
RETURN path
