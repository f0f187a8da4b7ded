// Every artifact, the node it points to, and the session that made it.
//
// To paste into Neo4j Browser.
//
// Parameters: none
// Returns:
//   path: PATH    from an artifact over its node to its session
MATCH path = (:Artifact)-[:OF_NODE]->(:Node)-[:IN_SESSION]->(:Session)
RETURN path
