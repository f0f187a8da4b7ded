// The sessions that made or used things, and of each what it needed of the others.
//
// Parameters:
//   artifacts: LIST<INTEGER>    ids of artifacts
//   writers: LIST<STRING>    ids of calls that wrote datasets
//   uris: LIST<STRING>    URIs of datasets
//   own: LIST<STRING>    ids of sessions that belong to the answer in any case
//   until: LOCAL DATETIME | NULL    leave out sessions that began later
// Returns:
//   id: STRING    a session's id
//   name: STRING    what a person reads
//   creation_time: LOCAL DATETIME    when it began
//   kind: STRING    SCRIPT or JUPYTER
//   path: STRING | NULL    of a script, its path
//   folder: STRING | NULL    its working directory
//   needs: LIST<STRING>    the ids of the sessions that made what it used
CALL () {
  UNWIND $artifacts AS id
  MATCH (:Artifact {id: id})<-[:USED]-(session:Session)
  RETURN session
    UNION
  UNWIND $writers AS id
  MATCH (:Node {id: id})<-[:USED_DATA]-(session:Session)
  RETURN session
    UNION
  UNWIND $uris AS uri
  MATCH (:Dataset {uri: uri})<-[:USED_DATA]-(session:Session)
  RETURN session
    UNION
  UNWIND $own AS id
  MATCH (session:Session {id: id})
  RETURN session
}
WITH DISTINCT session
WHERE $until IS NULL OR session.creation_time <= $until
RETURN
  session.id AS id,
  session.name AS name,
  session.creation_time AS creation_time,
  session.environment_type AS kind,
  [
    (session)<-[:IN_SESSION]-(:Node)-[:FROM_SOURCE]->(source:SourceCode)
    WHERE source.path IS NOT NULL
    | source.path
  ][0] AS path,
  session.working_directory AS folder,
  [(session)-[:INFORMED_BY]->(other:Session) | other.id ] AS needs
ORDER BY creation_time, id
