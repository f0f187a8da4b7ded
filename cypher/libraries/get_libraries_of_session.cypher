// The libraries that a session imports, where both their package name and version are known.
//
// LineaPy records the version of a module that has none as "None".
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   package_name: STRING    the name that it is installed by
//   version: STRING    the version that was imported
//   first: INTEGER    when the first import of it was written
MATCH (node:ImportNode {session_id: $session_id})
USING INDEX node:ImportNode(session_id)
WHERE node.package_name <> "None" AND node.version <> "None"
RETURN
  node.package_name AS package_name,
  node.version AS version,
  min(node.written_at) AS first
ORDER BY first
