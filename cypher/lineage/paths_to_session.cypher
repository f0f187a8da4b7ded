// The shortest ways in which a node depends on a session.
//
// Parameters:
//   start_id: STRING    the id of the node that depends
//   end_id: STRING    the session's id
//   until: LOCAL DATETIME | NULL    leave out what was not there then
//   later: LIST<STRING>    the ids of the sessions that began after that
//   limit: INTEGER    the largest number of paths
// Returns:
//   steps: LIST<MAP>    the things on a path: key, kind, name, version, id
//   types: LIST<STRING>    the types of the relationships between them
MATCH
  path =
    ALL SHORTEST
    (start:Node {id: $start_id})
    (()-
        [:CALLS
          |POSITIONAL_ARG
          |KEYWORD_ARG
          |READS_GLOBAL
          |IMPLICIT_DEPENDENCY
          |MUTATES
          |MUTATED_BY
          |SET_BY
          |CONTROLLED_BY
          |TESTS
          |COMPANION
          |NOT_EXECUTED
          |READS_ARTIFACT
          |OF_NODE
          |READ_FROM
          |IN_SESSION]->
      (next)
      WHERE
        $until IS NULL OR
        (coalesce(next.date_created, $until) <= $until AND
          NOT coalesce(next.session_id, next.id, "") IN $later))+
    (end:Session {id: $end_id})
LIMIT $limit
RETURN
  [
    thing IN nodes(path)
    | {
      key:
        CASE
          WHEN thing:Node THEN 'node/' + thing.id
          WHEN thing:Artifact THEN 'artifact/' + toString(thing.id)
          WHEN thing:Dataset THEN 'dataset/' + thing.uri
          WHEN thing:Session THEN 'session/' + thing.id
          ELSE 'library/' + thing.package_name + '/' + thing.version
        END,
      kind: [label IN labels(thing) WHERE label <> 'Node'][0],
      name: coalesce(thing.uri, thing.package_name, thing.name),
      version: thing.version,
      id: thing.id
    }
  ] AS steps,
  [edge IN relationships(path) | type(edge)] AS types
