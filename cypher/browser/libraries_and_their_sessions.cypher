// To paste into Browser: which sessions import which library, in which version.
//
// Parameters: none
// Returns:
//   path: PATH    from a library over an import to a session
MATCH path = (:Library)<-[:OF_LIBRARY]-(:ImportNode)-[:IN_SESSION]->(:Session)
RETURN path
