// Mutations are captioned by the calls that did them, and sessions by what they ran and where.
// Earlier versions captioned a mutation "mutate" when its call was written after it, and a session by its time alone.
MATCH (mutation:MutateNode)
WHERE mutation.lineno IS NULL
CALL (mutation) {
  MATCH (mutation)-[:MUTATED_BY]->(call:CallNode)
  WHERE call.lineno IS NOT NULL
  SET mutation.name = call.name
} IN TRANSACTIONS OF 10000 ROWS;

MATCH (session:Session)
WHERE coalesce(session.session_name, "") = ""
CALL (session) {
  WITH
    CASE session.environment_type
      WHEN "JUPYTER" THEN "notebook"
      ELSE "script"
    END AS kind,
    [part IN split(replace(session.working_directory, "\\", "/"), "/")
      WHERE trim(part) <> "" | " in " + part][-1] AS folder
  SET session.name =
    kind + coalesce(folder, "") + " of " + replace(left(toString(session.creation_time), 16), "T", " ")
} IN TRANSACTIONS OF 10000 ROWS;

MATCH (session:Session)
WHERE coalesce(session.session_name, "") = ""
CALL (session) {
  MATCH (session)<-[:IN_SESSION]-(node:Node)-[:FROM_SOURCE]->(source:SourceCode)
  WHERE source.path IS NOT NULL
  WITH source, min(node.written_at) AS first
  ORDER BY first
  LIMIT 1
  SET session.name = source.name + " of " + replace(left(toString(session.creation_time), 16), "T", " ")
} IN TRANSACTIONS OF 100 ROWS
