// How artifacts were made from inputs: for each pair one of the shortest ways.
//
// Parameters:
//   pairs: LIST<MAP>    artifacts and their inputs
//     id: INTEGER    the artifact's id
//     end: STRING    the input, by the id that the server has for it
// Returns:
//   id: INTEGER    the artifact's id
//   end: STRING    the input
//   steps: LIST<MAP>    the things on the way, the artifact first: key, kind, name, version, id, session, session_id, file, line
UNWIND $pairs AS pair
MATCH (artifact:Artifact {id: pair.id})
MATCH (input)
WHERE elementId(input) = pair.end
CALL (artifact, input) {
  MATCH path = ANY SHORTEST (artifact)-[:DERIVED_FROM]->+(input)
  RETURN path
}
RETURN
  artifact.id AS id,
  elementId(input) AS end,
  [
    thing IN nodes(path)
    | {
      key:
        CASE
          WHEN thing:Node THEN 'node/' + thing.id
          WHEN thing:Artifact THEN 'artifact/' + toString(thing.id)
          ELSE 'dataset/' + thing.uri
        END,
      kind: [label IN labels(thing) WHERE label <> 'Node'][0],
      name: coalesce(thing.uri, thing.name),
      version: thing.version,
      id: thing.id,
      session:
        [
          (thing)-[:OF_NODE*0..1]->(:Node)-[:IN_SESSION]->(session:Session)
          | session.name
        ][0],
      file: [(thing)-[:FROM_SOURCE]->(source:SourceCode) | source.name ][0],
      line: thing.lineno
    }
  ] AS steps
